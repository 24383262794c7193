"""After downtime everything missed happens exactly once, marked late, in one message a person; a clock may jump."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from domain.case import Case
from domain.casework import opening
from domain.casework.opening import Draft
from domain.casework.work import Work
from schedules.tick import tick
from tests.house import House
from tests.schedules.stage import HOLE, down_until, entries, lines, report, restart, times


async def fill(house: House, count: int) -> list[Case]:
    """Open many cases at once, on all segments in turn."""
    cases = []
    async with house.store.deciding(house.clock.now()) as view:
        work = Work(view, house.rules)
        segments = view.roster.on(work.day)
        for number in range(count):
            draft = Draft("luan.stall", "一般", "liu_fang", text=f"占道经营{number}")
            case, effects = await opening.open_case(work, draft, segments[number % len(segments)])
            view.apply(effects)
            cases.append(case)
    await house.machine.settle()
    return cases


async def test_three_days_down_with_many_open_cases_are_one_message_a_person(house: House) -> None:
    cases = await fill(house, 500)  # Monday 09:00
    await house.until(house.local(1, 9, 15))
    await restart(house, house.local(4, 9, 15))
    await house.until(house.local(4, 9, 59))
    heard = Counter(post.outgoing.target.userid for post in house.platform.posted if post.at >= house.local(4, 9))
    del heard[""]  # groups
    told = {"wang", "zhao", "chen", "li", "zhang", "sun_li", "he", "gao", "ma", "qian", "wu", "feng", "liu"}
    assert set(heard) == {*told, "sun"}  # the inspector hears of his roads of the day
    assert set(heard.values()) == {1}
    steps = await entries(house, cases[0], "escalate")
    assert [step["step"].split(":", 1)[1] for step in steps] == [
        "limit",
        "second_level:notice",
        "second_level",
        "township_head",
        "first_level",
    ]
    assert all(step["system_late"] for step in steps)
    (said,) = [line.text for line in lines(house, "系统已恢复", "李卫东")]
    assert "提请关注的超时案件400件" in said


async def test_what_downtime_swallowed_is_not_made_up_twice(house: House) -> None:
    case = await report(house)
    await restart(house, house.local(3, 15))
    await restart(house)
    await restart(house, house.local(3, 15, 20))
    assert len(await entries(house, case, "escalate")) == 5
    assert len(lines(house, "系统已恢复", "陈涛")) == 1
    await house.until(house.local(4, 12))
    assert times(house, "督办单（代拟稿）", "吴主任") == ["06-04 11:00"]
    late = [step["system_late"] for step in await entries(house, case, "escalate")]
    assert late == [True] * 5 + [False]


async def test_a_hazard_made_up_goes_out_at_once_also_at_night(house: House) -> None:
    await house.until(house.local(1, 21))
    await report(house, HOLE)
    await restart(house, house.local(2, 2))
    for who in ("陈涛", "钱专干", "李卫东", "吴主任"):
        assert times(house, "紧急未认领", who) == ["06-02 02:00"]


async def test_back_at_night_the_morning_says_it_all(house: House) -> None:
    await report(house)
    await restart(house, house.local(2, 3))
    await house.until(house.local(2, 9, 30))
    for who in ("赵强", "王建国", "陈涛"):
        heard = [line.at[:8] for line in lines(house, who=who) if line.at >= "06-02"]
        assert heard == ["06-02 08"], who


async def test_a_missed_summary_comes_once_for_the_latest_day(house: House) -> None:
    await report(house)
    await restart(house, house.local(4, 20))
    await house.until(house.local(5, 12))
    made_up = lines(house, "督查情况", "市路长办群")
    assert [line.text[:8] for line in made_up] == ["（补发）6月4日"]


async def test_a_short_pause_is_no_downtime(house: House) -> None:
    case = await report(house)
    await down_until(house, house.local(1, 11, 10))
    assert [step["system_late"] for step in await entries(house, case, "escalate")] == [False]
    assert times(house, "未认领", "王建国") == ["06-01 11:10"]


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1), timedelta(days=400)])
async def test_a_clock_that_goes_back_repeats_nothing(house: House, back: timedelta) -> None:
    case = await report(house)
    await house.until(house.local(2, 12))
    before, steps = len(house.platform.posted), len(await entries(house, case, "escalate"))
    now = house.clock.now()
    for minute in range(0, 60, 10):
        await tick(house.store, house.rules, now - back + timedelta(minutes=minute))
    await house.machine.settle()
    assert len(house.platform.posted) == before
    assert len(await entries(house, case, "escalate")) == steps
    assert (await house.case(1)).raised == steps


async def test_a_clock_that_went_ahead_and_came_back_leaves_the_jobs_their_time(house: House) -> None:
    now = house.clock.now()
    await tick(house.store, house.rules, now + timedelta(days=400))
    await restart(house)
    await house.until(house.local(2, 23))
    assert [line.text[:4] for line in lines(house, "督查情况", "市路长办群") if line.at < "06-03"][-1] == "6月2日"


async def test_two_tick_loops_at_once_do_everything_once(house: House) -> None:
    case = await report(house)
    now = house.local(1, 11).astimezone(UTC)
    house.clock.set(now)
    await asyncio.gather(*(tick(house.store, house.rules, now) for _ in range(4)))
    await house.machine.settle()
    assert len(await entries(house, case, "escalate")) == 1
    assert times(house, "未认领", "王建国") == ["06-01 11:00"]


async def test_a_failing_timer_does_not_hold_up_the_others(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await report(house)
    from domain.effects import Effects, Timer

    async with house.store.deciding(house.clock.now()) as view:
        view.apply(Effects(timers=[Timer("bad", "no such kind", "", datetime(2026, 6, 1, 2, 0, tzinfo=UTC))]))
    await house.until(house.local(1, 11, 1))
    assert times(house, "未认领", "王建国") == ["06-01 11:00"]
    assert "timer failed" in caplog.text
