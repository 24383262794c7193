"""A finding (督查问题): what the city office's inspectors saw, the only basis of deductions (S42, S47)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal


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
