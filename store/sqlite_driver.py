"""aiosqlite with one thread hop a statement instead of four.

A decision makes some twenty statements of a few microseconds each; making a cursor, fetching and closing need no trips
to the connection's thread of their own. Rows come back together with the execution, long results in chunks.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite

CHUNK = 1_000


class OneHopCursor:
    """What SQLAlchemy asks of an aiosqlite cursor; the first chunk of rows comes with `execute`."""

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self._is_open = False  # more rows may follow
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "OneHopCursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "OneHopCursor":
        """Run a statement and fetch the first chunk of its rows."""
        await self._connection.run(self._execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "OneHopCursor":
        """Run a statement for each of the parameters."""
        await self._connection.run(self._executemany, sql, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        """Return the rows not yet fetched."""
        if self._is_open:
            await self._connection.run(self._fetch, -1)
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return up to `size` rows."""
        wanted = size or self.arraysize
        if self._is_open and len(self._rows) < wanted:
            await self._connection.run(self._fetch, max(wanted - len(self._rows), CHUNK))
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchone(self) -> Any:
        """Return the next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def close(self) -> None:
        """Let the result go; one that was read to its end holds nothing."""
        self._rows.clear()
        if self._is_open and self._cursor is not None:
            self._is_open = False
            await self._connection.run(self._cursor.close)

    def _execute(self, sql: str, parameters: Sequence[Any]) -> None:
        self._keep(self._connection.raw.execute(sql, parameters))
        self._is_open = self.description is not None
        if self._is_open:
            self._fetch(CHUNK)

    def _executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        self._keep(self._connection.raw.executemany(sql, parameters))

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid

    def _fetch(self, size: int) -> None:
        assert self._cursor is not None
        rows = self._cursor.fetchall() if size < 0 else self._cursor.fetchmany(size)
        self._rows.extend(rows)
        self._is_open = len(rows) == size
        self.rowcount = self._cursor.rowcount  # an UPDATE … RETURNING counts its rows as they are fetched


class OneHopConnection(aiosqlite.Connection):
    """A connection whose cursors work in one hop."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, CHUNK)
        self._thread.daemon = True  # a connection left open doesn't keep a dying process alive

    @property
    def raw(self) -> sqlite3.Connection:
        """Return the driver's connection, for use on this connection's thread only."""
        return self._conn

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function on the connection's thread."""
        return await self._execute(function, *arguments)  # type: ignore[no-untyped-call]

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        """Return a cursor without a hop."""
        return OneHopCursor(self)


async def connect(file: str, seconds: float) -> OneHopConnection:
    """Return an open connection; transactions are begun by hand, `seconds` is the wait for another process."""
    connector = partial(sqlite3.connect, file, timeout=seconds, isolation_level=None, cached_statements=256)
    return await OneHopConnection(connector)  # type: ignore[return-value]
