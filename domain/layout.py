"""Who held what within a span of days, worked out once for a roster, and how their figures follow from what was lost.

Whole hundredths of a point up to the one rounding (S43d), so that a city of thousands of segments is ranked in a
millisecond: what a row of the roster lost stands in a list by the number of its stint.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from operator import itemgetter

from domain.assessment import INSPECTED, SequenceKind
from domain.holdings import Holder, Stint, holders_of, stints_of
from domain.roster import Roster

FULL_HUNDREDTHS = 10_000

Pick = Callable[[Sequence[int]], Sequence[int]]
Weighed = Callable[[Sequence[int]], int]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A subject of a list (参评对象). Its figure is 100 less `lost` of the losses, in hundredths, over `whole`."""

    subject: str
    name: str
    segments: tuple[str, ...]  # ids
    lost: Weighed
    whole: int

    def hundredths(self, losses: Sequence[int]) -> int:
        """Return the mean of what is left, rounded 四舍五入 to whole hundredths (S43d)."""
        return FULL_HUNDREDTHS + (self.whole - 2 * self.lost(losses)) // (2 * self.whole)

    def rated(self, losses: Sequence[int], rating: Fraction, weight: Decimal) -> int:
        """Return the same of the mean and a rating (0–100) with its weight (S57)."""
        (top, bottom), (part, parts) = rating.as_integer_ratio(), weight.as_integer_ratio()
        left = (FULL_HUNDREDTHS * self.whole - self.lost(losses)) * (parts - part) * bottom
        whole = self.whole * parts * bottom
        return (2 * (left + 100 * top * part * self.whole) + whole) // (2 * whole)


@dataclass(frozen=True, slots=True)
class Lineup:
    """One list before its figures; entrants by the code points of their subjects."""

    kind: SequenceKind
    group: str | None  # the difficulty, of second-level chiefs (S56a)
    entrants: tuple[Entrant, ...]  # those that are ranked, then those that held their segments on too few days (S48)
    ranked: int  # how many are


class Layout:
    """The rows of a roster within a span of days, both included, and who holds them."""

    def __init__(self, roster: Roster, first: date, last: date) -> None:
        self.days = (last - first).days + 1
        self.stints = stints_of(roster, first, last)
        self.segments: frozenset[str] = frozenset(stint.segment.id for stint in self.stints)
        # segments with one row over the whole span → its number
        self.whole = {s.segment.id: s.number for s in self.stints if (s.first, s.last) == (first, last)}
        self._lineups: dict[tuple[bool, int], list[Lineup]] = {}

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

    def lineups(self, *, by_difficulty: bool, least_share: Fraction) -> Sequence[Lineup]:
        """Return the lists; of second-level chiefs one for each difficulty, or one for the city (S56)."""
        least = math.ceil(self.days * least_share)
        found = self._lineups.get((by_difficulty, least))
        if found is None:
            found = [one for kind in INSPECTED for one in self._of(kind, least, by_difficulty=by_difficulty)]
            self._lineups[by_difficulty, least] = found
        return found

    def _of(self, kind: SequenceKind, least: int, *, by_difficulty: bool) -> list[Lineup]:
        is_divided = by_difficulty and kind is SequenceKind.SECOND_LEVEL
        groups: dict[str | None, list[Holder]] = {}
        for holder in self.holders[kind]:
            groups.setdefault(holder.difficulty if is_divided else None, []).append(holder)
        return [self._lineup(kind, group, groups[group], least) for group in sorted(groups, key=str)]

    def _lineup(self, kind: SequenceKind, group: str | None, holders: Sequence[Holder], least: int) -> Lineup:
        ranked = [self._entrant(holder) for holder in holders if holder.days >= least]
        others = [self._entrant(holder) for holder in holders if holder.days < least]
        return Lineup(kind, group, (*ranked, *others), len(ranked))

    def _entrant(self, holder: Holder) -> Entrant:
        roads = [[stints[0] if len(stints) == 1 else self._joined[stints] for stints in road] for road in holder.roads]
        common = math.lcm(*(len(road) for road in roads))
        by_weight: dict[int, list[int]] = {}
        for road in roads:
            by_weight.setdefault(common // len(road), []).extend(road)
        lost = _weighed([(weight, _pick(places)) for weight, places in by_weight.items()])
        return Entrant(holder.subject, holder.name, holder.segment_ids, lost, common * len(roads))

    @cached_property
    def _joined(self) -> Mapping[tuple[int, ...], int]:
        """Return the stints of one segment in one hand → their place in the losses, behind those of the stints."""
        found: dict[tuple[int, ...], int] = {}
        for holder in (one for kind in INSPECTED if self.changed for one in self.holders[kind]):
            for stints in (stints for road in holder.roads for stints in road if len(stints) > 1):
                found.setdefault(stints, len(self.stints) + len(found))
        return found

    def losses(self, lost: Iterable[int]) -> list[int]:
        """Return what each segment lost, in whoever's hands, from what each stint lost: 100 at most (S43b)."""
        found = list(lost)
        found += [sum(found[number] for number in stints) for stints in self._joined]
        return [min(one, FULL_HUNDREDTHS) for one in found] if max(found, default=0) > FULL_HUNDREDTHS else found


def _pick(places: Sequence[int]) -> Pick:
    """Return what takes the numbers at these places out of a list."""
    # a single place would come without a sequence around it
    return itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))


def _weighed(parts: Sequence[tuple[int, Pick]]) -> Weighed:
    [(weight, pick), *others] = parts
    if weight == 1 and not others:
        return lambda losses: sum(pick(losses))
    return lambda losses: sum(weight * sum(pick(losses)) for weight, pick in parts)
