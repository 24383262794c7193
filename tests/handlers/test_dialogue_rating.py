"""评分 in private: sealed, replaceable, by chiefs, never of one's own unit, only means are read."""

from decimal import Decimal
from fractions import Fraction

import pytest

from domain.assessment import SequenceKind
from domain.casework import votes
from domain.casework.work import Work
from domain.month import Month
from tests.house import GROUP, House


async def means(house: House, month: str = "2026-06") -> dict[str, Fraction]:
    async with house.store.reading(house.clock.now()) as view:
        ballot = await votes.ballot_of(Work(view, house.rules), Month.parse(month))
    assert not any(person in str(ballot.to_facts()) for person in ("chen", "li", "zhang"))
    return ballot.means(SequenceKind.UNIT)


async def test_ratings_are_sealed_and_their_mean_is_read(house: House) -> None:
    assert await house.say("陈涛", "评分 市农业局 92") == [
        "已密封登记您对市农业局6月的评分，定稿前再发一次即可更改；只公布平均分。"
    ]
    await house.say("李卫东", "评分 市农业局 80.5分")
    assert await means(house) == {"市农业局": Decimal("86.25")}
    await house.say("陈涛", "评分 市农业局 90")
    assert await means(house) == {"市农业局": Decimal("85.25")}
    await house.say("陈涛", "评分 市农业局 70 5月")
    assert await means(house, "2026-05") == {"市农业局": Decimal("70.00")}


@pytest.mark.parametrize(
    ("who", "text", "said"),
    [
        pytest.param("陈涛", "评分", "请写单位和分数", id="nothing said"),
        pytest.param("陈涛", "评分 市农业局 101", "101", id="above a hundred"),
        pytest.param("陈涛", "评分 天文局 90", "没有责任单位“天文局”", id="no such unit"),
        pytest.param("赵强", "评分 市水利局 90", "不能评分", id="a duty person"),
        pytest.param("王建国", "评分 市水利局 90", "不能评分", id="a segment chief rates departments only"),
        pytest.param("刘芳", "评分 市农业局 90", "没有人员", id="a stranger"),
    ],
)
async def test_ratings_that_cannot_be(house: House, who: str, text: str, said: str) -> None:
    [answer] = await house.say(who, text)
    assert said in answer
    assert "第1行" not in answer
    assert await means(house) == {}


async def test_a_rating_is_not_given_in_a_group(house: House) -> None:
    assert await house.say("陈涛", "评分 市农业局 92", group=GROUP) == ["评分请私聊发送：评分密封保存，只公布平均分。"]
    assert await means(house) == {}
