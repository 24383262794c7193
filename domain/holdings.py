"""Who held what in a month, and what was deducted there (S47–S49, S51, S54, S57).

When a row of the roster changes within the month, a deduction follows the subject that held the segment on the day of
the inspection (S48): a subject's segments are all that it held on any day of the month, each with the deductions of its
own days only and with the row as it last was in its hands (road, difficulty, name).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Protocol

from domain.assessment import SequenceKind
from domain.errors import TableError
from domain.roster import Dated, Roster, Segment
from domain.tally import hundredths

FULL_HUNDREDTHS = 10_000
DIFFICULTIES = ("A", "B", "C")  # hardest first (S55a)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points (扣分) taken for one finding."""

    finding: str
    found_at: datetime
    day: date  # in the city
    segment: str
    category: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Stint:
    """One version of a segment's row within the month, both days included, and what was deducted while it held."""

    segment: Segment
    first: date
    last: date
    deductions: tuple[Deduction, ...]
    number: int = 0  # its place among all stints of the span


Roads = tuple[tuple[tuple[int, ...], ...], ...]  # roads, of each its segments, of each the numbers of its stints


class Held(Protocol):
    """A subject with all it held in the month, whatever its figure was worked out from."""

    @property
    def kind(self) -> SequenceKind:
        """Return its sequence."""
        ...

    @property
    def subject(self) -> str:
        """Return who it is."""
        ...

    @property
    def name(self) -> str:
        """Return the name to print."""
        ...

    @property
    def days(self) -> int:
        """Return on how many days it held anything."""
        ...

    @property
    def difficulty(self) -> str:
        """Return the difficulty it is ranked in (S55a)."""
        ...

    @property
    def figure(self) -> Fraction:
        """Return its exact mean."""
        ...

    @property
    def deductions(self) -> tuple[Deduction, ...]:
        """Return its deductions, where they were asked for."""
        ...

    @property
    def segment_ids(self) -> tuple[str, ...]:
        """Return the ids of its segments."""
        ...


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
    def deductions(self) -> tuple[Deduction, ...]:
        """Return all its deductions, the oldest first."""
        found = (deduction for stint in self.stints for deduction in stint.deductions)
        return tuple(sorted(found, key=lambda d: (d.found_at, d.finding)))

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

    @cached_property
    def figure(self) -> Fraction:
        """Return the exact mean of its segments, for a township of its roads (S51a, S54a, S57a)."""
        return mean_left(self.roads, {stint.number: hundredths_lost(stint) for stint in self.stints})


def hundredths_lost(stint: Stint) -> int:
    """Return the points taken in a stint, in whole hundredths."""
    return sum(hundredths(deduction.points) for deduction in stint.deductions)


def mean_left(roads: Roads, lost: Mapping[int, int] | Sequence[int]) -> Fraction:
    """Return the exact mean over roads of the mean of what is left of each segment's 100, not below 0 (S43b).

    lost: hundredths by the number of the stint. Whole numbers up to the last step: a month is ranked in one go.
    """
    by_size: dict[int, int] = {}  # segments of a road → what is left on all roads of that many
    for road in roads:
        left = 0
        for stints in road:
            taken = lost[stints[0]] if len(stints) == 1 else sum(lost[number] for number in stints)
            if taken < FULL_HUNDREDTHS:
                left += FULL_HUNDREDTHS - taken
        by_size[len(road)] = by_size.get(len(road), 0) + left
    total = sum((Fraction(left, size) for size, left in by_size.items()), Fraction(0))
    return total / (len(roads) * 100)


# the subject that answers for a segment in each sequence, "" where there is none (S49a: no unit)
SUBJECT_OF: dict[SequenceKind, Callable[[Segment], str]] = {
    SequenceKind.TOWNSHIP: lambda segment: segment.township,
    SequenceKind.SECOND_LEVEL: lambda segment: segment.second_level,
    SequenceKind.UNIT: lambda segment: segment.unit if segment.has_unit else "",
}


def stints_of(roster: Roster, first: date, last: date, deductions: Iterable[Deduction]) -> list[Stint]:
    """Return every row of the roster that held between two days, both included, with its deductions.

    Raises TableError when a deduction's segment is not in the roster on its day.
    """
    by_segment: dict[str, list[Deduction]] = defaultdict(list)
    for deduction in deductions:
        by_segment[deduction.segment].append(deduction)
    rows = sorted(_stints(roster.segments, first, last, by_segment), key=lambda s: (s.segment.id, s.first))
    stints = [Stint(s.segment, s.first, s.last, s.deductions, number) for number, s in enumerate(rows)]
    placed = {deduction.finding for stint in stints for deduction in stint.deductions}
    lost = [d for listed in by_segment.values() for d in listed if d.finding not in placed]
    if lost:
        raise TableError(f"花名册在{lost[0].day}没有路段{lost[0].segment}，但有该日的督查问题，请先更正花名册。")
    return stints


def holders_of(kind: SequenceKind, stints: Sequence[Stint]) -> list[Holder]:
    """Return the subjects of a sequence, in the order of their code points."""
    held: dict[str, list[Stint]] = defaultdict(list)
    for stint in stints:
        held[SUBJECT_OF[kind](stint.segment)].append(stint)
    return [Holder(kind, subject, tuple(held[subject])) for subject in sorted(held) if subject]


def _stints(
    rows: Iterable[Dated[Segment]], first: date, last: date, deductions: Mapping[str, Sequence[Deduction]]
) -> Iterator[Stint]:
    for row in rows:
        begin = max(row.since or first, first)
        end = min(row.until - _DAY if row.until else last, last)
        if begin <= end:
            found = deductions.get(row.value.id, ())
            yield Stint(row.value, begin, end, tuple(d for d in found if begin <= d.day <= end))
