"""The roster file (花名册): one row a segment, and what a new file changes (S1, S9, S29, S33)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.imports.rows import Columns, RawRow, Row, open_rows, refuse_if_any, split_list
from domain.roster import BOTH_SIDES, Segment

COLUMNS = Columns(
    required=(
        "segment_id", "road", "from_cross", "to_cross", "side", "township", "grade", "unit",
        "chief_name", "chief_userid", "l2_name", "l2_userid",
        "area_head_name", "area_head_userid", "l1_name", "l1_userid",
    ),
    optional=("road_aliases", "landmarks", "house_no", "length_m", "polyline"),
)  # fmt: skip
SIDES = (BOTH_SIDES, "北侧", "南侧", "东侧", "西侧")
DIFFICULTIES = ("A", "B", "C")  # A is the hardest to manage
# (id column, name column, may both be blank): a vacant post above the second level is a gap to report, not an error
PEOPLE = (
    ("chief_userid", "chief_name", False),
    ("l2_userid", "l2_name", False),
    ("area_head_userid", "area_head_name", True),
    ("l1_userid", "l1_name", True),
)
# field of Segment → column of the file
FIELDS = {
    "road": "road", "road_aliases": "road_aliases", "from_cross": "from_cross", "to_cross": "to_cross",
    "side": "side", "township": "township", "grade": "grade", "unit": "unit",
    "chief": "chief_userid", "chief_name": "chief_name", "second_level": "l2_userid", "second_level_name": "l2_name",
    "township_head": "area_head_userid", "township_head_name": "area_head_name",
    "first_level": "l1_userid", "first_level_name": "l1_name",
    "landmarks": "landmarks", "house_no": "house_no", "length_m": "length_m", "polyline": "polyline",
}  # fmt: skip

_ID = re.compile(r"[^\s,，;；|｜/\\]{1,64}")
_HOUSE_NO = re.compile(r"([0-9]{1,6})[-－—–~～至]([0-9]{1,6})")
_POINT = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]+)?)[ 　]+(-?[0-9]{1,3}(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """One segment whose row changed; `fields` are the columns of the file that differ."""

    before: Segment
    after: Segment
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """What a new roster file changes, each part by segment id."""

    added: tuple[Segment, ...]
    changed: tuple[SegmentChange, ...]
    removed: tuple[Segment, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether the new file says just what is known already."""
        return not (self.added or self.changed or self.removed)


