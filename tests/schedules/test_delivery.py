"""Limits count from delivery: nobody is late for a message that our own or a platform's outage held back."""

from datetime import timedelta

from tests.house import House
from tests.schedules.stage import HOLE, Outage, entries, lines, report, restart, times


async def test_an_outage_moves_the_limits_by_the_working_time_it_took(house: House) -> None:
    with Outage(house):
        case = await report(house)  # Monday 09:00, to be taken until 11:00
        await house.until(house.local(1, 9, 30))
    await house.until(house.local(1, 9, 40))
    (sent,) = [post.at for post in house.platform.posted if "【2026-0001】乱设摊点" in post.outgoing.text]
    moved = await house.case(1)
    assert case.ack_due is not None
    assert moved.ack_due == case.ack_due + (sent - house.local(1, 9))
    assert moved.due == moved.handler_due == moved.ack_due
    (entry,) = await entries(house, case, "delivered_late")
    assert entry["ack_due"] == moved.ack_due.isoformat()
    assert len(lines(house, "时限已顺延", "赵强")) == 1
    await house.until(moved.ack_due - timedelta(minutes=1))
    assert lines(house, "未认领", "王建国") == []
    await house.until(moved.ack_due + timedelta(minutes=1))
    assert len(lines(house, "未认领", "王建国")) == 1


async def test_nobody_is_reported_while_the_message_is_under_way(house: House) -> None:
    with Outage(house):
        case = await report(house)
        await house.until(house.local(1, 12))  # beyond the limit
        assert await entries(house, case, "escalate") == []
    await house.until(house.local(1, 12, 10))
    moved = await house.case(1)
    assert moved.raised == 0
    assert moved.ack_due == house.local(1, 16)  # three working hours later
    assert lines(house, "提请协调") == []


async def test_downtime_of_our_own_counts_the_same(house: House) -> None:
    with Outage(house):
        case = await report(house)
        await restart(house)
    await restart(house, house.local(1, 17))
    moved = await house.case(1)
    assert await entries(house, case, "escalate") == []
    assert moved.ack_due == house.local(2, 9)  # 09:00 to 17:00 are six working hours
    assert moved.due == house.local(1, 19)  # two hours around the clock


async def test_a_late_message_is_counted_once(house: House) -> None:
    with Outage(house):
        case = await report(house)
        await restart(house)
    await restart(house, house.local(1, 10))
    moved = (await house.case(1)).ack_due
    await house.until(house.local(1, 15))
    await restart(house)
    assert (await house.case(1)).ack_due == moved
    assert len(await entries(house, case, "delivered_late")) == 1


async def test_ten_minutes_are_no_delay(house: House) -> None:
    with Outage(house):
        case = await report(house)
        await restart(house)
    await restart(house, house.local(1, 9, 10))
    assert (await house.case(1)).ack_due == case.ack_due
    assert lines(house, "时限已顺延") == []


async def test_a_hazards_limits_move_in_running_time(house: House) -> None:
    await house.until(house.local(1, 22))
    with Outage(house):
        case = await report(house, HOLE)
        await restart(house)
    await restart(house, house.local(1, 23))
    moved = await house.case(1)
    assert case.ack_due is not None
    assert moved.ack_due == case.ack_due + timedelta(hours=1)
    await house.until(house.local(1, 23, 20))
    assert times(house, "紧急未认领", "陈涛") == ["06-01 23:15"]


async def test_a_case_taken_meanwhile_keeps_its_acknowledgement(house: House) -> None:
    with Outage(house):
        case = await report(house)
        await house.say("王建国", "收到 0001")
        await restart(house)
    await restart(house, house.local(1, 10))
    moved = await house.case(1)
    assert moved.ack_due is None
    assert case.due is not None
    assert moved.due == case.due + timedelta(hours=1)


async def test_a_case_settled_meanwhile_stays_as_it_is(house: House) -> None:
    with Outage(house):
        case = await report(house)
        await house.say("王建国", "0001 已处理", photo="after")
        await restart(house)
    await restart(house, house.local(1, 10))
    assert (await house.case(1)).due == case.due
