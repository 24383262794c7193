"""The settings of the monthly assessment (考评): sequences, flag counts, grades, publication (S40–S58, S103)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from domain.errors import TableError
from domain.rulebook import FULL_MARKS, decimal_of, field_of
from domain.tables import load_toml

TABLE = "assessment.toml"
UNSET_GRADE = "未设定"


class SequenceKind(StrEnum):
    """One of the five assessed sequences (序列, S40); the value is stored and never renamed."""

    TOWNSHIP = "township"  # 辖区
    SECOND_LEVEL = "second_level"  # 二级路长
    UNIT = "unit"  # 责任单位
    DEPARTMENT = "department"  # 职能单位
    SHOP = "shop"  # 门店


# those that findings alone can decide, and that hang flags
INSPECTED = (SequenceKind.TOWNSHIP, SequenceKind.SECOND_LEVEL, SequenceKind.UNIT)

SEQUENCE_NAMES: Mapping[SequenceKind, str] = {
    SequenceKind.TOWNSHIP: "辖区",
    SequenceKind.SECOND_LEVEL: "二级路长",
    SequenceKind.UNIT: "责任单位",
    SequenceKind.DEPARTMENT: "职能单位",
    SequenceKind.SHOP: "门店",
}


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """How many from the top hang the red flag, and how many from the end the black one."""

    red: int
    black: int


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Least scores of the grades 良好 and 一般; below is 较差 (S44)."""

    good: Decimal
    fair: Decimal


@dataclass(frozen=True, slots=True)
class Publication:
    """When and on whose word a month is published; times of day are the city's."""

    is_signed: bool  # waits for a named person's 定稿; else it rests on the standing approval
    draft_day: int
    draft_time: time
    objection_days: int  # working days
    publish_time: time


@dataclass(frozen=True, slots=True)
class Assessment:
    """One version of the settings. `None` = the scheme leaves it blank and no decision has set it."""

    name: str
    since: date
    flags: Mapping[SequenceKind, FlagCounts]
    by_difficulty: bool  # second-level chiefs: a list for each difficulty, else one for the city (S56)
    least_share: Fraction  # of the month's days, to be ranked (S48)
    publication: Publication
    cutoffs: Cutoffs | None = None
    rating_weight: Decimal | None = None  # 0–1, of units and departments (S57, S59)
    best_shops: int | None = None  # how many shops are praised and exposed (S61)
    worst_shops: int | None = None
    lit_rate: Decimal | None = None  # targets in per cent (S17): of street lamps that are lit,
    purifiers: Decimal | None = None  # of caterers with a fume purifier

    def grade(self, score: Decimal) -> str:
        """Return the grade (良好, 一般, 较差) of a printed score, 未设定 while the cut-offs are unset (S44a)."""
        if self.cutoffs is None:
            return UNSET_GRADE
        if score >= self.cutoffs.good:
            return "良好"
        return "一般" if score >= self.cutoffs.fair else "较差"


@dataclass(frozen=True, slots=True)
class Assessments:
    """Every version, oldest first; the first also holds for all earlier dates (S47a)."""

    versions: tuple[Assessment, ...]

    def on(self, day: date) -> Assessment:
        """Return the version in force on `day`."""
        return next((v for v in reversed(self.versions) if v.since <= day), self.versions[0])


def load_assessments(override: Path | None = None) -> Assessments:
    """Return the settings, from `override` when a city brings its own.

    Raises TableError, naming file, version and field, for a missing or impossible value.
    """
    label = str(override) if override else TABLE
    versions = load_toml(TABLE, override).get("version")
    if not isinstance(versions, list) or not versions:
        raise TableError(f"{label}：没有[[version]]，请至少写一版考评设置。")
    read = [_version(f"{label} 第{n}版", version) for n, version in enumerate(versions, 1)]
    if len({v.since for v in read}) < len(read):
        raise TableError(f"{label}：有两版的since相同，请更正其中一版。")
    return Assessments(tuple(sorted(read, key=lambda v: v.since)))


def _version(where: str, version: Any) -> Assessment:
    parts = {kind: field_of(where, version, kind.value, dict) for kind in INSPECTED}
    lists = field_of(f"{where} second_level", parts[SequenceKind.SECOND_LEVEL], "lists", str)
    if lists not in ("difficulty", "city"):
        raise TableError(f"{where} second_level：lists只能是difficulty或city，不能是{lists}。")
    holder = field_of(where, version, "holder", dict)
    return Assessment(
        name=field_of(where, version, "name", str),
        since=field_of(where, version, "since", date),
        flags={kind: _counts(f"{where} {kind}", part) for kind, part in parts.items()},
        by_difficulty=lists == "difficulty",
        least_share=Fraction(decimal_of(f"{where} holder", holder, "least_share", Decimal(1))),
        publication=_publication(f"{where} publication", field_of(where, version, "publication", dict)),
        cutoffs=_cutoffs(f"{where} grades", version.get("grades", {})),
        rating_weight=_weight(f"{where} unit", parts[SequenceKind.UNIT]),
        best_shops=_number(f"{where} shop", version.get("shop", {}), "best"),
        worst_shops=_number(f"{where} shop", version.get("shop", {}), "worst"),
        lit_rate=_percent(f"{where} targets", version.get("targets", {}), "lit_rate"),
        purifiers=_percent(f"{where} targets", version.get("targets", {}), "purifiers"),
    )


def _counts(where: str, part: dict[str, Any]) -> FlagCounts:
    counts = FlagCounts(field_of(where, part, "red", int), field_of(where, part, "black", int))
    if counts.red < 0 or counts.black < 0:
        raise TableError(f"{where}：红旗、黑旗的名额不能是负数，请更正。")
    return counts


def _cutoffs(where: str, part: dict[str, Any]) -> Cutoffs | None:
    if "good" not in part and "fair" not in part:
        return None
    good, fair = (decimal_of(where, part, name, FULL_MARKS) for name in ("good", "fair"))
    if good < fair:
        raise TableError(f"{where}：良好的分数线{good}低于一般的分数线{fair}，请更正。")
    return Cutoffs(good, fair)


def _percent(where: str, part: dict[str, Any], name: str) -> Decimal | None:
    return decimal_of(where, part, name, Decimal(100)) if name in part else None


def _weight(where: str, part: dict[str, Any]) -> Decimal | None:
    return decimal_of(where, part, "rating_weight", Decimal(1)) if "rating_weight" in part else None


def _number(where: str, part: dict[str, Any], name: str) -> int | None:
    if name not in part:
        return None
    if (number := field_of(where, part, name, int)) < 0:
        raise TableError(f"{where}：{name}不能是负数，请更正。")
    return int(number)


def _publication(where: str, part: dict[str, Any]) -> Publication:
    mode = field_of(where, part, "mode", str)
    if mode not in ("automatic", "signed"):
        raise TableError(f"{where}：mode只能是automatic或signed，不能是{mode}。")
    rule = Publication(
        is_signed=mode == "signed",
        draft_day=field_of(where, part, "draft_day", int),
        draft_time=field_of(where, part, "draft_time", time),
        objection_days=field_of(where, part, "objection_working_days", int),
        publish_time=field_of(where, part, "publish_time", time),
    )
    if not (1 <= rule.draft_day <= 28 and 0 <= rule.objection_days <= 60):
        raise TableError(f"{where}：draft_day须为1至28，objection_working_days须为0至60，请更正。")
    return rule
