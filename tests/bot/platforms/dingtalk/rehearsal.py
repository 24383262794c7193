"""A client, the fake it talks to, and a clock that is moved by hand."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp.test_utils import TestServer

from bot.fakes.dingtalk import FakeDingtalk, FakeGroupRobot, FakeRobot
from bot.platforms.base import Attachments
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.handles import Session
from bot.platforms.dingtalk.settings import CardSettings, DingtalkRobot, GroupWebhook
from bot.platforms.http import Web
from domain.messages import Outgoing, ReplyHandle, Target

GROUP = "cidEast=="
TOKEN = "webhooktokencanary"
SECRET = "SECroadchief0001"
HOOKS = {GROUP: GroupWebhook(TOKEN, SECRET)}
GROUP_ROBOTS = {TOKEN: FakeGroupRobot(GROUP, SECRET)}
START = datetime(2026, 11, 23, 2, 30, 20, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass
class Rehearsal:
    client: DingtalkClient
    fake: FakeDingtalk
    clock: Clock
    base: str
    web: Web
    waited: list[str] = field(default_factory=list)

    def reply_handle(self, chat_id: str = "", userid: str = "u1001", base: str = "") -> ReplyHandle:
        """Open a session on the fake and return the handle that a message from there would bring."""
        name, end = self.fake.state.open_session(chat_id, userid)
        webhook = f"{base or self.base}/robot/sendBySession?session={name}"
        return ReplyHandle(Session(webhook, chat_id, userid).data(), end, uses=0)

    async def post(self, outgoing: Outgoing) -> str:
        """Send by the best way and return its name."""
        way = self.client.ways(outgoing, self.clock())[0]
        await self.client.send(outgoing, way)
        return way.name


def to_group(text: str = "井盖破损", key: str = "k1", **rest: object) -> Outgoing:
    return Outgoing(key, Target("dingtalk", chat_id=GROUP), text, **rest)  # type: ignore[arg-type]


def to_person(text: str = "井盖破损", userid: str = "u1001", **rest: object) -> Outgoing:
    return Outgoing("k1", Target("dingtalk", userid=userid), text, **rest)  # type: ignore[arg-type]


@asynccontextmanager
async def rehearsal(
    robot: FakeRobot | None = None,
    hooks: Mapping[str, GroupWebhook] = HOOKS,
    *,
    link_base: str = "",
    attachments: Attachments | None = None,
    card_settings: CardSettings = CardSettings(),  # noqa: B008 - frozen
    has_room: Callable[[], bool] = lambda: True,
) -> AsyncIterator[Rehearsal]:
    clock = Clock()
    fake = FakeDingtalk(robot, GROUP_ROBOTS, clock=clock)
    async with TestServer(fake.app()) as server, Web() as web:
        base = str(server.make_url("")).rstrip("/")
        settings = DingtalkRobot("dingroadchief", "roadchief-app-secret", "dingroadchief", base, base)
        client = DingtalkClient(
            settings,
            hooks,
            web,
            clock=clock,
            link_base=link_base,
            attachments=attachments,
            card_settings=card_settings,
            has_room=has_room,
        )
        yield Rehearsal(client, fake, clock, base, web)
