"""Do the tables that figures are made of still say what the ledger says? The second half of the ledger's check."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.finding import Finding, facts_of
from domain.ledger import Flaw, canonical
from store import records
from store.inspected import findings_by_key
from store.schema import finding, ledger, ledger_word

_CHUNK = 200  # entries read at once

_TITLES = {
    "period": "{}的考评进度",
    "appeal": "申诉（{}）",
    "figures": "{}的成绩",
    "correction": "{}的更正",
    "groups": "{}的考评组",
    "ratings": "{}的评分",
    "shops": "{}的门店评比",
    "proposals": "{}的问责和经费建议",
    "standing_approval": "自动通报的授权",
    records.ROSTER: "花名册",
}


async def find_difference(connection: AsyncConnection) -> Flaw | None:
    """Return the first place where a table differs from the ledger, None when all agree.

    What an older version stored before there were such entries cannot be told and is passed over.
    """
    return await _records(connection) or await _findings(connection)


async def _records(connection: AsyncConnection) -> Flaw | None:
    promised: dict[str, int] = {}
    async for row in _entries(connection, ledger.c.stream == records.RECORDS):
        promised |= dict.fromkeys(json.loads(row.payload)["words"], row.seq)
    if not promised:
        return None
    words = select(ledger_word.c.name, ledger_word.c.seq, ledger_word.c.value)
    rows = await connection.execute(words.where(ledger_word.c.stream == records.RECORDS))
    kept = {(row.name, row.seq): row.value for row in rows}
    now = await records.current(connection)
    for name in sorted(promised.keys() | now.keys()):
        if name not in promised:
            return _flaw(name, 0, "不在台账中，是另外加进数据表的")
        if name not in now:
            return _flaw(name, promised[name], "已从数据表中删除")
        if kept.get((name, promised[name])) != now[name]:
            return _flaw(name, promised[name], "与台账不符，数据表被改动")
    return None


def _flaw(name: str, seq: int, problem: str) -> Flaw:
    kind, _, which = name.removeprefix("setting:").partition(":")
    return Flaw(records.RECORDS, seq, f"{_TITLES[kind].format(which)}{problem}")


async def _findings(connection: AsyncConnection) -> Flaw | None:
    walk = _Walk(connection)
    async for row in _entries(connection, ledger.c.kind.in_(records.LISTS)):
        await walk.take(row.stream, row.seq, json.loads(row.payload)["facts"])
    return await walk.end()


class _Walk:
    """One pass over the entries of findings: what a later entry sets right was no difference."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._batch: dict[str, tuple[str, int, Mapping[str, Any]]] = {}
        self._wrong: dict[str, Flaw] = {}
        self._listed: int | None = None  # findings that the table should hold; None = there is no entry

    async def take(self, stream: str, seq: int, facts: Mapping[str, Any]) -> None:
        """Compare the findings of one entry, some entries together."""
        found = facts["findings"]
        self._listed = (self._listed or 0) + facts.get("new", len(found)) + facts.get("before", 0)
        self._batch |= {one["finding"]: (stream, seq, one) for one in found}
        if len(self._batch) >= records.CHUNK:
            await self._compare()

    async def end(self) -> Flaw | None:
        """Return the first difference."""
        await self._compare()
        if self._wrong:
            return next(iter(self._wrong.values()))
        count = (await self._connection.execute(select(func.count()).select_from(finding))).scalar_one()
        if self._listed is not None and count != self._listed:
            how = "多出" if count > self._listed else "缺少"
            return Flaw(records.FINDINGS, 0, f"数据表比台账{how}{abs(count - self._listed)}条督查问题")
        return None

    async def _compare(self) -> None:
        rows = await findings_by_key(self._connection, list(self._batch))
        stored = {one.key: _as_listed(one) for one in rows}
        for key, (stream, seq, listed) in self._batch.items():
            if key not in stored:
                self._wrong[key] = Flaw(stream, seq, f"督查问题{key}已从数据表中删除")
            elif stored[key] != _dated(listed):
                self._wrong[key] = Flaw(stream, seq, f"督查问题{key}与台账不符，数据表被改动")
            else:
                self._wrong.pop(key, None)
        self._batch = {}


def _as_listed(one: Finding) -> dict[str, Any]:
    return _dated(json.loads(canonical({**facts_of(one), **records.standing_of(one)})))


def _dated(listed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finding as an entry lists it, its instant whatever offset it is written in."""
    return {**listed, "found_at": datetime.fromisoformat(listed["found_at"])}


async def _entries(connection: AsyncConnection, which: ColumnElement[bool]) -> AsyncIterator[Row[Any, Any, Any, Any]]:
    entry = ledger.c
    query = select(entry.id, entry.stream, entry.seq, entry.payload).where(which).order_by(entry.id)
    last = 0
    while rows := (await connection.execute(query.where(entry.id > last).limit(_CHUNK))).all():
        for row in rows:
            yield row
        last = rows[-1].id
