"""The optional service: asked only when unsure, given only words and picture, and never believed beyond its one question."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.second_opinion import FAILURES, MARK, SecondOpinion, Service
from domain.understand import Hints, Understander, Understanding
from media.decode import Decoder
from media.photos import PhotoStore
from tests.handlers.test_looking import drawn, gps
from tests.house import House

TEXT = "东边这个情况麻烦看一下，联系13800001111"


@dataclass
class Fake:
    """A loopback service that answers as a test says."""

    answer: Callable[[], Awaitable[web.StreamResponse]]
    asked: list[tuple[dict[str, Any], str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((await request.json(), request.headers.get("Authorization", "")))
        return await self.answer()


def says(content: object, status: int = 200) -> Callable[[], Awaitable[web.StreamResponse]]:
    async def answer() -> web.StreamResponse:
        text = content if isinstance(content, str) else json.dumps(content)
        body = {"choices": [{"message": {"role": "assistant", "content": text}}]}
        return web.json_response(body, status=status)

    return answer


def raw(body: bytes) -> Callable[[], Awaitable[web.StreamResponse]]:
    async def answer() -> web.StreamResponse:
        return web.Response(body=body)

    return answer


async def slow() -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def elsewhere() -> web.StreamResponse:
    raise web.HTTPFound("/v1/other")


@pytest.fixture
async def fake() -> AsyncIterator[tuple[Fake, str]]:
    stand_in = Fake(says({}))
    app = web.Application()
    app.router.add_post("/v1/chat/completions", stand_in.handle)
    async with TestServer(app) as server:
        yield stand_in, str(server.make_url("/v1"))


@pytest.fixture
async def opinion(house: House, fake: tuple[Fake, str]) -> AsyncIterator[SecondOpinion]:
    decoder = Decoder(PhotoStore(house.config.store.media))
    made = SecondOpinion(
        Service(fake[1], "some-model", "key-canary", 0.5), house.rules.categories, decoder.thumbnail, house.clock
    )
    yield made
    await made.close()
    await decoder.close()


@pytest.fixture
async def understander(house: House) -> Understander:
    roster = await house.store.rosters.load()
    return await house.machine.inbox._understanders.of(roster, house.clock.now())


@pytest.fixture
def unsure(understander: Understander) -> Understanding:
    found = understander.understand("人民路12号这个东西太难看了", Hints(has_photo=True))
    assert found.intent == "report"
    return found


async def test_it_names_a_category_and_changes_nothing_else(
    fake: tuple[Fake, str], opinion: SecondOpinion, unsure: Understanding, house: House
) -> None:
    code = next(row.code for row in house.rules.categories.rows if row.hazards)
    fake[0].answer = says({"category": code, "confidence": 0.9})
    got = await opinion.on(unsure, TEXT, ())
    assert (got.category, MARK in got.evidence) == (code, True)
    same = ("segment", "is_hazard", "severity", "intent", "confidence", "decision", "location_text")
    assert [getattr(got, name) for name in same] == [getattr(unsure, name) for name in same]
    assert not any(problem.is_hazard for problem in got.problems)


async def test_it_gets_words_and_a_small_picture_and_nothing_personal(
    fake: tuple[Fake, str], opinion: SecondOpinion, unsure: Understanding, house: House
) -> None:
    photo = await PhotoStore(house.config.store.media).save(drawn(1, gps=gps(113.7, 34.4)))
    await opinion._pictures_of(photo, 64)  # starting the child is not what patience is for
    await opinion.on(unsure, TEXT, (photo, photo, photo))
    ((body, key),) = fake[0].asked
    assert key == "Bearer key-canary"
    told = json.dumps(body, ensure_ascii=False)
    assert "13800001111" not in told
    assert told.count("data:image/jpeg;base64") == 2
    assert not any(name in told for name in ("刘芳", "XC0", photo.sha256[:12], "Exif"))
    assert body["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(says({"category": "zang.dust", "confidence": 0.9}), "", id="an answer"),
        pytest.param(says({}, status=401), "返回HTTP 401", id="refused"),
        pytest.param(raw(b"<html>"), "回答不合格式（须支持 json_schema）", id="no answer to the question"),
        pytest.param(slow, "0.5秒没有回答", id="slow"),
    ],
)
async def test_the_doctor_is_told_why_nothing_came(
    fake: tuple[Fake, str], opinion: SecondOpinion, answer: Callable[[], Awaitable[web.StreamResponse]], told: str
) -> None:
    fake[0].answer = answer
    assert await opinion.trouble() == told


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says("占道经营"), id="words"),
        pytest.param(says({"category": "no.such", "confidence": 1.0}), id="a category that there is not"),
        pytest.param(says({"category": "other", "confidence": 1.0}), id="no category"),
        pytest.param(says({"category": "zang.dust", "confidence": 0.2}), id="unsure as well"),
        pytest.param(says({"category": "zang.dust", "confidence": 7}), id="more than sure"),
        pytest.param(says({"category": "zang.dust", "confidence": "0.9"}), id="wrong type"),
        pytest.param(says({"category": "zang.dust", "confidence": 0.9, "hazard": True}), id="more than was asked"),
        pytest.param(says({"category": ["zang.dust"], "confidence": 0.9}), id="a list"),
        pytest.param(says("[" * 10_000), id="nested"),
        pytest.param(raw(b"<html>"), id="a page"),
        pytest.param(raw(b'{"choices": []}'), id="no choice"),
        pytest.param(raw(b'{"choices": {"0": 1}}'), id="another shape"),
        pytest.param(raw(b"\xff\xfe\x00"), id="no text"),
        pytest.param(raw(b"x" * 300_000), id="endless"),
        pytest.param(says({"category": "zang.dust", "confidence": 0.9}, status=500), id="an error"),
        pytest.param(elsewhere, id="sent elsewhere"),
        pytest.param(slow, id="slow"),
    ],
)
async def test_whatever_is_no_answer_is_none(
    fake: tuple[Fake, str],
    opinion: SecondOpinion,
    unsure: Understanding,
    answer: Callable[[], Awaitable[web.StreamResponse]],
) -> None:
    fake[0].answer = answer
    assert await opinion.on(unsure, TEXT, ()) == unsure


async def test_one_that_keeps_failing_is_left_alone_for_a_minute(
    fake: tuple[Fake, str], opinion: SecondOpinion, unsure: Understanding, house: House
) -> None:
    fake[0].answer = raw(b"")
    for _ in range(FAILURES):
        assert opinion.wants(unsure, 1.1)
        await opinion.on(unsure, TEXT, ())
    assert not opinion.wants(unsure, 1.1)
    await house.advance(minutes=1)
    assert opinion.wants(unsure, 1.1)


def test_it_is_not_asked_where_we_are_sure_or_nothing_is_reported(
    opinion: SecondOpinion, understander: Understander
) -> None:
    sure = understander.understand("人民路百货大楼门口路灯不亮")
    thanks = understander.understand("好的谢谢")
    assert not opinion.wants(sure, understander.act_from)
    assert not opinion.wants(thanks, understander.act_from)


async def test_the_inbox_asks_before_it_decides(
    fake: tuple[Fake, str], opinion: SecondOpinion, house: House, understander: Understander
) -> None:
    text = "人民路12号这个东西太难看了"
    assert opinion.wants(understander.understand(text), understander.act_from)
    fake[0].answer = says({"category": "zang.dust", "confidence": 0.9})
    house.machine.inbox.opinion = opinion
    await house.say("刘芳", text)
    case = await house.case(1)
    assert (case.category, case.is_hazard, len(fake[0].asked)) == ("zang.dust", False, 1)
