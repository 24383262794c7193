from datetime import date

import pytest

from domain.errors import ImportRefused
from domain.imports.duty import parse_duty, parse_weekdays
from domain.roster import Dated, Duty
from tests.domain.imports.rows import DUTY, numbered, places

ALL = {1, 2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        pytest.param("1-5", {1, 2, 3, 4, 5}, id="digits"),
        pytest.param("周一至周五", {1, 2, 3, 4, 5}, id="words"),
        pytest.param("星期一到星期三", {1, 2, 3}, id="other words"),
        pytest.param("1,3,5", {1, 3, 5}, id="list"),
        pytest.param("周一、周三，周日", {1, 3, 7}, id="list of words"),
        pytest.param("周一三五", {1, 3, 5}, id="short words"),
        pytest.param("1-3，6", {1, 2, 3, 6}, id="range and day"),
        pytest.param("周六至周一", {6, 7, 1}, id="over Sunday"),
        pytest.param("", ALL, id="blank is every day"),
        pytest.param("每天", ALL, id="every day"),
        pytest.param("工作日", {1, 2, 3, 4, 5}, id="working days"),
        pytest.param("周末", {6, 7}, id="weekend"),
        pytest.param("1-7", ALL, id="whole week"),
        pytest.param("0", None, id="no day zero"),
        pytest.param("8", None, id="no day eight"),
        pytest.param("1-", None, id="open range"),
        pytest.param("周末一", None, id="mixed words"),
        pytest.param("2026-01-05", None, id="turned into a date"),
        pytest.param("1,,3", None, id="a gap"),
    ],
)
def test_weekdays(text: str, days: set[int] | None) -> None:
    assert parse_weekdays(text) == days


def test_a_row_becomes_a_duty() -> None:
    rows = numbered([DUTY | {"from": "2026-10-01", "to": "2026-10-31"}])
    assert parse_duty("d.csv", rows, segments={"XZ001"}, people={"xz0500"}) == [
        Dated(Duty("XZ001", "xz0500", frozenset({1, 2, 3, 4, 5})), date(2026, 10, 1), date(2026, 11, 1))
    ]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        pytest.param([DUTY | {"segment_id": "XZ01"}], (2, "segment_id"), id="unknown segment"),
        pytest.param([DUTY | {"person": "nobody"}], (2, "person"), id="unknown person"),
        pytest.param([DUTY | {"weekdays": "明天"}], (2, "weekdays"), id="not a weekday"),
        pytest.param([DUTY | {"person": ""}], (2, "person"), id="nobody"),
        pytest.param([DUTY, DUTY | {"weekdays": "周一至周五"}], (3, "person"), id="the same duty twice"),
    ],
)
def test_refused(rows: list[dict[str, str]], place: tuple[int, str]) -> None:
    with pytest.raises(ImportRefused) as caught:
        parse_duty("d.csv", numbered(rows), segments={"XZ001"}, people={"xz0500"})
    assert places(caught.value) == [place]


def test_ids_are_free_where_no_list_is_given() -> None:
    assert len(parse_duty("d.csv", numbered([DUTY]))) == 1
