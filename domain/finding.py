"""A finding (督查问题): what the city office's inspectors saw, the only basis of deductions (S42, S47)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.case import YEAR_SPAN, number_of
from domain.errors import RuleError

ZERO, FULL_MARKS = Decimal(0), Decimal(100)
# why a finding does not count; stored, never renamed. LATE: its month was frozen before it was placed
VOID, APPEAL, CORRECTION, LATE = "void", "appeal", "correction", "late"


@dataclass(frozen=True, slots=True)
class Finding:
    """One inspected problem, or a visit that found none.

    `points` are taken from the segment's 100 (S43a). `by_book` says that the inspector left them blank: they stand as
    the rule book gave them at import, and a score under another rule book asks that book instead.
    """

    key: str  # natural key: the same row imported twice is the same finding (S47b)
    found_at: datetime  # aware
    segment: str
    category: str  # "" = visited and clean
    points: Decimal
    inspector: str = ""
    note: str = ""
    by_book: bool = False
    case: int = 0  # the case that it opened or was confirmed from; 0 = imported
    withdrawn: str = ""  # why it does not count: VOID, APPEAL, CORRECTION or LATE; "" = it counts
    # what people call an imported one by; given by the store, so no part of what was found
    number: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """Return the number people use: its case's 2026-0131, else 2026-督0007."""
        if self.case:
            return number_of(self.case)
        return f"{self.number // YEAR_SPAN}-督{self.number % YEAR_SPAN:04d}" if self.number else "未编号"

    @property
    def is_counted(self) -> bool:
        """Tell whether points are taken for it."""
        return bool(self.category) and not self.withdrawn


def finding_key(
    found_at: datetime, segment: str, category: str, given: Decimal | None, inspector: str, note: str
) -> str:
    """Return the natural key of a row: equal for rows equal in all six columns, different otherwise (S47b).

    Cells compare by what they say: 0.5 and 0.50, or one instant in two offsets, are equal; blank points and the rule
    book's own value are not.
    """
    points = "" if given is None else f"{given:.2f}"
    # a length before each part, so that no two different rows can run together into one text
    parts = (found_at.astimezone(UTC).isoformat(), segment, category, points, inspector, note)
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def facts_of(finding: Finding) -> dict[str, Any]:
    """Return what the ledger keeps of a finding: all that a score reads, and no person or free text."""
    return {
        "finding": finding.key,
        "segment": finding.segment,
        "category": finding.category,
        "points": f"{finding.points:.2f}",
        "by_book": finding.by_book,
        "found_at": finding.found_at,
    }


def as_scored(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings as a score reads them: one that was withdrawn is a visit that found nothing (S92)."""
    return [replace(f, category="", points=ZERO, by_book=False) if f.withdrawn else f for f in findings]


def points_of(text: str) -> Decimal:
    """Return points as somebody wrote them. Raises RuleError unless 0–100 with at most two decimals (S43a)."""
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal(-1)
    exponent = points.as_tuple().exponent
    if not ZERO <= points <= FULL_MARKS or not isinstance(exponent, int) or exponent < -2:
        raise RuleError(f"“{text}”不是扣分，请写0至100、最多两位小数的数，如“0.5”。")
    return points
