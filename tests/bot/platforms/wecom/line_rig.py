"""A line by itself against the fake gateway, with all it was told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from aiohttp.test_utils import TestServer

from bot.fakes.wecom import SAMPLE_BOT, FakeWecom, LiveDriver
from bot.platforms.http import Web
from bot.platforms.wecom.bot_channel import BotChannel
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.connection import Pace
from bot.platforms.wecom.frames import Frame
from bot.platforms.wecom.line import Line, LineState
from tests.bot.platforms.wecom.stage import Clock

QUICK = Pace(ping=0.05, answer=0.3, open=2.0, first_pause=0.01, longest_pause=0.02, renewal=2.0)


@dataclass
class Rig:
    clock: Clock
    fake: FakeWecom
    base: str
    hand: LiveDriver
    lines: list[tuple[Line, "asyncio.Task[None]"]] = field(default_factory=list)
    heard: list[tuple[Frame, str]] = field(default_factory=list)
    states: list[LineState] = field(default_factory=list)

    @property
    def line(self) -> Line:
        return self.lines[0][0]

    def start(self, secret: str = SAMPLE_BOT.secret, pace: Pace = QUICK) -> Line:
        async def take(frame: Frame, connection: str) -> None:
            self.heard.append((frame, connection))

        bot = replace(SAMPLE_BOT, secret=secret, ws_url=self.base.replace("http", "ws") + "/ws")
        line = Line(bot, on_callback=take, on_state=self.states.append, pace=pace)
        self.lines.append((line, asyncio.create_task(line.run())))
        return line

    async def live(self, line: Line | None = None, *, other_than: str = "") -> str:
        """Wait for a connection; return its id."""
        wanted = line or self.line
        await self.until(lambda: wanted.connection_id not in ("", other_than))
        return wanted.connection_id

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - other tasks make it true
                await asyncio.sleep(0.005)

    async def reply_id(self, text: str = "你好", chat_id: str = "", userid: str = "lisi") -> str:
        """Let somebody write; return the req_id by which they can be answered."""
        count = len(self.heard)
        await self.hand.say(text, chat_id=chat_id, userid=userid)
        await self.until(lambda: len(self.heard) > count)
        return self.heard[-1][0].req_id

    async def stop(self) -> None:
        for _, task in self.lines:
            task.cancel()
        for _, task in self.lines:
            with suppress(asyncio.CancelledError):
                await task
        self.lines.clear()


@asynccontextmanager
async def rigged() -> AsyncIterator[Rig]:
    clock = Clock()
    fake = FakeWecom(clock=clock)
    server = TestServer(fake.app())
    await server.start_server()
    base = f"http://127.0.0.1:{server.port}"
    rig = Rig(clock, fake, base, fake.live_driver(base))
    try:
        yield rig
    finally:
        await rig.stop()
        await fake.gateway.close()
        await server.close()


@asynccontextmanager
async def speaking(rig: Rig, **more: object) -> AsyncIterator[tuple[WecomClient, BotChannel]]:
    """A client whose bot speaks over the rig's line."""
    channel = BotChannel(rig.line)
    async with Web() as web:
        yield WecomClient(web, api_base=rig.base, channel=channel, clock=rig.clock, **more), channel  # type: ignore[arg-type]
