"""The check of the ledger: any edit, removal, insertion, exchange or cutting off after a published head shows.

One pass in the order of the commits: each stream's chain, and at the end of each closed day its head. Afterwards the
clear texts and persons that are still kept, against their commitments.
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ledger import GENESIS, Entry, Flaw, Head, check_entry, commitment, head
from store.agreement import find_difference
from store.columns import from_micros
from store.schema import ledger_head
from store.sqlite_driver import OneHopConnection

CHUNK = 5_000
TOLD_EVERY = 20_000  # entries
HEADS = "日校验值"
_ENTRIES = "SELECT id, stream, seq, at, kind, payload, prev, hash FROM ledger ORDER BY id"
_PERSONS = "SELECT person, salt, commitment FROM ledger_person ORDER BY person"
# an outer join: an entry that is gone is a flaw, not a row to pass over
_WORDS = """
SELECT w.stream, w.seq, w.name, w.value, w.salt, e.payload FROM ledger_word w
LEFT JOIN ledger e ON e.stream = w.stream AND e.seq = w.seq
ORDER BY w.stream, w.seq, w.name
"""

# SQLite keeps any type in any column: a forged value may not even be text or a number
_UNREADABLE = (ValueError, TypeError, KeyError, OverflowError, sqlite3.DatabaseError, SQLAlchemyError)

Row = Sequence[Any]


async def find_flaw(
    connection: AsyncConnection, published: Sequence[Head] | None, heard: Callable[[int], None] | None = None
) -> Flaw | None:
    """Return the first flaw, or None.

    published: the heads of the file outside the database, in its order; None when there is no such file. heard: told now
    and then how many entries have been checked.
    """
    try:
        return await _find_flaw(connection, published, heard)
    except _UNREADABLE as error:
        return Flaw("台账", 0, f"有记录无法读取，数据库文件被改动或损坏（{type(error).__name__}）")


async def _find_flaw(
    connection: AsyncConnection, published: Sequence[Head] | None, heard: Callable[[int], None] | None
) -> Flaw | None:
    rows = (await connection.execute(select(ledger_head).order_by(ledger_head.c.day))).all()
    heads = [(Head(row.day, row.streams, row.hash), row.last_id) for row in rows]
    walk = _Walk(heads)
    take = partial(_told, walk.take, heard) if heard else walk.take
    return (
        (_compare([closed for closed, _last in heads], published) if published is not None else None)
        or await _first(connection, _ENTRIES, take)
        or walk.end()
        or await _first(connection, _PERSONS, partial(_each, _person))
        or await _first(connection, _WORDS, partial(_each, _word))
        or await find_difference(connection)
    )


async def _first(connection: AsyncConnection, sql: str, check: Callable[[Iterable[Row]], Flaw | None]) -> Flaw | None:
    """Return what `check` finds first in the rows of a query; SQLite's rows never leave its thread."""
    driver = (await connection.get_raw_connection()).driver_connection
    if isinstance(driver, OneHopConnection):
        found: Flaw | None = await driver.run(lambda: check(driver.raw.execute(sql)))
        return found
    async for rows in _chunks(connection, sql):
        if flaw := check(rows):
            return flaw
    return None


def _told(
    check: Callable[[Iterable[Row]], Flaw | None], heard: Callable[[int], None], rows: Iterable[Row]
) -> Flaw | None:
    def counted() -> Iterator[Row]:
        for row in rows:
            if row[0] % TOLD_EVERY == 0:
                heard(row[0])
            yield row

    return check(counted())


def _each(check: Callable[[Row], Flaw | None], rows: Iterable[Row]) -> Flaw | None:
    return next(filter(None, map(check, rows)), None)


async def _chunks(connection: AsyncConnection, sql: str) -> AsyncIterator[Iterable[Row]]:
    async with connection.stream(text(sql).execution_options(yield_per=CHUNK)) as result:
        async for rows in result.partitions():
            yield rows


