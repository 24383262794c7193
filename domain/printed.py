"""A published month as it was printed: all that quarter, year, flag counts and exports may start from (S43d, S75, S97a)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from domain.assessment import SequenceKind
from domain.flags import Flag
from domain.month import Month
from domain.ranking import half_up, mean

Party = tuple[SequenceKind, str]  # a subject within its sequence: the same person in two of them is two (S69)


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One subject's line of a frozen list."""

    sequence: SequenceKind
    group: str | None  # difficulty of a second-level chief's list
    subject: str
    name: str
    score: Decimal  # two decimals
    rank: int | None  # None = listed but not ranked (S48)
    grade: str
    flag: Flag | None

    @property
    def party(self) -> Party:
        """Return whose line it is."""
        return self.sequence, self.subject


@dataclass(frozen=True)
class PrintedMonth:
    """A frozen month."""

    month: Month
    rows: tuple[PrintedRow, ...]
    head: str = ""  # the ledger's printed head at its publication

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> "PrintedMonth":
        """Return the month whose figures were published in the form of `Scores.to_json`."""
        rows = tuple(
            PrintedRow(
                sequence=SequenceKind(listed["sequence"]),
                group=listed["group"],
                subject=row["subject"],
                name=row["name"],
                score=Decimal(row["score"]),
                rank=row["rank"],
                grade=row["grade"],
                flag=Flag(row["flag"]) if row["flag"] else None,
            )
            for listed in figures["sequences"]
            for row in listed["rows"]
        )
        return cls(Month.parse(figures["period"]), rows, figures.get("head", ""))

    @cached_property
    def ranked(self) -> Mapping[Party, PrintedRow]:
        """Return the rows of those who were ranked; only these count further (S97a)."""
        return {row.party: row for row in self.rows if row.rank is not None}

    def names(self) -> Mapping[Party, str]:
        """Return what everybody was called."""
        return {row.party: row.name for row in self.rows}


def mean_score(scores: Sequence[Decimal]) -> Decimal:
    """Return the mean of at least one printed score, rounded once (S43d, S97a)."""
    return half_up(mean(Fraction(score) for score in scores))


def names_of(months: Iterable[PrintedMonth]) -> dict[Party, str]:
    """Return the latest name of everybody in months given in their order."""
    return {party: name for printed in months for party, name in printed.names().items()}
