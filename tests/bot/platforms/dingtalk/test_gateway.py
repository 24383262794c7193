"""Asking for a connection: what goes out, what is trusted of the answer, and what a refusal says."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platforms.dingtalk.gateway import OPEN, Gateway
from bot.platforms.dingtalk.settings import DingtalkRobot
from bot.platforms.http import Web
from domain.messages import Misconfigured, PlatformUnreachable, RateLimited

SECRET = "app-secret-canary"
GOOD = {"endpoint": "wss://wss-open-connection.dingtalk.com:443/connect", "ticket": "a b/c"}


@asynccontextmanager
async def asking(answer: Mapping[str, object], status: int = 200) -> AsyncIterator[tuple[Gateway, list[web.Request]]]:
    heard: list[web.Request] = []

    async def answered(request: web.Request) -> web.Response:
        await request.read()
        heard.append(request)
        return web.json_response(dict(answer), status=status)

    app = web.Application()
    app.router.add_post(OPEN, answered)
    async with TestServer(app) as server, Web() as client:
        base = str(server.make_url("")).rstrip("/")
        yield Gateway(DingtalkRobot("dingroadchief", SECRET, api_base=base), client, ["/topic"]), heard


async def test_the_request_and_the_address() -> None:
    async with asking(GOOD) as (gateway, heard):
        place = await gateway.open()
        assert str(place.url) == "wss://wss-open-connection.dingtalk.com/connect?ticket=a+b/c"
        assert "a b" not in repr(place)
        (request,) = heard
        assert request.headers["Accept"] == "application/json"
        assert await request.json() == {
            "clientId": "dingroadchief",
            "clientSecret": SECRET,
            "subscriptions": [{"type": "CALLBACK", "topic": "/topic"}],
            "ua": "luzhang/1.0",
            "localIp": "",
        }


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"endpoint": GOOD["endpoint"]}, id="no ticket"),
        pytest.param({**GOOD, "endpoint": 7}, id="a number"),
        pytest.param({**GOOD, "endpoint": "http://example.com/connect"}, id="no WebSocket"),
        pytest.param({**GOOD, "endpoint": "wss://"}, id="no host"),
        pytest.param({**GOOD, "endpoint": "wss://[bad/connect"}, id="no address"),
    ],
)
async def test_an_unusable_answer_is_asked_for_again(answer: Mapping[str, object]) -> None:
    async with asking(answer) as (gateway, _):
        with pytest.raises(PlatformUnreachable):
            await gateway.open()


async def test_unencrypted_only_in_a_rehearsal() -> None:
    answer = {**GOOD, "endpoint": "ws://127.0.0.1:9/connect"}
    async with asking(answer) as (gateway, _):
        assert (await gateway.open()).url.scheme == "ws"
    real = Gateway(DingtalkRobot("id", SECRET), object(), [])  # type: ignore[arg-type]  # nothing is asked
    with pytest.raises(PlatformUnreachable):
        real._address("ws://127.0.0.1:9/connect", "t")


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        pytest.param(401, {"code": "invalidClientIdOrSecret"}, Misconfigured, "凭证与基础信息", id="wrong secret"),
        pytest.param(
            400, {"code": "InvalidAuthentication"}, Misconfigured, "消息接收模式", id="wrong secret, other code"
        ),
        pytest.param(403, {"code": "never.seen"}, Misconfigured, "Client Secret", id="unknown code"),
        pytest.param(
            403,
            {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied"},
            Misconfigured,
            "权限管理",
            id="permission",
        ),
        pytest.param(400, {"code": "system.busy"}, PlatformUnreachable, "繁忙", id="busy"),
        pytest.param(403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}, RateLimited, "过快", id="too quick"),
        pytest.param(503, {"code": "x"}, PlatformUnreachable, "503", id="out of order"),
        pytest.param(500, {"code": "x"}, PlatformUnreachable, "500", id="out of order, 500"),
    ],
)
async def test_refusals(status: int, body: Mapping[str, object], error: type[Exception], words: str) -> None:
    async with asking({**body, "message": f"refused {SECRET}"}, status) as (gateway, _):
        with pytest.raises(error, match=words) as raised:
            await gateway.open()
        assert SECRET not in str(raised.value)
