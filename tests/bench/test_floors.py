import asyncio
import sqlite3
from itertools import islice
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench import messages
from bench.floors import KINDS, Writer, handler_of
from bench.load import closed_loop

WRONG = {"token": "another token"}


async def answers(kind: str, platform: str, requests: list[bytes], file: Path) -> list[int]:
    """Send raw requests to a floor server in turn and return the statuses."""
    app = web.Application()
    writer = Writer(file, kind) if kind in ("f2", "f3", "each") else None
    app.router.add_post(f"/{{path:callback/{platform}.*}}", handler_of(platform, kind, writer))
    async with TestServer(app) as server:
        assert server.port is not None
        sent = [await asyncio.to_thread(closed_loop, server.port, [request], 1) for request in requests]
    return [403 if one.errors else 200 for one in sent]


def rows(file: Path, table: str) -> int:
    with sqlite3.connect(file) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_every_floor_takes_what_the_platform_signed(kind: str, platform: str, tmp_path: Path) -> None:
    made = messages.wecom(1) if platform == "wecom" else messages.dingtalk(1, "http://127.0.0.1:9")
    assert await answers(kind, platform, list(islice(made, 2)), tmp_path / "floor.db") == [200, 200]


@pytest.mark.parametrize(
    ("platform", "request_"),
    [
        pytest.param("wecom", messages.wecom_request("<xml><MsgId>1</MsgId></xml>", token="other"), id="wecom"),
        pytest.param("dingtalk", messages.dingtalk_request('{"msgId": "1"}', secret="other"), id="dingtalk"),
    ],
)
async def test_a_wrong_signature_is_refused_and_not_stored(platform: str, request_: bytes, tmp_path: Path) -> None:
    file = tmp_path / "floor.db"
    assert await answers("f2", platform, [request_], file) == [403]
    assert rows(file, "inbox") == 0


async def test_what_is_answered_is_durable_and_once(tmp_path: Path) -> None:
    file = tmp_path / "floor.db"
    [one, other] = islice(messages.wecom(1), 2)
    assert await answers("f3", "wecom", [one, one, other], file) == [200, 200, 200]
    assert (rows(file, "inbox"), rows(file, "cases"), rows(file, "outbox")) == (2, 2, 2)
