"""Who held what within a span of days, worked out once for a roster, and how their figures follow from what was lost.

Whole hundredths of a point up to the one rounding (S43d), so that a city of thousands of segments is ranked in a
millisecond: what a row of the roster lost stands by the number of its stint, and of rows that lost nothing nothing is
asked.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from domain.assessment import INSPECTED, SequenceKind
from domain.holdings import Holder, Stint, holders_of, stints_of
from domain.roster import Roster

FULL_HUNDREDTHS = 10_000


@dataclass(frozen=True, slots=True)
class Lineup:
    """One list before its figures, by columns: of each subject (参评对象) its name, segments and `wholes`.

    A figure is 100 less what was lost, in hundredths, over the whole. Those that are ranked come first, then those that
    held their segments on too few days (S48), each by the code points of their subjects.
    """

    kind: SequenceKind
    group: str | None  # the difficulty, of second-level chiefs (S56a)
    subjects: tuple[str, ...]
    names: tuple[str, ...]
    segments: tuple[tuple[str, ...], ...]  # ids
    wholes: tuple[int, ...]
    ranked: int  # how many are
    begin: int  # number of its first subject among all of a sequence

    def lost(self, by_number: Sequence[int]) -> Sequence[int]:
        """Return this list's part of what the subjects of its sequence lost."""
        return by_number[self.begin : self.begin + len(self.subjects)]

    def hundredths(self, lost: Sequence[int]) -> list[int]:
        """Return the means of what is left, rounded 四舍五入 to whole hundredths (S43d)."""
        return [
            FULL_HUNDREDTHS + (whole - 2 * one) // (2 * whole) for one, whole in zip(lost, self.wholes, strict=True)
        ]

    def rated(self, lost: Sequence[int], ratings: Mapping[str, Fraction], weight: Decimal) -> list[int]:
        """Return the same of the means and ratings (0–100) with their weight (S57)."""
        of_each = zip(lost, self.wholes, self.subjects, strict=True)
        return [_rated(one, whole, ratings[subject], weight) for one, whole, subject in of_each]


def _rated(lost: int, whole: int, rating: Fraction, weight: Decimal) -> int:
    (top, bottom), (part, parts) = rating.as_integer_ratio(), weight.as_integer_ratio()
    sum_ = (FULL_HUNDREDTHS * whole - lost) * (parts - part) * bottom + 100 * top * part * whole
    divisor = whole * parts * bottom
    return (2 * sum_ + divisor) // (2 * divisor)


class Share(NamedTuple):
    """By whom a loss is borne in a sequence."""

    bearer: int  # number of the subject among all of the sequence; the one after the last is nobody
    weight: int  # how often it counts, where roads differ in length (S51a)


@dataclass(frozen=True, slots=True)
class Contest:
    """One sequence: its lists, and the shares, each bundle's bearer and weight."""

    lineups: tuple[Lineup, ...]
    bearers: Sequence[int]
    weights: Sequence[int]
    subjects: int

    def lost(self, by_bundle: Iterable[int]) -> list[int]:
        """Return what each subject lost, as often as it counts."""
        found = [0] * (self.subjects + 1)
        for bearer, weight, points in zip(self.bearers, self.weights, by_bundle, strict=True):
            found[bearer] += weight * points
        return found


@dataclass(frozen=True, slots=True)
class Contests:
    """All sequences. Places with the same shares in each are one bundle, mostly a chief's segments of one road."""

    all: tuple[Contest, ...]
    bundle_of: Sequence[int]  # by place
    bundles: int

    def bundled(self, losses: Mapping[int, int]) -> list[int]:
        """Return what was lost by bundle."""
        bundle_of, found = self.bundle_of, [0] * self.bundles
        for place, points in losses.items():
            found[bundle_of[place]] += points
        return found


