"""The findings file: the office's inspection results of one or several days (S42–S47)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from domain.finding import Finding, finding_key
from domain.imports.rows import Columns, RawRow, Row, nearest, open_rows, refuse_if_any
from domain.month import SHANGHAI
from domain.roster import Roster
from domain.rulebook import RuleBooks

COLUMNS = Columns(required=("found_at", "segment_id", "category", "points", "inspector", "note"))
ZERO = Decimal(0)

_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?|\.[0-9]{1,2}")


def parse_findings(
    file: str,
    rows: Sequence[RawRow],
    *,
    roster: Roster,
    categories: Mapping[str, str],
    rules: RuleBooks,
    zone: tzinfo = SHANGHAI,
) -> list[Finding]:
    """Return the findings of a file in file order, rows equal in all six columns once (S47b).

    `categories` maps codes to names; a row may give either. Raises ImportRefused with every problem, by line: points
    outside 0–100 or with more than two decimals (S43a), an instant without offset (S46a), a segment that the roster
    does not have on that day, an unknown category, blank points for which the rule book has no value.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    code_of = {name: code for code, name in categories.items()} | {code: code for code in categories}
    found = [_finding(row, roster, code_of, rules, zone) for row in read]
    refuse_if_any(file, problems)
    return list({finding.key: finding for finding in found if finding}.values())


def _finding(row: Row, roster: Roster, code_of: Mapping[str, str], rules: RuleBooks, zone: tzinfo) -> Finding | None:
    found_at = _instant(row)
    day = found_at.astimezone(zone).date() if found_at else None
    segment = _segment(row, roster, day)
    category = _category(row, code_of)
    given = _points(row, category)
    if found_at is None or day is None or category is None:
        return None
    points = given if given is not None else _by_book(row, category, rules.points(category, day))
    inspector, note = row.text("inspector"), row.text("note")
    key = finding_key(found_at, segment, category, given, inspector, note)
    return Finding(key, found_at, segment, category, points, inspector, note, by_book=bool(category) and given is None)


def _instant(row: Row) -> datetime | None:
    text = row.needed("found_at")
    if not text:
        return None
    try:
        found_at = datetime.fromisoformat(text)
    except ValueError:
        row.refuse("found_at", f"“{text}”不是时间，请写成2026-10-05T09:30:00+08:00")
        return None
    if found_at.utcoffset() is None:
        row.refuse("found_at", f"“{text}”缺少时区，请写成2026-10-05T09:30:00+08:00")
        return None
    if not 1970 <= found_at.year <= 9998:  # further out, conversion between zones overflows
        row.refuse("found_at", f"年份{found_at.year}不可能，请更正")
        return None
    return found_at.astimezone(UTC)


def _segment(row: Row, roster: Roster, day: date | None) -> str:
    segment = row.needed("segment_id")
    if segment and day and roster.segment(segment, day) is None:
        hint = nearest(segment, [s.id for s in roster.on(day)])
        row.refuse("segment_id", f"{day}的花名册中没有路段{segment}{hint or '，请核对编号或先导入花名册'}")
    return segment


def _category(row: Row, code_of: Mapping[str, str]) -> str | None:
    text = row.text("category")
    if text and text not in code_of:
        row.refuse("category", f"未知的类别“{text}”{nearest(text, code_of)}")
    return code_of.get(text) if text else ""


def _points(row: Row, category: str | None) -> Decimal | None:
    """Return the points as given, None where the rule book must say; a clean visit takes none."""
    text = row.text("points")
    points = Decimal(text) if _POINTS.fullmatch(text) else None
    if text and (points is None or points > 100):
        row.refuse("points", f"“{text}”不是扣分，请填写0至100、最多两位小数的数")
        return ZERO
    if category == "" and points:
        row.refuse("points", "类别为空表示巡查未发现问题，不能有扣分；请补填类别")
    return ZERO if category == "" and points is None else points


def _by_book(row: Row, category: str, points: Decimal | None) -> Decimal:
    if points is None:
        row.refuse("points", f"扣分细则没有类别{category}的分值，请在本行填写扣分")
    return points or ZERO
