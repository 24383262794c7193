"""A stage for the outbound tests: the fake platform on loopback, our client, and a clock that the test moves."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp.test_utils import TestServer

from bot.fakes.wecom import SAMPLE_APP, SAMPLE_BOT, FakeWecom
from bot.fakes.wecom.appchats import AppChat
from bot.platforms.base import Attachments
from bot.platforms.http import Web
from bot.platforms.wecom.client import WecomClient
from domain.messages import Outgoing, ReplyHandle, Target
from tests.bot.platforms.wecom.samples import NOW

GROUP = "wrAbCdEfGh1234567890"
KEY = "canary-webhook-key-0451"
APP_GROUP = "lzOffice01"
APP_GROUPS = {APP_GROUP: APP_GROUP, "wrBoundByCode": "lzEast01"}


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(slots=True)
class Stage:
    clock: Clock
    fake: FakeWecom
    base: str
    web: Web
    client: WecomClient

    def reply(self, chat_id: str = "", userid: str = "wangwu") -> ReplyHandle:
        """Return the handle of a message that somebody has just written."""
        code = self.fake.state.open_reply(chat_id, userid)
        url = f"{self.base}/cgi-bin/aibot/response?response_code={code}"
        data = f'{{"url":"{url}","chat_id":"{chat_id or userid}"}}'
        return ReplyHandle(data, self.clock() + timedelta(hours=1), 1)

    async def post(self, outgoing: Outgoing) -> str:
        """Send by the best way; return its name."""
        way = self.client.ways(outgoing, self.clock())[0]
        await self.client.send(outgoing, way)
        return way.name


@asynccontextmanager
async def staged(
    members: frozenset[str] | None = None, own_link: str = "", attachments: Attachments | None = None
) -> AsyncIterator[Stage]:
    clock = Clock()
    webhooks: Mapping[str, str] = {KEY: GROUP}
    fake = FakeWecom(webhooks=webhooks, members=members, clock=clock)
    for chat_id in APP_GROUPS.values():
        fake.appchats.chats[chat_id] = AppChat("应用群", "wangwu", ("wangwu", "lisi"))
    server = TestServer(fake.app())
    await server.start_server()
    base = f"http://127.0.0.1:{server.port}"
    async with Web(total=timedelta(seconds=2), idle=timedelta(seconds=1)) as web:
        client = WecomClient(
            web,
            api_base=base,
            app=SAMPLE_APP,
            bot=SAMPLE_BOT,
            webhooks={chat_id: key for key, chat_id in webhooks.items()},
            app_groups=APP_GROUPS,
            own_link=own_link,
            attachments=attachments,
            clock=clock,
        )
        yield Stage(clock, fake, base, web, client)
    await server.close()


def to_group(text: str = "您好", **more: object) -> Outgoing:
    return Outgoing("k1", Target("wecom", chat_id=GROUP), text, **more)  # type: ignore[arg-type]


def to_person(text: str = "您好", userid: str = "wangwu", key: str = "k1", **more: object) -> Outgoing:
    return Outgoing(key, Target("wecom", userid=userid), text, **more)  # type: ignore[arg-type]
