"""A stream on the fake gateway: what it stored, how it fared, and no pauses worth the name."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp.test_utils import TestServer

from bot.fakes.dingtalk import Driver, FakeDingtalk, Timing
from bot.fakes.dingtalk.gateway import Peer
from bot.platforms.base import Accepted
from bot.platforms.dingtalk.connection import Pace
from bot.platforms.dingtalk.gateway import Gateway
from bot.platforms.dingtalk.settings import DingtalkRobot
from bot.platforms.dingtalk.stream import Change, Stream, StreamState
from bot.platforms.dingtalk.topics import CardClicks, Desk, RobotMessages, Topic
from bot.platforms.http import Web
from tests.bot.platforms.dingtalk.rehearsal import Clock

QUICK = Pace(first_pause=0.01, longest_pause=0.02, refused_pause=0.01, longest_refused_pause=0.02, healthy=60.0)
SHORT = Timing(answer=2.0, goodbye=0.2, again=0.01)
TOPICS: Sequence[Topic] = (RobotMessages(("路长助手",)), CardClicks())


@dataclass
class Shore:
    """Where the stream ends: what arrived, and what may stand in its way."""

    stored: list[tuple[str, Accepted]] = field(default_factory=list)
    before: Callable[[Accepted], Awaitable[None]] | None = None

    async def store(self, channel: str, accepted: Accepted) -> None:
        if self.before is not None:
            await self.before(accepted)
        self.stored.append((channel, accepted))

    @property
    def ids(self) -> list[str]:
        return [accepted.message_id for _, accepted in self.stored]


@dataclass
class Streaming:
    stream: Stream
    fake: FakeDingtalk
    shore: Shore
    changes: list[Change]
    driver: Driver
    task: asyncio.Task[None]

    @property
    def peer(self) -> Peer:
        (peer,) = self.fake.gateway.peers
        return peer

    async def connected(self, count: int = 1) -> None:
        """Wait for the connection of this number, and until it is the only one."""
        await until(lambda: self.stream.connections >= count and len(self.fake.gateway.peers) == 1)

    async def left(self) -> None:
        """End the stream as the service does."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in other tasks
            await asyncio.sleep(0.002)


@asynccontextmanager
async def streaming(
    pace: Pace = QUICK, timing: Timing = SHORT, *, secret: str = "roadchief-app-secret", chance: float = 0.5
) -> AsyncIterator[Streaming]:
    fake = FakeDingtalk(clock=Clock(), timing=timing)
    shore, changes = Shore(), list[Change]()
    async with TestServer(fake.app()) as server, Web() as web:
        base = str(server.make_url("")).rstrip("/")
        robot = DingtalkRobot("dingroadchief", secret, api_base=base, oapi_base=base)
        gateway = Gateway(robot, web, [topic.name for topic in TOPICS])
        desk = Desk(TOPICS, shore.store)
        stream = Stream(gateway, desk.take, on_change=changes.append, pace=pace, chance=lambda: chance)
        driver = Driver(fake.state, fake.robot, base, "", fake.gateway)
        task = asyncio.create_task(stream.run())
        found = Streaming(stream, fake, shore, changes, driver, task)
        try:
            yield found
        finally:
            await found.left()


def states(found: Streaming) -> list[StreamState]:
    return [change.state for change in found.changes]
