"""The fake keeps the platform's rules: otherwise the client's tests prove nothing."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.fakes.dingtalk import Driver, FakeRobot, Person
from bot.platforms.base import Refused
from bot.platforms.dingtalk.callback import RobotCallback, sign
from bot.platforms.dingtalk.handles import picture_code
from domain.messages import Incoming, Kind, Outgoing, Target
from tests.bot.platforms.dingtalk.rehearsal import GROUP, SECRET, TOKEN, Rehearsal, rehearsal

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64


@asynccontextmanager
async def bot(house: Rehearsal, secret: str = "roadchief-app-secret") -> AsyncIterator[tuple[str, list[Incoming]]]:
    """Run a bot that verifies, reads and keeps what it is told; yield its callback address and what it read."""
    callback = RobotCallback(secret)
    heard: list[Incoming] = []

    async def take(request: web.Request) -> web.Response:
        try:
            accepted = callback.accept("POST", request.query, request.headers, await request.read(), house.clock())
        except Refused as refused:
            return web.Response(status=refused.status)
        heard.append(callback.parse(accepted.payload, house.clock()))
        return web.Response(body=accepted.answer, content_type=accepted.content_type)

    app = web.Application()
    app.router.add_post(callback.path, take)
    async with TestServer(app) as server:
        yield str(server.make_url(callback.path)), heard


def driver(house: Rehearsal, url: str) -> Driver:
    return Driver(house.fake.state, house.fake.robot, house.base, url)


@pytest.mark.parametrize(
    ("text", "chat_id", "photos", "kind"),
    [
        ("井盖破损", GROUP, [], Kind.TEXT),
        ("井盖破损", GROUP, [JPEG, JPEG], Kind.MIXED),
        ("井盖破损", "", [], Kind.TEXT),
        ("", "", [JPEG], Kind.PHOTO),
    ],
)
async def test_a_message_goes_all_the_way_round(text: str, chat_id: str, photos: list[bytes], kind: Kind) -> None:
    async with rehearsal() as house, bot(house) as (url, heard):
        pushed = await driver(house, url).say(text, chat_id=chat_id, photos=photos)
        assert (pushed.status, pushed.answer) == (200, '{"msgtype":"empty"}')
        (message,) = heard
        assert (message.kind, message.text, message.is_group) == (kind, text, bool(chat_id))
        assert [await house.client.fetch_photo(photo) for photo in message.photos] == photos
        target = Target("dingtalk", chat_id=chat_id, userid="" if chat_id else message.sender)
        assert await house.post(Outgoing("k", target, "已受理", reply=message.reply)) == "reply"
        assert house.fake.deliveries[0].text == "已受理"


async def test_an_outsider_writes_without_a_staff_id() -> None:
    async with rehearsal() as house, bot(house) as (url, heard):
        await driver(house, url).say("井盖破损", person=Person("", "路人"))
        assert heard[0].sender_is_outsider
        assert heard[0].sender.startswith("$:LWCP_v1:$")


async def test_a_message_that_nobody_takes_is_lost() -> None:
    async with rehearsal() as house, bot(house, secret="another") as (url, heard):
        refused = driver(house, url)
        unheard = driver(house, "http://127.0.0.1:9/callback")
        assert (await refused.say("一")).status == 403
        assert (await unheard.say("二")).status == 0
        assert (len(refused.pushed), len(unheard.pushed), heard) == (1, 1, [])


@pytest.mark.parametrize(("text", "mentions"), [("请看 @u2002", ("u2002",)), ("请看 王路长", ()), ("请看 ＠u2002", ())])
async def test_a_mention_needs_both_the_list_and_the_words(text: str, mentions: tuple[str, ...]) -> None:
    async with rehearsal() as house, aiohttp.ClientSession() as session:
        stamp = str(int(house.clock().timestamp() * 1000))
        query = {"access_token": TOKEN, "timestamp": stamp, "sign": sign(SECRET, stamp)}
        body = {"msgtype": "text", "text": {"content": text}, "at": {"atUserIds": ["u2002"]}}
        async with session.post(f"{house.base}/robot/send", params=query, json=body) as response:
            assert (await response.json())["errcode"] == 0
        assert house.fake.deliveries[0].mentions == mentions


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1.0/oauth2/accessToken", {"appKey": "x", "appSecret": "y"}, "invalidClientIdOrSecret"),
        ("/v1.0/robot/groupMessages/send", {}, "InvalidAuthentication"),
        ("/v1.0/robot/messageFiles/download", {}, "InvalidAuthentication"),
        ("/robot/sendBySession?session=none", {}, "session.notExisted"),
    ],
)
async def test_refusals_of_the_newer_kind(path: str, body: dict[str, str], code: str) -> None:
    async with (
        rehearsal() as house,
        aiohttp.ClientSession() as session,
        session.post(house.base + path, json=body) as response,
    ):
        assert (response.status, (await response.json())["code"]) == (400, code)


async def test_the_legacy_token_is_the_same_token() -> None:
    async with rehearsal() as house, aiohttp.ClientSession() as session:
        query = {"appkey": "dingroadchief", "appsecret": "roadchief-app-secret"}
        async with session.get(f"{house.base}/gettoken", params=query) as response:
            body = await response.json()
        assert house.fake.state.token()[0] == body["access_token"]
        house.clock.advance(seconds=7_200)
        assert not house.fake.state.knows_token(body["access_token"])


async def test_a_link_expires() -> None:
    async with rehearsal() as house, aiohttp.ClientSession() as session:
        link = house.fake.state.link(house.fake.state.keep_picture(JPEG))
        assert link is not None
        house.clock.now = link[1]
        async with session.get(f"{house.base}/file/{link[0]}") as response:
            assert response.status == 403


async def test_the_month_begins_anew_in_the_city() -> None:
    async with rehearsal(FakeRobot(monthly_calls=3)) as house:
        house.clock.now = house.clock.now.replace(month=11, day=30, hour=15, minute=59)
        assert [house.fake.state.count_call() for _ in range(2)] == [1, 2]
        house.clock.advance(minutes=1)
        assert house.fake.state.count_call() == 1


async def test_a_rehearsal_is_driven_over_http() -> None:
    async with rehearsal() as house, bot(house) as (url, heard), aiohttp.ClientSession() as session:
        photo = base64.b64encode(JPEG).decode()
        order = {"url": url, "text": "井盖破损", "chat_id": GROUP, "userid": "u7", "photos": [photo]}
        async with session.post(f"{house.base}/fake/messages", json=order) as response:
            assert (await response.json())["status"] == 200
        assert (heard[0].sender, heard[0].kind) == ("u7", Kind.MIXED)
        assert picture_code(heard[0].photos[0]).robot_code == "dingroadchief"
        await house.post(Outgoing("k", Target("dingtalk", chat_id=GROUP), "已受理", reply=heard[0].reply))
        async with session.get(f"{house.base}/fake/deliveries") as response:
            assert [post["text"] for post in await response.json()] == ["已受理"]


@pytest.mark.parametrize("order", ["", "[]", "{}", '{"url":"http://x","photos":["?"]}'])
async def test_a_wrong_order_is_refused(order: str) -> None:
    async with (
        rehearsal() as house,
        aiohttp.ClientSession() as session,
        session.post(f"{house.base}/fake/messages", data=order) as response,
    ):
        assert response.status == 400
