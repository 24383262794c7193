"""The frame of the scheme (总则和组织): goals, duties, lists of five, leading group and the office's bodies.

The rows stand in `tables/frame.toml` (S7, S8, S13, S18, S20). A list that the scheme names without listing is empty
until a city sets it, and is then printed as 未设定.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from domain.errors import TableError
from domain.roster import Role
from domain.rulebook import field_of
from domain.versions import Versions, load_versions

TABLE = "frame.toml"
FIVE = 5
UNSET = "未设定"


@dataclass(frozen=True, slots=True)
class Five:
    """A list of five (门前五包, 五统一) and the category that is closed by it; no items = the city has not set them."""

    name: str
    category: str
    items: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Return the list as it is read: 门前五包：包卫生、…, or that it is unset."""
        return f"{self.name}：{'、'.join(self.items) or UNSET}"


@dataclass(frozen=True, slots=True)
class GroupRoles:
    """Of which roles the leading group (领导小组) is made up (S18)."""

    head: Role
    deputy: Role
    members: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One version of the frame."""

    name: str
    since: date
    goals: tuple[str, ...]  # S7
    duties: tuple[str, ...]  # S8, of a segment's unit
    frontage: Five  # S8, of a shop
    market: Five  # S13, of a vendor area
    group: GroupRoles
    bodies: tuple[str, ...]  # S20

    @property
    def fives(self) -> tuple[Five, ...]:
        """Return every list of five."""
        return self.frontage, self.market

    def five(self, category: str) -> Five | None:
        """Return the list by which a category is closed, None for most."""
        return next((five for five in self.fives if five.category == category), None)


def load_frame(categories: Collection[str] = (), override: Path | None = None) -> Versions[Frame]:
    """Return the frame. Raises TableError, naming file, version and field, for a missing or impossible value.

    categories: the codes that a city's own table may name; the built-in one may name more than a city uses.
    """

    def read(where: str, row: dict[str, Any]) -> Frame:
        frame = _version(where, row)
        for five in frame.fives:
            if override and five.category not in categories:
                raise TableError(f"{where}：分类表中没有“{five.category}”，请改成已有的分类。")
        return frame

    return load_versions(TABLE, read, override)


def _version(where: str, row: dict[str, Any]) -> Frame:
    office, group = field_of(where, row, "office", dict), field_of(where, row, "leading_group", dict)
    return Frame(
        name=field_of(where, row, "name", str),
        since=field_of(where, row, "since", date),
        goals=_words(f"{where} goals", field_of(where, row, "goals", dict), "items"),
        duties=_words(f"{where} duties", field_of(where, row, "duties", dict), "items"),
        frontage=_five(f"{where} frontage", field_of(where, row, "frontage", dict)),
        market=_five(f"{where} market", field_of(where, row, "market", dict)),
        group=_roles(f"{where} leading_group", group),
        bodies=_words(f"{where} office", office, "bodies"),
    )


def _words(where: str, part: dict[str, Any], name: str) -> tuple[str, ...]:
    words = field_of(where, part, name, list)
    if not all(isinstance(word, str) and word.strip() for word in words):
        raise TableError(f'{where}：{name}应为文字列表，请写成 {name} = ["…", "…"]。')
    found = tuple(word.strip() for word in words)
    if twice := [word for word in dict.fromkeys(found) if found.count(word) > 1]:
        raise TableError(f"{where}：{name}里{'、'.join(twice)}重复，请只留一个。")
    return found


def _five(where: str, part: dict[str, Any]) -> Five:
    name = field_of(where, part, "name", str)
    items = _words(where, part, "items") if "items" in part else ()
    if items and len(items) != FIVE:
        raise TableError(
            f"{where}：{name}须正好{FIVE}项，现有{len(items)}项，请补足或删去多的；还没有定的，整行items不写。"
        )
    return Five(name, field_of(where, part, "category", str), items)


def _roles(where: str, part: dict[str, Any]) -> GroupRoles:
    names = [field_of(where, part, name, str) for name in ("head", "deputy")]
    members = _words(where, part, "members")
    for name in (*names, *members):
        if name not in set(Role):
            raise TableError(f"{where}：没有角色“{name}”，可用：{'、'.join(Role)}。")
    return GroupRoles(Role(names[0]), Role(names[1]), tuple(Role(name) for name in members))
