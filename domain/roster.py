"""The roster (花名册): segments, chiefs, posts and duty, as they stood on a given date.

Columns of a roster file are those of `segment_id, road, …` below; every row is dated and old rows are kept, so that a
deduction follows whoever held the post when inspected (S47, S48).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

from domain.erased import ERASED_NAME, is_erased

T = TypeVar("T")


class Role(StrEnum):
    """A post in the scheme; the value is stored and never renamed."""

    CHIEF = "chief"  # 路段长
    SECOND_LEVEL = "second_level"  # 二级路长
    TOWNSHIP_HEAD = "township_head"  # 辖区总路长
    FIRST_LEVEL = "first_level"  # 一级路长
    GENERAL = "general"  # 总路长
    DUTY = "duty"  # 轮值人员
    COORDINATOR = "coordinator"  # 路段管理专干
    SEAT = "seat"  # 指挥席
    INSPECTOR = "inspector"  # 督查员
    OFFICE = "office"  # 市路长办
    LEADER = "leader"  # 领导
    DEPARTMENT = "department"  # 职能单位
    ADMIN = "admin"  # 系统管理员


ROLE_NAMES: dict[Role, str] = {
    Role.CHIEF: "路段长",
    Role.SECOND_LEVEL: "二级路长",
    Role.TOWNSHIP_HEAD: "辖区总路长",
    Role.FIRST_LEVEL: "一级路长",
    Role.GENERAL: "总路长",
    Role.DUTY: "轮值人员",
    Role.COORDINATOR: "路段管理专干",
    Role.SEAT: "指挥席",
    Role.INSPECTOR: "督查员",
    Role.OFFICE: "市路长办",
    Role.LEADER: "领导",
    Role.DEPARTMENT: "职能单位",
    Role.ADMIN: "管理员",
}

BOTH_SIDES = "双侧"


@dataclass(frozen=True, slots=True)
class Segment:
    """One row of the roster: a stretch (路段) of `road` from one crossing to the next, or one side of it."""

    id: str
    road: str
    road_aliases: tuple[str, ...]
    from_cross: str
    to_cross: str
    side: str  # 双侧 | 北侧 | 南侧 | 东侧 | 西侧
    township: str
    grade: str  # road-management difficulty A | B | C (道路管理难度)
    unit: str  # responsible unit; equal to `township` where no city unit is assigned (S33)
    chief: str  # person ids
    chief_name: str
    second_level: str
    second_level_name: str
    township_head: str
    township_head_name: str
    first_level: str
    first_level_name: str
    landmarks: tuple[str, ...] = ()
    house_no: str = ""  # "165-235"; odd numbers north or east, even south or west
    length_m: int = 0
    polyline: tuple[tuple[float, float], ...] = ()  # (longitude, latitude), WGS-84

    @property
    def has_unit(self) -> bool:
        """Tell whether a city unit is responsible; otherwise the second-level chief acts as segment chief (S33)."""
        return self.unit != self.township

    @property
    def title(self) -> str:
        """Return the name people use: 人民路（建设街—文化街）北侧."""
        side = "" if self.side == BOTH_SIDES else self.side
        return f"{self.road}（{self.from_cross}—{self.to_cross}）{side}"


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value that holds from `since` (inclusive) to `until` (exclusive); None = without limit."""

    value: T
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether the value holds on `day`."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Post:
    """One post held by a person: role, and the township, segment id, unit or department it covers ("" = whole city)."""

    person: str
    role: Role
    scope: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """Duty (轮值) of a person on a segment on certain weekdays (Monday = 1 … Sunday = 7)."""

    segment: str
    person: str
    weekdays: frozenset[int] = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Leave:
    """Absence (请假) of a person, both days included, with or without a named stand-in (代行)."""

    person: str
    stand_in: str  # "" = none named
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Person:
    """A person known to the city: id, name, unit, and the accounts by which platforms know them."""

    id: str
    name: str
    unit: str = ""
    accounts: tuple[tuple[str, str], ...] = ()  # (platform, userid)

    def account(self, platform: str) -> str:
        """Return the person's user id on a platform, "" when unknown."""
        return next((u for p, u in self.accounts if p == platform), "")


