"""A Stream gateway that only pushes: ready-made frames over one WebSocket, so many unanswered at a time.

No rule of the platform is kept; `bot.fakes` is for that. It runs on the core of the load, in a process of its own, and
takes everything else that a bot asks of the platform.
"""

import asyncio
import contextlib
import gc
import json
import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection

from aiohttp import WSMsgType, web

from bench import messages
from bench.figures import percentile
from bench.load import Sent
from bench.processes import LOAD_CORE, cores

_NAMED = re.compile(rb'"messageId": ?"n(\d+)"')
_PATIENCE = 60.0


class Pushing:
    """The gateway's side of the latest connection."""

    def __init__(self) -> None:
        self.socket: web.WebSocketResponse | None = None
        self.connected = asyncio.Event()
        self._sent_at: dict[int, float] = {}
        self._took: list[float] = []
        self._errors = 0
        self._waiting: Iterator[tuple[int, str]] = iter(())
        self._all_back = asyncio.Event()

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve a connection; each acknowledgement lets the next frame go."""
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.socket = socket
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._answered(message.data.encode())
        return socket

    async def push(self, first: int, count: int, in_flight: int) -> Sent:
        """Push so many messages and return what became of them."""
        frames = list(enumerate(messages.dingtalk_frames(first, count), first))
        self._waiting, self._took, self._errors = iter(frames), [], 0
        self._all_back.clear()
        gc.collect()
        begin = time.perf_counter()
        for _ in range(in_flight):
            await self._next()
        async with asyncio.timeout(_PATIENCE):
            while len(self._took) < count:
                await self._all_back.wait()
                self._all_back.clear()
        seconds = time.perf_counter() - begin
        took = sorted(1000 * t for t in self._took)
        figures = (percentile(took, 0.5), percentile(took, 0.99))
        return Sent(count, self._errors, seconds, count / seconds, *figures)

    async def _next(self) -> None:
        found = next(self._waiting, None)
        if found is None or self.socket is None:
            return
        self._sent_at[found[0]] = time.perf_counter()
        await self.socket.send_str(found[1])

    async def _answered(self, ack: bytes) -> None:
        named = _NAMED.search(ack)
        began = self._sent_at.pop(int(named[1]), None) if named else None
        if began is None:
            return
        self._took.append(time.perf_counter() - began)
        self._errors += b'"code": 200' not in ack and b'"code":200' not in ack
        self._all_back.set()
        await self._next()


def _application(pushing: Pushing) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/connections/open"):
            return web.json_response({"endpoint": f"ws://{request.host}/connect", "ticket": "t"})
        facts = {"errcode": 0, "errmsg": "ok", "accessToken": "t", "expireIn": 7200, "processQueryKey": "k"}
        return web.json_response(facts)

    app = web.Application()
    app.router.add_get("/connect", pushing.connect)
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def _run(channel: Connection) -> None:
    os.sched_setaffinity(0, cores([LOAD_CORE]))

    async def serve() -> None:
        pushing = Pushing()
        runner = web.AppRunner(_application(pushing), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        channel.send(runner.addresses[0][1])
        while True:
            first, count, in_flight = await asyncio.to_thread(channel.recv)
            await pushing.connected.wait()
            channel.send(json.dumps(asdict(await pushing.push(first, count, in_flight))))

    with contextlib.suppress(EOFError):
        asyncio.run(serve())


@dataclass(frozen=True, slots=True)
class PushingGateway:
    """A running gateway; `base` is its address."""

    base: str
    channel: Connection

    def push(self, first: int, count: int, in_flight: int) -> Sent:
        """Push messages to whoever is connected, and wait for every acknowledgement."""
        self.channel.send((first, count, in_flight))
        return Sent(**json.loads(self.channel.recv()))


@contextlib.contextmanager
def gateway() -> Iterator[PushingGateway]:
    """Run a gateway."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        yield PushingGateway(f"http://127.0.0.1:{ours.recv()}", ours)
    finally:
        process.terminate()
        process.join()
