"""Rows of the four kinds of files, right in every column unless a test says otherwise."""

from collections.abc import Iterable

from domain.errors import ImportRefused

SEGMENT = {
    "segment_id": "XZ001", "road": "人民路", "road_aliases": "老人民路；中心大道", "from_cross": "建设街",
    "to_cross": "文化街", "side": "北侧", "township": "新华路街道办事处", "grade": "A", "unit": "市水利局",
    "chief_name": "王建国", "chief_userid": "xz0100", "l2_name": "陈涛", "l2_userid": "xz0200",
    "area_head_name": "姚喜顺", "area_head_userid": "xz0300", "l1_name": "廖玉梅", "l1_userid": "xz0400",
    "landmarks": "交警队;信用社", "house_no": "165-235", "length_m": "885",
    "polyline": "113.715000 34.417000;113.714963 34.415363",
}  # fmt: skip
PERSON = {
    "person": "xz0100", "name": "王建国", "role": "chief", "scope": "", "unit": "市水利局",
    "wecom_userid": "wang", "dingtalk_userid": "", "from": "", "to": "",
}  # fmt: skip
DUTY = {"segment_id": "XZ001", "person": "xz0500", "weekdays": "1-5", "from": "", "to": ""}
FINDING = {
    "found_at": "2026-10-05T09:30:00+08:00", "segment_id": "XZ001", "category": "luan.stall", "points": "0.5",
    "inspector": "李明", "note": "水果摊",
}  # fmt: skip


def numbered(rows: Iterable[dict[str, str]]) -> list[tuple[int, dict[str, str]]]:
    """Return rows with their line; the header is line 1."""
    return list(enumerate(rows, 2))


def places(refused: ImportRefused) -> list[tuple[int, str]]:
    """Return line and column of each problem."""
    return [(p.line, p.column) for p in refused.problems]
