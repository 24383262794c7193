"""The gazetteer: short forms, the nearest segment to a point, and the lint of a roster."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.tables_in import read_rows
from domain.imports.roster import parse_roster
from domain.roster import Segment
from domain.understand import Gazetteer, lint
from domain.understand.short_forms import landmark_forms

DATA = Path(__file__).resolve().parent.parent / "data"
SEGMENTS = parse_roster("roster", read_rows(DATA / "roster-demo.csv"))
GAZETTEER = Gazetteer.build(SEGMENTS)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        pytest.param("新郑市第一中学", "一中", id="a school by its number"),
        pytest.param("农业银行西关支行", "西关农行", id="a bank by its branch"),
        pytest.param("吾悦广场", "吾悦", id="an ending left out"),
        pytest.param("升达学院南门", "升达南门", id="a middle left out"),
        pytest.param("薛店卫生院", "卫生院", id="a township left out"),
    ],
)
def test_short_forms(name: str, form: str) -> None:
    assert form in landmark_forms(name, {"薛店"}, "新郑")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        pytest.param("人民公园", "人民", id="a word too common"),
        pytest.param("第三人民医院", "民医院", id="a cut through a word"),
        pytest.param("薛店卫生院", "薛店", id="the township itself"),
    ],
)
def test_forms_that_mean_no_single_place(name: str, form: str) -> None:
    assert form not in landmark_forms(name, {"薛店"}, "新郑")


def test_the_nearest_segment_within_the_limit() -> None:
    found = GAZETTEER.nearest(113.7221, 34.4130, 60)
    assert [segment for segment, _ in found] == ["XZ009"]
    assert found[0][1] < 20


def test_no_segment_beyond_the_limit() -> None:
    assert GAZETTEER.nearest(113.7260, 34.4130, 60) == []
    assert GAZETTEER.nearest(0.0, 0.0, 60) == []


def test_nearest_agrees_with_measuring_every_segment() -> None:
    everything = Gazetteer.build(SEGMENTS).nearest(113.7445, 34.4092, 300)
    assert everything == sorted(everything, key=lambda item: item[1])
    assert {"XZ028", "XZ029", "XZ065", "XZ067"} <= {segment for segment, _ in everything}


def problems_of(segments: list[Segment], segment: str) -> str:
    return "；".join(text for code, text in lint.problems(segments) if code == segment)


def test_lint_names_same_roads_and_missing_landmarks() -> None:
    assert "“人民路”在几个辖区重名" in problems_of(SEGMENTS, "XZ115")
    assert "没有登记地标" in problems_of(SEGMENTS, "XZ050")
    assert problems_of(SEGMENTS, "XZ009") == ""


def test_lint_says_a_problem_of_many_segments_in_one_line() -> None:
    found = [("XZ001", "甲。"), *((f"XZ{n:03}", "乙。") for n in range(2, 9)), ("XZ009", "甲。")]
    assert lint.lines(found) == ["路段XZ001、XZ009：甲。", "路段XZ002、XZ003、XZ004、XZ005、XZ006等7个：乙。"]


def test_lint_finds_a_gap_in_a_chain() -> None:
    chain = [replace(s, from_cross="某街", to_cross="别街") if s.id == "XZ011" else s for s in SEGMENTS]
    assert "不相连" in problems_of(chain, "XZ011")


def test_lint_finds_a_side_without_its_twin_and_a_missing_polyline() -> None:
    alone = [replace(s, polyline=()) for s in SEGMENTS if s.id != "XZ063"]
    assert "只登记了南侧" in problems_of(alone, "XZ064")
    assert "没有坐标" in problems_of(alone, "XZ064")


def test_lint_finds_a_landmark_twice() -> None:
    twice = [replace(s, landmarks=("城隍庙",)) if s.id == "XZ012" else s for s in SEGMENTS]
    assert "登记在2个路段" in problems_of(twice, "XZ012")


def test_an_empty_roster_knows_no_place() -> None:
    assert Gazetteer.build([]).find("人民路") == []
