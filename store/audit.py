"""The check of the ledger: any edit, removal, insertion, exchange or cutting off after a published head shows.

One pass in the order of the commits: each stream's chain, and at the end of each closed day its head. Afterwards the
clear texts and persons that are still kept, against their commitments.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ledger import GENESIS, Entry, Flaw, Head, check_entry, commitment, head
from store.schema import ledger, ledger_head, ledger_person, ledger_salt, ledger_word

CHUNK = 5_000
HEADS = "日校验值"


async def find_flaw(connection: AsyncConnection, published: Sequence[Head] | None) -> Flaw | None:
    """Return the first flaw, or None.

    published: the heads of the file outside the database, in its order; None when there is no such file.
    """
    rows = (await connection.execute(select(ledger_head).order_by(ledger_head.c.day))).all()
    heads = [(Head(row.day, row.streams, row.hash), row.last_id) for row in rows]
    flaw = _compare([closed for closed, _last in heads], published) if published is not None else None
    return flaw or await _walk(connection, heads) or await _clear_values(connection)


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
        self._changed: dict[str, tuple[str, int, str]] = {}
        self._number = 0

    def take(self, row_id: int, entry: Entry) -> Flaw | None:
        """Return what is wrong with the next entry, or with a day that ended before it."""
        while self._closing and row_id > self._closing[1]:
            if flaw := self.close():
                return flaw
        seq, prev = self._ends.get(entry.stream, (0, GENESIS))
        if flaw := check_entry(entry, seq + 1, prev):
            return flaw
        self._ends[entry.stream] = entry.seq, entry.hash
        if self._closing:
            self._changed[entry.stream] = entry.stream, entry.seq, entry.hash
        return None

    def close(self) -> Flaw | None:
        """End the day at hand; return a flaw when its head doesn't follow from the entries."""
        if self._closing is None:
            return None
        stored, _last = self._closing
        self._number += 1
        if stored != head(self._previous, stored.day, self._changed.values(), len(self._ends)):
            return Flaw(HEADS, self._number, f"{stored.day}的校验值与台账不符，该日的记录被删除、增加或改动")
        self._previous, self._changed, self._closing = stored.hash, {}, next(self._heads, None)
        return None

    def end(self) -> Flaw | None:
        """End every day that is left."""
        while self._closing:
            if flaw := self.close():
                return flaw
        return None


async def _walk(connection: AsyncConnection, heads: Sequence[tuple[Head, int]]) -> Flaw | None:
    walk = _Walk(heads)
    entry = ledger.c
    query = select(entry.id, entry.stream, entry.seq, entry.at, entry.kind, entry.payload, entry.prev, entry.hash)
    async for rows in _chunks(connection, query.order_by(entry.id)):
        for row_id, *values in rows:
            if flaw := walk.take(row_id, Entry(*values)):
                return flaw
    return walk.end()


async def _chunks(connection: AsyncConnection, query: Select[Any]) -> AsyncIterator[Iterable[Any]]:
    async with connection.stream(query.execution_options(yield_per=CHUNK)) as result:
        async for rows in result.partitions():
            yield rows


async def _clear_values(connection: AsyncConnection) -> Flaw | None:
    persons = select(ledger_person.c.person, ledger_person.c.salt, ledger_person.c.commitment)
    async for rows in _chunks(connection, persons):
        for person, salt, mark in rows:
            if commitment(salt, person) != mark:
                return Flaw(f"人员{person}", 0, "与承诺值不符，人员对照被改动")
    word = ledger_word.c
    # outer joins: an entry or a salt that is gone is a flaw, not a row to pass over
    words = (
        select(word.stream, word.seq, word.name, word.value, ledger_salt.c.salt, ledger.c.payload)
        .outerjoin(ledger_salt, ledger_salt.c.stream == word.stream)
        .outerjoin(ledger, (ledger.c.stream == word.stream) & (ledger.c.seq == word.seq))
        .order_by(word.stream, word.seq, word.name)
    )
    async for rows in _chunks(connection, words):
        for stream, seq, name, value, salt, payload in rows:
            promised = json.loads(payload or "{}").get("words", {}).get(name)
            if salt is None or commitment(salt, value) != promised:
                return Flaw(stream, seq, "原文与承诺值不符，文字被改动")
    return None


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
