"""The road network as a roster draws it: roads as chains of segments, crossings, directions, house numbers, sides.

A road of one name in two townships that do not touch is two roads (人民路 in the town and 人民路 in 薛店).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

from domain.roster import BOTH_SIDES, Segment
from domain.understand.coordinates import distance_to_line_m, to_metres

Index = int  # position of a segment in the gazetteer's tuple

_UNIT: dict[str, tuple[float, float]] = {
    "东": (1.0, 0.0),
    "西": (-1.0, 0.0),
    "北": (0.0, 1.0),
    "南": (0.0, -1.0),
    "东北": (0.7071, 0.7071),
    "东南": (0.7071, -0.7071),
    "西北": (-0.7071, 0.7071),
    "西南": (-0.7071, -0.7071),
}
_OPPOSITE = {"北侧": "南侧", "南侧": "北侧", "东侧": "西侧", "西侧": "东侧"}
_ODD_SIDES = ("北侧", "东侧")


@dataclass(frozen=True, slots=True)
class Arm:
    """A segment as it leaves a crossing; `heading` is its unit vector (east, north), None when no polyline tells."""

    index: Index
    far_cross: str
    heading: tuple[float, float] | None


class Network:
    """Roads, crossings and directions of a roster's segments."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self.canonical = _canonical_names(segments)
        self.road_of: list[int] = _components(segments, self.canonical)
        self.roads: dict[int, list[Index]] = defaultdict(list)
        self._arms: dict[tuple[int, str], list[Arm]] = defaultdict(list)
        self.one_sided = frozenset(i for i, segment in enumerate(segments) if segment.side != BOTH_SIDES)
        houses = [_houses(segment.house_no) for segment in segments]
        self._first, self._last = [first for first, _ in houses], [last for _, last in houses]
        for index, segment in enumerate(segments):
            road = self.road_of[index]
            self.roads[road].append(index)
            heading = _heading(segment)
            back = (-heading[0], -heading[1]) if heading else None
            start, end = self.name(segment.from_cross), self.name(segment.to_cross)
            self._arms[road, start].append(Arm(index, end, heading))
            self._arms[road, end].append(Arm(index, start, back))

    def name(self, cross: str) -> str:
        """Return the main name of a road or crossing that may be written by an alias."""
        return self.canonical.get(cross, cross)

    def arms(self, road: int, cross: str) -> list[Arm]:
        """Return the segments of `road` that begin or end at `cross` (a main name)."""
        return self._arms.get((road, cross), [])

    def towards(self, arms: Iterable[Arm], direction: str) -> list[Arm]:
        """Return the arms that leave in `direction` (东 … 西南), within some 55 degrees."""
        x, y = _UNIT[direction]
        return [a for a in arms if a.heading and a.heading[0] * x + a.heading[1] * y > 0.57]

    def along(self, road: int, arm: Arm, metres: float) -> list[Index]:
        """Return the segment (or its two sides) that lies `metres` from the crossing along the arm."""
        here, left, seen = arm, metres, set[Index]()
        while 0 < self.segments[here.index].length_m < left and here.index not in seen:
            seen.add(here.index)
            left -= self.segments[here.index].length_m
            following = [a for a in self.arms(road, here.far_cross) if self._span(a.index) != self._span(here.index)]
            if not following:
                break
            here = following[0]
        return self.twins(here.index)

    def _span(self, index: Index) -> frozenset[str]:
        segment = self.segments[index]
        return frozenset((self.name(segment.from_cross), self.name(segment.to_cross)))

    def twins(self, index: Index) -> list[Index]:
        """Return the segments on the same stretch of the same road: itself, and its other side if there is one."""
        return [i for i in self.roads[self.road_of[index]] if self._span(i) == self._span(index)]

    def passing(self, road: int, arm: Arm) -> list[Index]:
        """Return the segments of `road` that pass within 60 m of where `arm` begins, though no crossing cuts them there."""
        line = self.segments[arm.index].polyline
        if not line:
            return []
        begins = line[0] if self.name(self.segments[arm.index].to_cross) == arm.far_cross else line[-1]
        return [i for i in self.roads[road] if distance_to_line_m(begins, self.segments[i].polyline) < 60.0]

    def between(self, road: int, one: str, other: str) -> list[Index]:
        """Return the segments of `road` between two crossings (main names), by the shortest way along the chain."""
        came: dict[str, tuple[str, list[Index]]] = {one: ("", [])}
        queue = [one]
        while queue and other not in came:
            here = queue.pop(0)
            for arm in self.arms(road, here):
                if arm.far_cross not in came:
                    came[arm.far_cross] = (here, self.twins(arm.index))
                    queue.append(arm.far_cross)
        found: list[Index] = []
        while other != one and other in came:
            other, indexes = came[other]
            found.extend(indexes)
        return sorted(found)

    def at_house(self, road: int, number: int) -> list[Index]:
        """Return the segments whose house numbers hold `number`: odd numbers north or east, even south or west."""
        held = [i for i in self.roads[road] if self._first[i] <= number <= self._last[i]]
        if self.one_sided.isdisjoint(held):
            return held
        odd = number % 2 == 1
        return [i for i in held if i not in self.one_sided or (self.segments[i].side in _ODD_SIDES) == odd]

    def on_side(self, indexes: Sequence[Index], side: str) -> list[Index]:
        """Return those on the side 北, 南, 东 or 西; segments that cover both sides stay."""
        return [i for i in indexes if self.segments[i].side in (BOTH_SIDES, f"{side}侧")]

    def opposite(self, index: Index) -> Index:
        """Return the segment across the road, or the same one when it covers both sides."""
        wanted = _OPPOSITE.get(self.segments[index].side)
        return next((i for i in self.twins(index) if self.segments[i].side == wanted), index)


