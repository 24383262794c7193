"""A walk (督查): an inspector on one road, until he says that it is over or the day ends (S41)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """One inspector's running walk; he has at most one."""

    person: str
    road: str
    segments: tuple[str, ...]  # ids of the road's segments on the day
    started_at: datetime  # aware UTC
