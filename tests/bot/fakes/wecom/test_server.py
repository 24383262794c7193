import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.fakes.wecom import SAMPLE_APP, FakeWecom
from tests.bot.platforms.wecom.stage import Clock

Peer = TestClient[Any, Any]
TEXT = {"msgtype": "text", "text": {"content": "您好"}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(clock: Clock) -> FakeWecom:
    return FakeWecom(webhooks={"K1": "wrA"}, members=frozenset({"lisi", "wangwu"}), clock=clock)


@pytest.fixture
async def peer(fake: FakeWecom) -> AsyncIterator[Peer]:
    client: Peer = TestClient(TestServer(fake.app()))
    await client.start_server()
    yield client
    await client.close()


async def asked(peer: Peer, path: str, body: Mapping[str, object], **query: str) -> dict[str, Any]:
    response = await peer.post(path, json=body, params=query)
    assert response.status == 200
    answer: dict[str, Any] = await response.json()
    return answer


async def token(peer: Peer) -> str:
    query = {"corpid": SAMPLE_APP.corp_id, "corpsecret": SAMPLE_APP.secret}
    answer = await (await peer.get("/cgi-bin/gettoken", params=query)).json()
    return str(answer["access_token"])


@pytest.mark.parametrize(
    ("corpid", "secret", "code"),
    [("other", SAMPLE_APP.secret, 40013), (SAMPLE_APP.corp_id, "wrong", 40001), (SAMPLE_APP.corp_id, "", 40001)],
)
async def test_a_token_needs_the_right_secret(peer: Peer, corpid: str, secret: str, code: int) -> None:
    response = await peer.get("/cgi-bin/gettoken", params={"corpid": corpid, "corpsecret": secret})
    assert (await response.json())["errcode"] == code


async def test_a_token_stays_the_same_until_it_ends(peer: Peer, fake: FakeWecom, clock: Clock) -> None:
    first = await token(peer)
    assert await token(peer) == first
    clock.advance(7200)
    assert fake.state.token_code(first) == 42001
    second = await token(peer)
    assert second != first
    fake.state.kill_token()
    assert [fake.state.token_code(value) for value in (second, "", "never")] == [42001, 41001, 40014]


async def test_posts_to_persons(peer: Peer, fake: FakeWecom) -> None:
    living = await token(peer)

    async def send(**more: object) -> dict[str, Any]:
        body = {"touser": "lisi", "agentid": SAMPLE_APP.agent_id, **TEXT, **more}
        return await asked(peer, "/cgi-bin/message/send", body, access_token=living)

    assert (await send())["errcode"] == 0
    assert (await send(touser="lisi|Nobody"))["invaliduser"] == "nobody"
    assert (await send(touser="nobody"))["errcode"] == 81013
    assert (await send(agentid=7))["errcode"] == 301002
    assert (await send(msgtype="pigeon"))["errcode"] == 40008
    assert (await send(text={"content": " "}))["errcode"] == 44004
    assert (await send(text={"content": "路" * 683}))["errcode"] == 45002
    assert (await asked(peer, "/cgi-bin/message/send", {}, access_token="x"))["errcode"] == 40014
    assert [post.userids for post in fake.deliveries] == [("lisi",), ("lisi",)]


async def test_repeats_are_dropped_within_the_interval_when_asked_for(
    peer: Peer, fake: FakeWecom, clock: Clock
) -> None:
    living = await token(peer)
    body = {"touser": "lisi", "agentid": SAMPLE_APP.agent_id, **TEXT, "enable_duplicate_check": 1}
    ids = []
    for _ in range(2):
        ids.append((await asked(peer, "/cgi-bin/message/send", body, access_token=living))["msgid"])
    clock.advance(1801)
    await asked(peer, "/cgi-bin/message/send", body, access_token=living)
    assert len(fake.deliveries) == 2
    wrong = {**body, "duplicate_check_interval": 14_401}
    assert (await asked(peer, "/cgi-bin/message/send", wrong, access_token=living))["errcode"] == 40058


async def test_one_too_many_to_a_member_vanishes_silently(peer: Peer, fake: FakeWecom) -> None:
    living = await token(peer)
    body = {"touser": "lisi", "agentid": SAMPLE_APP.agent_id, **TEXT}
    codes = [(await asked(peer, "/cgi-bin/message/send", body, access_token=living))["errcode"] for _ in range(31)]
    assert set(codes) == {0}
    assert len(fake.deliveries) == 30


async def test_a_webhook_takes_twenty_a_minute_and_then_pauses(peer: Peer, fake: FakeWecom, clock: Clock) -> None:
    codes = [(await asked(peer, "/cgi-bin/webhook/send", TEXT, key="K1"))["errcode"] for _ in range(22)]
    assert codes == [0] * 20 + [45009] * 2
    clock.advance(59)
    assert (await asked(peer, "/cgi-bin/webhook/send", TEXT, key="K1"))["errcode"] == 45009
    clock.advance(1)
    assert (await asked(peer, "/cgi-bin/webhook/send", TEXT, key="K1"))["errcode"] == 0
    assert {post.chat_id for post in fake.deliveries} == {"wrA"}


async def test_webhook_refusals(peer: Peer) -> None:
    assert (await asked(peer, "/cgi-bin/webhook/send", TEXT, key="K2"))["errcode"] == 93000
    long = {"msgtype": "text", "text": {"content": "a" * 2049}}
    assert (await asked(peer, "/cgi-bin/webhook/send", long, key="K1"))["errcode"] == 45002
    response = await peer.post("/cgi-bin/webhook/send", data=b"[1]", params={"key": "K1"})
    assert (await response.json())["errcode"] == 40058


async def test_a_reply_address_serves_once_within_an_hour(peer: Peer, fake: FakeWecom, clock: Clock) -> None:
    body = {"msgtype": "markdown", "markdown": {"content": "您好"}}
    code, late = fake.state.open_reply("", "lisi"), fake.state.open_reply("wrA", "lisi")
    assert (await asked(peer, "/cgi-bin/aibot/response", TEXT, response_code=code))["errcode"] == 40008
    codes = [(await asked(peer, "/cgi-bin/aibot/response", body, response_code=code))["errcode"] for _ in range(2)]
    assert codes == [0, 40029]
    clock.advance(3600)
    assert (await asked(peer, "/cgi-bin/aibot/response", body, response_code=late))["errcode"] == 40029
    assert [(post.way, post.userids) for post in fake.deliveries] == [("reply", ("lisi",))]


async def test_media_and_links_die(peer: Peer, fake: FakeWecom, clock: Clock) -> None:
    living, media_id = await token(peer), fake.state.keep_media(b"photo")
    name = fake.state.keep_link(b"photo", bytes(32))
    got = await peer.get("/cgi-bin/media/get", params={"access_token": living, "media_id": media_id})
    assert await got.read() == b"photo"
    link = await peer.get(f"/media/{name}")
    assert (link.status, len(await link.read())) == (200, 32)
    clock.advance(300)
    assert (await peer.get(f"/media/{name}")).status == 403
    wrong = await peer.get("/cgi-bin/media/get", params={"access_token": living, "media_id": "x"})
    assert (await wrong.json())["errcode"] == 40007


async def test_deliveries_can_be_looked_at(peer: Peer) -> None:
    await asked(peer, "/cgi-bin/webhook/send", TEXT, key="K1")
    (post,) = json.loads(await (await peer.get("/fake/deliveries")).text())
    assert (post["way"], post["text"]) == ("webhook", "您好")
