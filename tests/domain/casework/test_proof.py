from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.casework.proof import problems
from domain.roster import Dated, Duty, Person, Post, Role, Roster
from tests.domain.casework.city import City, on_leave, roster_with
from tests.house import POSTS

NEW_YEARS_EVE = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)


def reachable(roster: Roster) -> Roster:
    people = {i: replace(person, accounts=(("simulated", i),)) for i, person in roster.people.items()}
    return replace(roster, people=people)


def lacking(roster: Roster, city: City | None = None) -> list[str]:
    shown = city or City()
    shown.roster = roster
    return problems(shown.work, [])


def without_account(person: str) -> Callable[[Roster], Roster]:
    return lambda roster: replace(roster, people={**roster.people, person: Person(person, roster.people[person].name)})


def test_a_whole_roster_is_proved() -> None:
    assert lacking(reachable(roster_with((), (*POSTS, Post("qian", Role.SEAT, "河西镇", ""))))) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda roster: replace(roster, segments=()), "花名册没有路段", id="no roster"),
        pytest.param(
            without_account("he"), "何局（he）没有绑定平台账号且无群可代为通知，涉及路段XC005。", id="nobody hears him"
        ),
        pytest.param(
            lambda roster: replace(roster, leaves=(on_leave("he", "", date(2026, 6, 3), date(2026, 6, 4)),)),
            "路段XC005在2026-06-03、2026-06-04无人承办（路段长请假且无轮值）。",
            id="a gap in the coming week",
        ),
        pytest.param(
            lambda roster: replace(roster, posts=tuple(p for p in roster.posts if p.value.role is not Role.OFFICE)),
            "河西镇没有指挥席、专干，市路长办也无人，无定位的案件无人接收。",
            id="no desk",
        ),
    ],
)
def test_what_would_keep_a_case_from_its_person_is_named(spoil: Callable[[Roster], Roster], said: str) -> None:
    found = lacking(spoil(reachable(roster_with())))
    assert any(line.startswith(said) for line in found), found


@pytest.mark.parametrize(
    "harmless",
    [
        pytest.param(without_account("zhao"), id="the group of the township hears for him"),
        pytest.param(
            lambda roster: replace(roster, leaves=(on_leave("he", "gao", date(2026, 6, 3), date(2026, 6, 4)),)),
            id="a leave with a stand-in",
        ),
        pytest.param(
            lambda roster: replace(roster, leaves=(on_leave("he", "", date(2026, 6, 20), date(2026, 6, 21)),)),
            id="a leave beyond the coming week",
        ),
        pytest.param(
            lambda roster: replace(roster, leaves=(on_leave("wang", "", date(2026, 6, 3), date(2026, 6, 4)),)),
            id="a chief away whose duty person is there",
        ),
    ],
)
def test_what_harms_nobody_is_not_named(harmless: Callable[[Roster], Roster]) -> None:
    assert lacking(harmless(reachable(roster_with()))) == []


def test_somebody_on_duty_on_sundays_only_is_needed_too() -> None:
    roster = reachable(roster_with())
    sunday = Dated(Duty("XC005", "stranger", frozenset({7})))
    assert any("stranger" in line for line in lacking(replace(roster, duties=(*roster.duties, sunday))))


def test_warnings_of_the_map_and_missing_holidays_are_told() -> None:
    city = City(NEW_YEARS_EVE)
    city.roster = reachable(roster_with())
    assert problems(city.work, ["路段XC004：没有坐标"]) == [
        "路段XC004：没有坐标",
        "2027年节假日安排尚未导入，暂按周末和法定日推算。",
    ]
