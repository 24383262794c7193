import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.fakes.wecom import SAMPLE_APP, SAMPLE_BOT, Driver, FakeWecom, Quoted
from bot.platforms.base import Accepted, Callback
from bot.platforms.wecom.callback import AppCallback, BotCallback
from domain.messages import Incoming, Kind
from tests.bot.platforms.wecom.stage import GROUP, Clock

JPEG = b"\xff\xd8\xff\xe0picture"


@dataclass
class Edge:
    """Our callbacks behind a real HTTP server, as the edge of the bot serves them."""

    clock: Clock
    statuses: list[int] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    incoming: list[Incoming] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        for callback in (BotCallback(SAMPLE_BOT, "您好，我是路长助手。"), AppCallback(SAMPLE_APP)):
            app.router.add_post(callback.path, self._serving(callback))
        return app

    def _serving(self, callback: Callback) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            if self.statuses:
                return web.Response(status=self.statuses.pop(0))
            query: Mapping[str, str] = request.query
            taken = callback.accept(request.method, query, request.headers, await request.read(), self.clock())
            self.accepted.append(taken)
            self.incoming.append(callback.parse(taken.payload, self.clock()))
            return web.Response(body=taken.answer, content_type=taken.content_type)

        return serve


@dataclass
class Scene:
    edge: Edge
    driver: Driver
    fake: FakeWecom
    fake_url: str
    edge_url: str

    @property
    def last(self) -> Incoming:
        return self.edge.incoming[-1]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = Clock()
    fake, edge = FakeWecom(clock=clock), Edge(clock)
    ours, theirs = TestServer(edge.app()), TestServer(fake.app())
    await ours.start_server()
    await theirs.start_server()
    edge_url, fake_url = (f"http://127.0.0.1:{server.port}" for server in (ours, theirs))
    driver = fake.driver(fake_url, bot_url=f"{edge_url}/callback/wecom/bot", app_url=f"{edge_url}/callback/wecom/app")
    driver.patience = timedelta(seconds=1)
    yield Scene(edge, driver, fake, fake_url, edge_url)
    await ours.close()
    await theirs.close()


async def test_words_in_a_group_name_the_bot(scene: Scene) -> None:
    pushed = await scene.driver.say("人民路井盖破损", chat_id=GROUP, userid="wangwu")
    assert (pushed.statuses, pushed.answer) == ((200,), "")
    assert (scene.last.kind, scene.last.text, scene.last.chat_id) == (Kind.TEXT, "人民路井盖破损", GROUP)
    assert (scene.last.message_id, scene.last.photo_may_be_missing) == (pushed.message_id, True)


async def test_pictures_places_and_quotes(scene: Scene) -> None:
    await scene.driver.say("垃圾未清", chat_id=GROUP, photos=[JPEG, JPEG])
    assert (scene.last.kind, len(scene.last.photos)) == (Kind.MIXED, 2)
    await scene.driver.say(photos=[JPEG])
    assert (scene.last.kind, len(scene.last.photos), scene.last.is_group) == (Kind.PHOTO, 1, False)
    await scene.driver.say("已处理", chat_id=GROUP, quote=Quoted("【2026-0123】", [JPEG]))
    assert scene.last.quote is not None
    assert (scene.last.quote.text, len(scene.last.quote.photos)) == ("【2026-0123】", 1)
    await scene.driver.tell_app("<b>收到</b> & 处理")
    assert (scene.last.channel, scene.last.text) == ("wecom.app", "<b>收到</b> & 处理")
    await scene.driver.photo_to_app(JPEG)
    assert (scene.last.kind, len(scene.last.photos)) == (Kind.PHOTO, 1)
    await scene.driver.place_to_app(113.7, 34.4, "建设街口")
    assert (scene.last.coordinates, scene.last.text) == ((113.7, 34.4), "建设街口")
    await scene.driver.tap("ack", userid="lisi")
    assert (scene.last.kind, scene.last.choice) == (Kind.CHOICE, "ack")


def test_a_lone_picture_in_a_group_never_arrives() -> None:
    fake = FakeWecom()
    with pytest.raises(ValueError, match="group"):
        fake.driver("http://127.0.0.1:1").message(chat_id=GROUP, photos=[JPEG])


async def test_a_greeting_is_delivered(scene: Scene) -> None:
    await scene.driver.enter(userid="lisi")
    (post,) = scene.fake.deliveries
    assert (post.way, post.text, post.userids) == ("welcome", "您好，我是路长助手。", ("lisi",))


@pytest.mark.parametrize(
    ("statuses", "tries"),
    [
        pytest.param([500], (500, 200), id="once more"),
        pytest.param([302, 503], (302, 503, 200), id="a redirect is no answer either"),
        pytest.param([500, 500, 500], (500, 500, 500), id="three in all, then lost"),
    ],
)
async def test_what_is_not_answered_comes_again(scene: Scene, statuses: list[int], tries: tuple[int, ...]) -> None:
    scene.edge.statuses = list(statuses)
    pushed = await scene.driver.say("收到")
    assert pushed.statuses == tries
    assert [taken.message_id for taken in scene.edge.accepted] == [pushed.message_id] * tries.count(200)


async def test_nobody_listens() -> None:
    fake = FakeWecom()
    driver = fake.driver("http://127.0.0.1:1", bot_url="http://127.0.0.1:1/callback/wecom/bot")
    assert (await driver.say("收到")).statuses == (0, 0, 0)


async def test_an_order_by_hand(scene: Scene) -> None:
    photo = base64.b64encode(JPEG).decode()
    orders: list[tuple[dict[str, object], Kind]] = [
        ({"url": scene.driver.bot_url, "text": "井盖", "chat_id": GROUP, "photos": [photo]}, Kind.MIXED),
        ({"url": scene.driver.app_url, "channel": "app", "text": "井盖"}, Kind.TEXT),
        ({"url": scene.driver.app_url, "channel": "app", "photos": [photo]}, Kind.PHOTO),
    ]
    async with ClientSession() as session:
        for order, kind in orders:
            async with session.post(f"{scene.fake_url}/fake/messages", json=order) as response:
                assert (await response.json())["statuses"] == [200]
            assert scene.last.kind is kind
        wrongs: tuple[object, ...] = ({}, [], {"url": "x", "photos": ["!"]}, {"url": "x", "chat_id": GROUP})
        for wrong in wrongs:
            async with session.post(f"{scene.fake_url}/fake/messages", json=wrong) as response:
                assert response.status == 400
