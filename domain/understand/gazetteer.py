"""The gazetteer (地名表): every name by which people may mean a segment, found in one pass over a text."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import cos, radians
from operator import itemgetter
from typing import Any, NamedTuple

import ahocorasick

from domain.roster import Segment
from domain.tables import load_toml
from domain.understand import phrases, short_forms
from domain.understand.coordinates import Point, distance_to_line_m
from domain.understand.homophones import Homophones
from domain.understand.network import Index, Network
from domain.understand.short_forms import GENERIC, TAIL, landmark_forms

_TOWNSHIP_ENDING = re.compile(r"(街道办事处|街道办|街道|办事处|管委会|管理委员会|镇|乡|社区)$")
_CITY = re.compile(
    r"(?:移动|联通|电信|邮政|烟草|石油|供电|人寿|燃气)(?:公司)?([\u4e00-\u9fff]{2,3}?)(?:市|县|区)?(?:分公司|支公司|营业部)"
)
_GUARDED = "一二三四五六七八九十东南西北"
_FROM_LEFT = itemgetter(0)
_CELL = 0.01  # degrees, some 1 km: the grid by which the nearest polyline is found


@dataclass(slots=True)
class Name:
    """One written form and what it may mean."""

    surface: str
    roads: set[int] = field(default_factory=set)  # roads of the network
    landmarks: dict[Index, float] = field(default_factory=dict)  # segment → strength of the form
    township: str = ""
    is_cross: bool = False  # names a crossing that is no road of the roster (收费站)
    strength: float = 0.0  # of its best landmark, 0 when it names none; set once all names are known, like the next
    is_office: bool = False  # a landmark that may also act: 税务局
    is_guarded: bool = False  # its neighbours may make it another word


class Hit(NamedTuple):
    """A name found in a text at [start, end)."""

    start: int
    end: int
    name: Name


@dataclass(frozen=True)
class Guards:
    """Neighbouring characters that show that a found name is another word."""

    after_number_name: str
    before_name: str
    opposite: tuple[str, ...]


class Gazetteer:
    """Names, roads and geometry of one roster; built once per roster version, then only read."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        self.index_of = {segment.id: index for index, segment in enumerate(self.segments)}
        self.network = Network(self.segments)
        raw = load_toml("short_forms.toml")
        guards = raw["guards"]
        self.guards = Guards(guards["after_number_name"], guards["before_name"], tuple(raw["sides"]["opposite"]))
        self.city = _city(self.segments)
        self.names: dict[str, Name] = {}
        self._add_townships()
        self._add_roads()
        self._add_landmarks()
        self._add_crossings()
        self._automaton: Any = ahocorasick.Automaton()
        for surface, name in self.names.items():
            name.strength = max(name.landmarks.values(), default=0.0)
            name.is_guarded = not (name.roads or name.township) or surface[0] in _GUARDED
            name.is_office = bool(name.landmarks and not name.roads and phrases.OFFICE.search(surface))
            self._automaton.add_word(surface, (len(surface), name))
        if self.names:
            self._automaton.make_automaton()

    @classmethod
    def build(cls, segments: Iterable[Segment]) -> "Gazetteer":
        """Return the gazetteer of the segments in force."""
        return cls(tuple(segments))

    def _name(self, surface: str) -> Name:
        return self.names.setdefault(surface, Name(surface))

    def _add_townships(self) -> None:
        for township in dict.fromkeys(segment.township for segment in self.segments):
            for form in _township_forms(township):
                self._name(form).township = township

    def _add_roads(self) -> None:
        roads = {segment.road for segment in self.segments}
        for index, segment in enumerate(self.segments):
            for surface in (segment.road, *segment.road_aliases):
                self._name(surface).roads.add(self.network.road_of[index])
            for cross in (segment.from_cross, segment.to_cross):
                if cross and cross not in roads:
                    self._name(cross).is_cross = True

    @cached_property
    def cores(self) -> frozenset[str]:
        """Return names of townships and roads without their endings: they shorten no landmark."""
        townships = {_TOWNSHIP_ENDING.sub("", segment.township) for segment in self.segments}
        names = {name for segment in self.segments for name in (segment.road, *segment.road_aliases)}
        roads = {re.sub(r"(大道|大街|路|街)$", "", name) for name in names}
        return frozenset(core for core in townships | roads | names if len(core) >= 2)

    def _add_crossings(self) -> None:
        """A crossing that is no road (游客中心, 小李庄) is also a place at the end of its segments."""
        roads = {name for segment in self.segments for name in (segment.road, *segment.road_aliases)}
        generic = short_forms.table().generic
        for index, segment in enumerate(self.segments):
            for cross in {segment.from_cross, segment.to_cross} - roads:
                if cross and not re.search(r"(路|街|大道|巷)$", cross):
                    strength = GENERIC if cross in generic or len(cross) < 3 else TAIL
                    self._name(cross).landmarks.setdefault(index, strength)

    def _add_landmarks(self) -> None:
        townships = frozenset(_TOWNSHIP_ENDING.sub("", segment.township) for segment in self.segments)
        for index, segment in enumerate(self.segments):
            for landmark in segment.landmarks:
                for form, strength in landmark_forms(landmark, townships, self.city).items():
                    if form in self.cores and form != landmark:
                        continue
                    known = self._name(form).landmarks
                    known[index] = max(known.get(index, 0.0), strength)

    def find(self, text: str) -> list[Hit]:
        """Return the names in a normalised text, left to right; of overlapping ones the longest, then the first."""
        if not self.names:
            return []
        found = [(-size, end + 1 - size, name) for end, (size, name) in self._automaton.iter(text)]
        if len(found) < 2:
            return [
                Hit(start, start - minus, name)
                for minus, start, name in found
                if not (name.is_guarded and self._is_other_word(text, start, start - minus, name))
            ]
        found.sort()  # longest first, then from the left: no two share both, so that names are never compared
        taken: list[Hit] = []
        closed: list[tuple[int, int]] = []  # also what lies inside a name that is another word is that other word
        for minus, start, name in found:
            end = start - minus
            for other_start, other_end in closed:
                if start < other_end and other_start < end:
                    break
            else:
                closed.append((start, end))
                if not (name.is_guarded and self._is_other_word(text, start, end, name)):
                    taken.append(Hit(start, end, name))
        if len(taken) > 1:
            taken.sort(key=_FROM_LEFT)
        return taken

    def _is_other_word(self, text: str, start: int, end: int, name: Name) -> bool:
        """Tell whether the neighbouring characters make the name part of another word (一中午, 第二人民医院)."""
        before = text[start - 1 : start]
        if end - start == 2 and text[start] in "一二三四五六七八九十":
            after = text[end : end + 1]
            if (after and after in self.guards.after_number_name) or (before and before in "十第"):
                return True
        if before and text[start] in "东南西北" and before in "往向朝偏靠":  # 往北站着 is not 北站
            return True
        if not before or before not in self.guards.before_name or name.roads or name.township:
            return False
        return f"{before}{name.surface}" not in self.names

    @cached_property
    def homophones(self) -> Homophones:
        """Return the index of road and landmark names by sound, made when a text names no place it knows."""
        surfaces = [n.surface for n in self.names.values() if n.roads or n.strength >= 0.9]
        return Homophones(surfaces)

    @cached_property
    def _grid(self) -> dict[tuple[int, int], set[Index]]:
        grid: dict[tuple[int, int], set[Index]] = defaultdict(set)
        for index, segment in enumerate(self.segments):
            for one, other in zip(segment.polyline, segment.polyline[1:] or segment.polyline, strict=False):
                for cell in _cells(one, other):
                    grid[cell].add(index)
        return grid

    def nearest(self, longitude: float, latitude: float, limit_m: float = 60.0) -> list[tuple[str, float]]:
        """Return (segment id, metres) of the segments within `limit_m` of a WGS-84 point, nearest first."""
        reach = limit_m / 111_320.0
        wide = reach / max(0.1, cos(radians(latitude)))
        corners = ((longitude - wide, latitude - reach), (longitude + wide, latitude + reach))
        near = {index for cell in _cells(*corners) for index in self._grid.get(cell, ())}
        measured = [
            (self.segments[i].id, distance_to_line_m((longitude, latitude), self.segments[i].polyline)) for i in near
        ]
        return sorted((m for m in measured if m[1] <= limit_m), key=lambda m: (m[1], m[0]))


