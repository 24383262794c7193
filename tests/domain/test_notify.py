from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from domain import notify
from domain.effects import Notice, Recipient, ToChat, ToPerson, ToPurpose, Urgency
from domain.messages import ChatRoom, ReplyHandle, Target
from domain.notify import shared
from domain.ports import Post, View
from domain.roster import Person, Role, Roster
from domain.roster import Post as Office
from tests.domain.casework.city import City, on_leave, roster_with, rules

MORNING = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # Monday 09:00
NIGHT = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)  # 22:00
FIRST_SLOT = datetime(2026, 6, 2, 0, 30, tzinfo=UTC)


def bound(roster: Roster, *people: str) -> Roster:
    """Give people an account on the simulated platform; without names everybody gets one."""
    named = people or tuple(roster.people)
    known = {i: replace(p, accounts=(("simulated", i),)) if i in named else p for i, p in roster.people.items()}
    return replace(roster, people=known)


def posts(to: Recipient, *, now: datetime = MORNING, roster: Roster | None = None, **other: Any) -> list[Post]:
    rooms = other.pop("rooms", City().rooms)
    city = City(now, bound(roster_with()) if roster is None else roster, rooms)
    notice = Notice(**{"key": "kind:1:2", "to": to, "text": "请看", "kind": "kind", **other})
    return notify.plan(notice, cast(View, city), rules())


def places(found: list[Post]) -> list[str]:
    return [post.target.chat_id or post.target.userid for post in found]


@pytest.mark.parametrize(
    ("urgency", "now", "least"),
    [
        pytest.param(Urgency.NORMAL, MORNING, MORNING, id="by day at once"),
        pytest.param(Urgency.NORMAL, NIGHT, FIRST_SLOT + timedelta(minutes=2), id="at night with the first slot"),
        pytest.param(Urgency.HAZARD, NIGHT, NIGHT, id="a hazard at once"),
        pytest.param(Urgency.REPLY, NIGHT, NIGHT, id="an answer at once"),
        pytest.param(Urgency.SLOT, MORNING, MORNING + timedelta(minutes=62), id="with the next slot"),
    ],
)
def test_when_a_post_leaves(urgency: Urgency, now: datetime, least: datetime) -> None:
    (post,) = posts(ToPerson("zhao"), now=now, urgency=urgency)
    assert least <= post.due_at <= least + timedelta(minutes=6)
    assert post.urgent is (urgency in (Urgency.HAZARD, Urgency.REPLY))


def test_not_before_is_kept_but_never_wakes_anybody() -> None:
    (later,) = posts(ToPerson("zhao"), not_before=MORNING + timedelta(minutes=5))
    assert later.due_at == MORNING + timedelta(minutes=5)
    (night,) = posts(ToPerson("zhao"), now=NIGHT, not_before=NIGHT + timedelta(minutes=5))
    assert night.due_at > FIRST_SLOT


def test_a_person_is_reached_in_private_with_the_townships_group_behind() -> None:
    (post,) = posts(ToPerson("zhao", "东关街道"))
    assert (post.target, post.fallback) == (Target("simulated", userid="zhao"), Target("simulated", chat_id="东关群"))
    assert post.mentions == ()
    assert post.person == "zhao"


def test_without_an_account_the_group_hears_it_and_calls_the_person() -> None:
    (post,) = posts(ToPerson("zhao", "东关街道"), roster=roster_with())
    assert (post.target, post.fallback) == (Target("simulated", chat_id="东关群"), None)
    assert post.mentions == ("zhao",)


def test_without_account_and_group_nobody_hears_it() -> None:
    assert posts(ToPerson("he", "河西镇"), roster=roster_with()) == []


def test_what_is_private_has_no_group_behind_it_and_no_stand_in() -> None:
    (post,) = posts(ToPerson("zhao", "东关街道"), is_private=True)
    assert (post.target, post.fallback) == (Target("simulated", userid="zhao"), None)
    assert posts(ToPerson("zhao", "东关街道"), roster=roster_with(), is_private=True) == []
    away = bound(replace(roster_with(), leaves=(on_leave("zhao", "zhou"),)))
    assert places(posts(ToPerson("zhao", "东关街道"), roster=away)) == ["zhou"]
    assert places(posts(ToPerson("zhao", "东关街道"), roster=away, is_private=True)) == ["zhao"]


def test_a_stranger_is_reached_where_he_wrote() -> None:
    (post,) = posts(ToPerson("dingtalk:D100"))
    assert post.target == Target("dingtalk", userid="D100")


def test_the_account_on_the_groups_platform_comes_first() -> None:
    accounts = (("dingtalk", "D1"), ("simulated", "S1"))
    roster = replace(roster_with(), people={"zhao": Person("zhao", "赵强", "", accounts)})
    assert places(posts(ToPerson("zhao", "东关街道"), roster=roster)) == ["S1"]
    assert places(posts(ToPerson("zhao", "东关街道"), roster=roster, rooms=())) == ["D1"]


