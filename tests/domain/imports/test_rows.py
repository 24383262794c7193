from datetime import date

import pytest

from domain.errors import ImportRefused, RowProblem
from domain.imports.rows import Columns, Row, nearest, open_rows, read_dates, refuse_if_any, split_list

COLUMNS = Columns(required=("segment_id", "chief_userid"), optional=("note",))


def test_a_missing_column_is_named_with_the_nearest_header() -> None:
    with pytest.raises(ImportRefused) as caught:
        open_rows("r.csv", [(2, {"segment_id": "1", "chief_user": "2"})], COLUMNS)
    assert caught.value.problems == [
        RowProblem(1, "chief_userid", "缺少列 chief_userid，是否应为“chief_user”？"),
        RowProblem(1, "chief_user", "未知的列 chief_user，是否应为“chief_userid”？"),
    ]
    assert "未保存任何内容" in caught.value.text


def test_an_optional_column_may_be_left_out() -> None:
    rows, problems = open_rows("r.csv", [(2, {"segment_id": "1", "chief_userid": "2"})], COLUMNS)
    assert (rows[0].text("note"), problems) == ("", [])


def test_problems_come_by_line_and_none_means_no_refusal() -> None:
    refuse_if_any("r.csv", [])
    with pytest.raises(ImportRefused) as caught:
        refuse_if_any("r.csv", [RowProblem(9, "b", "x"), RowProblem(3, "a", "y")])
    assert [p.line for p in caught.value.problems] == [3, 9]


@pytest.mark.parametrize(
    ("first", "last", "dates"),
    [
        pytest.param("2026-10-01", "2026-10-31", (date(2026, 10, 1), date(2026, 11, 1)), id="the last day is included"),
        pytest.param("", "", (None, None), id="without limit"),
        pytest.param("2026/1/5", "2026年12月31日", (date(2026, 1, 5), date(2027, 1, 1)), id="other ways to write"),
        pytest.param("2026-10-01", "9999-12-31", (date(2026, 10, 1), None), id="the last day there is means for ever"),
        pytest.param("2026-10-01", "2026-10-01", (date(2026, 10, 1), date(2026, 10, 2)), id="a single day"),
    ],
)
def test_dates(first: str, last: str, dates: tuple[date | None, date | None]) -> None:
    row = Row(2, {"from": first, "to": last}, [])
    assert read_dates(row) == dates
    assert row.problems == []


@pytest.mark.parametrize(
    ("first", "last", "column"),
    [
        pytest.param("2026-02-30", "", "from", id="no such day"),
        pytest.param("", "明天", "to", id="not a date"),
        pytest.param("2026-10-02", "2026-10-01", "to", id="ends before it begins"),
    ],
)
def test_wrong_dates(first: str, last: str, column: str) -> None:
    row = Row(2, {"from": first, "to": last}, [])
    read_dates(row)
    assert [p.column for p in row.problems] == [column]


def test_lists_take_semicolons_of_either_width() -> None:
    assert split_list(" 甲;乙；; 丙 ") == ("甲", "乙", "丙")


def test_no_hint_for_a_word_far_from_all() -> None:
    assert nearest("banana", ["segment_id", "road"]) == ""