def _cells(one: Point, other: Point) -> Iterable[tuple[int, int]]:
    """Yield the grid cells of the box around two points."""
    west, east = sorted((int(one[0] / _CELL), int(other[0] / _CELL)))
    south, north = sorted((int(one[1] / _CELL), int(other[1] / _CELL)))
    return ((x, y) for x in range(west, east + 1) for y in range(south, north + 1))


def _township_forms(township: str) -> set[str]:
    """Return how people name a township: 薛店镇, 薛店; 新建路街道办事处, 新建路办事处 (never 新建路: that is a road)."""
    core = _TOWNSHIP_ENDING.sub("", township)
    forms = {township}
    if "街道" in township or township.endswith("办事处"):
        forms |= {core + ending for ending in ("街道办事处", "街道办", "街道", "办事处", "办")}
    elif core != township:
        forms |= {core + township[len(core) :], core}
    if re.search(r"(路|街|大道)$", core):
        forms.discard(core)
    elif len(core) >= 2:
        forms.add(core)
    return {form for form in forms if len(form) >= 2}


def _city(segments: Iterable[Segment]) -> str:
    """Return the city's short name (新郑) as units such as 电信新郑分公司 give it, or ""."""
    votes: dict[str, int] = defaultdict(int)
    for segment in segments:
        if match := _CITY.search(segment.unit):
            votes[match[1]] += 1
    return max(votes, key=lambda name: votes[name], default="")
