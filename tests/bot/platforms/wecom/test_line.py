import asyncio
import gc
import logging
import os
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.fakes.rules import Fault
from bot.platforms.wecom import frames
from bot.platforms.wecom.connection import Pace
from bot.platforms.wecom.line import MOST_REFUSALS, LineState, longest_pause
from domain.messages import HandleSpent, OutcomeUnknown, PlatformUnreachable
from tests.bot.platforms.wecom.line_rig import QUICK, Rig, rigged

LIVE, DOWN, KICKED, REFUSED = LineState.LIVE, LineState.DOWN, LineState.KICKED, LineState.REFUSED
SUBSCRIBE, RESPOND, PING = "/ws/aibot_subscribe", "/ws/aibot_respond_msg", "/ws/ping"
WORDS = {"msgtype": "markdown", "markdown": {"content": "收到"}}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged() as found:
        yield found


async def test_it_subscribes_once_and_hears_callbacks_in_order(rig: Rig) -> None:
    connection = await rig.live(rig.start())
    for number in range(20):
        await rig.hand.say(f"{number}")
    await rig.until(lambda: len(rig.heard) == 20)
    words = [frame.body["text"] for frame, _ in rig.heard]
    assert words == [{"content": f"{number}"} for number in range(20)]
    assert {came for _, came in rig.heard} == {connection}
    assert (rig.fake.rules.count(SUBSCRIBE), rig.states) == (1, [LIVE])


async def test_pings_keep_a_quiet_line(rig: Rig) -> None:
    await rig.live(rig.start())
    await rig.until(lambda: rig.fake.rules.count(PING) >= 5)
    assert rig.line.connections == 1


async def test_two_unanswered_pings_make_a_new_connection(rig: Rig) -> None:
    first = await rig.live(rig.start())
    rig.fake.rules.arm(Fault("empty", PING, count=2))
    await rig.live(other_than=first)
    assert rig.states == [LIVE, DOWN, LIVE]
    assert rig.fake.rules.count(PING) == 2


async def test_one_lost_ping_is_forgiven(rig: Rig) -> None:
    await rig.live(rig.start())
    rig.fake.rules.arm(Fault("empty", PING))
    await rig.until(lambda: rig.fake.rules.count(PING) >= 4)
    assert rig.line.connections == 1


async def test_whoever_is_kicked_stays_away_until_told(rig: Rig) -> None:
    first = rig.start()
    await rig.live(first)
    second = rig.start()
    await rig.until(lambda: first.state is KICKED)
    await rig.until(lambda: rig.fake.rules.count(PING) >= 5)  # the second one's: time passes
    assert (rig.fake.gateway.kicks, rig.fake.gateway.subscriptions) == (1, 2)
    assert (first.connection_id, bool(second.connection_id)) == ("", True)
    first.resume()
    await rig.live(first)
    await rig.until(lambda: second.state is KICKED)
    assert rig.fake.gateway.subscriptions == 3


async def test_wrong_credentials_stop_after_five_tries(rig: Rig) -> None:
    line = rig.start(secret="wrong")
    await rig.until(lambda: line.state is REFUSED)
    assert rig.fake.rules.count(SUBSCRIBE) == MOST_REFUSALS
    assert rig.states == [REFUSED]
    line.resume()
    await rig.until(lambda: rig.fake.rules.count(SUBSCRIBE) == 2 * MOST_REFUSALS and line.state is REFUSED)


async def test_other_failures_are_not_counted_as_wrong_credentials(rig: Rig) -> None:
    rig.fake.rules.arm(
        Fault("errcode", SUBSCRIBE, count=4, errcode=853000),
        Fault("errcode", SUBSCRIBE, errcode=-1),
        Fault("reset", SUBSCRIBE, count=3),
        Fault("empty", SUBSCRIBE),
        Fault("errcode", SUBSCRIBE, count=4, errcode=853000),
    )
    await rig.live(rig.start())
    assert rig.states == [LIVE]


