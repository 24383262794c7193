"""`luzhang serve` processes that kill themselves with SIGKILL at their n-th statement, commit, send or answer.

Statements of every SQLite connection are counted as they begin (BEGIN and COMMIT are statements too), answers and
requests to the platforms before they leave and after they are done.

The nursery has imported everything and forks each life off, since most of a start is imports. Each line on stdin is
JSON: {"config": path, "log": path, "kill_at": n, 0 = never}; on stdout stand, for each, "born PID", then the service's
own line when it came so far, then "gone RETURNCODE" (negative: the signal's number).
"""

import itertools
import json
import os
import signal
import sqlite3
import sys
from importlib import import_module
from typing import Any

import aiohttp
from aiohttp import web

_kill_at = 0
_counter = itertools.count(1)  # next() is atomic across threads


def point(*_: object) -> None:
    if next(_counter) == _kill_at:
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


def live(config: str, log: str, kill_at: int) -> None:
    global _kill_at, _counter
    _kill_at, _counter = kill_at, itertools.count(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    from bot.cli import main

    sys.argv = ["luzhang", "serve", "--config", config, "--port", "0"]
    sys.exit(main())


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def nurse() -> None:
    arm()
    import_module("bot.commands.serve")
    import_module("bot.serve")
    for order in sys.stdin:
        pid = os.fork()
        if pid == 0:
            live(**json.loads(order))
        say(f"born {pid}")
        say(f"gone {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}")


if __name__ == "__main__":
    nurse()
