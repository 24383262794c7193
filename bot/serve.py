"""`serve`: the service in the foreground until it is told to stop."""

import asyncio
import ctypes
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from bot import systemd
from bot.app import RELOADER, create_app
from bot.config import Config
from bot.listening import bind, listening
from store.lock import single_instance

M_ARENA_MAX = -8  # of glibc's mallopt
SWITCH = 0.001  # seconds that a thread beside the loop (a picture, a new roster) may keep it from an answer

logger = logging.getLogger(__name__)


def serve(
    config: Config, host: str | None = None, port: int | None = None, reread: Callable[[], Config] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, reading secrets again on SIGHUP; what was answered is worked off first, eight seconds at most.

    One line tells on stdout where it listens. Raises ConfigError: a second copy on one SQLite file, a newer schema, an
    address that is taken; TableError for a wrong rule table.
    """
    _share_memory()
    app = create_app(config, reread=reread)
    with single_instance(config.store.url):
        bound = bind(host or config.server.host, config.server.port if port is None else port)
        asyncio.run(_serve(app, bound))


def _share_memory() -> None:
    """Let all threads take memory from one heap (glibc): else each database thread keeps what it once needed for itself."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


async def _serve(app: web.Application, bound: socket.socket) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with listening(app, bound) as place, _watchdog():
        sys.stdout.write(f"正在监听 {place.url}\n")
        sys.stdout.flush()
        logger.info("listening", extra={"action": "listening", "host": place.host, "port": place.port})
        loop.add_signal_handler(signal.SIGHUP, app[RELOADER].signal)
        systemd.notify("READY=1")
        gc.freeze()  # tables and code stay for good: a collection need not walk them, and nobody waits for it
        sys.setswitchinterval(SWITCH)
        gc.enable()  # it rested while they were loaded
        await stop.wait()
        logger.info("stopping", extra={"action": "stopping"})
        systemd.notify("STOPPING=1")


@asynccontextmanager
async def _watchdog() -> AsyncIterator[None]:
    """Tell systemd that the loop turns, as often as it wants to hear."""
    interval = systemd.watchdog_interval()
    if interval is None:
        yield
        return

    async def tell() -> None:
        while True:
            systemd.notify("WATCHDOG=1")
            await asyncio.sleep(interval)

    task = asyncio.create_task(tell(), name="systemd-watchdog")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
