"""The intake: a message is durable under its platform id before it is answered."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Boolean, String, bindparam, text

from store.columns import UtcDateTime, to_micros
from store.engine import BUSY_SECONDS, PRAGMAS, SMALL_CACHE, Database
from store.group_commit import GroupCommit

QUIET = 0.04  # seconds without a callback that end a burst
BURST = 3.0  # seconds of a burst in which answers go before work
_NAMES = "channel, platform, message_id, payload, received_at, is_late, tries, error"
_INSERT_SQLITE = (
    f"INSERT INTO inbox ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, 0, '') ON CONFLICT (platform, message_id) DO NOTHING"
)
_INSERT_POSTGRES = text(
    f"INSERT INTO inbox ({_NAMES}) SELECT c, p, m, b, r, l, 0, ''"
    " FROM unnest(:c, :p, :m, :b, :r, :l) WITH ORDINALITY AS t(c, p, m, b, r, l, n) ORDER BY n"
    " ON CONFLICT (platform, message_id) DO NOTHING RETURNING platform, message_id"
).bindparams(
    *(bindparam(name, type_=ARRAY(String)) for name in "cpmb"),
    bindparam("r", type_=ARRAY(UtcDateTime)),
    bindparam("l", type_=ARRAY(Boolean)),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One verified message on its way into the inbox."""

    channel: str
    platform: str
    message_id: str
    payload: str
    received_at: datetime
    is_late: bool


class Intake:
    """Stores what callbacks bring, all that wait in one commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._commits: GroupCommit[Arrival, bool] = GroupCommit(
            self._write_sqlite if database.is_sqlite else self._write_postgres
        )
        # a driver connection with a thread of its own: one hop a batch instead of one a statement
        self._thread = ThreadPoolExecutor(1, "intake") if database.is_sqlite else None
        self._connection: sqlite3.Connection | None = None
        self.batches = 0  # commits so far, for the metrics
        self._burst_began = self._last_put = -QUIET  # on the loop's clock

    async def burst_over(self) -> None:
        """Return once callbacks no longer come one upon the other; a burst that lasts is load, and work must go on."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            left = min(self._last_put + QUIET, self._burst_began + BURST) - now
            if left <= 0:
                return
            await asyncio.sleep(left)

    async def put(
        self,
        channel: str,
        platform: str,
        message_id: str,
        payload: str,
        received_at: datetime,
        is_late: bool = False,
    ) -> bool:
        """Return True once the message is durable, False when its id was there already (it has no second effect).

        Raises the database's error when this message could not be stored: it must not be answered then.
        """
        now = asyncio.get_running_loop().time()
        if now - self._last_put >= QUIET:
            self._burst_began = now
        self._last_put = now
        return await self._commits.submit(Arrival(channel, platform, message_id, payload, received_at, is_late))

    async def close(self) -> None:
        """Store what waits and let the connection go."""
        await self._commits.close()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
            thread.shutdown()

    async def _write_sqlite(self, arrivals: Sequence[Arrival]) -> list[bool]:
        rows = [(a.channel, a.platform, a.message_id, a.payload, to_micros(a.received_at), a.is_late) for a in arrivals]
        if self._thread is None:
            raise OSError("the intake is closed")
        self.batches += 1
        async with self._database.turn:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._insert, rows)

    def _insert(self, rows: list[tuple[str, str, str, str, int, bool]]) -> list[bool]:
        connection = self._connection or self._connect()
        connection.execute("BEGIN IMMEDIATE")
        try:
            # the one writer gives rising ids, so all that is new lies behind the last one
            (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM inbox").fetchone()
            stored = connection.executemany(_INSERT_SQLITE, rows).rowcount
            new = (
                None
                if stored == len(rows)
                else connection.execute("SELECT platform, message_id FROM inbox WHERE id > ?", (last,)).fetchall()
            )
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        return [True] * len(rows) if new is None else _first_of(((r[1], r[2]) for r in rows), set(new))

    def _connect(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(self._database.file, timeout=BUSY_SECONDS, isolation_level=None)
        for pragma in (*PRAGMAS, SMALL_CACHE):
            self._connection.execute(pragma)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _write_postgres(self, arrivals: Sequence[Arrival]) -> list[bool]:
        values = {
            "c": [a.channel for a in arrivals],
            "p": [a.platform for a in arrivals],
            "m": [a.message_id for a in arrivals],
            "b": [a.payload for a in arrivals],
            "r": [a.received_at for a in arrivals],
            "l": [a.is_late for a in arrivals],
        }
        self.batches += 1
        async with self._database.writer.begin() as connection:
            new = {(row[0], row[1]) for row in await connection.execute(_INSERT_POSTGRES, values)}
        return _first_of(((a.platform, a.message_id) for a in arrivals), new)


def _first_of(keys: Iterable[tuple[str, str]], new: set[tuple[str, str]]) -> list[bool]:
    results = []
    for key in keys:
        results.append(key in new)
        new.discard(key)  # the same id twice in one batch: the first one counts
    return results