def parse_roster(file: str, rows: Sequence[RawRow]) -> list[Segment]:
    """Return the segments of a roster file in file order.

    Raises ImportRefused with every problem, by line, when a column or a row is wrong.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    segments = [_segment(row) for row in read]
    _refuse_repeated_ids(read)
    _refuse_two_names(read)
    refuse_if_any(file, problems)
    return segments


def diff_roster(old: Sequence[Segment], new: Sequence[Segment]) -> RosterDiff:
    """Return what `new` adds, changes and removes against `old`; the order of rows plays no part."""
    before, after = {s.id: s for s in old}, {s.id: s for s in new}
    changes = (_change(before[id_], after[id_]) for id_ in sorted(before.keys() & after.keys()))
    return RosterDiff(
        added=tuple(after[id_] for id_ in sorted(after.keys() - before.keys())),
        changed=tuple(change for change in changes if change.fields),
        removed=tuple(before[id_] for id_ in sorted(before.keys() - after.keys())),
    )


def _change(before: Segment, after: Segment) -> SegmentChange:
    fields = tuple(column for name, column in FIELDS.items() if getattr(before, name) != getattr(after, name))
    return SegmentChange(before, after, fields)


def _segment(row: Row) -> Segment:
    for id_column, name_column, may_be_vacant in PEOPLE:
        _check_person(row, id_column, name_column, may_be_vacant)
    return Segment(
        id=_id(row, "segment_id"),
        road=row.needed("road"),
        road_aliases=split_list(row.text("road_aliases")),
        from_cross=row.needed("from_cross"),
        to_cross=row.needed("to_cross"),
        side=_one_of(row, "side", SIDES),
        township=row.needed("township"),
        grade=_one_of(row, "grade", DIFFICULTIES),
        unit=_unit(row),
        chief=row.text("chief_userid"),
        chief_name=row.text("chief_name"),
        second_level=row.text("l2_userid"),
        second_level_name=row.text("l2_name"),
        township_head=row.text("area_head_userid"),
        township_head_name=row.text("area_head_name"),
        first_level=row.text("l1_userid"),
        first_level_name=row.text("l1_name"),
        landmarks=split_list(row.text("landmarks")),
        house_no=_house_no(row),
        length_m=_length(row),
        polyline=_polyline(row),
    )


def _id(row: Row, column: str) -> str:
    text = row.needed(column)
    if text and not _ID.fullmatch(text):
        row.refuse(column, f"编号“{text}”不能含空格或分隔符，最长64个字")
    return text


def _one_of(row: Row, column: str, allowed: tuple[str, ...]) -> str:
    text = row.text(column)
    if text not in allowed:
        row.refuse(column, f"“{text}”不可用，请填写{'、'.join(allowed)}之一")
    return text


def _unit(row: Row) -> str:
    text = row.text("unit")
    if not text:
        row.refuse("unit", "不能为空；没有市直责任单位的路段请填写与township相同的名称")
    return text


def _check_person(row: Row, id_column: str, name_column: str, may_be_vacant: bool) -> None:
    person, name = row.text(id_column), row.text(name_column)
    if not person and not name and may_be_vacant:
        return
    if person:
        _id(row, id_column)
    else:
        row.refuse(id_column, "缺少人员编号，请补填")
    if not name:
        row.refuse(name_column, "缺少姓名，请补填")


def _house_no(row: Row) -> str:
    text = row.text("house_no")
    if not text:
        return ""
    match = _HOUSE_NO.fullmatch(text)
    if not match:
        row.refuse("house_no", f"“{text}”不是门牌范围，请写成165-235；若被表格软件改成日期，请先把该列设为文本")
        return ""
    first, last = map(int, match.groups())
    if first > last:
        row.refuse("house_no", f"起始门牌{first}大于结束门牌{last}，请更正")
    return f"{first}-{last}"


def _length(row: Row) -> int:
    text = row.text("length_m")
    if not re.fullmatch("[0-9]{0,6}", text):
        row.refuse("length_m", f"“{text}”不是长度，请填写整数米")
        return 0
    return int(text or 0)


def _polyline(row: Row) -> tuple[tuple[float, float], ...]:
    parts = split_list(row.text("polyline"))
    points = [match and (float(match[1]), float(match[2])) for match in map(_POINT.fullmatch, parts)]
    found = tuple(point for point in points if point)
    if len(found) < len(parts):
        row.refuse("polyline", f"第{points.index(None) + 1}个点写法有误，请写成“经度 纬度;经度 纬度”")
    elif len(found) == 1:
        row.refuse("polyline", "只有一个点，至少需要两个点；没有走向资料请留空")
    elif any(not _in_china(*point) for point in found):
        hint = "经度和纬度写反了" if all(_in_china(y, x) for x, y in found) else "有点不在中国境内"
        row.refuse("polyline", f"{hint}，请按“经度 纬度”（WGS84）更正")
    return found


def _in_china(longitude: float, latitude: float) -> bool:
    return 73 <= longitude <= 136 and 3 <= latitude <= 54


def _refuse_repeated_ids(rows: Sequence[Row]) -> None:
    first: dict[str, int] = {}
    for row in rows:
        id_ = row.text("segment_id")
        if id_ and first.setdefault(id_, row.line) != row.line:
            row.refuse("segment_id", f"路段编号{id_}与第{first[id_]}行重复，请更正")


def _refuse_two_names(rows: Sequence[Row]) -> None:
    # a mistyped id would hand one chief's cases and deductions to another
    first: dict[str, tuple[str, int]] = {}
    for row in rows:
        for id_column, name_column, _ in PEOPLE:
            person, name = row.text(id_column), row.text(name_column)
            if not (person and name):
                continue
            known, line = first.setdefault(person, (name, row.line))
            if known != name:
                row.refuse(id_column, f"编号{person}在第{line}行是{known}，此处是{name}，请核对")
