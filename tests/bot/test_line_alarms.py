"""A live connection's note for the doctor, and the one hint when nothing ever comes over it."""

from datetime import timedelta

import pytest

from bot.line_alarms import HINTS, HOLDER, LineAlarms, state_row
from bot.operations import Operations
from bot.platforms.wecom.line import LineState
from tests.house import OPS, House


async def watching(house: House, platform: str) -> LineAlarms:
    operations = Operations()
    await operations.start(house.machine)
    alarms = LineAlarms(house.machine, operations, platform)
    await alarms.changed(LineState.LIVE, house.clock.now())
    return alarms


async def hints(house: House, platform: str) -> int:
    await house.machine.settle()
    return house.all_heard(OPS).count(HINTS[platform])


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_two_minutes_without_any_message_are_told_once(house: House, platform: str) -> None:
    alarms = await watching(house, platform)
    house.clock.advance(timedelta(seconds=119))
    await alarms.look(LineState.LIVE)
    assert await hints(house, platform) == 0
    house.clock.advance(timedelta(seconds=1))
    for _ in range(3):
        await alarms.look(LineState.LIVE)
    assert await hints(house, platform) == 1
    again = await watching(house, platform)  # after a restart
    house.clock.advance(timedelta(minutes=3))
    await again.look(LineState.LIVE)
    assert await hints(house, platform) == 1


async def test_where_messages_have_come_a_quiet_hour_is_no_news(house: House) -> None:
    await house.machine.receive("wecom.bot", "wecom", "m1", "{}")
    alarms = await watching(house, "wecom")
    house.clock.advance(timedelta(hours=1))
    await alarms.look(LineState.LIVE)
    assert await hints(house, "wecom") == 0


async def test_the_last_frame_and_the_holder_are_noted_each_half_minute(house: House) -> None:
    alarms = await watching(house, "wecom")
    since = house.clock.now()

    async def frame() -> str:
        async with house.store.reading(house.clock.now()) as view:
            row = await view.setting(state_row("wecom"))
        assert (row["state"], row["since"], row["holder"]) == ("live", since.isoformat(), HOLDER)
        return str(row["frame"])

    assert await frame() == since.isoformat()
    for seconds in (40, 41):  # the second look comes too soon
        house.clock.advance(since + timedelta(seconds=seconds) - house.clock.now())
        await alarms.look(LineState.LIVE, timedelta(seconds=5))
    assert await frame() == (since + timedelta(seconds=35)).isoformat()
