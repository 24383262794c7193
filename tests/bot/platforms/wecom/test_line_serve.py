"""`luzhang serve` as a process on its long connection, and `luzhang reconnect` beside it."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestServer

from bot.fakes.wecom import SAMPLE_BOT, FakeWecom
from tests.bot.platforms.wecom.line_stage import write_line_config
from tests.bot.stage import WECOM_GROUP

ROOT = Path(__file__).parents[4]


async def start(*words: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "bot", *words)
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)


async def wait_until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(0.02)


async def with_fake(play: Callable[[FakeWecom, str], Awaitable[None]]) -> None:
    fake = FakeWecom()
    server = TestServer(fake.app())
    await server.start_server()
    try:
        await play(fake, f"http://127.0.0.1:{server.port}")
    finally:
        await fake.gateway.close()
        await server.close()


async def test_it_answers_steps_back_from_another_instance_and_comes_back_when_told(tmp_path: Path) -> None:
    async def play(fake: FakeWecom, url: str) -> None:
        config = str(write_line_config(tmp_path, url, "http://127.0.0.1:9", with_others=False))
        serve = await start("serve", "--port", "0", "--config", config)
        try:
            await wait_until(lambda: fake.gateway.live)
            hand = fake.live_driver(url)
            await hand.say("帮助", userid="fang", chat_id=WECOM_GROUP)
            await wait_until(lambda: fake.deliveries)
            assert (fake.deliveries[0].way, fake.deliveries[0].chat_id) == ("reply", WECOM_GROUP)
            await take_over(url)
            await wait_until(lambda: fake.gateway.peers == 0)
            reconnect = await start("reconnect", "--config", config)
            said, complaint = await reconnect.communicate()
            assert (said.decode(), complaint) == ("已重新连接企业微信长连接。\n", b"")
            assert (reconnect.returncode, fake.gateway.subscriptions) == (0, 3)
            serve.send_signal(signal.SIGTERM)
            _, log = await serve.communicate()
            assert (serve.returncode, SAMPLE_BOT.secret.encode() in log) == (0, False)
            assert "被另一实例顶替".encode() in log
        finally:
            if serve.returncode is None:
                serve.kill()
                await serve.wait()

    await with_fake(play)


async def take_over(url: str) -> None:
    """Subscribe as another instance, and go."""
    body = {"bot_id": SAMPLE_BOT.bot_id, "secret": SAMPLE_BOT.secret}
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws") as socket:
        await socket.send_json({"cmd": "aibot_subscribe", "headers": {"req_id": "s"}, "body": body})
        assert (await socket.receive_json(timeout=5))["errcode"] == 0
