"""Single steps of casework whose outcome is easily got wrong."""

from datetime import timedelta

import pytest

from domain.case import Case, State
from domain.casework import commanding, handling, opening, verifying
from domain.effects import ToPerson
from domain.errors import Missing, NotAllowed, RuleError, WrongState
from domain.roster import Post, Role
from tests.domain.casework.city import City, now_, on_leave, photo, reported, roster_with, segment
from tests.house import POSTS


@pytest.fixture
def city() -> City:
    return City()


def resolve(city: City, case: Case, by: str = "zhao", name: str = "after") -> Case:
    return city.kept(now_(handling.resolve(city.work, case, by, [photo(name)])))


def test_a_report_is_assigned_with_both_clocks(city: City) -> None:
    case = reported(city)
    assert (case.state, case.handler, case.chief, case.segment) == (State.ASSIGNED, "zhao", "wang", "XC001")
    assert case.due == case.handler_due
    assert case.ack_due is not None
    assert f"ladder:{case.id}" in city.timers
    assert [n.kind for n in city.notices] == ["work"]


def test_the_category_s_department_is_told_to_help_and_no_other() -> None:
    posts = (*POSTS, Post("qian", Role.DEPARTMENT, "环卫中心"), Post("sun", Role.DEPARTMENT, "园林中心"))
    city = City(roster=roster_with(posts=posts))
    case = reported(city)
    (told,) = [notice for notice in city.notices if notice.kind == "helper"]
    assert told.to == ToPerson("qian", "东关街道")
    assert told.text.startswith(f"【{case.number}】请协助｜路面遗漏垃圾｜")


def test_a_report_without_a_place_waits_without_a_clock(city: City) -> None:
    case = reported(city, "")
    assert (case.state, case.due, case.township) == (State.UNLOCATED, None, "东关街道")
    assert city.timers == {}
    placed = city.kept(now_(opening.locate(city.work, case, segment("XC003"), "qian")))
    assert (placed.handler, placed.state) == ("sun_li", State.ASSIGNED)


def test_evidence_is_byte_equal_to_no_photo_of_any_case(city: City) -> None:
    other = reported(city, photos=(photo("seen"),))
    case = reported(city, "XC002")
    with pytest.raises(RuleError, match=f"与{other.number}已有照片相同"):
        resolve(city, case, name="seen")
    with pytest.raises(Missing, match="须附整改后照片"):
        now_(handling.resolve(city.work, case, "zhao", []))
    assert resolve(city, case).resolved_by == "zhao"


@pytest.mark.parametrize("event", ["no_photo", "extension", "shelving"])
def test_what_was_asked_ends_when_the_case_leaves_the_hands(city: City, event: str) -> None:
    case, later = reported(city), city.now + timedelta(days=3)
    if event == "no_photo":
        case = city.kept(handling.ask_no_photo(city.work, case, "zhao", "夜间无光"))
    elif event == "extension":
        case = city.kept(handling.ask_extension(city.work, case, "zhao", "等料", later))
    else:
        case = city.kept(commanding.ask_shelving(city.work, case, "zhao", "管线", later))
    assert getattr(case, event) is not None
    assert getattr(city.kept(handling.give_back(city.work, case, "zhao", "文化街以东")), event) is None


def test_a_confirmation_after_the_case_changed_hands_confirms_nothing(city: City) -> None:
    asked = city.kept(handling.ask_no_photo(city.work, reported(city), "zhao", "夜间无光"))
    moved = city.kept(commanding.reassign(city.work, asked, "chen", "zhou"))
    with pytest.raises(WrongState, match="没有待确认的无图办结申请"):
        handling.decide_no_photo(city.work, moved, "chen", confirmed=True)


def test_nobody_decides_on_his_own_request(city: City) -> None:
    case = reported(city, "XC004")
    asked = city.kept(handling.ask_extension(city.work, case, "chen", "等料", city.now + timedelta(days=2)))
    with pytest.raises(NotAllowed, match="不能由申请人本人批准"):
        commanding.decide_extension(city.work, asked, "chen", "", granted=True)


