"""Escalation through five levels, each exactly once; and whatever ends or moves a limit ends or moves its steps."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.house import House
from tests.schedules.stage import ALONE, HOLE, entries, lines, report, times

Act = Callable[[House], Coroutine[Any, Any, None]]


async def test_five_levels_each_exactly_once(house: House) -> None:
    case = await report(house)  # Monday 09:00, until 11:00
    await house.until(house.local(8, 18))
    assert times(house, "未认领｜", "王建国") == ["06-01 11:00"]
    assert times(house, "2026-0001认领超时5小时，10分钟后将报二级路长陈涛", "赵强") == ["06-01 16:50"]
    assert times(house, "提请协调", "陈涛") == ["06-01 17:00"]
    assert times(house, "提请协调", "李卫东") == ["06-02 11:00"]
    assert times(house, "提请协调", "张市长") == ["06-03 11:00"]
    assert times(house, "督办单（代拟稿）2026-0001", "吴主任") == ["06-04 11:00"]
    assert times(house, "督办单（代拟稿）2026-0001", "冯副主任") == ["06-04 11:00"]
    steps = await entries(house, case, "escalate")
    assert [step["step"] for step in steps] == [
        "ack:limit",
        "ack:second_level:notice",
        "ack:second_level",
        "ack:township_head",
        "ack:first_level",
        "ack:office",
    ]
    assert not any(step["system_late"] for step in steps)


async def test_a_chief_who_handles_himself_is_told_once_of_his_limit(house: House) -> None:
    await report(house, ALONE)
    await house.until(house.local(1, 15))
    assert times(house, "未认领", "何局") == []
    assert [line.text.split("：")[1] for line in lines(house, "截至14", "何局")] == ["①0001 超时3小时"]


async def test_a_hazard_goes_up_at_15_and_30_minutes_also_at_night(house: House) -> None:
    await house.until(house.local(6, 23))  # a Saturday
    await report(house, HOLE)
    assert times(house, "紧急", "赵强") == ["06-06 23:00"]
    await house.until(house.local(7, 3))
    for who in ("陈涛", "钱专干"):
        assert times(house, "紧急未认领", who) == ["06-06 23:15"]
    for who in ("李卫东", "吴主任", "冯副主任"):
        assert times(house, "紧急未认领", who) == ["06-06 23:30"]


async def test_a_hazard_taken_in_time_goes_no_further(house: House) -> None:
    await house.until(house.local(6, 23))
    await report(house, HOLE)
    await house.advance(minutes=14)
    await house.say("赵强", "收到")
    await house.until(house.local(7, 0, 40))
    assert lines(house, "紧急未认领") == []


async def acknowledged(house: House) -> None:
    await house.say("赵强", "收到 0001")


async def resolved(house: House) -> None:
    await house.say("赵强", "0001 已处理", photo="after")


async def returned(house: House) -> None:
    await house.say("赵强", "非我路段 0001 文化街以东")


async def declined(house: House) -> None:
    await house.say("钱专干", "不予立案 0001 属小区内部")


async def voided(house: House) -> None:
    await house.say("吴主任", "作废 0001 误报")


async def reassigned(house: House) -> None:
    await house.say("陈涛", "改派 0001 周敏")


async def dissuaded(house: House) -> None:
    await house.say("赵强", "劝阻 0001 已当面告知商户")


async def shelved(house: House) -> None:
    await house.say("赵强", "挂账 0001 6月2日 管线迁改未完成")
    await house.say("陈涛", "同意挂账 0001")
    await house.say("李卫东", "同意挂账 0001")


async def nothing(house: House) -> None:
    pass


@pytest.mark.parametrize(
    ("act", "stays"),
    [
        pytest.param(nothing, True, id="untouched"),
        pytest.param(acknowledged, True, id="acknowledged, but its settling is due at the same time"),
        pytest.param(dissuaded, True, id="dissuaded, but its settling is due at the same time"),
        pytest.param(resolved, False, id="resolved"),
        pytest.param(returned, False, id="returned"),
        pytest.param(declined, False, id="declined"),
        pytest.param(voided, False, id="void"),
        pytest.param(reassigned, False, id="reassigned: the clocks start again"),
        pytest.param(shelved, False, id="shelved"),
    ],
)
async def test_each_exit_ends_the_steps(house: House, act: Act, stays: bool) -> None:
    await report(house)
    await house.until(house.local(1, 10, 59))
    await act(house)
    assert (await house.case(1)).version > 0 or act is nothing
    await house.until(house.local(1, 11, 1))
    assert bool(times(house, "【2026-0001】", "王建国")) is stays


@pytest.mark.parametrize("act", [acknowledged, dissuaded])
async def test_whoever_takes_a_case_late_is_not_reported_again_for_the_same_hours(house: House, act: Act) -> None:
    await report(house)
    await house.until(house.local(2, 12))  # limit, second level and township head have heard
    await act(house)
    await house.until(house.local(2, 18))
    after = [line for line in lines(house) if line.at >= "06-02 12:00" and line.who in ("王建国", "陈涛", "李卫东")]
    assert after == []
    await house.until(house.local(4, 12))
    assert times(house, "提请协调", "张市长") == ["06-03 11:00"]
    assert times(house, "提请协调", "李卫东") == ["06-02 11:00"]


async def test_a_reassigned_case_starts_its_steps_again_with_the_new_handler(house: House) -> None:
    await report(house)
    await house.until(house.local(1, 15))
    await reassigned(house)
    await house.until(house.local(2, 12))
    assert times(house, "10分钟后将报", "赵强") == []
    assert times(house, "未认领", "王建国") == ["06-01 11:00", "06-01 17:00"]
    assert times(house, "提请协调", "陈涛") == ["06-02 11:00"]


async def test_an_extension_moves_the_steps(house: House) -> None:
    await report(house)
    await acknowledged(house)
    await house.say("赵强", "延期 0001 需商户搬迁 明天12点")
    await house.say("陈涛", "批准延期 0001")
    await house.until(house.local(2, 11, 59))
    assert times(house, "超时", "王建国") == []
    await house.until(house.local(2, 18))
    assert times(house, "【2026-0001】超时", "王建国") == ["06-02 12:00"]
    assert times(house, "提请协调", "陈涛") == ["06-02 18:00"]


async def test_a_refused_extension_moves_nothing(house: House) -> None:
    await report(house)
    await acknowledged(house)
    await house.say("赵强", "延期 0001 需商户搬迁 明天12点")
    await house.say("陈涛", "不批准延期 0001 当日可办")
    await house.until(house.local(1, 11, 1))
    assert times(house, "【2026-0001】超时", "王建国") == ["06-01 11:00"]


async def test_rework_gives_the_handler_a_new_limit(house: House) -> None:
    await report(house)
    await resolved(house)
    await house.until(house.local(1, 15))
    await house.say("钱专干", "0001 不通过 物料仍在")
    await house.until(house.local(1, 17, 1))
    assert times(house, "【2026-0001】超时", "王建国") == ["06-01 17:00"]


async def test_a_case_shelved_while_overdue_is_not_reported_again_when_it_resumes(house: House) -> None:
    await report(house)
    await acknowledged(house)
    await house.until(house.local(1, 18))  # limit at 11:00, second level at 17:00
    await shelved(house)
    before = len(lines(house, "提请协调", "陈涛"))
    await house.until(house.local(3, 10))
    assert (await house.case(1)).state.value == "acknowledged"
    assert len(lines(house, "提请协调", "陈涛")) == before
    assert len(lines(house, "【2026-0001】超时", "王建国")) == 1
