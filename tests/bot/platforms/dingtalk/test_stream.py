"""The stream lives through what gateways do, loses nothing that it was given, and leaves nothing behind."""

import asyncio
import gc
import os
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.fakes.rules import Fault
from bot.platforms.base import Accepted, Refused
from bot.platforms.dingtalk.connection import Pace
from bot.platforms.dingtalk.stream import StreamState
from tests.bot.platforms.dingtalk.rehearsal import GROUP
from tests.bot.platforms.dingtalk.streaming import QUICK, SHORT, Streaming, states, streaming, until

OPEN = "/v1.0/gateway/connections/open"


async def test_it_connects_with_a_ticket_and_acknowledges_what_is_stored() -> None:
    async with streaming() as found:
        await found.connected()
        pushed = await found.driver.say("人民路3号井盖破损", chat_id=GROUP)
        assert (pushed.status, pushed.answer) == (200, '{"response":null}')
        assert found.shore.ids == [pushed.message_id]
        (opened,) = found.fake.gateway.opened
        assert opened.subscriptions == {
            ("CALLBACK", "/v1.0/im/bot/messages/get"),
            ("CALLBACK", "/v1.0/card/instances/callback"),
        }
        assert states(found) == [StreamState.LIVE]


async def test_nothing_is_acknowledged_before_it_is_durable() -> None:
    gate = asyncio.Event()

    async def wait(_accepted: Accepted) -> None:
        await gate.wait()

    async with streaming() as found:
        found.shore.before = wait
        await found.connected()
        telling = asyncio.create_task(found.driver.say("井盖破损", chat_id=GROUP))
        assert await found.fake.gateway.ping(found.peer) is not None  # the loop goes on meanwhile
        assert not telling.done()
        gate.set()
        assert (await telling).status == 200


async def test_a_message_that_could_not_be_stored_is_refused_and_the_next_one_taken() -> None:
    async def refuse(_accepted: Accepted) -> None:
        raise Refused(503, "store")

    async with streaming() as found:
        await found.connected()
        found.shore.before = refuse
        assert (await found.driver.say("一", chat_id=GROUP)).status == 500
        found.shore.before = None
        assert (await found.driver.say("二", chat_id=GROUP)).status == 200


async def test_messages_are_stored_in_the_order_in_which_they_came() -> None:
    async with streaming() as found:
        await found.connected()
        told = [found.driver.message(str(number), chat_id=GROUP) for number in range(300)]
        await asyncio.gather(*(found.driver.push(message) for message in told))
        assert found.shore.ids == [message["msgId"] for message in told]


async def test_a_ping_is_echoed() -> None:
    async with streaming() as found:
        await found.connected()
        ack = await found.fake.gateway.ping(found.peer, "op-42")
        assert ack is not None
        assert (ack.code, ack.message, ack.json()) == (200, "OK", {"opaque": "op-42"})


async def test_an_event_is_taken_once_and_for_all() -> None:
    async with streaming() as found:
        await found.connected()
        found.peer.subscriptions |= {("EVENT", "*")}
        ack = await found.fake.gateway.event("user_leave_org", {"userId": ["u1"]})
        assert ack is not None
        assert ack.json() == {"status": "SUCCESS", "message": "ok"}
        assert found.fake.rules.count("/stream/push") == 1


async def test_an_unknown_topic_is_not_found() -> None:
    async with streaming() as found:
        await found.connected()
        found.peer.subscriptions |= {("CALLBACK", "/v1.0/graph/api/invoke")}
        ack = await found.fake.gateway.push("CALLBACK", "/v1.0/graph/api/invoke", {})
        assert ack is not None
        assert ack.code == 404


async def test_rubbish_is_passed_over() -> None:
    async with streaming() as found:
        await found.connected()
        socket = found.peer.socket
        for text in ("", "[]", "{", '{"type":"SYSTEM"}', '{"type":"SYSTEM","headers":{"topic":"KEEPALIVE"}}'):
            await socket.send_str(text)
        await socket.send_bytes(b"\x00\xff")
        assert (await found.driver.say("还在吗", chat_id=GROUP)).status == 200
        assert found.stream.connections == 1


