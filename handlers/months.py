"""Which month, quarter or year a person names (10月, 2025年12月, 9月份, 五月, 2026-09, 上季度, 2026Q2, 今年)."""

import re
from collections.abc import Mapping

from domain.casework.work import Work
from domain.errors import RuleError
from domain.month import Month, Quarter

Span = Month | Quarter | int  # an int is a year

_MONTH = re.compile(
    r"(?:(20\d\d)[年-])?(?:(\d{1,2})|([一二三四五六七八九]|十[一二]?))月份?(?!\d)|(?<![\d-])(20\d\d)-(\d\d)(?![\d-])"
)
_QUARTER = re.compile(r"(?:(20\d\d)年?)?(?:第?([一二三四1-4])季度?|[Qq]([1-4]))")
_YEAR = re.compile(r"(20\d\d)年度?")
_CHINESE = "一二三四五六七八九十"
# how many back, the longer words first
_MONTHS_BACK = {"上个月": 1, "这个月": 0, "上月": 1, "本月": 0, "这月": 0, "当月": 0}
_QUARTERS_BACK = {"上个季度": 1, "这个季度": 0, "上季度": 1, "本季度": 0, "这季度": 0}
_YEARS_BACK = {"今年": 0, "本年度": 0, "去年": 1, "上年度": 1}


def month_named(words: str, work: Work, *, default: Month, is_relative: bool = True) -> tuple[Month, str]:
    """Return the month that is named, else the default, and the words around it. Raises RuleError for a 13th month.

    is_relative: whether 本月 and 上月 name one.
    """
    month, rest = month_within(words, work, is_relative=is_relative)
    return month or default, rest


def month_within(words: str, work: Work, *, is_relative: bool = True) -> tuple[Month | None, str]:
    """Return the month that is named, None where none is, and the words around it. Raises RuleError for a 13th month."""
    this = work.rules.month(work.now)
    match = _MONTH.search(words)
    if match is None:
        back, rest = _back(words, _MONTHS_BACK) if is_relative else (None, words.strip())
        return (None if back is None else this.previous() if back else this), rest
    number = _number(match[2] or match[5] or match[3])
    if not 1 <= number <= 12:
        raise RuleError(f"没有{number}月，请核对月份。")
    written = match[1] or match[4]
    year = int(written) if written else (this.year if number <= this.number else this.year - 1)
    return Month(year, number), words.replace(match[0], "", 1).strip()


def span_within(words: str, work: Work) -> tuple[Span | None, str]:
    """Return the month, quarter or year that is named, None where none is, and the words around it."""
    this = Quarter.of(work.rules.month(work.now))
    back, rest = _back(words, _QUARTERS_BACK)
    if back is not None:
        return this.previous() if back else this, rest
    if match := _QUARTER.search(words):
        number = _number(match[2] or match[3])
        year = int(match[1]) if match[1] else this.year - (number > this.number)
        return Quarter(year, number), words.replace(match[0], "", 1).strip()
    month, rest = month_within(words, work)
    return (month, rest) if month else _year_within(words, this.year)


def _year_within(words: str, this: int) -> tuple[int | None, str]:
    if match := _YEAR.search(words):
        return int(match[1]), words.replace(match[0], "", 1).strip()
    back, rest = _back(words, _YEARS_BACK)
    return (None if back is None else this - back), rest


def _back(words: str, known: Mapping[str, int]) -> tuple[int | None, str]:
    """Return how far back the words name a span, None where they name none, and the words around it."""
    said = next((word for word in known if word in words), None)
    return (known[said], words.replace(said, "", 1).strip()) if said else (None, words.strip())


def _number(text: str) -> int:
    """Return the value of 5, 05, 五 or 十一."""
    if text.isdecimal():
        return int(text)
    return sum(_CHINESE.index(one) + 1 for one in text)
