"""Who held what in a month, and what was deducted there (S47–S49, S51, S54, S57).

When a row of the roster changes within the month, a deduction follows the subject that held the segment on the day of
the inspection (S48): a subject's segments are all that it held on any day of the month, each with the deductions of its
own days only and with the row as it last was in its hands (road, difficulty, name).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from domain.assessment import SequenceKind
from domain.roster import Roster, Segment

DIFFICULTIES = ("A", "B", "C")  # hardest first (S55a)

_DAY = timedelta(days=1)


class Deduction(NamedTuple):
    """Points (扣分) taken for one finding; of a month's hundred thousand each is made once, so it is a bare tuple."""

    finding: str
    found_at: datetime
    day: date  # in the city
    segment: str
    category: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Stint:
    """One version of a segment's row within a span of days, both included."""

    segment: Segment
    first: date
    last: date
    number: int  # its place among all stints of the span


Roads = tuple[tuple[tuple[int, ...], ...], ...]  # roads, of each its segments, of each the numbers of its stints


@dataclass(frozen=True)
class Holder:
    """One subject of a sequence with all it held in the month."""

    kind: SequenceKind
    subject: str
    stints: tuple[Stint, ...]  # by segment id, then first day

    @cached_property
    def name(self) -> str:
        """Return the name to print: of a chief the one in the latest row."""
        latest = max(self.stints, key=lambda s: (s.last, s.segment.id)).segment
        return latest.second_level_name if self.kind is SequenceKind.SECOND_LEVEL else self.subject

    @cached_property
    def days(self) -> int:
        """Return on how many days of the month the subject held anything."""
        first, last = min(s.first for s in self.stints), max(s.last for s in self.stints)
        if any(s.first == first and s.last == last for s in self.stints):  # the usual case: nothing changed
            return (last - first).days + 1
        return len({n for s in self.stints for n in range(s.first.toordinal(), s.last.toordinal() + 1)})

    @cached_property
    def segments(self) -> dict[str, Segment]:
        """Return its segments by id, each as it last was in its hands."""
        return {s.segment.id: s.segment for s in sorted(self.stints, key=lambda s: (s.segment.id, s.first))}

    @cached_property
    def difficulty(self) -> str:
        """Return the difficulty most of its segments have; as many of two → the harder (S55a)."""
        grades = [s.grade for s in self.segments.values()]
        return max(sorted(set(grades)), key=grades.count)

    @cached_property
    def segment_ids(self) -> tuple[str, ...]:
        """Return the ids of its segments."""
        return tuple(self.segments)

    @cached_property
    def roads(self) -> Roads:
        """Return what its figure is the mean of: a township's roads (S51a), else all its segments as one road."""
        numbers: dict[str, list[int]] = defaultdict(list)
        for stint in self.stints:
            numbers[stint.segment.id].append(stint.number)
        roads: dict[str, list[tuple[int, ...]]] = defaultdict(list)
        for id_, segment in self.segments.items():
            road = segment.road if self.kind is SequenceKind.TOWNSHIP else ""
            roads[road].append(tuple(numbers[id_]))
        return tuple(tuple(segments) for segments in roads.values())


# the subject that answers for a segment in each sequence, "" where there is none (S49a: no unit)
SUBJECT_OF: dict[SequenceKind, Callable[[Segment], str]] = {
    SequenceKind.TOWNSHIP: lambda segment: segment.township,
    SequenceKind.SECOND_LEVEL: lambda segment: segment.second_level,
    SequenceKind.UNIT: lambda segment: segment.unit if segment.has_unit else "",
}


def stints_of(roster: Roster, first: date, last: date) -> list[Stint]:
    """Return every row of the roster that held between two days, both included, by segment id, then first day."""
    rows = sorted(_cut(roster, first, last), key=lambda row: (row[0].id, row[1]))
    return [Stint(*row, number) for number, row in enumerate(rows)]


def holders_of(kind: SequenceKind, stints: Sequence[Stint]) -> list[Holder]:
    """Return the subjects of a sequence, in the order of their code points."""
    held: dict[str, list[Stint]] = defaultdict(list)
    for stint in stints:
        held[SUBJECT_OF[kind](stint.segment)].append(stint)
    return [Holder(kind, subject, tuple(held[subject])) for subject in sorted(held) if subject]


def _cut(roster: Roster, first: date, last: date) -> Iterator[tuple[Segment, date, date]]:
    for row in roster.segments:
        begin = max(row.since or first, first)
        end = min(row.until - _DAY if row.until else last, last)
        if begin <= end:
            yield row.value, begin, end
