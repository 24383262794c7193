"""Whatever is wrong with a callback: a bare status, nothing stored, one line in the log, never an error of ours."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
import pytest_asyncio

from bot.fakes.dingtalk import FakeRobot
from bot.web import BODY_CAP
from tests.bot.requests import Request, app_request, bot_request, dingtalk_request, send
from tests.bot.stage import Stage, staged
from tests.house import MONDAY_MORNING

NOW = MONDAY_MORNING


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One service for all, since nothing may be left behind by any."""
    async with staged(tmp_path_factory.mktemp("edge")) as running:
        yield running


def _spoilt(request: Request, **changes: str) -> Request:
    return replace(request, query={**request.query, **changes})


def _reused() -> Request:
    """The signature of one message over another body."""
    other = bot_request(NOW, "m-2")
    return replace(other, query=bot_request(NOW, "m-1").query)


def _padded(request: Request) -> Request:
    return replace(request, body=b" " * (BODY_CAP + 1 - len(request.body)) + request.body)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><xml><ToUserName>&a;</ToUserName><Encrypt>x</Encrypt></xml>'
REFUSED = [
    pytest.param(bot_request(NOW, token="other"), 403, id="bot-wrong-token"),
    pytest.param(_spoilt(bot_request(NOW), msg_signature="0" * 40), 403, id="bot-wrong-signature"),
    pytest.param(_reused(), 403, id="bot-signature-of-another-message"),
    pytest.param(bot_request(NOW, receiveid="ww9999999999999999"), 403, id="bot-wrong-receiveid"),
    pytest.param(bot_request(NOW - timedelta(hours=25)), 403, id="bot-a-day-old"),
    pytest.param(bot_request(NOW + timedelta(minutes=6)), 403, id="bot-from-the-future"),
    pytest.param(replace(bot_request(NOW), query={}), 400, id="bot-unsigned"),
    pytest.param(replace(bot_request(NOW), body=b"\xff\xfe\x00garbage"), 400, id="bot-not-utf-8"),
    pytest.param(replace(bot_request(NOW), body=b"[" * 60_000), 400, id="bot-deep-json"),
    pytest.param(bot_request(NOW, payload="not json"), 400, id="bot-garbage-inside"),
    pytest.param(bot_request(NOW, payload="[" * 30_000), 400, id="bot-deep-json-inside"),
    pytest.param(bot_request(NOW, payload='{"msgid": 7}'), 403, id="bot-of-nobody"),
    pytest.param(bot_request(NOW, {"a": 1}), 400, id="bot-id-of-another-type"),
    pytest.param(bot_request(NOW, "x" * 500), 400, id="bot-endless-id"),
    pytest.param(replace(bot_request(NOW), method="PUT"), 405, id="bot-other-method"),
    pytest.param(replace(bot_request(NOW), method="GET"), 400, id="bot-verification-without-echo"),
    pytest.param(app_request(NOW, corp_id="ww0000000000000000"), 403, id="app-of-another-corporation"),
    pytest.param(app_request(NOW, agent_id=9), 403, id="app-another-app"),
    pytest.param(replace(app_request(NOW), body=BOMB), 400, id="app-entities"),
    pytest.param(replace(app_request(NOW), body=b"<a>" * 20_000), 400, id="app-deep-xml"),
    pytest.param(dingtalk_request(NOW, robot=FakeRobot(client_secret="another")), 403, id="dingtalk-wrong-secret"),
    pytest.param(dingtalk_request(NOW - timedelta(minutes=61)), 403, id="dingtalk-stale"),
    pytest.param(replace(dingtalk_request(NOW), headers={}), 403, id="dingtalk-unsigned"),
    pytest.param(dingtalk_request(NOW, body=b"\xff\xff"), 400, id="dingtalk-not-utf-8"),
    pytest.param(dingtalk_request(NOW, body=b"[1, 2]"), 400, id="dingtalk-no-object"),
    pytest.param(dingtalk_request(NOW, msgId=None), 400, id="dingtalk-without-id"),
    pytest.param(_padded(bot_request(NOW)), 413, id="bot-too-long"),
    pytest.param(_padded(app_request(NOW)), 413, id="app-too-long"),
    pytest.param(_padded(dingtalk_request(NOW)), 413, id="dingtalk-too-long"),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("request_", "status"), REFUSED)
async def test_a_bad_request_is_refused_and_leaves_nothing(
    shared: Stage, request_: Request, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="bot.web"):
        assert await send(shared, request_) == (status, b"")
    assert await shared.stored() == 0
    [record] = [r for r in caplog.records if r.name == "bot.web"]
    assert len(vars(record)["id"]) == 8  # the line can be found again, and says nothing of the request
    assert record.exc_info is None


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", ["/", "/callback/other", "/metrics/", "/healthz?x=/../etc"])
async def test_a_stranger_may_not_keep_one(shared: Stage, path: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(shared.url + path) as answer:
        assert answer.headers["Connection"] == "close"
        assert answer.status == (200 if path.startswith("/healthz") else 404)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Proto"])
async def test_the_figures_are_not_for_callers_behind_a_proxy(shared: Stage, header: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{shared.url}/metrics", headers={header: "127.0.0.1"}) as answer,
    ):
        assert answer.status == 403
