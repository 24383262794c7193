import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.load import Sent, closed_loop, paced

REQUEST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"


async def loaded(count: int, in_flight: int) -> tuple[Sent, int, int]:
    """Return the figures of a run, how many requests arrived, and the most that were under way together."""
    arrived = most = now = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal arrived, most, now
        arrived, now = arrived + 1, now + 1
        status = 500 if arrived == 3 else 200
        most = max(most, now)
        await request.read()
        await asyncio.sleep(0)
        now -= 1
        return web.Response(text="ok", status=status)

    app = web.Application()
    app.router.add_post("/", handle)
    async with TestServer(app) as server:
        assert server.port is not None
        if in_flight:
            sent = await asyncio.to_thread(closed_loop, server.port, [REQUEST] * count, in_flight)
        else:
            sent = await asyncio.to_thread(paced, server.port, [REQUEST] * count, 500.0)
    return sent, arrived, most


@pytest.mark.parametrize("in_flight", [pytest.param(4, id="closed loop"), pytest.param(0, id="paced")])
async def test_every_request_is_sent_once_and_failures_are_counted(in_flight: int) -> None:
    sent, arrived, most = await loaded(20, in_flight)
    assert (sent.count, sent.errors, arrived) == (20, 1, 20)
    assert most <= (in_flight or 20)
    assert 0 < sent.p50 <= sent.p99
