"""What the documents of a month print: its figures, with the names, clauses and clocks that go with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.assessment import SequenceKind
from domain.comparison import Difference
from domain.finding import Finding
from domain.flags import Flag
from domain.holdings import Deduction
from domain.imprint import Imprint
from domain.month import Month
from domain.papers import Cell
from domain.printed import PrintedRow
from domain.roster import Segment
from domain.scoring import Scores
from domain.texts.leadership import Bulletin, Correction
from domain.texts.papers.naming import DRAFT, flag, source

NOT_RANKED = "不参加排名"
UNLISTED = "未列"
CORRECTED, CORRECTIONS = "更正", "更正对照"
FIRST_CORRECTED = 2  # the version that the first correction makes


@dataclass(frozen=True, slots=True)
class FlagTally:
    """One subject's flags so far in the year."""

    sequence: SequenceKind
    name: str
    now: Flag | None
    streak: int
    black: int
    red: int
    months: int  # in which it was ranked


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """Everything that the month's documents print."""

    bulletin: Bulletin
    imprint: Imprint
    is_final: bool  # frozen or published: not marked 代拟稿
    segment: Callable[[str, date], Segment | None]
    clause: Callable[[str, date], str]
    clock: Callable[[Deduction], str]  # when it was found, on the city's clocks
    name: Callable[[str], str]  # of a person
    findings: Mapping[str, Finding] = field(default_factory=dict)  # by key
    tallies: Sequence[FlagTally] = ()
    appeals: Sequence[Sequence[Cell]] = ()
    funds: Sequence[Sequence[Cell]] = ()
    funds_note: str = ""
    version: int = 0  # of the frozen figures

    @property
    def scores(self) -> Scores:
        """Return the figures."""
        return self.bulletin.scores

    @property
    def month(self) -> Month:
        """Return the month."""
        return self.scores.month

    @property
    def mark(self) -> str:
        """Return 代拟稿 until the month is frozen, 更正 of a later version."""
        if not self.is_final:
            return DRAFT
        return CORRECTED if self.correction else ""

    @property
    def correction(self) -> Correction | None:
        """Return what a later version corrects, None of the first."""
        return self.bulletin.correction

    @property
    def suffix(self) -> str:
        """Return what the names of the files end in: （代拟稿）, （更正）, of a second correction （更正2）."""
        number = str(self.version - 1) if self.correction and self.version > FIRST_CORRECTED else ""
        return f"（{self.mark}{number}）" if self.mark else ""

    @property
    def source(self) -> str:
        """Return the proof of the figures."""
        return source(self.scores.rules, self.bulletin.head)

    @property
    def title(self) -> str:
        """Return 溪城市2026年5月路长制考评."""
        return f"{self.imprint.city}{self.month.title}路长制考评"


def side_by_side(one: Difference) -> tuple[Cell, ...]:
    """Return a changed line's score, place and flag, each as it was and as it is."""
    before, after = one.before, one.after
    return (
        before.score if before else UNLISTED,
        after.score if after else UNLISTED,
        _place_of(before),
        _place_of(after),
        flag(before.flag) if before else "",
        flag(after.flag) if after else "",
    )


def _place_of(row: PrintedRow | None) -> Cell:
    if row is None:
        return UNLISTED
    return row.rank if row.rank is not None else NOT_RANKED
