from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain import authority
from domain.authority import MAY, STANDING_NAMES, Standing
from domain.case import Case, Chain, Event, Origin, State, id_of
from domain.errors import NotAllowed
from domain.roster import Leave, Post, Role, Roster
from tests.domain.casework.city import MONDAY, on_leave, roster_with
from tests.house import POSTS

ROSTER = roster_with()
CASE = Case(
    id_of(2026, 1),
    State.ASSIGNED,
    "zang.litter",
    "一般",
    datetime(2026, 6, 1, 1, 0, tzinfo=UTC),
    "liu_fang",
    segment="XC001",
    township="东关街道",
    chain=Chain("市农业局", "wang", "chen", "li", "zhang"),
    chief="wang",
    handler="zhao",
    followers=("he_ying",),
)
# Who stands how to CASE; everybody else in the city is a stranger to it.
PEOPLE = {
    "zhao": "handler",
    "wang": "chief",
    "chen": "second_level",
    "li": "township_head",
    "zhang": "first_level",
    "qian": "seat",
    "wu": "office",
    "sun": "inspector",
    "zheng": "leader",
    "liu_fang": "reporter",
    "he_ying": "reporter",
}
ELSEWHERE = ["sun_li", "liu", "zhou", "he", "gao", "ma", "wecom:somebody"]  # of other segments, townships, or nobody
DOER, DESK = "handler chief", "seat office"
COMMAND = "second_level township_head seat office"
ALLOWED = {
    "locate": f"{DESK} reporter",
    "acknowledge": DOER,
    "resolve": DOER,
    "dissuade": DOER,
    "return": DOER,
    "ask_extension": DOER,
    "grant_extension": COMMAND,
    "refuse_extension": COMMAND,
    "ask_no_photo": DOER,
    "ask_shelve": f"{DOER} {COMMAND}",
    "approve_shelve": "second_level township_head office",
    "resume": COMMAND,
    "reassign": COMMAND,
    "merge": f"{DESK} reporter",
    "decline": DESK,
    "void": "office",
    "reopen": f"{DESK} reporter inspector",
    "raise": f"{DOER} {COMMAND} inspector",
    "reclassify": f"{DESK} inspector second_level",
    "urge": f"{COMMAND} first_level leader",
    "finding": "inspector office",
}
BY_OTHER_RULES = {"pass", "fail", "confirm_no_photo", "refuse_no_photo", "accept_tier", "hand_back_tier", "points"} | {
    "withdraw",
    "recalled",
}
BY_THE_SYSTEM = {"report", "shelve", "supplement", "follow", "escalate", "refused", "doubt"}


def stands(person: str, case: Case = CASE, roster: Roster = ROSTER, day: date = MONDAY) -> set[str]:
    return {standing.value for standing in authority.standings(person, case, roster, day)}


def test_every_event_has_somebody_who_may() -> None:
    assert set(ALLOWED) == {event.value for event in MAY}
    assert set(ALLOWED) | BY_OTHER_RULES | BY_THE_SYSTEM == {event.value for event in Event}


@pytest.mark.parametrize("event", ALLOWED)
@pytest.mark.parametrize("person", [*PEOPLE, *ELSEWHERE])
def test_who_may_do_what(person: str, event: str) -> None:
    may = PEOPLE.get(person, "") in ALLOWED[event].split()
    if may:
        assert Standing(PEOPLE[person]) in authority.require(person, CASE, Event(event), ROSTER, MONDAY)
        return
    with pytest.raises(NotAllowed) as refused:
        authority.require(person, CASE, Event(event), ROSTER, MONDAY)
    text = refused.value.text
    assert text.startswith("2026-0001")
    assert text.endswith("您无需操作。")
    named = [STANDING_NAMES[Standing(s)] for s in ALLOWED[event].split()]
    assert "赵强" in text or all(name in text for name in named), "names nobody who may"


@pytest.mark.parametrize("person", [*PEOPLE, *ELSEWHERE])
def test_standings(person: str) -> None:
    assert stands(person) == ({PEOPLE[person]} if person in PEOPLE else set())


@pytest.mark.parametrize(
    ("absent", "standing"),
    [
        pytest.param("zhao", "handler", id="handler"),
        pytest.param("wang", "chief", id="chief"),
        pytest.param("chen", "second_level", id="second level"),
        pytest.param("li", "township_head", id="township head"),
        pytest.param("zhang", "first_level", id="first level"),
        pytest.param("qian", "seat", id="seat"),
        pytest.param("sun", "inspector", id="inspector"),
    ],
)
def test_a_stand_in_stands_as_the_absent_one_while_the_leave_lasts(absent: str, standing: str) -> None:
    roster = roster_with((on_leave(absent, "zhou", MONDAY, date(2026, 6, 2)),))
    assert stands("zhou", roster=roster) == {standing}
    assert stands("zhou", roster=roster, day=date(2026, 6, 2)) == {standing}
    assert stands("zhou", roster=roster, day=date(2026, 6, 3)) == set()
    assert standing in stands(absent, roster=roster), "who is away keeps the right to act"