@dataclass(frozen=True)
class Roster:
    """Everything of the roster with its history. Look-ups take the day; nothing here knows the time."""

    version: int = 0
    segments: tuple[Dated[Segment], ...] = ()
    posts: tuple[Dated[Post], ...] = ()
    duties: tuple[Dated[Duty], ...] = ()
    people: dict[str, Person] = field(default_factory=dict)
    leaves: tuple[Leave, ...] = ()

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """Return what others have worked out from this roster, which never changes; lost with it."""
        return {}

    @cached_property
    def _segments_by_id(self) -> dict[str, list[Dated[Segment]]]:
        found: dict[str, list[Dated[Segment]]] = defaultdict(list)
        for row in self.segments:
            found[row.value.id].append(row)
        return found

    @cached_property
    def _duties_by_segment(self) -> dict[str, list[Dated[Duty]]]:
        found: dict[str, list[Dated[Duty]]] = defaultdict(list)
        for row in self.duties:
            found[row.value.segment].append(row)
        return found

    @cached_property
    def _duties_by_person(self) -> dict[str, list[Dated[Duty]]]:
        found: dict[str, list[Dated[Duty]]] = defaultdict(list)
        for row in self.duties:
            found[row.value.person].append(row)
        return found

    @cached_property
    def _posts_by_person(self) -> dict[str, list[Dated[Post]]]:
        found: dict[str, list[Dated[Post]]] = defaultdict(list)
        for row in self.posts:
            found[row.value.person].append(row)
        return found

    @cached_property
    def _posts_by_role(self) -> dict[Role, list[Dated[Post]]]:
        found: dict[Role, list[Dated[Post]]] = defaultdict(list)
        for row in self.posts:
            found[row.value.role].append(row)
        return found

    @cached_property
    def _leaves_by_person(self) -> dict[str, list[Leave]]:
        found: dict[str, list[Leave]] = defaultdict(list)
        for leave in self.leaves:
            found[leave.person].append(leave)
        return found

    @cached_property
    def _people_by_account(self) -> dict[tuple[str, str], str]:
        # user ids compare case-insensitively on WeCom and come back lower-cased in some answers
        return {(p, u.casefold()): person.id for person in self.people.values() for p, u in person.accounts}

    def on(self, day: date) -> list[Segment]:
        """Return the segments in force on `day`, by id."""
        return sorted((row.value for row in self.segments if row.holds(day)), key=lambda s: s.id)

    def segment(self, segment_id: str, day: date) -> Segment | None:
        """Return the segment as it stood on `day`, or None."""
        return next((row.value for row in self._segments_by_id.get(segment_id, ()) if row.holds(day)), None)

    def duty(self, segment_id: str, day: date) -> list[str]:
        """Return the ids of those on duty (今日轮值) on a segment, in file order; empty = a gap to show (S30)."""
        rows = self._duties_by_segment.get(segment_id, ())
        return [r.value.person for r in rows if r.holds(day) and day.isoweekday() in r.value.weekdays]

    def duties_of(self, person: str, day: date) -> list[Duty]:
        """Return the duties of a person in force on `day`, whatever its weekday."""
        return [row.value for row in self._duties_by_person.get(person, ()) if row.holds(day)]

    def posts_of(self, person: str, day: date) -> list[Post]:
        """Return the posts that a person holds on `day`."""
        return [row.value for row in self._posts_by_person.get(person, ()) if row.holds(day)]

    def posts_held(self, role: Role, day: date) -> list[Post]:
        """Return the posts of a role that somebody holds on `day`, in file order."""
        return [row.value for row in self._posts_by_role.get(role, ()) if row.holds(day)]

    def holders(self, role: Role, scope: str | None, day: date) -> list[str]:
        """Return the ids of those who hold `role` for exactly `scope` (None = any scope) on `day`, in file order."""
        return [post.person for post in self.posts_held(role, day) if scope in (None, post.scope)]

    def leave_of(self, person: str, day: date) -> Leave | None:
        """Return the person's leave that covers `day`, the one entered last if there are several."""
        rows = self._leaves_by_person.get(person, ())
        return next((leave for leave in reversed(rows) if leave.first <= day <= leave.last), None)

    def person(self, person: str) -> Person:
        """Return the person; one that no list names gets their id as a name."""
        return self.people.get(person) or Person(person, ERASED_NAME if is_erased(person) else person)

    def by_account(self, platform: str, userid: str) -> str | None:
        """Return the id of the person whom a platform knows by `userid`, or None."""
        return self._people_by_account.get((platform, userid.casefold()))

    def by_name(self, name: str) -> list[Person]:
        """Return the people of that name; more than one when names collide."""
        return [p for p in self.people.values() if p.name == name]

    def townships(self, day: date) -> list[str]:
        """Return the townships (辖区) that have a segment on `day`, in roster order."""
        return list(dict.fromkeys(row.value.township for row in self.segments if row.holds(day)))


def same_unit(roster: Roster, one: str, other: str, day: date) -> bool:
    """Tell whether two people belong to one unit, by their unit or any post's."""
    return bool(_units(roster, one, day) & _units(roster, other, day))


def _units(roster: Roster, person: str, day: date) -> set[str]:
    units: Iterable[str] = (roster.person(person).unit, *(post.unit for post in roster.posts_of(person, day)))
    return {unit for unit in units if unit}