def _compare(closed: Sequence[Head], published: Sequence[Head]) -> Flaw | None:
    known, seen = {one.day: one for one in closed}, set(published)
    for number, one in enumerate(published, 1):
        if one.day not in known:
            return Flaw(HEADS, number, f"{one.day}的校验值已公布，数据库中却没有，记录被删除或截断")
        if known[one.day] != one:
            return Flaw(HEADS, number, f"{one.day}的校验值与公布的不同，记录被改写")
    missing = ((number, one) for number, one in enumerate(closed, 1) if one not in seen)
    return next((Flaw(HEADS, number, f"{one.day}的校验值不在公布文件中") for number, one in missing), None)


class _Walk:
    """The state of one pass: the end of every stream, and what the day at hand has changed."""

    def __init__(self, heads: Sequence[tuple[Head, int]]) -> None:
        self._heads: Iterator[tuple[Head, int]] = iter(heads)
        self._closing = next(self._heads, None)
        self._previous = GENESIS
        self._ends: dict[str, tuple[int, str]] = {}
        self._changed: list[str] = []  # streams, as often as they changed
        self._number = 0
        self._at: Any = None
        self._at_text = ""

    def take(self, rows: Iterable[Row]) -> Flaw | None:
        """Return what is wrong with the first bad one of the next entries, or with a day that ended before it."""
        # the one loop that runs a million times: nothing is called in it but the hash itself
        ends, nothing, stored, at = self._ends, (0, GENESIS), self._at, self._at_text
        last_id, changed = self._last_id, self._changed.append
        for row_id, stream, seq, instant, kind, payload, prev, digest in rows:
            while last_id is not None and row_id > last_id:
                if flaw := self.close():
                    return flaw
                last_id, changed = self._last_id, self._changed.append
            last, end = ends.get(stream, nothing)
            if instant != stored:  # the entries of one commit share their instant
                try:
                    stored, at = instant, _instant(instant).isoformat()
                except _UNREADABLE:
                    return Flaw(stream, last + 1, "时间无法识别，记录被改动")
            body = f"{prev}\n{stream}\n{seq}\n{at}\n{kind}\n{payload}"
            if seq != last + 1 or prev != end or digest != sha256(body.encode()).hexdigest():
                entry = Entry(stream, seq, _instant(instant), kind, payload, prev, digest)
                return check_entry(entry, last + 1, end)
            ends[stream] = seq, digest
            if last_id is not None:
                changed(stream)
        self._at, self._at_text = stored, at
        return None

    @property
    def _last_id(self) -> int | None:
        return self._closing[1] if self._closing else None

    def close(self) -> Flaw | None:
        """End the day at hand; return a flaw when its head doesn't follow from the entries."""
        if self._closing is None:
            return None
        stored, _last = self._closing
        self._number += 1
        changed = ((stream, *self._ends[stream]) for stream in set(self._changed))
        if stored != head(self._previous, stored.day, changed, len(self._ends)):
            return Flaw(HEADS, self._number, f"{stored.day}的校验值与台账不符，该日的记录被删除、增加或改动")
        self._previous, self._changed, self._closing = stored.hash, [], next(self._heads, None)
        return None

    def end(self) -> Flaw | None:
        """End every day that is left."""
        while self._closing:
            if flaw := self.close():
                return flaw
        return None


def _instant(stored: Any) -> datetime:
    return stored.astimezone(UTC) if isinstance(stored, datetime) else from_micros(stored)


def _person(row: Row) -> Flaw | None:
    person, salt, mark = row
    return None if commitment(salt, person) == mark else Flaw(f"人员{person}", 0, "与承诺值不符，人员对照被改动")


def _word(row: Row) -> Flaw | None:
    stream, seq, name, value, salt, payload = row
    # the payload is canonical JSON, so the promise stands in it letter by letter
    if payload is None or f'{_quoted(name)}:"{commitment(salt, value)}"' not in payload:
        return Flaw(stream, seq, "原文与承诺值不符，文字被改动")
    return None


@lru_cache(256)
def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def read_heads(text: str) -> list[Head] | Flaw:
    """Return the heads of a heads file in its order, each line once, or the flaw of a line that is none."""
    found: dict[Head, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            day, streams, digest = line.split()
            found[Head(date.fromisoformat(day), int(streams), digest)] = None
        except ValueError:
            return Flaw(HEADS, number, "公布文件的这一行无法识别")
    return list(found)
