"""Listening: one socket, given by systemd or bound here, whose connections must speak in time.

aiohttp ends a connection that is idle too long, but a proxy must be able to keep one open between two requests for
longer than a stranger may take over a request's head. So each connection has a deadline of its own: from its opening,
and from the first byte of every later request, until the head is complete.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot import systemd
from bot.system_words import reason
from domain.errors import ConfigError

BACKLOG = 512
HEAD_SECONDS = 8.0  # for the head of a request
KEEP_ALIVE_SECONDS = 75.0  # between two requests; nginx closes its own side after 60
LINGER_SECONDS = 1.0  # to read on after a refusal, so that the caller sees it
SHUTDOWN_SECONDS = 5.0  # for requests under way when the service stops

_OPTIONS: Mapping[str, Any] = {
    "access_log": None,  # addresses carry signatures
    "auto_decompress": False,
    "keepalive_timeout": KEEP_ALIVE_SECONDS,
    "lingering_time": LINGER_SECONDS,
}


class GuardedConnection(web.RequestHandler):
    """aiohttp's connection, closed when a request's head is not complete in time."""

    __slots__ = ("_deadline",)
    _deadline: asyncio.TimerHandle | None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the new connection; its first head is due from now."""
        super().connection_made(transport)
        self._deadline = self._loop.call_later(HEAD_SECONDS, self.force_close)

    def data_received(self, data: bytes) -> None:
        """Take bytes; they complete a head, begin one, or belong to a body under way."""
        super().data_received(data)
        is_between = self._waiter is not None and not self._waiter.done()
        if not is_between:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
        elif self._deadline is None:
            self._deadline = self._loop.call_later(HEAD_SECONDS, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let the connection go."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        super().connection_lost(exc)


@dataclass(frozen=True, slots=True)
class Listening:
    """The address that is being listened on."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return it as a web address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def bind(host: str, port: int, setting: str = "[server] port") -> socket.socket:
    """Return the socket that systemd hands over, else one bound here. Raises ConfigError when the address is taken.

    setting: where another port is written.
    """
    if (given := systemd.listening_socket()) is not None:
        return given
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, kind, protocol)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
    except OSError as error:
        raise ConfigError(
            f"无法监听 {host}:{port}（{reason(error)}）。请换一个端口（{setting}），或先停掉占用它的程序。"
        ) from None
    return found


@asynccontextmanager
async def listening(app: web.Application, bound: socket.socket) -> AsyncIterator[Listening]:
    """Start the application and serve it on the socket while the block runs; then stop accepting, and close in order."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        manager = runner.server
        if manager is None:
            raise RuntimeError("the application did not start")
        loop = asyncio.get_running_loop()

        def connection() -> GuardedConnection:
            return GuardedConnection(manager, loop=loop, **_OPTIONS)

        server = await loop.create_server(connection, sock=bound, backlog=BACKLOG)
        try:
            host, port = server.sockets[0].getsockname()[:2]
            yield Listening(host, port)
        finally:
            server.close()
    finally:
        bound.close()
        await runner.cleanup()
