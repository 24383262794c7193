"""The fake gateway keeps the platform's rules, seen by a bare client."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.fakes.dingtalk import FakeDingtalk, Timing
from bot.fakes.rules import Fault
from tests.bot.platforms.dingtalk.rehearsal import Clock

OPEN = "/v1.0/gateway/connections/open"
BOT, EVENTS = {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"}, {"type": "EVENT", "topic": "*"}
ASKED = {"clientId": "dingroadchief", "clientSecret": "roadchief-app-secret", "subscriptions": [BOT, EVENTS]}


@dataclass
class Bare:
    fake: FakeDingtalk
    session: aiohttp.ClientSession
    base: str
    clock: Clock

    async def opened(
        self, changed: Mapping[str, object] = {}, accept: str = "application/json"
    ) -> aiohttp.ClientResponse:
        return await self.session.post(self.base + OPEN, json={**ASKED, **changed}, headers={"Accept": accept})

    async def ticket(self) -> str:
        answer = await (await self.opened()).json()
        assert answer["endpoint"] == self.base.replace("http", "ws") + "/connect"
        return str(answer["ticket"])

    async def connected(self, ticket: str = "") -> aiohttp.ClientWebSocketResponse:
        return await self.session.ws_connect(
            f"{self.base}/connect", params={"ticket": ticket or await self.ticket()}, autoclose=False
        )


@pytest.fixture
async def bare() -> AsyncIterator[Bare]:
    clock = Clock()
    fake = FakeDingtalk(clock=clock, timing=Timing(answer=0.3, goodbye=0.05, again=0.01, events=3))
    async with TestServer(fake.app()) as server, aiohttp.ClientSession() as session:
        yield Bare(fake, session, str(server.make_url("")).rstrip("/"), clock)


async def taken(socket: aiohttp.ClientWebSocketResponse, data: object = None, **more: Any) -> dict[str, Any]:
    """Take the next frame and acknowledge it with this data, unless there is none."""
    frame: dict[str, Any] = json.loads((await socket.receive(timeout=2)).data)
    if data is not None:
        headers = {"messageId": frame["headers"]["messageId"], **more}
        await socket.send_json({"code": 200, "headers": headers, "message": "OK", "data": json.dumps(data)})
    return frame


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        pytest.param({"clientSecret": "wrong"}, 401, id="wrong secret"),
        pytest.param({"clientId": None}, 401, id="no id"),
        pytest.param({"subscriptions": []}, 400, id="no subscription"),
        pytest.param({"subscriptions": [{"type": "EVENT", "topic": "user_add"}]}, 400, id="one event alone"),
        pytest.param({"subscriptions": [{"type": "NOVEL", "topic": "*"}]}, 400, id="unknown type"),
        pytest.param({"subscriptions": 7}, 400, id="no list"),
    ],
)
async def test_who_gets_no_ticket(bare: Bare, changed: dict[str, object], status: int) -> None:
    answer = await bare.opened(changed)
    assert (answer.status, set(await answer.json())) == (status, {"code", "message", "requestid"})


async def test_without_the_right_accept_the_answer_is_xml(bare: Bare) -> None:
    assert (await bare.opened(accept="*/*")).content_type == "application/xml"


async def test_a_ticket_is_worth_one_connection_within_ninety_seconds(bare: Bare) -> None:
    first, late = await bare.ticket(), await bare.ticket()
    await bare.connected(first)
    bare.clock.now += timedelta(seconds=90)
    for ticket in (first, late, "none"):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await bare.connected(ticket)


async def test_a_frame_is_encoded_twice_and_its_time_is_text(bare: Bare) -> None:
    socket = await bare.connected()
    pushing = asyncio.create_task(bare.fake.gateway.message({"msgId": "1", "text": {"content": "井盖"}}))
    frame = await taken(socket, {"response": "OK"}, extra="as the node SDK sends")
    assert json.loads(frame["data"]) == {"msgId": "1", "text": {"content": "井盖"}}
    assert frame["headers"]["time"].isdigit()
    ack = await pushing
    assert ack is not None
    assert ack.json() == {"response": "OK"}


async def test_a_push_goes_to_one_connection_and_a_message_comes_only_once(bare: Bare) -> None:
    sockets = [await bare.connected() for _ in range(2)]
    assert await bare.fake.gateway.message({"msgId": "1"}) is None  # nobody answers: lost
    waiting = [asyncio.create_task(socket.receive()) for socket in sockets]
    done, left = await asyncio.wait(waiting, timeout=0.5)
    assert (len(done), len(left)) == (1, 1)
    for task in left:
        task.cancel()


async def test_pushes_reach_every_connection_in_the_long_run(bare: Bare) -> None:
    sockets = [await bare.connected() for _ in range(2)]
    tasks = [asyncio.create_task(bare.fake.gateway.message({"msgId": str(n)})) for n in range(40)]
    await asyncio.gather(*tasks)
    for socket in sockets:
        assert json.loads((await socket.receive(timeout=1)).data)["type"] == "CALLBACK"


async def test_nobody_connected_or_subscribed_is_told_nothing(bare: Bare) -> None:
    assert await bare.fake.gateway.message({"msgId": "1"}) is None
    await bare.connected()
    assert await bare.fake.gateway.click({"outTrackId": "rc-1"}) is None


@pytest.mark.parametrize(
    ("answer", "deliveries"),
    [
        pytest.param({"status": "SUCCESS", "message": "ok"}, 1, id="taken"),
        pytest.param({"status": "LATER"}, 3, id="later"),
        pytest.param({"userId": ["u1"]}, 3, id="the event itself, as one SDK answers"),
        pytest.param(None, 3, id="no answer"),
    ],
)
async def test_an_event_comes_again_until_success(bare: Bare, answer: object, deliveries: int) -> None:
    socket = await bare.connected()
    telling = asyncio.create_task(bare.fake.gateway.event("user_add_org", {"userId": ["u1"]}))
    frames = [await taken(socket, answer) for _ in range(deliveries)]
    await telling
    assert len({frame["headers"]["eventId"] for frame in frames}) == 1
    assert bare.fake.rules.count("/stream/push") == deliveries


async def test_after_disconnect_comes_silence_and_then_the_end(bare: Bare) -> None:
    socket = await bare.connected()
    await bare.fake.gateway.disconnect(bare.fake.gateway.peers[0])
    frame = await taken(socket)
    assert (frame["headers"]["topic"], json.loads(frame["data"])) == (
        "disconnect",
        {"reason": "connection is expired"},
    )
    assert await bare.fake.gateway.message({"msgId": "1"}) is None
    assert (await socket.receive(timeout=2)).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert bare.fake.gateway.peers == ()


@pytest.mark.parametrize(
    ("kind", "frames"),
    [
        pytest.param("repeat", ["CALLBACK", "CALLBACK"], id="twice"),
        pytest.param("empty", [], id="never comes"),
        pytest.param("disconnect", ["SYSTEM"], id="asked to go instead"),
        pytest.param("reset", [], id="cut"),
        pytest.param("delay", ["CALLBACK"], id="late"),
    ],
)
async def test_scripted_faults_of_a_push(bare: Bare, kind: str, frames: list[str]) -> None:
    bare.fake.rules.arm(Fault(kind, "/stream/push", delay_s=0.01))
    socket = await bare.connected()
    await bare.fake.gateway.message({"msgId": "1"})
    for expected in frames:
        assert json.loads((await socket.receive(timeout=1)).data)["type"] == expected


async def test_rubbish_from_a_client_harms_nobody(bare: Bare) -> None:
    socket = await bare.connected()
    for text in ("", "[]", "{", '{"headers":7}', '{"code":"x","headers":{}}'):
        await socket.send_str(text)
    pushing = asyncio.create_task(bare.fake.gateway.message({"msgId": "1"}))
    await taken(socket, {"response": None})
    assert await pushing is not None