@pytest.mark.parametrize(
    ("stand_in", "hears"),
    [pytest.param("zhou", "zhou", id="the stand-in"), pytest.param("", "zhao", id="without one the person himself")],
)
def test_who_hears_what_is_meant_for_somebody_away(stand_in: str, hears: str) -> None:
    roster = bound(roster_with((on_leave("zhao", stand_in),)))
    assert places(posts(ToPerson("zhao"), roster=roster)) == [hears]


def test_a_stand_in_who_is_told_anyway_is_told_once() -> None:
    roster = bound(roster_with((on_leave("zhao", "zhou"),)))
    keys = {
        post.key
        for person in ("zhao", "zhou")
        for post in posts(ToPerson(person), roster=roster, key=f"overdue:1:2:{person}")
    }
    assert keys == {"overdue:1:2:zhou"}


@pytest.mark.parametrize("person", ["zhao", "xiaozhao"])
def test_a_key_names_its_hearer_whole(person: str) -> None:
    roster = replace(roster_with(), people={person: Person(person, person, "", (("simulated", person),))})
    (post,) = posts(ToPerson(person), roster=roster, key=f"a:{person}")
    assert post.key == f"a:{person}"
    (bare,) = posts(ToPerson(person), roster=roster, key="a:xxiaozhao")
    assert bare.key == f"a:xxiaozhao:{person}"


CITY_WIDE = ChatRoom("all", "simulated", "全市群", "seat")


@pytest.mark.parametrize(
    ("purpose", "scope", "heard"),
    [
        pytest.param("seat", "东关街道", ["东关指挥席"], id="the township's own"),
        pytest.param("seat", "河西镇", ["全市群"], id="else the city's"),
        pytest.param("seat", "", ["全市群"], id="a matter of the city is not told to one township"),
        pytest.param("office", "", ["市路长办群"], id="the office"),
        pytest.param("leadership", "", ["领导群"], id="the leaders"),
    ],
)
def test_which_group_hears_it(purpose: str, scope: str, heard: list[str]) -> None:
    found = posts(ToPurpose(purpose, scope), rooms=(*City().rooms, CITY_WIDE))
    assert places(found) == heard
    assert all(post.key == f"kind:1:2:{room}" for post, room in zip(found, _names(found), strict=True))


def _names(found: list[Post]) -> list[str]:
    rooms = (*City().rooms, CITY_WIDE)
    return [room.name for post in found for room in rooms if room.chat_id == post.target.chat_id]


@pytest.mark.parametrize(
    ("purpose", "heard"),
    [
        pytest.param("office", ["wu", "feng"], id="the office's people"),
        pytest.param("leadership", ["wu", "feng"], id="an announcement: the office's people"),
        pytest.param("ops", ["admin"], id="the operators"),
        pytest.param("seat", [], id="a seat without a group: its people are told by name"),
    ],
)
def test_who_hears_what_no_group_is_bound_for(purpose: str, heard: list[str]) -> None:
    assert places(posts(ToPurpose(purpose), rooms=())) == heard


def test_no_office_at_all_loses_nothing_silently() -> None:
    nobody = bound(roster_with(posts=(Office("qian", Role.SEAT, "东关街道", ""),)))
    assert posts(ToPurpose("office"), roster=nobody, rooms=()) == []


def test_an_answer_goes_back_by_its_handle() -> None:
    handle = ReplyHandle('{"url": 1}', MORNING + timedelta(minutes=5), 1)
    (post,) = posts(ToChat("simulated", "东关群", True, handle), urgency=Urgency.REPLY)
    assert post.target == Target("simulated", chat_id="东关群")
    assert notify.handle_of(post.reply) == handle
    (private,) = posts(ToChat("simulated", "zhao", False), urgency=Urgency.REPLY)
    assert private.target == Target("simulated", userid="zhao")
    assert notify.handle_of(private.reply) is None


def test_a_post_without_words_is_written_when_it_leaves() -> None:
    (post,) = posts(ToPerson("zhao"), text="")
    assert post.text is None


def test_what_a_group_hears_for_several_people_is_said_once_and_calls_them_all() -> None:
    people = [post for who in ("zhao", "zhou") for post in posts(ToPerson(who, "东关街道"), roster=roster_with())]
    (said,) = shared(people)
    assert said.mentions == ("zhao", "zhou")
    pictured = [replace(post, key=f"{post.key}#1", head=post.key, text="", person=post.person) for post in people]
    assert [post.head for post in shared([*people, *pictured])] == ["", people[0].key]
    other = replace(people[1], text="别的话")
    assert shared([people[0], other]) == [people[0], other]


def test_private_posts_of_the_same_words_stay_apart() -> None:
    people = [post for who in ("zhao", "zhou") for post in posts(ToPerson(who, "东关街道"))]
    assert shared(people) == people
