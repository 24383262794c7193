"""Leading group and the office's bodies: who belongs to them by the people list, on which day, in which place."""

from dataclasses import replace
from datetime import date

import pytest

from domain.frame import load_frame
from domain.organisation import leading_group, office_bodies, post_title, signing_titles
from domain.roster import Dated, Post, Role, Roster
from tests.domain.casework.city import MONDAY, roster_with
from tests.house import POSTS

FRAME = load_frame().on(MONDAY)
CHIEF = Post("zhang", Role.GENERAL, "", "市政府")
VICE = Post("he", Role.GENERAL, "副总路长", "市政府")
IN_CHARGE = Post("zheng", Role.LEADER, "副组长", "市政府")
DEPARTMENT = Post("qian", Role.DEPARTMENT, "环卫中心", "环卫中心")
FINANCE = Post("wang", Role.OFFICE, "", "溪城市财政局")
LABOUR = Post("liu", Role.OFFICE, "", "市人社局")


def roster(*posts: Post) -> Roster:
    return roster_with(posts=(*POSTS, *posts))


def test_the_head_his_deputies_and_the_heads_of_townships_and_departments() -> None:
    group = leading_group(roster(VICE, DEPARTMENT, CHIEF, replace(IN_CHARGE)), MONDAY, FRAME.group)
    assert (group.heads, group.deputies) == (("zhang",), ("he", "zheng"))
    assert set(group.members) == {"li", "ma", "qian"}
    assert [group.title(person) for person in ("zhang", "he", "zheng", "li", "wu")] == [
        "领导小组组长",
        "领导小组副组长",
        "领导小组副组长",
        "领导小组成员",
        "",
    ]
    assert post_title(VICE) == "副总路长"
    assert post_title(IN_CHARGE) == "领导"


def test_a_leader_of_another_body_is_not_of_the_group_and_nobody_is_in_it_twice() -> None:
    group = leading_group(roster(CHIEF, Post("zhang", Role.DEPARTMENT, "环卫中心")), MONDAY, FRAME.group)
    assert "zheng" not in group.people  # a leader without the scope 副组长
    assert group.people.count("zhang") == 1


def test_a_new_mayor_is_the_head_from_his_day_on() -> None:
    handover = date(2026, 7, 1)
    rows = (Dated(CHIEF, until=handover), Dated(replace(CHIEF, person="he"), since=handover))
    both = Roster(posts=rows)
    assert leading_group(both, date(2026, 6, 30), FRAME.group).heads == ("zhang",)
    assert leading_group(both, handover, FRAME.group).heads == ("he",)


def test_bodies_are_known_by_their_units_with_and_without_the_city() -> None:
    commission = Post("he", Role.OFFICE, "", "溪城市监察委")
    found = office_bodies(roster(FINANCE, LABOUR, commission), MONDAY, FRAME.bodies, "溪城市")
    assert list(found) == list(FRAME.bodies)
    assert {body: people for body, people in found.items() if people} == {
        "市监察委": ["he"],
        "财政局": ["wang"],
        "人社局": ["liu"],
    }
    assert not any(office_bodies(roster(), MONDAY, FRAME.bodies, "溪城市").values())


@pytest.mark.parametrize(
    ("posts", "names", "by", "titles"),
    [
        pytest.param((), ["张市长", "吴主任"], "", {}, id="a city without a head says nothing"),
        pytest.param(
            (CHIEF,),
            ["张市长", "李卫东", "吴主任", "赵强", "甲某"],
            "",
            {
                "张市长": "领导小组组长",
                "李卫东": "领导小组成员",
                "吴主任": "市路长办",
                "赵强": "非领导小组成员",
                "甲某": "非领导小组成员",
            },
            id="by name",
        ),
    ],
)
def test_in_what_place_people_sign(posts: tuple[Post, ...], names: list[str], by: str, titles: dict[str, str]) -> None:
    known = roster(*posts)
    group = leading_group(known, MONDAY, FRAME.group)
    assert signing_titles(known, MONDAY, group, names, by) == titles


def test_a_name_that_two_people_bear_is_a_place_only_for_who_signs_himself() -> None:
    known = roster(CHIEF)
    twin = replace(known.people["zhao"], name="张市长")
    known = replace(known, people={**known.people, "zhao": twin})
    group = leading_group(known, MONDAY, FRAME.group)
    assert signing_titles(known, MONDAY, group, ["张市长"]) == {"张市长": "非领导小组成员"}
    assert signing_titles(known, MONDAY, group, ["张市长"], "zhang") == {"张市长": "领导小组组长"}
    assert signing_titles(known, MONDAY, group, ["张市长"], "zhao") == {"张市长": "非领导小组成员"}
