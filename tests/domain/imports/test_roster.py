import pytest

from domain.errors import ImportRefused
from domain.imports.roster import diff_roster, parse_roster
from tests.domain.imports.rows import SEGMENT, numbered, places


def test_a_row_becomes_a_segment() -> None:
    segment = parse_roster("r.csv", numbered([SEGMENT]))[0]
    assert (segment.id, segment.chief, segment.second_level, segment.township_head) == (
        "XZ001",
        "xz0100",
        "xz0200",
        "xz0300",
    )
    assert segment.road_aliases == ("老人民路", "中心大道")
    assert segment.landmarks == ("交警队", "信用社")
    assert segment.polyline == ((113.715, 34.417), (113.714963, 34.415363))
    assert (segment.length_m, segment.house_no, segment.has_unit) == (885, "165-235", True)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            {"road_aliases": "", "landmarks": "", "house_no": "", "length_m": "", "polyline": ""}, id="no extras"
        ),
        pytest.param({"l1_name": "", "l1_userid": "", "area_head_name": "", "area_head_userid": ""}, id="vacant posts"),
        pytest.param({"unit": "新华路街道办事处", "chief_name": "陈涛", "chief_userid": "xz0200"}, id="no city unit"),
        pytest.param({"house_no": "1—81"}, id="another dash"),
    ],
)
def test_accepted(change: dict[str, str]) -> None:
    assert len(parse_roster("r.csv", numbered([SEGMENT | change]))) == 1


@pytest.mark.parametrize(
    ("change", "column"),
    [
        pytest.param({"segment_id": ""}, "segment_id", id="no id"),
        pytest.param({"segment_id": "XZ 001"}, "segment_id", id="blank inside an id"),
        pytest.param({"road": ""}, "road", id="no road"),
        pytest.param({"from_cross": ""}, "from_cross", id="no start"),
        pytest.param({"side": "左侧"}, "side", id="unknown side"),
        pytest.param({"side": ""}, "side", id="blank side"),
        pytest.param({"grade": "D"}, "grade", id="unknown difficulty"),
        pytest.param({"grade": "a"}, "grade", id="small letter"),
        pytest.param({"unit": ""}, "unit", id="no unit"),
        pytest.param({"chief_userid": ""}, "chief_userid", id="no chief"),
        pytest.param({"chief_name": ""}, "chief_name", id="chief without name"),
        pytest.param({"l1_name": ""}, "l1_name", id="first level with an id alone"),
        pytest.param({"area_head_userid": ""}, "area_head_userid", id="township head with a name alone"),
        pytest.param({"chief_userid": "xz0200"}, "l2_userid", id="one id for two names"),
        pytest.param({"house_no": "1981-01-01"}, "house_no", id="a range turned into a date"),
        pytest.param({"house_no": "235-165"}, "house_no", id="backwards"),
        pytest.param({"length_m": "885.5"}, "length_m", id="not whole metres"),
        pytest.param({"length_m": "-1"}, "length_m", id="negative length"),
        pytest.param({"polyline": "113.7 34.4"}, "polyline", id="one point"),
        pytest.param({"polyline": "113.7,34.4;113.8,34.5"}, "polyline", id="commas"),
        pytest.param({"polyline": "34.4 113.7;34.5 113.8"}, "polyline", id="latitude first"),
        pytest.param({"polyline": "13.7 34.4;113.8 34.5"}, "polyline", id="outside China"),
    ],
)
def test_refused(change: dict[str, str], column: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        parse_roster("r.csv", numbered([SEGMENT | change]))
    assert places(caught.value) == [(2, column)]


def test_every_problem_of_every_row_is_named() -> None:
    rows = [SEGMENT, SEGMENT | {"grade": "E"}, SEGMENT | {"segment_id": "XZ002", "side": "?", "road": ""}]
    with pytest.raises(ImportRefused) as caught:
        parse_roster("r.csv", numbered(rows))
    assert sorted(places(caught.value)) == [(3, "grade"), (3, "segment_id"), (4, "road"), (4, "side")]
    assert "第2行重复" in caught.value.text


def test_swapped_coordinates_are_called_so() -> None:
    with pytest.raises(ImportRefused, match="写反了"):
        parse_roster("r.csv", numbered([SEGMENT | {"polyline": "34.4 113.7;34.5 113.8"}]))


def test_diff_names_the_columns_and_no_order() -> None:
    one, two, three = (SEGMENT | {"segment_id": f"XZ00{n}"} for n in (1, 2, 3))
    old = parse_roster("r.csv", numbered([one, two]))
    new = parse_roster("r.csv", numbered([three, two | {"l2_userid": "xz0201", "l2_name": "赵强"}]))
    diff = diff_roster(old, new)
    assert [s.id for s in diff.added] == ["XZ003"]
    assert [s.id for s in diff.removed] == ["XZ001"]
    assert [(c.before.id, c.fields) for c in diff.changed] == [("XZ002", ("l2_userid", "l2_name"))]
    assert diff_roster(old, old[::-1]).is_empty


def test_a_diff_sees_a_change_in_every_column() -> None:
    changes = {
        "road": "建设街", "road_aliases": "", "from_cross": "甲", "to_cross": "乙", "side": "南侧",
        "township": "城关乡", "grade": "B", "unit": "市司法局", "chief_name": "赵", "chief_userid": "q1",
        "l2_name": "钱", "l2_userid": "q2",
        "area_head_name": "孙", "area_head_userid": "q3", "l1_name": "李", "l1_userid": "q4", "landmarks": "",
        "house_no": "1-3", "length_m": "1", "polyline": "",
    }  # fmt: skip
    old = parse_roster("r.csv", numbered([SEGMENT]))
    diff = diff_roster(old, parse_roster("r.csv", numbered([SEGMENT | changes])))
    assert set(diff.changed[0].fields) == changes.keys()
