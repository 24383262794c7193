"""An appeal (申诉) against one deduction: an objection, one review, one final word of the leading group (S92)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.case import YEAR_SPAN
from domain.messages import Photo


class AppealState(StrEnum):
    """Where an appeal stands; values are stored and never renamed."""

    OPEN = "open"  # waits for the office's review
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFERRED = "referred"  # waits for the final word of the leading group
    FINAL_ACCEPTED = "final_accepted"
    FINAL_REJECTED = "final_rejected"


APPEAL_STATE_NAMES = {
    AppealState.OPEN: "复核中",
    AppealState.ACCEPTED: "采纳",
    AppealState.REJECTED: "不采纳",
    AppealState.REFERRED: "待终审",
    AppealState.FINAL_ACCEPTED: "终审采纳",
    AppealState.FINAL_REJECTED: "终审维持",
}

_UNDECIDED = frozenset({AppealState.OPEN, AppealState.REFERRED})
_WON = frozenset({AppealState.ACCEPTED, AppealState.FINAL_ACCEPTED})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided, by whom and why; `points` is what the deduction was left at."""

    persons: tuple[str, ...]  # person ids: one for the review, two for the final word
    at: datetime
    reason: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """A final word that one named person has recorded and a second must confirm."""

    by: str
    is_accepted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """One appeal; there is at most one against a finding. Instants are aware UTC."""

    id: int
    finding: str  # its key
    month: str  # whose score it is about: "2026-10"
    applicant: str  # person id
    reason: str
    points: Decimal  # taken when it was lodged
    lodged_at: datetime
    due_at: datetime  # until when the review is to answer
    state: AppealState = AppealState.OPEN
    photos: tuple[Photo, ...] = ()
    review: Verdict | None = None
    referral: str = ""  # why the final word is asked for
    proposal: Proposal | None = None
    final: Verdict | None = None
    awaits_correction: bool = False  # won after the month was frozen: only a correction can still change the figures

    @property
    def number(self) -> str:
        """Return the number people use: 2026-申007."""
        return f"{self.id // YEAR_SPAN}-申{self.id % YEAR_SPAN:03d}"

    @property
    def short(self) -> str:
        """Return the number without its year: 申007."""
        return f"申{self.id % YEAR_SPAN:03d}"

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to decide; meanwhile the month is not published."""
        return self.state in _UNDECIDED

    @property
    def is_won(self) -> bool:
        """Tell whether it was accepted, by the review or in the end."""
        return self.state in _WON


def open_count(appeals: Iterable[Appeal]) -> int:
    """Return how many still wait for a decision."""
    return sum(appeal.is_open for appeal in appeals)