def test_the_leave_entered_last_counts() -> None:
    roster = roster_with((on_leave("wang", "zhou"), on_leave("wang", "zhao")))
    assert stands("zhou", roster=roster) == set()
    assert stands("zhao", roster=roster) == {"handler", "chief"}


def test_a_reporters_stand_in_is_not_the_reporter() -> None:
    roster = roster_with((on_leave("liu_fang", "zhou"),))
    assert stands("zhou", roster=roster) == set()


@pytest.mark.parametrize(
    ("posts", "township", "people"),
    [
        pytest.param(POSTS, "东关街道", ["qian"], id="the township's seat"),
        pytest.param((*POSTS, Post("zhou", Role.COORDINATOR, "河西镇")), "河西镇", ["zhou"], id="else its coordinator"),
        pytest.param(
            (*POSTS, Post("zhou", Role.COORDINATOR, "东关街道")), "东关街道", ["qian"], id="the seat goes first"
        ),
        pytest.param(POSTS, "河西镇", ["wu", "feng"], id="else the city office"),
        pytest.param(POSTS, "", ["wu", "feng"], id="no township: the city office"),
        pytest.param((*POSTS, Post("zhou", Role.SEAT, "")), "", ["wu", "feng"], id="a seat without a township is none"),
        pytest.param((), "东关街道", [], id="nobody at all"),
    ],
)
def test_the_desk(posts: tuple[Post, ...], township: str, people: list[str]) -> None:
    assert authority.desk(township, roster_with(posts=posts), MONDAY) == people


def resolved(**changes: object) -> Case:
    return replace(CASE, **{"state": State.RESOLVED, "resolved_by": "zhao", **changes})  # type: ignore[arg-type]


PATROL = resolved(origin=Origin.PATROL, inspector="sun")
SECOND_INSPECTOR = (*POSTS, Post("zhou", Role.INSPECTOR, "", "督查组"))


@pytest.mark.parametrize(
    ("case", "posts", "people"),
    [
        pytest.param(resolved(), POSTS, ["qian"], id="the township's seat"),
        pytest.param(resolved(township="河西镇"), POSTS, ["wu", "feng"], id="no seat: the office"),
        pytest.param(resolved(handler="qian"), POSTS, ["wu", "feng"], id="the seat handled it"),
        pytest.param(resolved(resolved_by="qian"), POSTS, ["wu", "feng"], id="the seat resolved it"),
        pytest.param(resolved(extension_approver="qian"), POSTS, ["wu", "feng"], id="the seat granted its extension"),
        pytest.param(
            resolved(), (*POSTS, Post("qian", Role.COORDINATOR, "河西镇", "市农业局")), ["wu", "feng"], id="of his unit"
        ),
        pytest.param(
            resolved(extension_approver="qian", handler="wu"), POSTS, [], id="nobody left: the office handled it itself"
        ),
        pytest.param(PATROL, POSTS, ["sun"], id="a finding: its inspector"),
        pytest.param(replace(PATROL, inspector="gone"), POSTS, ["sun"], id="a finding whose inspector left: any"),
        pytest.param(replace(PATROL, handler="sun"), SECOND_INSPECTOR, ["wu", "feng"], id="her own unit is out too"),
    ],
)
def test_verifiers(case: Case, posts: tuple[Post, ...], people: list[str]) -> None:
    assert authority.verifiers(case, roster_with(posts=posts), MONDAY) == people


@pytest.mark.parametrize(
    ("person", "case", "may"),
    [
        pytest.param("qian", resolved(), True, id="the seat"),
        pytest.param("wu", resolved(), True, id="the office at any time"),
        pytest.param("sun", resolved(), False, id="an inspector, but no finding"),
        pytest.param("sun", PATROL, True, id="the finding's inspector"),
        pytest.param("qian", PATROL, False, id="the seat, but a finding"),
        pytest.param("zhao", resolved(), False, id="who handled it"),
        pytest.param("wang", resolved(), False, id="its chief"),
        pytest.param("zhou", resolved(), False, id="a colleague of the handler"),
        pytest.param("chen", resolved(), False, id="the second level"),
        pytest.param("li", resolved(), False, id="the township head"),
        pytest.param("liu_fang", resolved(), False, id="the reporter"),
        pytest.param("wecom:x", resolved(), False, id="a stranger"),
        pytest.param("wu", resolved(extension_approver="wu"), False, id="the office man who granted the extension"),
        pytest.param("feng", resolved(extension_approver="wu"), True, id="his colleague"),
        pytest.param("qian", resolved(handler="qian", resolved_by="qian"), False, id="the seat's own work"),
    ],
)
def test_who_may_verify(person: str, case: Case, may: bool) -> None:
    if may:
        authority.require_verifier(person, case, ROSTER, MONDAY)
        return
    with pytest.raises(NotAllowed) as refused:
        authority.require_verifier(person, case, ROSTER, MONDAY)
    assert refused.value.text.startswith("2026-0001")


