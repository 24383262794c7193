"""The fake's gateway keeps the platform's rules, asked by a bare WebSocket client."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.fakes.rules import Fault
from bot.fakes.wecom import SAMPLE_BOT, FakeWecom, LiveDriver
from tests.bot.platforms.wecom.stage import Clock

GROUP = "wrAbCd"
WORDS = {"msgtype": "markdown", "markdown": {"content": "收到"}}


@dataclass
class Bot:
    socket: aiohttp.ClientWebSocketResponse

    async def ask(self, cmd: str, body: Mapping[str, object] | None = None, req_id: str = "r") -> dict[str, Any]:
        await self.socket.send_json({"cmd": cmd, "headers": {"req_id": req_id}, "body": body})
        answer = await self.hear()
        assert answer["headers"]["req_id"] == req_id
        assert "cmd" not in answer
        return answer

    async def code(self, cmd: str, body: Mapping[str, object] | None = None, req_id: str = "r") -> int:
        return int((await self.ask(cmd, body, req_id))["errcode"])

    async def hear(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.socket.receive_json(timeout=5)
        return found

    async def subscribe(self, secret: str = SAMPLE_BOT.secret) -> int:
        return await self.code("aibot_subscribe", {"bot_id": SAMPLE_BOT.bot_id, "secret": secret})


@dataclass
class Stage:
    clock: Clock
    fake: FakeWecom
    hand: LiveDriver
    session: aiohttp.ClientSession
    url: str

    async def bot(self) -> Bot:
        return Bot(await self.session.ws_connect(self.url))

    async def subscribed(self) -> Bot:
        bot = await self.bot()
        assert await bot.subscribe() == 0
        return bot


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = Clock()
    fake = FakeWecom(clock=clock)
    server = TestServer(fake.app())
    await server.start_server()
    base = f"http://127.0.0.1:{server.port}"
    async with aiohttp.ClientSession() as session:
        yield Stage(clock, fake, fake.live_driver(base), session, f"{base}/ws")
    await fake.gateway.close()
    await server.close()


def push(chat_id: str = GROUP, **more: object) -> dict[str, object]:
    return {"chatid": chat_id, "chat_type": 2, **WORDS, **more}


async def test_nothing_is_done_before_a_subscription(stage: Stage) -> None:
    bot = await stage.bot()
    for cmd in ("ping", "aibot_send_msg", "aibot_respond_msg", "aibot_upload_media_init"):
        assert await bot.code(cmd, push()) == 846609
    assert await bot.subscribe("wrong") == 853000
    assert await bot.code("ping") == 846609
    assert await bot.subscribe() == 0
    assert await bot.code("ping") == 0
    assert await bot.code("aibot_nonsense") == 40008


async def test_a_newer_connection_takes_over(stage: Stage) -> None:
    first = await stage.subscribed()
    second = await stage.subscribed()
    heard = await first.hear()
    assert (heard["cmd"], heard["body"]["event"]) == ("aibot_event_callback", {"eventtype": "disconnected_event"})
    assert (await first.socket.receive(timeout=5)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING)
    await stage.hand.say("你好")
    assert (await second.hear())["cmd"] == "aibot_msg_callback"


async def test_a_message_is_answered_by_its_own_req_id_on_its_own_connection(stage: Stage) -> None:
    bot = await stage.subscribed()
    await stage.hand.say("你好", chat_id=GROUP, userid="lisi")
    heard = await bot.hear()
    req_id = heard["headers"]["req_id"]
    assert (heard["body"]["chattype"], heard["body"]["text"]["content"]) == ("group", "@路长助手 你好")
    assert "response_url" not in heard["body"]
    assert await bot.code("aibot_respond_msg", WORDS, req_id) == 0
    assert await bot.code("aibot_respond_msg", WORDS, "other") == 846605
    assert await bot.code("aibot_respond_welcome_msg", WORDS, req_id) == 846605
    stage.fake.gateway.drop()
    again = await stage.subscribed()
    assert await again.code("aibot_respond_msg", WORDS, req_id) == 846605
    assert [(post.way, post.chat_id) for post in stage.fake.deliveries] == [("reply", GROUP)]


async def test_a_req_id_ends_after_a_day(stage: Stage) -> None:
    bot = await stage.subscribed()
    await stage.hand.say("你好")
    req_id = (await bot.hear())["headers"]["req_id"]
    stage.clock.advance(86_400)
    assert await bot.code("aibot_respond_msg", WORDS, req_id) == 846605


@pytest.mark.parametrize(
    ("cmd", "age", "code"),
    [
        ("aibot_respond_welcome_msg", 4, 0),
        ("aibot_respond_welcome_msg", 5, 846605),
        ("aibot_respond_msg", 0, 846605),
        ("aibot_respond_update_msg", 0, 846605),
    ],
)
async def test_an_entering_takes_a_welcome_within_five_seconds(stage: Stage, cmd: str, age: int, code: int) -> None:
    bot = await stage.subscribed()
    await stage.hand.enter(userid="lisi")
    req_id = (await bot.hear())["headers"]["req_id"]
    stage.clock.advance(age)
    text = {"msgtype": "text", "text": {"content": "欢迎"}}
    assert await bot.code(cmd, text, req_id) == code
    assert code or await bot.code(cmd, text, req_id) == 846605  # once


CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "【0123】占道经营"},
    "button_list": [{"text": "收到", "key": "ack"}],
    "task_id": "2026-0123_work-ab",
}


async def test_a_card_is_updated_after_a_tap(stage: Stage) -> None:
    bot = await stage.subscribed()
    await stage.hand.tap("ack", chat_id=GROUP)
    req_id = (await bot.hear())["headers"]["req_id"]
    card = {"response_type": "update_template_card", "template_card": CARD}
    assert await bot.code("aibot_respond_update_msg", card, req_id) == 0


async def test_a_push_goes_only_where_somebody_has_spoken(stage: Stage) -> None:
    bot = await stage.subscribed()
    assert await bot.code("aibot_send_msg", push()) == 93006
    await stage.hand.enter(userid="lisi")  # to enter is not to speak
    await bot.hear()
    assert await bot.code("aibot_send_msg", push("lisi", chat_type=1)) == 93006
    await stage.hand.say("你好", chat_id=GROUP, userid="lisi")
    await bot.hear()
    assert await bot.code("aibot_send_msg", push()) == 0
    assert await bot.code("aibot_send_msg", push(GROUP.lower())) == 93006  # chat ids differ by case
    assert await bot.code("aibot_send_msg", {"chatid": GROUP, **WORDS}) == 0  # without a chat_type, as the SDKs do
    assert await bot.code("aibot_send_msg", push(msgtype="text", text={"content": "x"})) == 0
    assert await bot.code("aibot_send_msg", push(msgtype="pigeon")) == 40008
    assert await bot.code("aibot_send_msg", push(markdown={"content": " "})) == 44004
    assert await bot.code("aibot_send_msg", push(markdown={"content": "路" * 6_827})) == 45002


async def test_a_conversation_bears_thirty_a_minute_and_a_thousand_an_hour(stage: Stage) -> None:
    bot = await stage.subscribed()
    await stage.hand.say("你好", chat_id=GROUP)
    req_id = (await bot.hear())["headers"]["req_id"]
    codes = [await bot.code("aibot_send_msg", push()) for _ in range(29)]
    codes += [await bot.code("aibot_respond_msg", WORDS, req_id), await bot.code("aibot_send_msg", push())]
    assert codes == [0] * 30 + [45009]
    stage.clock.advance(60)
    assert await bot.code("aibot_send_msg", push()) == 0


async def test_faults_spoil_frames_by_name(stage: Stage) -> None:
    bot = await stage.subscribed()
    stage.fake.rules.arm(
        Fault("repeat", "/ws/aibot_msg_callback"),
        Fault("empty", "/ws/aibot_msg_callback"),
        Fault("errcode", "/ws/ping", errcode=45009),
        Fault("html", "/ws/ping"),
    )
    assert (await stage.hand.say("一")).status == 200
    first, twin = await bot.hear(), await bot.hear()
    assert first == twin
    assert (await stage.hand.say("二")).status == 0
    assert await bot.code("ping") == 45009
    await bot.socket.send_json({"cmd": "ping", "headers": {"req_id": "r"}})
    assert (await bot.socket.receive_str(timeout=5)).startswith("<html>")
    assert stage.fake.rules.count("/ws/ping") == 2


async def test_without_a_connection_a_message_is_lost(stage: Stage) -> None:
    assert (await stage.hand.say("你好")).status == 0
    bot = await stage.subscribed()
    assert await bot.code("ping") == 0  # nothing comes later


async def test_a_rehearsal_writes_over_the_connection(stage: Stage) -> None:
    bot = await stage.subscribed()
    url = stage.url.removesuffix("/ws") + "/fake/messages"
    async with stage.session.post(url, json={"channel": "live", "text": "你好", "chat_id": GROUP}) as answer:
        assert (await answer.json())["statuses"] == [200]
    assert (await bot.hear())["body"]["chatid"] == GROUP
