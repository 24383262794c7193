"""The intake: a message is durable under its platform id before it is answered."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache

from sqlalchemy import ARRAY, Boolean, String, bindparam, text

from store.bulk import padded
from store.columns import UtcDateTime, to_micros
from store.engine import BUSY_SECONDS, PRAGMAS, SMALL_CACHE, Database
from store.group_commit import GroupCommit

QUIET = 0.04  # seconds without a callback that end a burst
BURST = 3.0  # seconds of a burst in which answers go before work
_Value = str | int | bool
_NAMES = "channel, platform, message_id, payload, received_at, is_late, tries, error"
_ROW_SQLITE = "(?, ?, ?, ?, ?, ?, 0, '')"
_ROWS = 64  # of one statement: the driver's thread needs the interpreter once a statement, not once a row
_LATEST = "SELECT platform, message_id FROM inbox WHERE id <= ? ORDER BY id DESC LIMIT ?"
_INSERT_POSTGRES = text(
    f"INSERT INTO inbox ({_NAMES}) SELECT c, p, m, b, r, l, 0, ''"
    " FROM unnest(:c, :p, :m, :b, :r, :l) WITH ORDINALITY AS t(c, p, m, b, r, l, n) ORDER BY n"
    " ON CONFLICT (platform, message_id) DO NOTHING RETURNING platform, message_id"
).bindparams(
    *(bindparam(name, type_=ARRAY(String)) for name in "cpmb"),
    bindparam("r", type_=ARRAY(UtcDateTime)),
    bindparam("l", type_=ARRAY(Boolean)),
)


# channel, platform, id, payload, when received, whether it came late: one verified message on its way into the inbox
Arrival = tuple[str, str, str, str, datetime, bool]


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

    @property
    def is_waited_for(self) -> bool:
        """Tell whether somebody waits for a commit."""
        return self._commits.is_busy

    @property
    def is_quiet(self) -> bool:
        """Tell whether callbacks don't come one upon the other."""
        return not self._commits.is_busy and asyncio.get_running_loop().time() - self._last_put >= QUIET

    async def burst_over(self) -> None:
        """Return once callbacks no longer come one upon the other; a burst that lasts is load, and work must go on."""
        loop = asyncio.get_running_loop()
        while True:
            end = self._burst_began + BURST
            if not self._commits.is_busy:  # else who waits for it may have more to bring
                end = min(end, self._last_put + QUIET)
            left = end - loop.time()
            if left <= 0:
                return
            await asyncio.sleep(min(left, QUIET))

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
        (result,) = await self.put_all([(channel, platform, message_id, payload, received_at, is_late)])
        if isinstance(result, Exception):
            raise result
        return result

    async def put_all(self, arrivals: Sequence[Arrival]) -> list[bool | Exception]:
        """Store what came together: each message's answer as `put` gives it, or the error that kept it out."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self.is_quiet:
            self._burst_began = now
        self._last_put = now
        results = await self._commits.submit_all(arrivals)
        self._last_put = loop.time()
        return results

    async def close(self) -> None:
        """Store what waits and let the connection go."""
        await self._commits.close()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
            thread.shutdown()

    async def _write_sqlite(self, arrivals: Sequence[Arrival]) -> list[bool]:
        if self._thread is None:
            raise OSError("the intake is closed")
        self.batches += 1
        async with self._database.turn:
            new = await asyncio.get_running_loop().run_in_executor(self._thread, self._insert, arrivals)
        return [True] * len(arrivals) if new is None else _first_of(_keys(arrivals), new)

    def _insert(self, arrivals: Sequence[Arrival]) -> set[tuple[str, str]] | None:
        """Store messages in one commit; return the keys of those that were new, None when all were."""
        parts = [_values(arrivals[at : at + _ROWS]) for at in range(0, len(arrivals), _ROWS)]
        connection = self._connection or self._connect()
        if len(parts) == 1:  # a transaction by itself
            stored, last = _run(connection, parts[0])
        else:
            connection.execute("BEGIN IMMEDIATE")
            try:
                done = [_run(connection, part) for part in parts]
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            stored, last = sum(number for number, _last in done), done[-1][1]
        if stored == len(arrivals):
            return None
        # ids rise and one process writes at a time, so what is new ends with the last one and has nothing between
        return set(connection.execute(_LATEST, (last, stored)).fetchall())

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
        values = dict(zip("cpmbrl", map(list, zip(*arrivals, strict=True)), strict=True))
        self.batches += 1
        async with self._database.writer.begin() as connection:
            new = {(row[0], row[1]) for row in await connection.execute(_INSERT_POSTGRES, values)}
        return _first_of(_keys(arrivals), new)


def _values(arrivals: Sequence[Arrival]) -> list[_Value]:
    """Return the values of a statement's rows, one after the other; the last row is repeated, which adds nothing."""
    values: list[_Value] = []
    last, micros = None, 0
    for channel, platform, message_id, payload, received_at, is_late in padded(arrivals):
        if received_at is not last:
            last, micros = received_at, to_micros(received_at)
        values += (channel, platform, message_id, payload, micros, is_late)
    return values


def _run(connection: sqlite3.Connection, values: Sequence[_Value]) -> tuple[int, int]:
    cursor = connection.execute(_insert_of(len(values) // _ROW_SQLITE.count("?")), values)
    return cursor.rowcount, cursor.lastrowid or 0


@cache
def _insert_of(count: int) -> str:
    rows = ", ".join([_ROW_SQLITE] * count)
    return f"INSERT INTO inbox ({_NAMES}) VALUES {rows} ON CONFLICT (platform, message_id) DO NOTHING"


def _keys(arrivals: Sequence[Arrival]) -> Iterable[tuple[str, str]]:
    return ((platform, message_id) for _channel, platform, message_id, *_rest in arrivals)


def _first_of(keys: Iterable[tuple[str, str]], new: set[tuple[str, str]]) -> list[bool]:
    results = []
    for key in keys:
        results.append(key in new)
        new.discard(key)  # the same id twice in one batch: the first one counts
    return results
