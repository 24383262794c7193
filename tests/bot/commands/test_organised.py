"""What doctor says of leading group, the office's bodies and the lists that are not set."""

from dataclasses import replace
from typing import cast

import pytest

from bot.commands.organised import organised
from domain.casework.work import Work
from domain.ports import View
from domain.roster import Post, Role, Roster
from domain.versions import Versions
from tests.domain.casework.city import City, now_, roster_with, rules
from tests.house import POSTS

CHIEF = Post("zhang", Role.GENERAL)
VICE = Post("zheng", Role.GENERAL, "副总路长")
UNSET = "⚠ 门前五包、疏导点五统一是哪五项没有设定：办结标准里印“未设定”，定下后写进 tables.frame 的表。"
NO_HEAD = (
    "⚠ 领导小组没有组长：问责、奖励和经费由领导小组批准。"
    "请在人员表登记总路长（role 写 general），副总路长的 scope 写“副总路长”。"
)
BODIES = ("市监察委", "督查考核办", "爱卫委办", "社会公共管理办", "文明委办", "公安交巡警大队")


def lines(*posts: Post) -> list[str]:
    city = City(roster=roster_with(posts=(*POSTS, *posts)))
    return [str(sign) for sign in now_(organised(city.work))]


@pytest.mark.parametrize(
    ("posts", "told"),
    [
        pytest.param((), NO_HEAD, id="nobody"),
        pytest.param((VICE,), NO_HEAD, id="a deputy alone"),
        pytest.param(
            (CHIEF, replace(VICE, scope="")),
            "⚠ 领导小组组长有2人：张市长、郑副市长。请在副职的 scope 写“副总路长”。",
            id="two heads",
        ),
        pytest.param((CHIEF, VICE), "✔ 领导小组：组长张市长，副组长郑副市长，成员2人", id="as the scheme has it"),
        pytest.param((CHIEF,), "✔ 领导小组：组长张市长，副组长未登记，成员2人", id="no deputy"),
    ],
)
def test_the_leading_group(posts: tuple[Post, ...], told: str) -> None:
    assert lines(*posts) == [told, UNSET]


def test_bodies_that_supply_nobody_are_named_once_one_does() -> None:
    (said,) = [line for line in lines(Post("wang", Role.OFFICE, "", "市财政局")) if "兼职副主任" in line]
    named = "、".join((*BODIES, "食品药品监管局", "住建规划局", "人社局", "监督指挥中心"))
    assert said == (
        f"⚠ 市路长办兼职副主任：{named}没有登记人员。"
        "请在人员表登记（role 写 office，unit 写单位），不设的从 tables.frame 的表里删去。"
    )


def test_nothing_is_said_of_what_is_complete() -> None:
    frame = rules().frame.all[0]
    five = tuple("甲乙丙丁戊")
    whole = replace(
        frame,
        bodies=("财政局",),
        frontage=replace(frame.frontage, items=five),
        market=replace(frame.market, items=five),
    )
    city = City(roster=roster_with(posts=(*POSTS, CHIEF, Post("wang", Role.OFFICE, "", "财政局"))))
    work = Work(cast(View, city), replace(rules(), frame=Versions((whole,))))
    assert [str(sign) for sign in now_(organised(work))] == ["✔ 领导小组：组长张市长，副组长未登记，成员2人"]


def test_a_city_without_people_hears_nothing_yet() -> None:
    assert now_(organised(City(roster=Roster()).work)) == []
