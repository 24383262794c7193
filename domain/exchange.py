"""Exchange with the city's digital management platform (数字城管平台): cases out, its cases in (S4, S37).

Two code sets: the national items of GB/T 30428.2 that the category table names (E0102 = event 01-02, C0305 =
component 03-05), or the table's own codes and names. One national item may stand for several categories; then the
words of the report decide, else the first that is sure.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.case import ORIGIN_NAMES, STATE_NAMES, Case, State
from domain.categories import SEVERITIES, Categories, Category
from domain.imports.rows import Columns, RawRow, Row, nearest, open_rows, refuse_if_any
from domain.roster import Roster

PLATFORM = "exchange"  # where such a case came from; its message id is the other side's number
LONGEST = 64  # characters of a foreign number
MOST_TEXT = 2_000

COLUMNS = Columns(
    required=("foreign_number", "category", "description"),
    optional=("segment_id", "place", "severity", "reported_at"),
)
OUT = (
    "foreign_number", "number", "category", "category_name", "severity", "origin", "state", "state_name", "result",
    "segment_id", "road", "township", "unit", "reported_at", "due", "closed_at", "on_time", "reworks", "description",
)  # fmt: skip

_NATIONAL = re.compile(r"([EC事部])?[-\s]?([0-9]{2})[-\s]?([0-9]{2})", re.IGNORECASE)
_KINDS = {"事": "E", "部": "C", "": "E"}
_RESULTS = {
    State.CLOSED: "已处置",
    State.DECLINED: "不予立案",
    State.VOID: "作废",
    State.MERGED: "并案",
    State.SHELVED: "挂账",
}


class Codes(StrEnum):
    """In which codes a file names categories."""

    NATIONAL = "national"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Assigned:
    """A case that a superior hands down: one row of the other side's file."""

    line: int
    foreign: str
    category: str
    severity: str  # "" = the category's usual one
    segment: str  # "" = a person will place it
    place: str
    text: str
    reported_at: datetime | None


def national_of(category: Category) -> str:
    """Return the national item that stands for a category, "" where the table names none."""
    return category.gbt[0] if category.gbt else ""


def category_of(code: str, text: str, codes: Codes, categories: Categories) -> Category | None:
    """Return the category of a code, None for an unknown one."""
    if codes is Codes.CITY:
        return next((row for row in categories.rows if code in (row.code, row.name)), None)
    match = _NATIONAL.fullmatch(code)
    if match is None:
        return None
    kind = (match[1] or "").upper()
    item = f"{_KINDS.get(kind, kind)}{match[2]}{match[3]}"
    fitting = [row for row in categories.rows if item in row.gbt]
    spoken = [row for row in fitting if any(word in text for word in row.words)]
    return min(spoken or fitting, key=lambda row: (not row.gbt_sure, row.gbt.index(item)), default=None)


def parse_assigned(
    file: str, rows: Sequence[RawRow], *, codes: Codes, categories: Categories, roster: Roster, today: datetime
) -> list[Assigned]:
    """Return the rows of a file in its order. Raises ImportRefused with every problem, by line."""
    read, problems = open_rows(file, rows, COLUMNS)
    seen: dict[str, int] = {}
    found = [_assigned(row, codes, categories, roster, today, seen) for row in read]
    refuse_if_any(file, problems)
    return [one for one in found if one]


def _assigned(
    row: Row, codes: Codes, categories: Categories, roster: Roster, today: datetime, seen: dict[str, int]
) -> Assigned | None:
    foreign, text = row.needed("foreign_number"), row.needed("description")
    if len(foreign) > LONGEST:
        row.refuse("foreign_number", f"超过{LONGEST}个字，请核对")
    if foreign and (first := seen.setdefault(foreign, row.line)) != row.line:
        row.refuse("foreign_number", f"编号{foreign}与第{first}行重复，请只保留一行")
    if len(text) > MOST_TEXT:
        row.refuse("description", f"超过{MOST_TEXT}个字，请缩短")
    category = _category(row, text, codes, categories)
    severity = row.text("severity")
    if severity and severity not in SEVERITIES:
        row.refuse("severity", f"“{severity}”无效，只能是{'、'.join(SEVERITIES)}，或留空")
    segment = row.text("segment_id")
    if segment and roster.segment(segment, today.date()) is None:
        hint = nearest(segment, [one.id for one in roster.on(today.date())])
        row.refuse("segment_id", f"花名册中没有路段{segment}{hint or '，请核对编号，或留空由指挥席定位'}")
    reported_at = _instant(row)
    if category is None:
        return None
    return Assigned(row.line, foreign, category.code, severity, segment, row.text("place"), text, reported_at)


def _category(row: Row, text: str, codes: Codes, categories: Categories) -> Category | None:
    code = row.needed("category")
    category = category_of(code, text, codes, categories) if code else None
    if code and category is None:
        known = {item for one in categories.rows for item in one.gbt} if codes is Codes.NATIONAL else {}
        names = known or {name for one in categories.rows for name in (one.code, one.name)}
        row.refuse("category", f"类别表里没有“{code}”{nearest(code, names) or '，请核对代码，或在类别表里补上'}")
    return category


def _instant(row: Row) -> datetime | None:
    text = row.text("reported_at")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.utcoffset() is None or not 1970 <= at.year <= 9998:
        row.refuse("reported_at", f"“{text}”不是带时区的时间，请写成2026-10-05T09:30:00+08:00")
        return None
    return at.astimezone(UTC)


def rows_out(
    cases: Iterable[Case], codes: Codes, categories: Categories, roster: Roster, local: Mapping[int, Sequence[str]]
) -> list[list[str]]:
    """Return the rows of an export, header first; nothing in it tells who reported.

    local: per case id the instants reported, due and closed as they are to be written.
    """
    return [list(OUT), *(_row(case, codes, categories, roster, local[case.id]) for case in cases)]


def _row(case: Case, codes: Codes, categories: Categories, roster: Roster, at: Sequence[str]) -> list[str]:
    category = categories.by_code(case.category)
    day = case.reported_at.date()
    segment = roster.segment(case.segment, day) if case.segment else None
    on_time = "" if case.due is None or case.resolved_at is None else "是" if case.resolved_at <= case.due else "否"
    reported_at, due, closed_at = at
    return [
        case.message_id if case.platform == PLATFORM else "",
        case.number,
        national_of(category) if codes is Codes.NATIONAL else category.code,
        category.name,
        case.severity,
        ORIGIN_NAMES[case.origin],
        case.state.value,
        STATE_NAMES[case.state],
        _RESULTS.get(case.state, "办理中"),
        case.segment,
        segment.road if segment else "",
        case.township,
        case.chain.unit,
        reported_at,
        due,
        closed_at,
        on_time,
        str(case.reworks),
        # what a resident wrote stays here; what the other side sent goes back to it
        case.text if case.platform == PLATFORM else "",
    ]