class Layout:
    """The rows of a roster within a span of days, both included, and who holds them."""

    def __init__(self, roster: Roster, first: date, last: date) -> None:
        self.days = (last - first).days + 1
        self.stints = stints_of(roster, first, last)
        self.segments: frozenset[str] = frozenset(stint.segment.id for stint in self.stints)
        # segments with one row over the whole span → its number
        self.whole = {s.segment.id: s.number for s in self.stints if (s.first, s.last) == (first, last)}
        self._contests: dict[tuple[bool, int], Contests] = {}

    @classmethod
    def of(cls, roster: Roster, first: date, last: date) -> "Layout":
        """Return the layout of a span, kept with the roster, which never changes; the day moves on: one is enough."""
        found = roster.memo.get(("layout", first, last))
        if not isinstance(found, Layout):
            roster.memo.clear()
            found = roster.memo["layout", first, last] = cls(roster, first, last)
        return found

    @cached_property
    def changed(self) -> frozenset[str]:
        """Return the segments whose row changed within the span."""
        return self.segments - self.whole.keys()

    @cached_property
    def holders(self) -> Mapping[SequenceKind, Sequence[Holder]]:
        """Return the subjects of each sequence that findings decide."""
        return {kind: holders_of(kind, self.stints) for kind in INSPECTED}

    @cached_property
    def owners(self) -> Mapping[SequenceKind, Sequence[str]]:
        """Return the subject that answers for each stint, by its number, "" where there is none."""
        found = {kind: [""] * len(self.stints) for kind in INSPECTED}
        for kind, holders in self.holders.items():
            for holder in holders:
                for stint in holder.stints:
                    found[kind][stint.number] = holder.subject
        return found

    @cached_property
    def _by_segment(self) -> Mapping[str, Sequence[Stint]]:
        found: dict[str, list[Stint]] = {segment: [] for segment in self.changed}
        for stint in self.stints:
            if stint.segment.id in found:
                found[stint.segment.id].append(stint)
        return found

    def number(self, segment: str, day: date) -> int | None:
        """Return the number of the stint that holds a segment on a day, or None."""
        found = self.whole.get(segment)
        if found is None:
            held = self._by_segment.get(segment, ())
            found = next((s.number for s in held if s.first <= day <= s.last), None)
        return found

    def contests(self, *, by_difficulty: bool, least_share: Fraction) -> Contests:
        """Return the sequences; second-level chiefs have a list for each difficulty, or one for the city (S56)."""
        least = math.ceil(self.days * least_share)
        found = self._contests.get((by_difficulty, least))
        if found is None:
            found = self._contests[by_difficulty, least] = self._drawn_up(least, by_difficulty=by_difficulty)
        return found

    def _drawn_up(self, least: int, *, by_difficulty: bool) -> Contests:
        drawn = [_lineups(kind, self.holders[kind], least, by_difficulty=by_difficulty) for kind in INSPECTED]
        bundles: dict[tuple[Share, ...], int] = {}
        shares = zip(*(self._shares(order) for _lists, order in drawn), strict=True)
        bundle_of = [bundles.setdefault(alike, len(bundles)) for alike in shares]
        contests = [
            Contest(lists, [one[n].bearer for one in bundles], [one[n].weight for one in bundles], len(order))
            for n, (lists, order) in enumerate(drawn)
        ]
        return Contests(tuple(contests), bundle_of, len(bundles))

    def _shares(self, holders: Sequence[Holder]) -> list[Share]:
        """Return the share of each place in the sequence of these subjects."""
        found = [Share(len(holders), 1)] * (len(self.stints) + len(self._joined))
        for number, holder in enumerate(holders):
            common = _common(holder)
            for road in holder.roads:
                for stints in road:
                    place = stints[0] if len(stints) == 1 else self._joined[stints]
                    found[place] = Share(number, common // len(road))
        return found

    @cached_property
    def _joined(self) -> Mapping[tuple[int, ...], int]:
        """Return the stints of one segment in one hand → their place in the losses, behind those of the stints."""
        found: dict[tuple[int, ...], int] = {}
        for holder in (one for kind in INSPECTED if self.changed for one in self.holders[kind]):
            for stints in (stints for road in holder.roads for stints in road if len(stints) > 1):
                found.setdefault(stints, len(self.stints) + len(found))
        return found

    def losses(self, lost: Mapping[int, int]) -> Mapping[int, int]:
        """Return what each segment lost, in whoever's hands, by place: 100 at most (S43b).

        lost: what each stint lost, by its number; those that lost nothing may be left out of both.
        """
        joined = {place: sum(lost.get(number, 0) for number in stints) for stints, place in self._joined.items()}
        found = {**lost, **joined} if joined else lost
        if max(found.values(), default=0) <= FULL_HUNDREDTHS:
            return found
        return {place: min(one, FULL_HUNDREDTHS) for place, one in found.items()}


def _lineups(
    kind: SequenceKind, holders: Iterable[Holder], least: int, *, by_difficulty: bool
) -> tuple[tuple[Lineup, ...], list[Holder]]:
    """Return the lists of a sequence, and its subjects in the order of all of them."""
    groups: dict[str | None, list[Holder]] = {}
    for holder in holders:
        group = holder.difficulty if by_difficulty and kind is SequenceKind.SECOND_LEVEL else None
        groups.setdefault(group, []).append(holder)
    lineups: list[Lineup] = []
    order: list[Holder] = []
    for group in sorted(groups, key=str):
        ranked = [holder for holder in groups[group] if holder.days >= least]
        listed = [*ranked, *(holder for holder in groups[group] if holder.days < least)]
        lineups.append(_lineup(kind, group, listed, ranked=len(ranked), begin=len(order)))
        order += listed
    return tuple(lineups), order


def _lineup(kind: SequenceKind, group: str | None, holders: Sequence[Holder], *, ranked: int, begin: int) -> Lineup:
    return Lineup(
        kind,
        group,
        subjects=tuple(holder.subject for holder in holders),
        names=tuple(holder.name for holder in holders),
        segments=tuple(holder.segment_ids for holder in holders),
        wholes=tuple(_common(holder) * len(holder.roads) for holder in holders),
        ranked=ranked,
        begin=begin,
    )


def _common(holder: Holder) -> int:
    """Return into how many parts a road is cut so that each of its segments counts in whole ones."""
    return math.lcm(*(len(road) for road in holder.roads))
