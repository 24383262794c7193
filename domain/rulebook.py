"""The rule book (扣分细则): how many points a finding of each category takes where the inspector left it blank (S43).

The scheme gives no values, so a city loads its own; the built-in table is a sample city's and says so.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.errors import TableError
from domain.tables import load_toml

TABLE = "rules.toml"
FULL_MARKS = Decimal(100)

_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Rule:
    """The points of one category and the clause they are cited from."""

    points: Decimal
    clause: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """One version of the rule book, in force from `since` until the next."""

    name: str
    since: date
    is_sample: bool
    rules: Mapping[str, Rule]  # by category code


@dataclass(frozen=True, slots=True)
class RuleBooks:
    """Every version, oldest first; the first also holds for all earlier dates (S47a)."""

    versions: tuple[RuleBook, ...]

    def on(self, day: date) -> RuleBook:
        """Return the version in force on `day`."""
        return next((v for v in reversed(self.versions) if v.since <= day), self.versions[0])

    def points(self, category: str, day: date) -> Decimal | None:
        """Return the points that a finding of `category` takes on `day`, None where the book has no value."""
        rule = self.on(day).rules.get(category)
        return rule.points if rule else None


def load_rules(categories: Collection[str], override: Path | None = None) -> RuleBooks:
    """Return the rule book, from `override` when a city brings its own.

    Raises TableError, naming file, row and field, for a missing field, negative points or points above 100, an unknown
    or repeated category, or two versions of one date. A category may be left out: its findings must then bring points.
    """
    label = str(override) if override else TABLE
    versions = load_toml(TABLE, override).get("version")
    if not isinstance(versions, list) or not versions:
        raise TableError(f"{label}：没有[[version]]，请至少写一版扣分细则。")
    books = sorted((_book(f"{label} 第{n}版", v, categories) for n, v in enumerate(versions, 1)), key=lambda b: b.since)
    for before, after in pairwise(books):
        if before.since == after.since:
            raise TableError(f"{label}：有两版同在{after.since}起施行，请更正其中一版的since。")
    return RuleBooks(tuple(books))


def field_of(where: str, row: Any, name: str, kind: type | tuple[type, ...]) -> Any:
    """Return a field of a table row; raises TableError when it is missing or not of `kind`."""
    value = row.get(name) if isinstance(row, dict) else None
    if value is None:
        raise TableError(f"{where}：缺少字段{name}，请补填。")
    # bool is an int to Python, and a datetime a date, but neither is what such a field means
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if type(value) not in kinds or value == "":
        raise TableError(f"{where}：字段{name}的值{value!r}类型不对，请更正。")
    return value


def decimal_of(where: str, row: dict[str, Any], name: str, most: Decimal) -> Decimal:
    """Return a decimal field of a table row; raises TableError unless it is within 0 and `most`."""
    text = str(field_of(where, row, name, (str, int, float)))
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value <= most:
        raise TableError(f"{where}：{name}的值{text}不可用，请填写0至{most}的数。")
    return value


def _book(where: str, version: Any, categories: Collection[str]) -> RuleBook:
    return RuleBook(
        name=field_of(where, version, "name", str),
        since=field_of(where, version, "since", date),
        is_sample=bool(version.get("sample", False)),
        rules=dict(_rules(where, field_of(where, version, "rules", list), categories)),
    )


def _rules(where: str, rows: list[Any], categories: Collection[str]) -> Iterator[tuple[str, Rule]]:
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        place = f"{where} 第{number}行"
        category = field_of(place, row, "category", str)
        if category not in categories:
            raise TableError(f"{place}：没有类别{category}，请按类别表更正category。")
        if category in seen:
            raise TableError(f"{place}：类别{category}重复，请只保留一行。")
        seen.add(category)
        points = str(field_of(place, row, "points", (str, int, float)))
        if not _POINTS.fullmatch(points) or Decimal(points) > FULL_MARKS:
            raise TableError(f"{place}：扣分{points}不可用，请填写0至100、最多两位小数的数。")
        yield category, Rule(Decimal(points), field_of(place, row, "clause", str))
