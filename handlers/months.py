"""Which month a person names (10月, 2025年12月, 9月份, 2026-09)."""

import re

from domain.casework.work import Work
from domain.errors import RuleError
from domain.month import Month

_MONTH = re.compile(r"(?:(20\d\d)[年-])?(\d{1,2})月份?|(?<![\d-])(20\d\d)-(\d\d)(?![\d-])")
_RELATIVE = {"上月": -1, "上个月": -1, "本月": 0, "这个月": 0}


def month_named(words: str, work: Work, *, default: Month, is_relative: bool = True) -> tuple[Month, str]:
    """Return the month that is named, else the default, and the words around it. Raises RuleError for a 13th month.

    is_relative: whether 本月 and 上月 name one.
    """
    this = work.rules.month(work.now)
    match = _MONTH.search(words)
    if match is None:
        for said, back in _RELATIVE.items():
            if is_relative and said in words:
                return this.previous() if back else this, words.replace(said, "", 1).strip()
        return default, words.strip()
    number = int(match[2] or match[4])
    if not 1 <= number <= 12:
        raise RuleError(f"没有{number}月，请核对月份。")
    written = match[1] or match[3]
    year = int(written) if written else (this.year if number <= this.number else this.year - 1)
    return Month(year, number), words.replace(match[0], "", 1).strip()
