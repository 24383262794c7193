"""The draw of a month's inspections (督查抽签, S41): every segment as often as every other, in an order nobody chose.

A road inside one township is inspected as one. The month's working days are cut into as many rounds as each road is to
be seen; in each round every road comes once, in the order of a hash of the seed, so that whoever has the seed — the
ledger's head printed before the month began — can draw it again and get the same.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from domain.errors import RuleError
from domain.month import Month
from domain.roster import Segment


@dataclass(frozen=True, slots=True)
class Stretch:
    """A road inside one township: what an inspector walks in one go."""

    road: str
    township: str
    segments: tuple[str, ...]  # ids


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The roads of one day."""

    day: date
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """A month's draw; the days without a road are left out."""

    month: Month
    seed: str
    rounds: int
    days: tuple[DayPlan, ...]

    def on(self, day: date) -> tuple[Stretch, ...]:
        """Return the roads of a day."""
        return next((one.stretches for one in self.days if one.day == day), ())

    def exposure(self) -> dict[str, int]:
        """Return how often each segment comes."""
        found: dict[str, int] = {}
        for one in self.days:
            for segment in (id_ for stretch in one.stretches for id_ in stretch.segments):
                found[segment] = found.get(segment, 0) + 1
        return found


def stretches_of(segments: Sequence[Segment]) -> list[Stretch]:
    """Return the roads by township, each with its segments, in the order of their code points."""

    def key(segment: Segment) -> tuple[str, str]:
        return segment.township, segment.road

    ordered = sorted(segments, key=lambda s: (*key(s), s.id))
    return [
        Stretch(road, township, tuple(s.id for s in listed)) for (township, road), listed in groupby(ordered, key=key)
    ]


def draw(month: Month, segments: Sequence[Segment], days: Sequence[date], seed: str, rounds: int) -> Draw:
    """Return a month's draw over its working days. Raises RuleError when there are fewer days than rounds."""
    if len(days) < rounds:
        raise RuleError(f"{month.title}只有{len(days)}个工作日，排不下每路段{rounds}次督查，请减少次数。")
    stretches = stretches_of(segments)
    plans: list[DayPlan] = []
    for number in range(rounds):
        block = days[len(days) * number // rounds : len(days) * (number + 1) // rounds]
        order = sorted(stretches, key=lambda one: _lot(seed, month, number, one))
        plans += _dealt(order, block)
    return Draw(month, seed, rounds, tuple(plans))


def _dealt(order: Sequence[Stretch], block: Sequence[date]) -> list[DayPlan]:
    """Return the roads dealt out to days, each to the one with the fewest segments so far."""
    dealt: dict[date, list[Stretch]] = {day: [] for day in block}
    for stretch in order:
        day = min(block, key=lambda one: (sum(len(s.segments) for s in dealt[one]), one))
        dealt[day].append(stretch)
    return [DayPlan(day, tuple(listed)) for day, listed in dealt.items() if listed]


def share(stretches: Sequence[Stretch], inspectors: Sequence[str], seed: str, day: date) -> dict[str, list[Stretch]]:
    """Return a day's roads by inspector: the order of the inspectors is drawn too, the load is levelled."""
    order = sorted(inspectors, key=lambda person: _hash(seed, day.isoformat(), person))
    mine: dict[str, list[Stretch]] = {person: [] for person in order}
    for stretch in sorted(stretches, key=lambda one: -len(one.segments)):
        least = min(order, key=lambda person: sum(len(s.segments) for s in mine[person]), default=None)
        if least is not None:
            mine[least].append(stretch)
    return mine


def _lot(seed: str, month: Month, number: int, stretch: Stretch) -> str:
    return _hash(seed, str(month), str(number), stretch.township, stretch.road)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
