from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.errors import ImportRefused
from domain.frame import load_frame
from domain.imports.shops import ShopVote, parse_shops
from domain.month import Month
from domain.roster import Dated, Roster
from domain.shops import Shop, shops_key
from domain.versions import Versions
from tests.domain.scoring.build import segment

UNSET = load_frame()
FIVE = ("包卫生", "包秩序", "包绿化", "包亮化", "包文明")
SET = Versions(tuple(replace(one, frontage=replace(one.frontage, items=FIVE)) for one in UNSET.all))
ROSTER = Roster(segments=(Dated(segment("S1")),))
GOOD = {
    "period": "2026-06",
    "segment_id": "S1",
    "shop": "张记烩面",
    "merchant": "张老板",
    "rater": "彭涛",
    "capacity": "二级路长",
    "score": "90",
}


def parse(*rows: Mapping[str, str], frozen: set[Month] | None = None, is_set: bool = True) -> list[ShopVote]:
    listed = [(n, {**GOOD, **row}) for n, row in enumerate(rows, 2)]
    return parse_shops("门店.csv", listed, roster=ROSTER, frames=SET if is_set else UNSET, frozen=frozen or set())


def test_a_panel() -> None:
    found = parse(
        {}, {"rater": "李老板", "capacity": "商户代表", "score": "70"}, {"shop": "李记", "merchant": "李老板"}
    )
    assert {v.month for v in found} == {Month(2026, 6)}
    assert [(v.shop.subject, v.cast.voter, str(v.cast.vote.score)) for v in found] == [
        ("S1/张记烩面", "彭涛", "90"),
        ("S1/张记烩面", "李老板", "70"),
        ("S1/李记", "彭涛", "90"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(
            {"rater": "张老板", "capacity": "商户代表"},
            "第3行 rater：张老板是张记烩面的经营者，不能给自己的店评分",
            id="S63",
        ),
        pytest.param({"rater": "张记烩面"}, "不能给自己的店评分", id="S63 under the shop's name"),
        pytest.param(
            {"rater": "李老板", "merchant": "另一人"},
            "第3行 merchant：张记烩面的经营者在前面是张老板",
            id="S63 under another merchant's cover",
        ),
        pytest.param({}, "第3行 rater：与第2行是同一人对同一门店", id="twice"),
        pytest.param(
            {"shop": "李记", "merchant": "李老板", "rater": "王", "capacity": "网格员"},
            "李记的评委里没有二级路长",
            id="S61",
        ),
        pytest.param({"rater": "王", "capacity": "路人"}, "未知的身份“路人”", id="capacity"),
        pytest.param({"rater": "王", "segment_id": "S2"}, "花名册中没有路段S2", id="segment"),
        pytest.param({"rater": "王", "score": "101"}, "不是评分", id="score"),
        pytest.param(
            {"rater": "王", "failed": "包卫生、包设施"},
            "第3行 failed：门前五包里没有“包设施”，可用：包卫生、包秩序、包绿化、包亮化、包文明",
            id="S8: none of the five",
        ),
        pytest.param({"rater": "王", "merchant": ""}, "第3行 merchant：不能为空", id="blank"),
    ],
)
def test_a_wrong_row(row: dict[str, str], said: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        parse({}, row)
    assert said in refused.value.text


def test_the_same_panel_judges_each_month_anew() -> None:
    found = parse({}, {"period": "2026-07", "score": "80"})
    assert [(v.month, v.shop, str(v.cast.vote.score)) for v in found] == [
        (Month(2026, 6), Shop("S1", "张记烩面"), "90"),
        (Month(2026, 7), Shop("S1", "张记烩面"), "80"),
    ]
    assert shops_key(found[0].month) != shops_key(found[1].month)


def test_a_frozen_month_takes_no_more() -> None:
    with pytest.raises(ImportRefused, match="2026年6月已定稿"):
        parse({}, frozen={Month(2026, 6)})


def test_what_of_the_five_a_shop_does_not_keep_to() -> None:
    (vote,) = parse({"failed": "包文明，包卫生 包文明"})
    assert vote.cast.vote.failed == ("包卫生", "包文明")
    (vote,) = parse({"failed": ""}, is_set=False)
    assert vote.cast.vote.failed == ()
    with pytest.raises(ImportRefused, match=r"第2行 failed：门前五包是哪五项未设定，请先在 tables\.frame 的表里写明"):
        parse({"failed": "包卫生"}, is_set=False)
