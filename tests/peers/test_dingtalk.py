"""DingTalk's own SDKs against our gateway: PyPI dingtalk-stream, stable and pre-release, and npm dingtalk-stream."""

import asyncio
import hashlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot.fakes.dingtalk import Driver, FakeDingtalk, Person, Timing
from bot.fakes.rules import Fault
from tests.house import picture
from tests.peers.installed import node_modules, python_packages

pytestmark = pytest.mark.peers

HERE = Path(__file__).parent
GROUP = "cidPeers=="
PATIENCE = 20
TIMING = Timing(answer=8.0, goodbye=0.1, again=0.05, events=3)


@dataclass(frozen=True)
class Program:
    """How a peer is started, and what it is known to do otherwise than the page says."""

    command: Sequence[str]
    env: dict[str, str]
    takes_events: bool = True  # answers SUCCESS, so that an event is not delivered again


@pytest.fixture(scope="module", params=["0.24.3", "0.24.4b1"])
def python_peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    # its other needs, aiohttp and requests, stand beside ours already
    wanted = ("--no-deps", f"dingtalk-stream=={request.param}", "websockets")
    packages = python_packages(tmp_path_factory.mktemp("python"), *wanted)
    command = [sys.executable, str(HERE / "python/dingtalk_robot.py")]
    return Program(command, {"PYTHONPATH": str(packages)}, takes_events=False)


@pytest.fixture(scope="module")
def node_peer(tmp_path_factory: pytest.TempPathFactory) -> Program:
    modules = node_modules(tmp_path_factory.mktemp("node"), "dingtalk-stream@2.1.5", "axios")
    command = [shutil.which("node") or "node", str(HERE / "node/dingtalk_robot.mjs")]
    return Program(command, {"PEER_MODULES": str(modules)})


@dataclass
class Peer:
    """A running SDK beside the fake."""

    fake: FakeDingtalk
    driver: Driver
    process: asyncio.subprocess.Process
    said: list[dict[str, Any]] = field(default_factory=list)

    async def heard(self, event: str) -> dict[str, Any]:
        """Return the next line of the peer, which must be this event."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            said: dict[str, Any] = json.loads(await self.process.stdout.readline())
        assert said.pop("event") == event, said
        return said

    async def connected(self, number: int = 1) -> None:
        """Wait until so many connections were opened and exactly one of them lives."""
        async with asyncio.timeout(PATIENCE):
            while len(self.fake.gateway.opened) < number or len(self.fake.gateway.peers) != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(program: Program, secret: str = "", *faults: Fault) -> AsyncIterator[Peer]:
    fake = FakeDingtalk(faults=faults, timing=TIMING)
    robot = fake.robot
    async with TestServer(fake.app()) as server:
        base = str(server.make_url("")).rstrip("/")
        process = await asyncio.create_subprocess_exec(
            *program.command,
            robot.client_id,
            secret or robot.client_secret,
            env={**os.environ, **program.env, "DINGTALK_OPENAPI_ENDPOINT": base},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield Peer(fake, Driver(fake.state, robot, base, "", fake.gateway), process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def everything(program: Program) -> None:
    """Play what a robot lives through: the whole of it, since starting an SDK costs seconds."""
    async with running(program) as peer:
        await peer.connected()
        gateway, say = peer.fake.gateway, peer.driver.say
        assert {topic for _, topic in gateway.opened[0].subscriptions} == {
            "*",
            "/v1.0/im/bot/messages/get",
            "/v1.0/card/instances/callback",
        }
        await talk(peer)
        ping = await gateway.ping(gateway.peers[0], "op-7")
        assert ping is not None
        assert (ping.code, ping.json()) == (200, {"opaque": "op-7"})

        click = {"type": "actionCallback", "outTrackId": "rc-1", "userId": "u2002", "extension": "{}"}
        answer = await gateway.click(click | {"content": '{"cardPrivateData":{"actionIds":["ack"],"params":{}}}'})
        assert await peer.heard("click") == {"card": "rc-1", "by": "u2002", "actions": ["ack"]}
        assert answer is not None
        assert answer.json() == {"response": {"cardData": {"cardParamMap": {"state": "已确认"}}}}

        event = await gateway.event("user_add_org", {"userId": ["u1"]})
        assert event is not None
        for _ in range(1 if program.takes_events else TIMING.events):
            assert await peer.heard("event") == {"type": "user_add_org"}

        await gateway.disconnect(gateway.peers[0])
        await peer.connected(2)
        assert (await say("又见面了", chat_id=GROUP)).status == 200
        assert (await peer.heard("message"))["text"] == "又见面了"


async def talk(peer: Peer) -> None:
    told = await peer.driver.say("人民路3号井盖破损", chat_id=GROUP, person=Person("u1001", "李巡"))
    assert await peer.heard("message") == {"type": "text", "text": "人民路3号井盖破损", "sender": "u1001"}
    assert (told.status, json.loads(told.answer)) == (200, {"response": "OK"})
    (reply,) = peer.fake.deliveries
    assert (reply.way, reply.text, reply.chat_id) == ("reply", "收到：人民路3号井盖破损", GROUP)

    pictures = [picture("one"), picture("two")]
    await peer.driver.say("占道经营", chat_id=GROUP, photos=pictures)
    assert (await peer.heard("message"))["type"] == "richText"
    for one in pictures:
        assert await peer.heard("picture") == {"sha256": hashlib.sha256(one).hexdigest()}


async def test_the_python_sdk_lives_on_our_gateway(python_peer: Program) -> None:
    await everything(python_peer)


async def test_the_node_sdk_lives_on_our_gateway(node_peer: Program) -> None:
    await everything(node_peer)


async def test_an_error_of_a_handler_leaves_the_message_lost_and_the_next_one_heard(python_peer: Program) -> None:
    async with running(python_peer) as peer:
        peer.fake.gateway.timing = Timing(answer=1.0)
        await peer.connected()
        assert (await peer.driver.say("坏消息", chat_id=GROUP)).status == 0  # no answer, and no second delivery
        await peer.heard("message")
        assert (await peer.driver.say("好消息", chat_id=GROUP)).status == 200
        assert (await peer.heard("message"))["text"] == "好消息"


async def test_a_wrong_secret_gets_no_ticket(node_peer: Program) -> None:
    async with running(node_peer, "wrong") as peer:
        async with asyncio.timeout(PATIENCE):
            while not peer.fake.rules.count("/v1.0/gateway/connections/open"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert (peer.fake.gateway.opened, peer.fake.gateway.peers) == ([], ())


async def test_a_busy_gateway_is_asked_again(node_peer: Program) -> None:
    busy = Fault("status", "/v1.0/gateway/connections/open", status=503, count=1)
    async with running(node_peer, "", busy) as peer:
        await peer.connected()
        assert peer.fake.rules.count("/v1.0/gateway/connections/open") == 2
