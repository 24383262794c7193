import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.demo import web
from bot.demo.pictures import jpeg, painted
from bot.demo.session import Session
from bot.platforms.dingtalk.capabilities import CAPABILITIES as DINGTALK
from bot.platforms.wecom.capabilities import CAPABILITIES as WECOM

Client = TestClient[aiohttp.web.Request, aiohttp.web.Application]


@pytest.fixture
async def client(session: Session) -> AsyncIterator[Client]:
    async with TestClient(TestServer(web.make_app(session), host="127.0.0.1")) as opened:
        yield opened


async def state_of(client: Client) -> Any:
    return await (await client.get("/api/state")).json()


async def test_state_holds_what_the_page_draws(client: Client) -> None:
    state = await state_of(client)
    assert state["clock"] == {"date": "2026-06-29", "time": "08:40", "weekday": 0, "moving": None}
    assert state["people"][0]["name"] == "刘芳"
    assert [room["name"] for room in state["chats"]][:2] == ["新华路街道路长群", "新建路街道路长群"]
    assert len(state["gallery"]) >= 8
    places = {one["id"] for one in (*state["chats"], *state["people"])}
    assert {tale["key"]: tale["ending"][1] in places for tale in state["tales"]} == dict.fromkeys(
        ("full", "quarter", "photos"), True
    )


async def test_the_page_gets_the_very_capabilities_that_the_sender_uses(client: Client) -> None:
    served = {one["platform"]: one for one in (await state_of(client))["platforms"]}
    for worn in (WECOM, DINGTALK):
        assert served[worn.platform]["unseen"] == dict(worn.unseen)
        assert served[worn.platform]["group_inbound"] == sorted(worn.group_inbound)
        assert served[worn.platform]["quote_brings_photo"] is worn.quote_brings_photo


async def test_a_message_is_on_the_board_and_in_the_trace(client: Client) -> None:
    said = {
        "chat": "group-xinjianlu",
        "sender": "guoxiaomin",
        "text": "文化路体育场南门垃圾桶满了，垃圾堆到路上没人清",
        "photos": ["scene:garbage"],
    }
    assert (await client.post("/api/say", json=said)).status == 200
    state = await state_of(client)
    (case,) = state["cases"]
    assert (case["state_name"], case["category"], case["handler"]) == ("待认领", "垃圾收运不及时", "孙丽")
    heard = next(line for line in state["trace"] if line["what"] == "heard" and line["who"] == "郭晓敏")
    assert (heard["intent"], heard["decision"]) == ("报事", "直接办理")
    assert heard["segment"].startswith("XZ029")
    assert heard["evidence"]
    assert {line["rule"] for line in state["trace"] if line["what"] == "posted"} >= {"交办", "答复"}
    events = (await (await client.get(f"/api/case/{case['number']}")).json())["events"]
    assert [event["name"] for event in events] == ["上报交办"]
    assert "上报人 郭晓敏" in events[0]["people"]
    picture = await client.get(case["photos"][0]["url"])
    assert picture.content_type == "image/jpeg"


async def test_an_own_picture_can_be_sent(client: Client) -> None:
    taken = await (await client.post("/api/photo", data=jpeg(painted("rubble")))).json()
    assert (await client.get(taken["url"])).content_type == "image/jpeg"
    said = {"chat": "liufang", "sender": "liufang", "text": "健康路药店门口乱堆沙石料", "photos": [taken["name"]]}
    assert (await client.post("/api/say", json=said)).status == 200
    assert len((await state_of(client))["cases"][0]["photos"]) == 1


async def test_a_file_that_is_no_picture_is_answered_by_the_bot(client: Client) -> None:
    taken = await (await client.post("/api/photo", data=b"<script>alert(1)</script>")).json()
    shown = await client.get(taken["url"])
    assert shown.content_type == "application/octet-stream"
    said = {"chat": "liufang", "sender": "liufang", "photos": [taken["name"]]}
    assert (await client.post("/api/say", json=said)).status == 200
    answer = (await state_of(client))["entries"][-1]
    assert (answer["sender"], "照片" in answer["text"] or "图片" in answer["text"]) == ("", True)


BAD_REQUESTS: dict[str, tuple[str, object]] = {
    "unknown chat": ("/api/say", {"chat": "x", "sender": "y", "text": "z"}),
    "photos no list": ("/api/say", {"chat": "liufang", "sender": "liufang", "photos": "scene:stall"}),
    "no object": ("/api/say", [1]),
    "unknown button": ("/api/clock", {"to": "tomorrow"}),
    "unknown platform": ("/api/platform", {"platform": "feishu"}),
    "unknown action": ("/api/story", {"action": "rewind"}),
}


async def test_a_bad_request_is_refused_in_chinese(client: Client) -> None:
    for why, (path, body) in BAD_REQUESTS.items():
        answer = await client.post(path, json=body)
        assert answer.status == 400, why
        assert any("一" <= letter <= "鿿" for letter in (await answer.json())["error"]), why


async def test_a_form_of_a_foreign_page_is_no_request(client: Client) -> None:
    answer = await client.post("/api/reset", headers={"Origin": "https://example.com"})
    assert answer.status == 403
    assert (await client.get("/api/state", headers={"Host": "evil.example"})).status == 403
    assert (await client.post("/api/say", data="{}", headers={"Content-Type": "text/plain"})).status == 400


FOREIGN_FILES = {
    "out of the folder": "/static/..%2fmain.py",
    "no such file": "/static/none.js",
    "out of the media folder": "/api/media/..%2f..%2fluzhang.db",
    "no such scene": "/api/gallery/none",
    "no such upload": "/api/upload/none",
}


async def test_only_our_own_files_are_served(client: Client) -> None:
    for why, path in FOREIGN_FILES.items():
        answer = await client.get(path)
        assert answer.status == 404, why
        assert answer.headers["Content-Security-Policy"] == web.POLICY, why


async def test_the_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = await client.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    names = [path.name for path in web.STATIC.iterdir()]
    texts = {name: await (await client.get(f"/static/{name}")).text() for name in names}
    assert not {
        name
        for name, text in texts.items()
        if "https://" in text or "http://" in text.replace("http://www.w3.org/2000/svg", "")
    }
    assert " style=" not in texts["index.html"]
    assert "<script>" not in texts["index.html"]


async def test_the_stream_tells_of_every_bubble(client: Client) -> None:
    async with client.get("/api/events") as stream:
        hello = json.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))
        assert hello["kind"] == "hello"
        await client.post("/api/say", json={"chat": "liufang", "sender": "liufang", "text": "帮助"})
        numbers: list[int] = []
        while len(numbers) < 2:
            change = json.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))
            numbers += [change["data"]["number"]] if change["kind"] == "entry" else []
    assert numbers == [hello["data"]["entries"] + 1, hello["data"]["entries"] + 2]
