"""The edge: what is answered, what is stored, and what is turned away without a word."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot import listening, web
from tests.bot.requests import APP, BOT, Request, app_request, bot_request, dingtalk_request, query, sealed, send
from tests.bot.stage import Stage, staged
from tests.house import MONDAY_MORNING

NOW = MONDAY_MORNING


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param(bot_request(NOW), b"", id="wecom-bot"),
        pytest.param(app_request(NOW), b"", id="wecom-app"),
        pytest.param(dingtalk_request(NOW), b'{"msgtype":"empty"}', id="dingtalk"),
    ],
)
async def test_a_good_request_is_stored_once(stage: Stage, request_: Request, answer: bytes) -> None:
    assert await send(stage, request_) == (200, answer)
    assert await stage.stored() == 1
    assert await send(stage, request_) == (200, answer)  # the platform asks again
    assert await stage.stored() == 1
    await stage.settled()
    assert len(await stage.cases()) == (0 if request_.path == APP else 1)


async def test_a_late_retry_counts_only_while_its_id_is_unseen(stage: Stage) -> None:
    late = bot_request(NOW - timedelta(minutes=10))
    assert (await send(stage, late))[0] == 200
    assert (await send(stage, late))[0] == 403
    assert await stage.stored() == 1


async def test_the_console_verifies_the_address(stage: Stage) -> None:
    echo = sealed("Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6L", "1616140317555161061")
    asked = Request(BOT, b"", {**query("sampleBotToken01", echo, NOW), "echostr": echo}, method="GET")
    assert await send(stage, asked) == (200, b"1616140317555161061")
    assert await stage.stored() == 0


async def test_a_body_in_pieces_is_capped_as_it_comes(stage: Stage) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 4096

    async with aiohttp.ClientSession() as session, session.post(stage.url + BOT, data=pieces()) as answer:
        assert answer.status == 413
    assert await stage.stored() == 0


async def test_a_body_in_two_pieces_is_read_whole(stage: Stage) -> None:
    good = bot_request(NOW)

    async def pieces() -> AsyncIterator[bytes]:
        yield good.body[:100]
        await asyncio.sleep(0)
        yield good.body[100:]

    async with (
        aiohttp.ClientSession() as session,
        session.post(stage.url + BOT, params=good.query, data=pieces()) as answer,
    ):
        assert answer.status == 200
    assert await stage.stored() == 1


async def _talk(stage: Stage, said: bytes) -> bytes:
    """Say something over a bare connection and return all that comes back until it is closed."""
    host, _, port = stage.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(said)
    async with asyncio.timeout(30):
        heard = await reader.read()
    writer.close()
    return heard


HEAD = b"POST /callback/wecom/bot?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        pytest.param(b"", b"", id="says-nothing"),
        pytest.param(HEAD, b"", id="half-a-head"),
        pytest.param(HEAD + b"\r\n{", b"HTTP/1.1 408", id="half-a-body"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD, b"HTTP/1.1 200", id="half-a-second-head"),
        pytest.param(b"\x16\x03\x01 garbage\r\n\r\n", b"HTTP/1.", id="no-http"),
    ],
)
async def test_a_slow_caller_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, heard: bytes
) -> None:
    monkeypatch.setattr(listening, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(listening, "KEEP_ALIVE_SECONDS", 60)
    monkeypatch.setattr(web, "BODY_SECONDS", 0.2)
    async with staged(tmp_path) as stage:
        assert (await _talk(stage, said)).startswith(heard)
        assert await stage.stored() == 0


def test_a_slow_caller_is_let_go_within_ten_seconds() -> None:
    assert max(listening.HEAD_SECONDS, web.BODY_SECONDS) <= 10


async def test_a_platform_may_keep_its_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "HEAD_SECONDS", 0.05)
    async with staged(tmp_path) as stage:
        host, _, port = stage.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for number in range(2):
            good = bot_request(NOW, f"m-{number}")
            head = f"POST {BOT}?{urlencode(good.query)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(good.body)}\r\n\r\n"
            writer.write(head.encode() + good.body)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.15)  # longer than a head may take
        writer.close()
        assert await stage.stored() == 2


async def test_what_cannot_be_stored_is_not_answered_as_if_it_were(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(arrivals: Sequence[object]) -> list[Exception]:
        return [sqlite3.OperationalError("database or disk is full") for _ in arrivals]

    monkeypatch.setattr(stage.machine.store.intake, "put_all", full)
    assert await send(stage, bot_request(NOW)) == (503, b"")
    monkeypatch.undo()
    assert (await send(stage, bot_request(NOW)))[0] == 200  # the platform's retry


async def test_the_monitor_sees_the_service(stage: Stage) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{stage.url}/readyz") as answer:
            assert (answer.status, (await answer.json())["status"]) == (200, "ready")
        await send(stage, bot_request(NOW))
        await send(stage, bot_request(NOW))
        await send(stage, bot_request(NOW, token="other"))
        await stage.settled()
        async with session.get(f"{stage.url}/metrics") as answer:
            text = await answer.text()
    assert 'luzhang_inbox_received_total{channel="wecom.bot"} 1.0' in text
    assert 'luzhang_inbox_repeated_total{channel="wecom.bot"} 1.0' in text
    assert 'luzhang_callback_refused_total{channel="wecom.bot",code="signature"} 1.0' in text
    assert 'luzhang_cases_open{state="assigned"} 1.0' in text
    assert 'luzhang_outbox_sent_total{platform="wecom",way="webhook"} 1.0' in text


async def test_not_ready_while_the_database_is_silent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*args: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("bot.monitoring.depths", silent)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{stage.url}/readyz") as answer:
            assert (answer.status, (await answer.json())["database"]) == (503, "down")
        async with session.get(f"{stage.url}/healthz") as answer:
            assert answer.status == 200


async def test_not_ready_while_a_worker_is_down_or_the_inbox_stands_still(stage: Stage) -> None:
    async def state() -> Any:
        async with aiohttp.ClientSession() as session, session.get(f"{stage.url}/readyz") as answer:
            return answer.status, (await answer.json())["problems"]

    stage.machine.failing.add("outbox")
    assert await state() == (503, ["outbox"])
    stage.machine.failing.clear()
    for task in stage.machine.tasks:
        task.cancel()
    await send(stage, bot_request(NOW))
    assert await state() == (200, [])
    stage.clock.advance(timedelta(minutes=11))
    assert await state() == (503, ["inbox"])
