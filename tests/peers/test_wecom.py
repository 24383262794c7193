"""WeCom's SDKs against our gateway: the official one for node, and an independent one for Python."""

import asyncio
import hashlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot.fakes.wecom import SAMPLE_BOT, FakeWecom, LiveDriver, Quoted
from tests.house import picture
from tests.peers.installed import node_modules, python_packages

pytestmark = pytest.mark.peers

HERE = Path(__file__).parent
GROUP = "wrPeers0001"
PATIENCE = 20


@dataclass(frozen=True)
class Program:
    """How a peer is started: its command, and the variables it needs."""

    command: Sequence[str]
    env: dict[str, str]


@pytest.fixture(scope="module")
def node_peer(tmp_path_factory: pytest.TempPathFactory) -> Program:
    modules = node_modules(tmp_path_factory.mktemp("node"), "@wecom/aibot-node-sdk@1.0.7")
    return Program([shutil.which("node") or "node", str(HERE / "node/wecom_aibot.mjs")], {"PEER_MODULES": str(modules)})


@pytest.fixture(scope="module")
def python_peer(tmp_path_factory: pytest.TempPathFactory) -> Program:
    packages = python_packages(tmp_path_factory.mktemp("python"), "wecom-aibot-sdk==1.0.8")
    return Program([sys.executable, str(HERE / "python/wecom_aibot.py")], {"PYTHONPATH": str(packages)})


@pytest.fixture(params=["node_peer", "python_peer"])
def program(request: pytest.FixtureRequest) -> Program:
    found: Program = request.getfixturevalue(request.param)
    return found


@dataclass
class Peer:
    """A running peer beside the fake."""

    fake: FakeWecom
    hand: LiveDriver
    process: asyncio.subprocess.Process
    ws_url: str

    async def heard(self, event: str) -> dict[str, Any]:
        """Return the next line of the peer, which must be this event."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self.process.stdout.readline()
        said: dict[str, Any] = json.loads(line)
        assert said.pop("event") == event, said
        return said


async def start(program: Program, ws_url: str, secret: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *program.command,
        ws_url,
        SAMPLE_BOT.bot_id,
        secret,
        env={**os.environ, **program.env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


@pytest.fixture
async def fake() -> AsyncIterator[tuple[FakeWecom, str]]:
    wecom = FakeWecom()
    server = TestServer(wecom.app())
    await server.start_server()
    yield wecom, f"127.0.0.1:{server.port}"
    await wecom.gateway.close()
    await server.close()


@pytest.fixture
async def peer(program: Program, fake: tuple[FakeWecom, str]) -> AsyncIterator[Peer]:
    wecom, place = fake
    ws_url = f"ws://{place}/ws"
    process = await start(program, ws_url, SAMPLE_BOT.secret)
    try:
        yield Peer(wecom, wecom.live_driver(f"http://{place}"), process, ws_url)
    finally:
        await stop(process)


async def test_the_whole_exchange(peer: Peer, program: Program) -> None:
    await peer.heard("authenticated")
    posts = peer.fake.deliveries

    await peer.hand.say("hello", chat_id=GROUP, userid="lisi", quote=Quoted("原话"))
    assert await peer.heard("text") == {"content": "@路长助手 hello", "userid": "lisi", "quote": "text"}
    assert await peer.heard("answered") == {"errcode": 0}
    assert (posts[-1].way, posts[-1].chat_id, posts[-1].text) == ("reply", GROUP, "收到：你好")

    photo = picture("peer")
    await peer.hand.say("看图", userid="lisi", photos=[photo])
    assert await peer.heard("mixed") == {"content": "看图", "sha256": hashlib.sha256(photo).hexdigest()}
    await peer.hand.say_voice("人民路垃圾未清")
    assert await peer.heard("voice") == {"content": "人民路垃圾未清"}

    await peer.hand.say("push", chat_id=GROUP)
    await peer.heard("text")
    assert await peer.heard("answered") == {"errcode": 0}
    assert (posts[-1].way, posts[-1].chat_id) == ("push", GROUP)
    await peer.hand.say("elsewhere")
    await peer.heard("text")
    assert (await peer.heard("answered"))["errcode"] != 0

    await peer.hand.enter(userid="lisi")
    assert await peer.heard("answered") == {"errcode": 0}
    assert (posts[-1].way, posts[-1].userids, posts[-1].text) == ("welcome", ("lisi",), "欢迎")
    await peer.hand.tap("ack", userid="lisi", chat_id=GROUP)
    assert await peer.heard("card") == {"key": "ack"}
    assert await peer.heard("answered") == {"errcode": 0}
    assert (posts[-1].way, "已认领" in posts[-1].text) == ("update", True)

    await peer.hand.say("upload", chat_id=GROUP)
    await peer.heard("text")
    uploaded = await peer.heard("uploaded")
    stored = peer.fake.gateway.files[uploaded["media_id"]]
    assert (len(stored), hashlib.sha256(stored).hexdigest()) == (1_200_000, uploaded["sha256"])
    assert await peer.heard("answered") == {"errcode": 0}

    pings = peer.fake.rules.count("/ws/ping")
    async with asyncio.timeout(PATIENCE):
        while peer.fake.rules.count("/ws/ping") < pings + 3:  # noqa: ASYNC110 - the peer pings when it likes
            await asyncio.sleep(0.02)
    assert peer.fake.gateway.subscriptions == 1  # pings were answered, so nothing was made anew

    second = await start(program, peer.ws_url, SAMPLE_BOT.secret)
    try:
        await peer.heard("kicked")
        assert (peer.fake.gateway.kicks, peer.fake.gateway.subscriptions) == (1, 2)
    finally:
        await stop(second)


async def test_a_broken_connection_is_made_anew(peer: Peer) -> None:
    await peer.heard("authenticated")
    peer.fake.gateway.drop()
    await peer.heard("authenticated")
    await peer.hand.say("hello")
    await peer.heard("text")
    assert await peer.heard("answered") == {"errcode": 0}


async def test_a_wrong_secret_is_refused(program: Program, fake: tuple[FakeWecom, str]) -> None:
    wecom, place = fake
    ws_url = f"ws://{place}/ws"
    process = await start(program, ws_url, "wrong")
    try:
        refused = await Peer(wecom, wecom.live_driver(f"http://{place}"), process, ws_url).heard("error")
        assert "853000" in refused["message"]
        assert wecom.gateway.subscriptions == 0
    finally:
        await stop(process)
