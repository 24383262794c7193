from datetime import date

import pytest

from domain.roster import Dated, Duty, Leave, Person, Post, Role, Roster, same_unit
from tests.house import segment

D = date
ROSTER = Roster(
    version=3,
    segments=(
        Dated(segment(1, "人民路", "建设街", "文化街", chief="wang"), D(2026, 1, 1), D(2026, 6, 1)),
        Dated(segment(1, "人民路", "建设街", "文化街", chief="liu"), D(2026, 6, 1)),
        Dated(segment(2, "滨河路", "桥头", "码头", township="河西镇", unit="河西镇", side="北侧"), D(2026, 3, 1)),
    ),
    posts=(
        Dated(Post("qian", Role.SEAT, "东关街道", "指挥中心"), None, D(2026, 6, 1)),
        Dated(Post("wu", Role.SEAT, "东关街道", "市路长办"), D(2026, 6, 1)),
        Dated(Post("wu", Role.OFFICE)),
    ),
    duties=(
        Dated(Duty("XC001", "zhao", frozenset({1, 2})), D(2026, 5, 1)),
        Dated(Duty("XC001", "zhou"), D(2026, 6, 2)),
    ),
    people={
        "zhao": Person("zhao", "赵强", "市农业局", (("wecom", "ZhaoQiang"), ("dingtalk", "0123"))),
        "zhou": Person("zhou", "周敏", "市农业局"),
        "wu": Person("wu", "赵强"),
    },
    leaves=(Leave("zhao", "zhou", D(2026, 6, 1), D(2026, 6, 3)), Leave("zhao", "wu", D(2026, 6, 3), D(2026, 6, 4))),
)


@pytest.mark.parametrize(
    ("day", "chief"),
    [
        pytest.param(D(2025, 12, 31), None, id="before the first row"),
        pytest.param(D(2026, 1, 1), "wang", id="the first day counts"),
        pytest.param(D(2026, 5, 31), "wang", id="the last day of the old chief"),
        pytest.param(D(2026, 6, 1), "liu", id="the day of change belongs to the new one"),
        pytest.param(D(2030, 1, 1), "liu", id="without end"),
    ],
)
def test_segments_are_dated(day: date, chief: str | None) -> None:
    found = ROSTER.segment("XC001", day)
    assert (found.chief if found else None) == chief


def test_segments_of_a_day_and_their_townships() -> None:
    assert [s.id for s in ROSTER.on(D(2026, 2, 1))] == ["XC001"]
    assert [s.id for s in ROSTER.on(D(2026, 6, 1))] == ["XC001", "XC002"]
    assert ROSTER.townships(D(2026, 6, 1)) == ["东关街道", "河西镇"]
    assert ROSTER.segment("XC009", D(2026, 6, 1)) is None


def test_titles_and_units() -> None:
    first, second = ROSTER.on(D(2026, 6, 1))
    assert (first.title, first.has_unit) == ("人民路（建设街—文化街）", True)
    assert (second.title, second.has_unit) == ("滨河路（桥头—码头）北侧", False)


@pytest.mark.parametrize(
    ("day", "people"),
    [
        pytest.param(D(2026, 6, 1), ["zhao"], id="Monday"),
        pytest.param(D(2026, 6, 2), ["zhao", "zhou"], id="Tuesday: both, in file order"),
        pytest.param(D(2026, 6, 3), ["zhou"], id="Wednesday: every day"),
        pytest.param(D(2026, 5, 6), [], id="a gap"),
        pytest.param(D(2026, 4, 27), [], id="before it began"),
    ],
)
def test_duty(day: date, people: list[str]) -> None:
    assert ROSTER.duty("XC001", day) == people


def test_posts_and_holders() -> None:
    assert ROSTER.holders(Role.SEAT, "东关街道", D(2026, 5, 31)) == ["qian"]
    assert ROSTER.holders(Role.SEAT, "东关街道", D(2026, 6, 1)) == ["wu"]
    assert ROSTER.holders(Role.SEAT, "", D(2026, 6, 1)) == [], "the whole city is a scope of its own"
    assert ROSTER.holders(Role.SEAT, None, D(2026, 6, 1)) == ["wu"]
    assert [post.role for post in ROSTER.posts_of("wu", D(2026, 5, 31))] == [Role.OFFICE]


@pytest.mark.parametrize(
    ("day", "stand_in"),
    [
        pytest.param(D(2026, 5, 31), None, id="not yet"),
        pytest.param(D(2026, 6, 1), "zhou", id="the first day"),
        pytest.param(D(2026, 6, 3), "wu", id="the leave entered last wins"),
        pytest.param(D(2026, 6, 4), "wu", id="the last day"),
        pytest.param(D(2026, 6, 5), None, id="over"),
    ],
)
def test_leave(day: date, stand_in: str | None) -> None:
    leave = ROSTER.leave_of("zhao", day)
    assert (leave.stand_in if leave else None) == stand_in


@pytest.mark.parametrize(
    ("platform", "userid", "person"),
    [
        pytest.param("wecom", "ZhaoQiang", "zhao", id="as written"),
        pytest.param("wecom", "zhaoqiang", "zhao", id="WeCom lower-cases in some answers"),
        pytest.param("dingtalk", "ZhaoQiang", None, id="another platform's name space"),
        pytest.param("wecom", "", None, id="no account"),
    ],
)
def test_accounts(platform: str, userid: str, person: str | None) -> None:
    assert ROSTER.by_account(platform, userid) == person


def test_people() -> None:
    assert ROSTER.person("zhao").account("dingtalk") == "0123"
    assert ROSTER.person("zhou").account("wecom") == ""
    assert ROSTER.person("wecom:x") == Person("wecom:x", "wecom:x")
    assert [p.id for p in ROSTER.by_name("赵强")] == ["zhao", "wu"], "names collide"


@pytest.mark.parametrize(
    ("one", "other", "day", "same"),
    [
        pytest.param("zhao", "zhou", D(2026, 6, 1), True, id="by their own unit"),
        pytest.param("zhao", "wu", D(2026, 6, 1), False, id="different units"),
        pytest.param("wecom:x", "wecom:y", D(2026, 6, 1), False, id="no unit is no common unit"),
        pytest.param("qian", "qian", D(2026, 5, 1), True, id="by a post's unit"),
        pytest.param("qian", "qian", D(2026, 6, 1), False, id="the post is over"),
    ],
)
def test_same_unit(one: str, other: str, day: date, same: bool) -> None:
    assert same_unit(ROSTER, one, other, day) is same
