"""A `luzhang` process that kills itself with SIGKILL at its n-th statement, commit, send or answer.

LUZHANG_KILL_AT names n. Statements of every SQLite connection are counted as they begin (BEGIN and COMMIT are
statements too), answers and requests to the platforms before they leave and after they are done.
"""

import itertools
import os
import signal
import sqlite3
import sys
from typing import Any

import aiohttp
from aiohttp import web

_left = int(os.environ.get("LUZHANG_KILL_AT", "0"))
_counter = itertools.count(1)  # next() is atomic across threads


def point(*_: object) -> None:
    if next(_counter) == _left:
        os.kill(os.getpid(), signal.SIGKILL)


class Connection(sqlite3.Connection):
    """A connection whose statements are counted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_trace_callback(point)


def arm() -> None:
    connect = sqlite3.connect
    request = aiohttp.ClientSession._request
    write_eof = web.StreamResponse.write_eof

    def counted_connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        opened: sqlite3.Connection = connect(*args, **{**kwargs, "factory": Connection})
        return opened

    async def counted_request(self: aiohttp.ClientSession, *args: Any, **kwargs: Any) -> aiohttp.ClientResponse:
        point()
        response = await request(self, *args, **kwargs)
        point()
        return response

    async def counted_eof(self: web.StreamResponse, data: bytes = b"") -> None:
        point()
        await write_eof(self, data)
        point()

    sqlite3.connect = counted_connect  # type: ignore[assignment]
    aiohttp.ClientSession._request = counted_request  # type: ignore[method-assign]
    web.StreamResponse.write_eof = counted_eof  # type: ignore[method-assign]


if __name__ == "__main__":
    arm()
    from bot.cli import main

    sys.argv[0] = "luzhang"
    sys.exit(main())