@pytest.mark.parametrize("kind", ["html", "wrong_type", "huge"])
async def test_rubbish_from_the_gateway_ends_nothing_for_good(rig: Rig, kind: str) -> None:
    await rig.live(rig.start())
    rig.fake.rules.arm(Fault(kind, PING))
    await rig.until(lambda: rig.fake.rules.count(PING) >= 2)
    await rig.live()
    assert rig.line.state is LIVE


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 1), (1, 1), (2, 2), (5, 16), (6, 30), (1000, 30)],
)
def test_pauses_double_up_to_half_a_minute(failures: int, seconds: float) -> None:
    assert longest_pause(Pace(), failures) == seconds


async def test_answers_find_their_frame_and_one_frame_per_req_id_is_under_way(rig: Rig) -> None:
    await rig.live(rig.start())
    one, other = await rig.reply_id(), await rig.reply_id(userid="wangwu")
    rig.fake.rules.arm(Fault("empty", RESPOND), Fault("errcode", RESPOND, errcode=45009))
    lost = asyncio.create_task(rig.line.ask(frames.RESPOND, WORDS, one))
    after = asyncio.create_task(rig.line.ask(frames.RESPOND, WORDS, one))
    await rig.until(lambda: rig.fake.rules.count(RESPOND) == 1)
    aside = await rig.line.ask(frames.RESPOND, WORDS, other)
    assert aside.number("errcode") == 45009  # the first one's answer is still awaited, and its second frame not sent
    assert rig.fake.rules.count(RESPOND) == 2
    with pytest.raises(OutcomeUnknown):
        await lost
    with pytest.raises(HandleSpent):  # a late answer could not be told from the next one's
        await after
    assert (await rig.line.ask(frames.RESPOND, WORDS, other)).number("errcode") == 0


async def test_a_frame_cut_off_may_have_arrived(rig: Rig) -> None:
    await rig.live(rig.start(pace=replace(QUICK, answer=5.0)))
    req_id = await rig.reply_id()
    rig.fake.rules.arm(Fault("reset", RESPOND, is_carried_out=True))
    with pytest.raises(OutcomeUnknown):
        await rig.line.ask(frames.RESPOND, WORDS, req_id)
    assert rig.fake.deliveries[-1].text == "收到"


async def test_without_a_connection_nothing_leaves_and_soon_it_is_tried_again(rig: Rig) -> None:
    line = rig.start(secret="wrong")
    await rig.until(lambda: line.state is REFUSED)
    with pytest.raises(PlatformUnreachable) as caught:
        await line.ask(frames.SEND, WORDS)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() <= 10


async def test_handles_die_with_their_connection_and_after_a_day(rig: Rig) -> None:
    first = await rig.live(rig.start())
    rig.line.remember("wrA", "r1", rig.clock())
    assert rig.line.last_req_id("wrA", rig.clock()) == "r1"
    rig.clock.advance(86_400)
    assert rig.line.last_req_id("wrA", rig.clock()) == ""
    rig.line.remember("wrA", "r2", rig.clock())
    rig.fake.gateway.drop()
    await rig.live(other_than=first)
    assert rig.line.last_req_id("wrA", rig.clock()) == ""


@pytest.mark.peers
async def test_many_disconnects_leave_nothing_behind(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # kept records would count as growth
    connection = await rig.live(rig.start(pace=replace(QUICK, first_pause=0.0, longest_pause=0.0, ping=30.0)))

    async def disconnect(times: int) -> tuple[int, int, int]:
        nonlocal connection
        for _ in range(times):
            rig.fake.gateway.drop()
            connection = await rig.live(other_than=connection)
        await rig.until(lambda: rig.fake.gateway.peers == 1)
        rig.fake.rules.asked.clear()
        gc.collect()
        return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd")), tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        await disconnect(10)
        tasks, files, memory = await disconnect(10)
        after = await disconnect(120)
    finally:
        tracemalloc.stop()
    assert (after[0], after[1]) == (tasks, files)
    assert after[2] - memory < 64 << 10
    assert rig.line.connections == 141
