"""One deduction with all that explains it."""

from dataclasses import dataclass
from decimal import Decimal

from domain.appeal import Appeal
from domain.finding import Finding


@dataclass(frozen=True, slots=True)
class Item:
    """One deduction, taken or taken back. `points` is what it takes now, `given` what it once took."""

    finding: Finding
    points: Decimal
    given: Decimal
    photos: int
    source: str  # class of who found it; never a name
    appeal: Appeal | None
