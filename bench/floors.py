"""The floor servers: what aiohttp and SQLite cost by themselves, with nothing of the product but its promises.

raw   answers at once
f1    + signature, freshness, AES and both XML documents (WeCom); signature and JSON (DingTalk)
f2    + one row per message under a unique id, durable before the answer, whatever waits in one commit
f3    + a case row and an outbox row for each message in that commit
each  f2 with a commit for each message
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench import messages

KINDS = ("raw", "f1", "f2", "f3", "each")
_KEY = base64.b64decode(messages.AES_KEY + "=")
_CIPHER = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16]))
_TABLES = """
CREATE TABLE inbox (id INTEGER PRIMARY KEY, platform TEXT NOT NULL, message_id TEXT NOT NULL, payload TEXT NOT NULL,
    received_at INTEGER NOT NULL, UNIQUE (platform, message_id));
CREATE TABLE cases (id INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, segment TEXT NOT NULL,
    reported_at INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL, due_at INTEGER NOT NULL);
"""
_INBOX = "INSERT OR IGNORE INTO inbox (platform, message_id, payload, received_at) VALUES (?, ?, ?, ?)"
_CASE = (
    "INSERT OR IGNORE INTO cases (message_id, state, segment, reported_at, text) VALUES (?, 'assigned', 'B0001', ?, ?)"
)
_OUTBOX = "INSERT OR IGNORE INTO outbox (key, text, due_at) VALUES (?, ?, ?)"
Arrival = tuple[str, str, str, int]  # platform, id, payload, micros


class Refused(Exception):
    """The request is not the platform's."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A message that its platform really sent."""

    message_id: str
    payload: str


def verify_wecom(query: Any, _headers: Any, body: bytes) -> Verified:
    """Check the signature, decrypt, and read both documents. Raises Refused."""
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    sealed = ElementTree.fromstring(body).findtext("Encrypt", "")
    parts = "".join(sorted((messages.TOKEN, stamp, nonce, sealed)))
    expected = hashlib.sha1(parts.encode()).hexdigest()
    if not hmac.compare_digest(expected, query.get("msg_signature", "")) or abs(time.time() - int(stamp)) > 300:
        raise Refused
    decryptor = _CIPHER.decryptor()
    plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    plain = plain[: -plain[-1]]
    end = 20 + int.from_bytes(plain[16:20], "big")
    if plain[end:] != messages.CORP.encode():
        raise Refused
    message = ElementTree.fromstring(plain[20:end])
    return Verified(message.findtext("MsgId", ""), plain[20:end].decode())


def verify_dingtalk(_query: Any, headers: Any, body: bytes) -> Verified:
    """Check the signature and read the message. Raises Refused."""
    stamp, secret = headers.get("timestamp", "0"), messages.APP_SECRET
    digest = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    expected = base64.b64encode(digest).decode()
    if not hmac.compare_digest(expected, headers.get("sign", "")) or abs(time.time() * 1000 - int(stamp)) > 3_600_000:
        raise Refused
    return Verified(json.loads(body)["msgId"], body.decode())


class Writer:
    """One thread that stores whatever waits in one commit, or each by itself, and then lets it be answered."""

    def __init__(self, file: Path, kind: str) -> None:
        self._kind = kind
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)
        self._thread = ThreadPoolExecutor(1)
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._is_busy = False

    def put(self, arrival: Arrival) -> Awaitable[None]:
        """Return what is done once the message is durable."""
        future = self._loop.create_future()
        self._waiting.append((arrival, future))
        if not self._is_busy:
            self._is_busy = True
            self._loop.call_soon(self._next)  # with whatever else this turn of the loop brings
        return future

    def _next(self) -> None:
        batch, self._waiting = self._waiting, []
        self._thread.submit(self._write, batch)

    def _write(self, batch: Sequence[tuple[Arrival, asyncio.Future[None]]]) -> None:
        for part in [[one] for one in batch] if self._kind == "each" else [batch]:
            self._connection.execute("BEGIN IMMEDIATE")
            self._store(self._connection, [arrival for arrival, _future in part])
            self._connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_release, [future for _arrival, future in part])
        self._loop.call_soon_threadsafe(self._written)

    def _written(self) -> None:
        self._is_busy = bool(self._waiting)
        if self._waiting:
            self._next()

    def _store(self, connection: sqlite3.Connection, arrivals: Sequence[Arrival]) -> None:
        connection.executemany(_INBOX, arrivals)
        if self._kind == "f3":
            connection.executemany(_CASE, [(a[1], a[3], a[2]) for a in arrivals])
            connection.executemany(_OUTBOX, [(a[1], a[2], a[3]) for a in arrivals])


def _release(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def handler_of(
    platform: str, kind: str, writer: Writer | None
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler of one platform's callback."""
    verify = verify_wecom if platform == "wecom" else verify_dingtalk
    answer = b"" if platform == "wecom" else b'{"msgtype":"empty"}'

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if kind != "raw":
            try:
                found = verify(request.query, request.headers, body)
            except (Refused, ValueError, KeyError, ElementTree.ParseError):
                return web.Response(status=403)
            if writer is not None:
                await writer.put((platform, found.message_id, found.payload, time.time_ns() // 1000))
        return web.Response(body=answer)

    return handle


async def serve(kind: str, file: Path | None) -> None:
    """Serve until killed; say the port in one line."""
    writer = Writer(file, kind) if file is not None and kind in ("f2", "f3", "each") else None
    app = web.Application()
    app.router.add_post(messages.WECOM, handler_of("wecom", kind, writer))
    app.router.add_post(messages.DINGTALK, handler_of("dingtalk", kind, writer))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
    print(f"listening {runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Run one floor server."""
    parser = argparse.ArgumentParser(prog="python -m bench.floors")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    asyncio.run(serve(given.kind, given.file))


if __name__ == "__main__":
    main()
