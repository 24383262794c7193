"""The ledger as a whole: daily heads, export, and the check of everything."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ledger import GENESIS, Flaw, Head, head
from domain.month import SHANGHAI
from store.audit import find_flaw, read_heads
from store.engine import Database
from store.ledger import Recorded, recorded
from store.reads import latest_head
from store.schema import ledger, ledger_head

EXPORT_CHUNK = 2_000


class LedgerStore:
    """Closes days, reads entries back, and proves that nothing was changed."""

    def __init__(self, database: Database, heads: Path | None) -> None:
        self._database = database
        self._heads = heads

    async def close_day(self, day: date, now: datetime) -> Head:
        """Return the head of a day: of everything appended since the head before it. A second call returns the same.

        The head also goes to the file outside the database's folder, one line `day streams hash`.
        Raises ValueError for a day that has not begun, or that lies before one already closed.
        """
        if day > now.astimezone(SHANGHAI).date():
            raise ValueError(f"{day} has not begun")
        async with self._database.writing() as connection:
            rows = (await connection.execute(select(ledger_head).order_by(ledger_head.c.day))).all()
            heads = {row.day: Head(row.day, row.streams, row.hash) for row in rows}
            if day not in heads:
                heads[day] = await _close(connection, day, rows[-1] if rows else None)
        if self._heads is not None:
            _publish(self._heads, list(heads.values()))
        return heads[day]

    async def latest_head(self) -> Head | None:
        """Return the head that was closed last, or None."""
        async with self._database.reading() as connection:
            return await latest_head(connection)

    async def events(self, stream: str) -> list[Recorded]:
        """Return the entries of a stream, oldest first, with persons and words where these are not erased."""
        async with self._database.reading() as connection:
            return await recorded(connection, stream)

    async def streams_with(self, kinds: Sequence[str]) -> list[str]:
        """Return the streams that hold an entry of one of these kinds, oldest first."""
        first = func.min(ledger.c.id)
        query = select(ledger.c.stream).where(ledger.c.kind.in_(kinds)).group_by(ledger.c.stream).order_by(first)
        async with self._database.reading() as connection:
            return list((await connection.execute(query)).scalars())

    async def length(self) -> int:
        """Return how many entries there are, roughly."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(func.max(ledger.c.id)))).scalar_one() or 0

    async def verify(self, heads: Path | None = None, heard: Callable[[int], None] | None = None) -> Flaw | None:
        """Return the first thing wrong with the ledger, or None when nothing was changed, removed or cut off.

        heads: the file of published heads; the one the store was opened with when not given. heard: told now and then
        how many entries have been checked, from whatever thread that happens in.
        """
        path = heads or self._heads
        published = read_heads(path.read_text(encoding="utf-8")) if path is not None and path.exists() else None
        if isinstance(published, Flaw):
            return published
        async with self._database.reading() as connection:
            return await find_flaw(connection, published, heard)

    async def export(self, path: Path) -> int:
        """Write every entry as a line of JSON, then the heads; return the number of entries."""
        query = select(ledger).order_by(ledger.c.id)
        count = 0
        async with self._database.reading() as connection:
            with path.open("w", encoding="utf-8") as file:
                result = await connection.stream(query.execution_options(yield_per=EXPORT_CHUNK))
                async for row in result.mappings():
                    entry = {**row, "at": row["at"].isoformat(), "payload": json.loads(row["payload"])}
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                    count += 1
                for row in (await connection.execute(select(ledger_head).order_by(ledger_head.c.day))).mappings():
                    closed = {"day": row["day"].isoformat(), "streams": row["streams"], "hash": row["hash"]}
                    file.write(json.dumps({"head": closed}, ensure_ascii=False) + "\n")
        return count


async def _close(connection: AsyncConnection, day: date, last: Any) -> Head:
    if last and day < last.day:
        raise ValueError(f"days are closed in order, {last.day} is closed already")
    covered, previous, streams = (last.last_id, last.hash, last.streams) if last else (0, GENESIS, 0)
    entry = ledger.c
    ends = select(func.max(entry.id)).where(entry.id > covered).group_by(entry.stream)
    query = select(entry.id, entry.stream, entry.seq, entry.hash).where(entry.id.in_(ends))
    changed = (await connection.execute(query)).all()
    begun = select(func.count()).select_from(ledger).where(entry.id > covered, entry.seq == 1)
    streams += (await connection.execute(begun)).scalar_one()
    closed = head(previous, day, ((row.stream, row.seq, row.hash) for row in changed), streams)
    last_id = max((row.id for row in changed), default=covered)
    row = {"day": day, "streams": streams, "hash": closed.hash, "last_id": last_id}
    await connection.execute(insert(ledger_head), [row])
    return closed


def _publish(path: Path, closed: Sequence[Head]) -> None:
    """Append the heads that the file lacks; a head whose process was killed before this comes with the next one."""
    known = set(path.read_text(encoding="utf-8").splitlines()) if path.exists() else set()
    lines = [f"{one.day.isoformat()} {one.streams} {one.hash}" for one in closed]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines if line not in known)
        file.flush()
        os.fsync(file.fileno())