def _canonical_names(segments: Iterable[Segment]) -> dict[str, str]:
    """Return alias → road for aliases of one road only, unless the alias is a road's own name."""
    roads = {segment.road for segment in segments}
    owners: dict[str, set[str]] = defaultdict(set)
    for segment in segments:
        for alias in segment.road_aliases:
            owners[alias].add(segment.road)
    return {alias: next(iter(o)) for alias, o in owners.items() if len(o) == 1 and alias not in roads}


def _components(segments: Sequence[Segment], canonical: dict[str, str]) -> list[int]:
    """Return the number of the road each segment belongs to: same name, and joined by crossings or by township."""
    parent = list(range(len(segments)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    met: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, segment in enumerate(segments):
        for end in (segment.from_cross, segment.to_cross):
            for other in met[segment.road, canonical.get(end, end)]:
                if _touch(segments[other], segment):
                    parent[root(index)] = root(other)
            met[segment.road, canonical.get(end, end)].append(index)
        for other in met[segment.road, f"township:{segment.township}"][:1]:
            parent[root(index)] = root(other)
        met[segment.road, f"township:{segment.township}"].append(index)
    return [root(index) for index in range(len(segments))]


def _touch(one: Segment, other: Segment) -> bool:
    """Tell whether two segments that name the same crossing can be neighbours: their ends lie within 300 m."""
    ends = [(a, b) for a in _ends(one) for b in _ends(other)]
    return not ends or any(hypot(*to_metres(a, b)) < 300.0 for a, b in ends)


def _ends(segment: Segment) -> tuple[tuple[float, float], ...]:
    return (segment.polyline[0], segment.polyline[-1]) if segment.polyline else ()


def _heading(segment: Segment) -> tuple[float, float] | None:
    if len(segment.polyline) < 2:
        return None
    east, north = to_metres(segment.polyline[-1], segment.polyline[0])
    length = hypot(east, north)
    return (east / length, north / length) if length > 1.0 else None


def _houses(house_no: str) -> tuple[int, int]:
    """Return the first and the last house number of 「1-199」 or 「88」; (1, 0), which holds none, of anything else."""
    first, _, last = house_no.partition("-")
    if not first.isdecimal():
        return 1, 0
    return int(first), int(last if last.isdecimal() else first)
