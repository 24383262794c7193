"""A WeCom gateway that only sends: ready-made callbacks over the one long connection, as fast as they are read or paced.

No rule of the platform is kept; `bot.fakes` is for that. It runs on the core of the load, in a process of its own.
Instants are `time.perf_counter`, which all processes of a machine share.
"""

import asyncio
import contextlib
import gc
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

from aiohttp import WSMsgType, web

from bench import messages
from bench.processes import LOAD_CORE, cores

END = "bench_end"  # the command of the frame behind the last one; a bot leaves it


class Sending:
    """The gateway's side of the latest connection."""

    def __init__(self) -> None:
        self.socket: web.WebSocketResponse | None = None
        self.connected = asyncio.Event()

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve a connection; whatever it says is taken as right."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                req_id = json.loads(message.data)["headers"]["req_id"]
                await socket.send_str(json.dumps({"headers": {"req_id": req_id}, "errcode": 0, "errmsg": "ok"}))
                self.socket = socket
                self.connected.set()
        return socket

    async def send(self, first: int, count: int, per_second: float) -> list[float]:
        """Send so many messages, 0 a second = without pause; return when each left."""
        if self.socket is None:
            raise RuntimeError("nobody is connected")
        frames = list(messages.wecom_frames(first, count))
        gc.collect()
        sent: list[float] = []
        begin = time.perf_counter()
        for number, frame in enumerate(frames):
            if per_second and (pause := begin + number / per_second - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            sent.append(time.perf_counter())
            await self.socket.send_str(frame)
        await self.socket.send_str(json.dumps({"cmd": END, "headers": {"req_id": END}}))
        return sent


def _run(channel: Connection) -> None:
    os.sched_setaffinity(0, cores([LOAD_CORE]))

    async def serve() -> None:
        sending = Sending()
        app = web.Application()
        app.router.add_get("/ws", sending.connect)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        channel.send(runner.addresses[0][1])
        while True:
            first, count, per_second = await asyncio.to_thread(channel.recv)
            await sending.connected.wait()
            channel.send(await sending.send(first, count, per_second))

    with contextlib.suppress(EOFError):
        asyncio.run(serve())


@dataclass(frozen=True, slots=True)
class SendingGateway:
    """A running gateway; `url` is the address of its long connection."""

    url: str
    channel: Connection

    def begin(self, first: int, count: int, per_second: float = 0.0) -> None:
        """Begin to send messages to whoever is connected."""
        self.channel.send((first, count, per_second))

    def sent(self) -> list[float]:
        """Wait until all are sent; return when each left."""
        return list(self.channel.recv())


@contextlib.contextmanager
def gateway() -> Iterator[SendingGateway]:
    """Run a gateway."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        yield SendingGateway(f"ws://127.0.0.1:{ours.recv()}/ws", ours)
    finally:
        process.terminate()
        process.join()
