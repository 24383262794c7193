"""Whom and what figures are asked about: townships, units, departments, roads, segments and persons, by every name."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.roster import Roster, Segment

_TOWNSHIP_ENDS = ("街道办事处", "办事处", "街道", "管委会", "镇", "乡")
_STREET_ENDS = ("街道", "街道办", "办事处", "办")
_LEVELS = "市县区"  # 市农业局 is also called 农业局
_LEAST = 2  # letters of a name that is looked for
_PLAIN = re.compile(r"[^\w\u4e00-\u9fff]|_")


class SubjectKind(StrEnum):
    """What stands in a list, or what the figures of a place are worked out of."""

    CITY = "city"
    PARTY = "party"  # a township, a responsible unit or a department: `key` is its name
    ROAD = "road"  # `key` is its name
    SEGMENT = "segment"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Subject:
    """One of them; equal for every name that it goes by."""

    kind: SubjectKind
    key: str
    name: str


CITY = Subject(SubjectKind.CITY, "", "全市")
Names = Mapping[str, tuple[Subject, ...]]  # by plain name; several where a name is shared


def plain(text: str) -> str:
    """Return the letters and figures of a text: 人民路（建设街—文化街） and 人民路建设街文化街 are one name."""
    return _PLAIN.sub("", text).upper()


def names_of(roster: Roster, day: date, departments: Collection[str]) -> Names:
    """Return everybody and everything that figures may be asked about, by plain name.

    A short form stands for nothing where somebody bears it as his name: 新华路 is the road, not 新华路街道.
    """
    made_on, kept = roster.memo.get("subjects", (None, {}))
    if made_on != day:
        full = _gathered(_named(roster, day, departments))
        short = _gathered(_shortened(roster, day, departments))
        kept = {**short, **full}
        roster.memo["subjects"] = day, kept
    names: Names = kept
    return names


def _gathered(named: Iterator[tuple[str, Subject]]) -> Names:
    found: dict[str, dict[Subject, None]] = {}
    for name, subject in named:
        if len(name) >= _LEAST:
            found.setdefault(plain(name), {})[subject] = None
    return {name: tuple(subjects) for name, subjects in found.items()}


def _named(roster: Roster, day: date, departments: Collection[str]) -> Iterator[tuple[str, Subject]]:
    yield CITY.name, CITY
    for name in _parties(roster, day, departments):
        yield name, Subject(SubjectKind.PARTY, name, name)
    for segment in roster.on(day):
        yield from _places(segment)
    for person in roster.people.values():
        yield person.name, Subject(SubjectKind.PERSON, person.id, person.name)


def _parties(roster: Roster, day: date, departments: Collection[str]) -> list[str]:
    units = (segment.unit for segment in roster.on(day))
    return list(dict.fromkeys([*roster.townships(day), *units, *departments]))


def _shortened(roster: Roster, day: date, departments: Collection[str]) -> Iterator[tuple[str, Subject]]:
    """Yield how townships and units are called for short: 东关, 东关街道办, 农业局."""
    townships = set(roster.townships(day))
    for name in _parties(roster, day, departments):
        subject = Subject(SubjectKind.PARTY, name, name)
        if name[0] in _LEVELS:
            yield name[1:], subject
        end = next((end for end in _TOWNSHIP_ENDS if name in townships and name.endswith(end)), "")
        if end:
            stem = name.removesuffix(end)
            yield stem, subject
            for other in _STREET_ENDS if "街道" in end else ():
                yield f"{stem}{other}", subject


def _places(segment: Segment) -> Iterator[tuple[str, Subject]]:
    road = Subject(SubjectKind.ROAD, segment.road, segment.road)
    for name in (segment.road, *segment.road_aliases):
        yield name, road
    one = Subject(SubjectKind.SEGMENT, segment.id, segment.title)
    yield segment.id, one
    yield segment.title, one


def found_in(text: str, names: Names) -> tuple[list[tuple[Subject, ...]], str]:
    """Return whom a plain text names, the longest name first where they overlap, and the letters that are left."""
    found: list[tuple[Subject, ...]] = []
    rest, longest = "", max(map(len, names), default=0)
    start = 0
    while start < len(text):
        ends = range(min(len(text), start + longest), start + _LEAST - 1, -1)
        end = next((end for end in ends if text[start:end] in names), None)
        if end is None:
            rest += text[start]
            start += 1
        else:
            found.append(names[text[start:end]])
            rest += " "  # so that what stood around it does not grow together
            start = end
    return found, rest
