from collections.abc import Mapping
from datetime import date

import pytest

from domain.assessment import SequenceKind
from domain.errors import ImportRefused
from domain.imports.ratings import Rating, parse_ratings
from domain.month import Month
from domain.roster import Dated, Person, Post, Role, Roster
from tests.domain.scoring.build import segment

JUNE = Month(2026, 6)
PEOPLE = {
    "p": Person("p", "彭涛"),
    "c": Person("c", "陈", "水利局"),
    "h": Person("h", "韩"),
    "x": Person("x", "许"),
    "twin1": Person("twin1", "双名"),
    "twin2": Person("twin2", "双名"),
    "own": Person("own", "郭", "水利局"),
}
ROSTER = Roster(
    segments=(Dated(segment("S1", unit="水利局")), Dated(segment("S2"))),
    people=PEOPLE,
    posts=(
        Dated(Post("own", Role.FIRST_LEVEL)),
        Dated(Post("x", Role.SECOND_LEVEL), since=date(2026, 7, 1)),
    ),
)
GOOD = {"period": "2026-06", "sequence": "unit", "subject": "水利局", "rater": "p", "score": "90"}


def parse(*rows: Mapping[str, str], frozen: set[Month] | None = None) -> list[Rating]:
    listed = [(n, {**GOOD, **row}) for n, row in enumerate(rows, 2)]
    return parse_ratings("评分.csv", listed, roster=ROSTER, departments={"环卫中心"}, frozen=frozen or set())


def test_by_id_or_name_code_or_chinese() -> None:
    found = parse(
        {},
        {"rater": "韩", "sequence": "责任单位", "score": "88.50"},
        {"sequence": "职能单位", "subject": "环卫中心", "rater": "c"},
    )
    assert [(r.month, r.cast.voter, r.cast.vote.sequence.value, str(r.cast.vote.score)) for r in found] == [
        (JUNE, "p", "unit", "90"),
        (JUNE, "h", "unit", "88.50"),
        (JUNE, "c", "department", "90"),
    ]
    assert found[2].cast.vote.sequence is SequenceKind.DEPARTMENT


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param({"score": "100.5"}, "第2行 score：“100.5”不是评分", id="over 100"),
        pytest.param({"score": "-1"}, "不是评分", id="negative"),
        pytest.param({"score": "90.123"}, "不是评分", id="three decimals"),
        pytest.param({"score": ""}, "第2行 score：不能为空", id="blank"),
        pytest.param({"period": "2026-6"}, "第2行 period：“2026-6”不是月份", id="month"),
        pytest.param({"sequence": "township"}, "未知的序列“township”", id="a sequence that nobody rates"),
        pytest.param({"subject": "水力局"}, "2026年6月没有责任单位“水力局”，是否应为“水利局”", id="misspelt"),
        pytest.param({"subject": "甲镇"}, "没有责任单位", id="S49a a township is no unit"),
        pytest.param({"sequence": "department", "subject": "水利局"}, "没有职能单位", id="department"),
        pytest.param({"rater": "nobody"}, "没有人员“nobody”", id="unknown"),
        pytest.param({"rater": "双名"}, "“双名”有2人", id="two of a name"),
        pytest.param({"rater": "x"}, "x在2026年6月不是", id="S57 a chief only from July"),
        pytest.param({"rater": "c"}, "不能评分", id="S57 a segment chief rates no unit"),
        pytest.param({"rater": "own"}, "own属于水利局，不能给本单位评分", id="one's own unit"),
    ],
)
def test_a_wrong_row(row: dict[str, str], said: str) -> None:
    with pytest.raises(ImportRefused, match="未保存任何内容") as refused:
        parse(row)
    assert said in refused.value.text


def test_one_rater_rates_a_subject_once() -> None:
    with pytest.raises(ImportRefused, match="第3行 rater：与第2行是同一人"):
        parse({}, {"score": "80"})


def test_a_frozen_month_takes_no_more() -> None:
    with pytest.raises(ImportRefused, match="2026年6月已定稿"):
        parse({}, frozen={JUNE})
