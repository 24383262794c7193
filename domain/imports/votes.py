"""The cells that files of ratings and of shop votes share: the month, and a score from 0 to 100."""

import re
from decimal import Decimal

from domain.errors import RuleError
from domain.imports.rows import Row
from domain.month import Month

_SCORE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


def read_month(row: Row) -> Month | None:
    """Return the row's month, None with a problem noted."""
    text = row.needed("period")
    try:
        return Month.parse(text) if text else None
    except RuleError as error:
        row.refuse("period", error.text.rstrip("。"))
        return None


def read_score(row: Row) -> Decimal | None:
    """Return the row's score, None with a problem noted."""
    text = row.needed("score")
    if not text:
        return None
    if not _SCORE.fullmatch(text) or Decimal(text) > 100:
        row.refuse("score", f"“{text}”不是评分，请填写0至100、最多两位小数的数")
        return None
    return Decimal(text)
