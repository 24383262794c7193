"""Two figures of one month side by side: what another rule book would change, and what a correction changes (S43, S103)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.assessment import SequenceKind
from domain.flags import Flag
from domain.printed import PrintedMonth, PrintedRow
from domain.rulebook import Rule, RuleBook


@dataclass(frozen=True, slots=True)
class Change:
    """One subject's line under two rule books."""

    before: PrintedRow
    after: PrintedRow

    @property
    def sequence(self) -> SequenceKind:
        """Return the list's sequence."""
        return self.after.sequence

    @property
    def rise(self) -> int:
        """Return by how many places it rises; negative = falls; 0 where it is not ranked."""
        if self.before.rank is None or self.after.rank is None:
            return 0
        return self.before.rank - self.after.rank

    @property
    def gain(self) -> Decimal:
        """Return by how much the score changes."""
        return self.after.score - self.before.score

    @property
    def flags(self) -> tuple[Flag | None, Flag | None]:
        """Return the flags before and after."""
        return self.before.flag, self.after.flag

    def to_json(self) -> dict[str, Any]:
        """Return the form that other programs read."""
        return {
            "sequence": self.sequence.value,
            "group": self.after.group,
            "subject": self.after.subject,
            "name": self.after.name,
            "score": [f"{self.before.score:.2f}", f"{self.after.score:.2f}"],
            "rank": [self.before.rank, self.after.rank],
            "flag": [flag.value if flag else None for flag in self.flags],
        }


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return everybody whose score, rank or flag differs between two figures of one month, in the order of `after`."""
    old = {row.party: row for row in PrintedMonth.from_json(before).rows}
    pairs = [(old[row.party], row) for row in PrintedMonth.from_json(after).rows if row.party in old]
    return [Change(a, b) for a, b in pairs if (a.score, a.rank, a.flag) != (b.score, b.rank, b.flag)]


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a month's lists in two versions; None = not listed in it."""

    before: PrintedRow | None
    after: PrintedRow | None

    @property
    def row(self) -> PrintedRow:
        """Return the line as it is now, or was if it is gone."""
        row = self.after or self.before
        if row is None:
            raise ValueError("a difference of nothing")
        return row


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return every line whose printed score, rank or flag differs between two versions of a month, lines gone last."""
    old, new = _by_line(before), _by_line(after)
    pairs = [Difference(old.get(key), new.get(key)) for key in dict.fromkeys([*new, *old])]
    return tuple(pair for pair in pairs if _printed(pair.before) != _printed(pair.after))


def _by_line(figures: Mapping[str, Any]) -> dict[tuple[object, ...], PrintedRow]:
    """Return the lines by list and subject: a chief who has moved to another difficulty left one line for another."""
    return {(row.sequence, row.group, row.subject): row for row in PrintedMonth.from_json(figures).rows}


def _printed(row: PrintedRow | None) -> tuple[object, ...]:
    return (row.score, row.rank, row.flag) if row else ()


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A category whose rule differs; None = the book has no value for it."""

    category: str
    before: Rule | None
    after: Rule | None


def compare_books(before: RuleBook, after: RuleBook) -> list[RuleChange]:
    """Return every category whose points or clause differ, in the order of the new book, dropped ones last."""
    return list(_changes(before.rules, after.rules))


def _changes(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> Iterator[RuleChange]:
    for category in dict.fromkeys([*after, *before]):
        old, new = before.get(category), after.get(category)
        if old is None or new is None or (old.points, old.clause) != (new.points, new.clause):
            yield RuleChange(category, old, new)