async def test_a_frame_beyond_measure_costs_the_connection_and_nothing_else() -> None:
    async with streaming() as found:
        await found.connected()
        await found.peer.socket.send_str("x" * (2 << 20))
        await found.connected(2)
        assert (await found.driver.say("还在吗", chat_id=GROUP)).status == 200


async def test_a_disconnect_is_a_warm_swap_without_a_gap() -> None:
    async with streaming(timing=replace(SHORT, goodbye=5.0)) as found:
        await found.connected()
        first = found.peer
        await found.fake.gateway.disconnect(first)
        await found.connected(2)
        assert found.peer is not first
        assert (await found.driver.say("还在吗", chat_id=GROUP)).status == 200
        assert states(found) == [StreamState.LIVE, StreamState.DOWN, StreamState.LIVE]


async def test_what_is_being_stored_during_a_swap_is_still_acknowledged_on_the_old_connection() -> None:
    gate = asyncio.Event()

    async def wait(_accepted: Accepted) -> None:
        await gate.wait()

    async with streaming() as found:
        await found.connected()
        found.shore.before = wait
        telling = asyncio.create_task(found.driver.say("井盖破损", chat_id=GROUP))
        await until(lambda: found.fake.rules.count("/stream/push"))
        await found.fake.gateway.ping(found.peer)
        await found.fake.gateway.disconnect(found.peer)
        await until(lambda: found.stream.connections == 2)
        gate.set()
        assert (await telling).status == 200


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("status", OPEN, status=503, count=3), id="busy"),
        pytest.param(Fault("html", OPEN, status=502, count=3), id="html"),
        pytest.param(Fault("empty", OPEN, count=3), id="empty"),
        pytest.param(Fault("wrong_type", OPEN, count=3), id="wrong types"),
        pytest.param(Fault("huge", OPEN, count=1), id="ten megabytes"),
        pytest.param(Fault("reset", OPEN, count=3), id="reset"),
        pytest.param(Fault("status", OPEN, status=429, count=1), id="too many"),
        pytest.param(Fault("status", "/connect", status=401, count=3), id="ticket refused"),
        pytest.param(Fault("reset", "/connect", count=3), id="reset while upgrading"),
        pytest.param(Fault("errcode", OPEN, status=500, code="system.busy", count=3), id="system busy"),
    ],
)
async def test_it_tries_until_the_gateway_is_well(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.http.PAUSE", timedelta(milliseconds=10))  # after a 429
    async with streaming() as found:
        await found.connected()
        found.fake.rules.arm(fault)
        found.fake.gateway.cut(found.peer)
        await found.connected(2)
        assert (await found.driver.say("还在吗", chat_id=GROUP)).status == 200
        assert StreamState.REFUSED not in states(found)


async def test_a_wrong_secret_is_told_in_the_console_s_words_and_tried_slowly() -> None:
    async with streaming(
        replace(QUICK, refused_pause=60.0, longest_refused_pause=60.0), secret="another-app-secret"
    ) as found:
        await until(lambda: found.changes)
        (change,) = found.changes
        assert change.state is StreamState.REFUSED
        assert "应用开发→本应用→凭证与基础信息" in change.reason
        assert "another-app-secret" not in change.reason
        await asyncio.sleep(0.05)
        assert found.fake.rules.count(OPEN) == 1


async def test_a_mended_secret_ends_the_refusal() -> None:
    async with streaming() as found:
        await found.connected()
        found.fake.rules.arm(Fault("errcode", OPEN, status=401, code="invalidClientIdOrSecret", count=2))
        found.fake.gateway.cut(found.peer)
        await found.connected(2)
        assert states(found) == [StreamState.LIVE, StreamState.DOWN, StreamState.REFUSED, StreamState.LIVE]


async def test_silence_is_answered_with_a_new_connection_before_the_old_one_goes() -> None:
    async with streaming(replace(QUICK, silence=0.1)) as found:
        await found.connected()
        first = found.peer
        await until(lambda: found.stream.connections >= 2)
        await until(lambda: first not in found.fake.gateway.peers)
        assert set(states(found)) == {StreamState.LIVE}


async def test_any_frame_keeps_a_connection_from_being_silent() -> None:
    async with streaming(replace(QUICK, silence=0.2)) as found:
        await found.connected()
        for _ in range(6):
            await asyncio.sleep(0.05)
            await found.fake.gateway.ping(found.peer)
        assert found.stream.connections == 1


async def test_a_slow_gateway_does_not_hold_up_the_loop() -> None:
    async with streaming() as found:
        await found.connected()
        found.fake.rules.arm(Fault("slow", OPEN, delay_s=0.4), Fault("delay", OPEN, delay_s=0.3))
        found.fake.gateway.cut(found.peer)
        loop = asyncio.get_running_loop()
        stalls, before = [], loop.time()
        while found.stream.connections < 2:
            await asyncio.sleep(0.005)
            stalls.append(loop.time() - before - 0.005)
            before = loop.time()
        assert max(stalls) < 0.25  # seconds; a blocking call would show as 0.3 and more


async def test_it_ends_when_it_is_cancelled_at_any_moment() -> None:
    for moment in (0.0, 0.001, 0.003, 0.01, 0.03):
        async with streaming() as found:
            await asyncio.sleep(moment)
            began = asyncio.get_running_loop().time()
            await found.left()
            assert found.task.cancelled()
            assert asyncio.get_running_loop().time() - began < 1.0
            await until(lambda found=found: not found.fake.gateway.peers)  # type: ignore[misc]


async def test_what_arrives_with_the_goodbye_is_still_stored() -> None:
    async with streaming() as found:
        await found.connected()
        told = [asyncio.create_task(found.driver.say(str(n), chat_id=GROUP)) for n in range(50)]
        await until(lambda: found.fake.rules.count("/stream/push") == 50)
        await found.left()
        assert len(found.shore.ids) == 50
        await asyncio.gather(*told)


async def swapped(found: Streaming, times: int) -> None:
    for _ in range(times):
        number = found.stream.connections
        await found.fake.gateway.disconnect(found.peer)
        await found.connected(number + 1)


async def test_hundreds_of_disconnects_leave_no_task_socket_or_memory() -> None:
    async with streaming(timing=replace(SHORT, goodbye=0.0), chance=0.0) as found:
        await found.connected()
        await swapped(found, 10)
        found.fake.rules.asked.clear()
        found.fake.gateway.opened.clear()
        await asyncio.sleep(0.05)
        gc.collect()
        tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
        tracemalloc.start()
        try:
            await swapped(found, 20)
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            await swapped(found, 120)
            found.fake.rules.asked.clear()
            found.fake.gateway.opened.clear()
            await asyncio.sleep(0.05)
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert abs(len(asyncio.all_tasks()) - tasks) <= 3
        assert abs(len(os.listdir("/proc/self/fd")) - files) <= 3
        assert grown < 1 << 20, f"{grown} bytes"


@pytest.mark.parametrize(
    ("failures", "shortest", "longest"),
    [
        pytest.param(0, 0, 0, id="a healthy connection is replaced at once"),
        pytest.param(1, 0, 1, id="first"),
        pytest.param(4, 0, 8, id="doubled"),
        pytest.param(7, 0, 60, id="bounded"),
        pytest.param(100_000, 0, 60, id="for ever"),
    ],
)
def test_pauses_are_random_below_a_bound_that_doubles(failures: int, shortest: float, longest: float) -> None:
    assert (Pace().pause(failures, 0.0), Pace().pause(failures, 1.0)) == (shortest, longest)


@pytest.mark.parametrize(("failures", "shortest", "longest"), [(1, 15, 30), (3, 60, 120), (9, 150, 300)])
def test_refusals_are_tried_again_every_few_minutes(failures: int, shortest: float, longest: float) -> None:
    assert (Pace().pause_refused(failures, 0.0), Pace().pause_refused(failures, 1.0)) == (shortest, longest)