@pytest.mark.parametrize(
    ("leaves", "person", "may"),
    [
        pytest.param((on_leave("qian", "feng"),), "feng", True, id="the office stands in"),
        pytest.param((on_leave("qian", "liu"),), "liu", True, id="the seat's stand-in"),
        pytest.param((on_leave("qian", "zhou"),), "zhou", False, id="a stand-in of the handler's unit"),
        pytest.param((on_leave("qian", "zhao"),), "zhao", False, id="the handler as the seat's stand-in"),
    ],
)
def test_a_stand_in_verifies_unless_he_had_a_hand_in_it(leaves: tuple[Leave, ...], person: str, may: bool) -> None:
    roster = roster_with(leaves)
    if may:
        authority.require_verifier(person, resolved(), roster, MONDAY)
    else:
        with pytest.raises(NotAllowed):
            authority.require_verifier(person, resolved(), roster, MONDAY)


@pytest.mark.parametrize(
    ("has_unit", "who"),
    [
        pytest.param(True, "chen", id="second-level chief"),
        pytest.param(False, "li", id="township head where no unit is assigned (S33)"),
    ],
)
def test_who_confirms_closing_without_a_photo(has_unit: bool, who: str) -> None:
    case = replace(CASE, chain=replace(CASE.chain, has_unit=has_unit))
    assert authority.confirmers_without_photo(case) == [who]


@pytest.mark.parametrize(
    ("leaves", "who"),
    [
        pytest.param((), "wang", id="himself"),
        pytest.param((on_leave("wang", "zhou"),), "zhou", id="his stand-in"),
        pytest.param((on_leave("wang"),), "", id="away without one"),
        pytest.param(
            (on_leave("wang", "zhou", date(2026, 6, 2), date(2026, 6, 2)),), "wang", id="leave begins tomorrow"
        ),
    ],
)
def test_who_is_present(leaves: tuple[Leave, ...], who: str) -> None:
    assert authority.present("wang", roster_with(leaves), MONDAY) == who


def test_roles_and_titles() -> None:
    assert authority.roles_of("zhao", ROSTER, MONDAY) == {Role.DUTY}
    assert authority.roles_of("chen", ROSTER, MONDAY) == {Role.SECOND_LEVEL, Role.CHIEF}
    assert authority.roles_of("wecom:x", ROSTER, MONDAY) == frozenset()
    titles = [authority.role_title(person, ROSTER, MONDAY) for person in ("chen", "li", "wang", "zhao", "qian")]
    assert titles == ["陈涛二级路长", "李卫东辖区总路长", "王建国路段长", "赵强", "钱专干"]


def test_the_refusal_names_the_handler_or_the_offices() -> None:
    nobody = replace(CASE, handler="")
    assert authority.refusal(CASE, MAY[Event.RESOLVE], ROSTER) == "2026-0001由赵强负责，您无需操作。"
    assert (
        authority.refusal(nobody, MAY[Event.RESOLVE], ROSTER) == "2026-0001的这项操作由承办人、路段长办理，您无需操作。"
    )
    assert authority.refusal(CASE, MAY[Event.VOID], ROSTER) == "2026-0001的这项操作由市路长办办理，您无需操作。"


@pytest.mark.parametrize(
    ("person", "subject", "may"),
    [
        pytest.param("wang", "wang", True, id="his own"),
        pytest.param("wang", "chen", True, id="the one above him"),
        pytest.param("chen", "wang", True, id="the one below him"),
        pytest.param("li", "liu", True, id="a chief of his township"),
        pytest.param("wang", "liu", False, id="a chief of the same rank"),
        pytest.param("chen", "gao", False, id="another township's"),
        pytest.param("wu", "gao", True, id="the office"),
        pytest.param("zheng", "gao", True, id="a city leader"),
        pytest.param("zhao", "wang", False, id="a duty person"),
        pytest.param("qian", "chen", False, id="the seat"),
    ],
)
def test_whose_own_figures_who_may_read(person: str, subject: str, may: bool) -> None:
    assert authority.may_read_figures(person, subject, ROSTER, MONDAY) is may


def test_a_stand_in_reads_what_the_absent_may() -> None:
    roster = replace(ROSTER, leaves=(on_leave("wang", "zhou"),))
    assert authority.may_read_figures("zhou", "wang", roster, MONDAY)
    assert not authority.may_read_figures("zhou", "liu", roster, MONDAY)