def test_a_third_extension_is_refused_with_the_way_out(city: City) -> None:
    case = reported(city)
    for day in (2, 3):
        until = city.now + timedelta(days=day)
        case = city.kept(handling.ask_extension(city.work, case, "zhao", "等料", until))
        case = city.kept(commanding.decide_extension(city.work, case, "chen", "", granted=True))
        assert (case.due, case.handler_due) == (until, until)
    with pytest.raises(RuleError, match=r"已延期2次.*挂账 0001"):
        handling.ask_extension(city.work, case, "zhao", "等料", city.now + timedelta(days=9))


def test_the_next_handler_gets_a_whole_limit_and_the_cases_deadline_stays(city: City) -> None:
    case = city.kept(handling.give_back(city.work, reported(city), "zhao", "文化街以东"))
    assert f"ladder:{case.id}" not in city.timers
    city.pass_time(hours=1)
    moved = city.kept(commanding.reassign(city.work, case, "qian", "zhou"))
    assert case.due is not None
    assert moved.due == case.due
    assert moved.handler_due == city.work.rules.calendar.add_working(case.due, timedelta(hours=1))
    assert (moved.paused_at, moved.handler, moved.state) == (None, "zhou", State.ASSIGNED)


def test_picking_oneself_after_a_return_starts_the_clocks_again(city: City) -> None:
    city.roster = roster_with((on_leave("he"),))
    case = reported(city, "XC005", township="河西镇")
    assert (case.handler, case.chief) == ("gao", "")
    back = city.kept(handling.give_back(city.work, case, "gao", "不在本段"))
    taken = city.kept(commanding.pick(city.work, back, "gao", "gao"))
    assert (taken.state, taken.handler, taken.chief, taken.paused_at) == (State.ASSIGNED, "gao", "gao", None)
    assert f"ladder:{taken.id}" in city.timers


def test_rework_restarts_the_handlers_clock_and_leaves_the_cases(city: City) -> None:
    done = resolve(city, reported(city))
    city.pass_time(hours=2)
    back = city.kept(verifying.rejected(city.work, done, "qian", "物料仍在"))
    assert (back.state, back.reworks, back.resolved_by) == (State.REWORK, 1, "")
    assert back.due == done.due
    assert back.handler_due == city.work.rules.due(back, city.now)


@pytest.mark.parametrize(
    ("days", "comes_back"),
    [pytest.param(3, True, id="on the third day"), pytest.param(3.01, False, id="later it is a new problem")],
)
def test_rebound(city: City, days: float, comes_back: bool) -> None:
    done = city.kept(verifying.passed(city.work, resolve(city, reported(city)), "qian"))
    city.pass_time(days=days)
    if comes_back:
        assert city.kept(verifying.reopened(city.work, done, "liu_fang", "又摆出来了", ())).rebounds == 1
    else:
        with pytest.raises(WrongState, match="已超过3天"):
            verifying.reopened(city.work, done, "liu_fang", "又摆出来了", ())


def test_shelving_takes_two_people_and_stops_the_clock(city: City) -> None:
    until = city.now + timedelta(days=30)
    asked = city.kept(commanding.ask_shelving(city.work, reported(city), "zhao", "管线迁改", until))
    once = city.kept(commanding.approve_shelving(city.work, asked, "chen"))
    assert once.state is State.ASSIGNED
    with pytest.raises(RuleError, match="还需另一人同意"):
        commanding.approve_shelving(city.work, once, "chen")
    shelved = city.kept(commanding.approve_shelving(city.work, once, "li"))
    assert (shelved.state, city.timers[f"shelve:{shelved.id}"].due_at) == (State.SHELVED, until)
    city.pass_time(days=2)
    back = city.kept(commanding.resume(city.work, shelved, ""))
    assert back.due is not None
    assert shelved.due is not None
    assert back.due > shelved.due
    assert (back.state, back.shelving) == (State.ACKNOWLEDGED, None)


def test_a_merged_reporter_follows_the_other_case(city: City) -> None:
    case, other = reported(city), reported(city, reporter="he_ying")
    city.kept(commanding.merge(city.work, case, other, "qian"))
    assert city.held[other.id].followers == ("liu_fang",)
    with pytest.raises(RuleError):
        commanding.merge(city.work, other, other, "qian")


def test_on_time_is_said_in_the_ledger(city: City) -> None:
    case = reported(city)
    city.pass_time(days=5)
    resolve(city, case)
    assert [e.facts["on_time"] for e in city.events if e.kind == "resolve"] == [False]
