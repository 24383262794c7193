"""What bears on figures stands in the ledger at the write that changes it: a row changed past the program shows.

Every finding (督查问题) is listed as it is written, by a file or by a decision, so that with the rosters a month can be
computed anew from the ledger's export alone. Stream `records` holds a salted commitment to each period, appeal, vote,
published figure and the roster: these name people, so only their digests are promised.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import LedgerEvent
from domain.finding import Finding, facts_of
from domain.ledger import canonical
from store.changes import Changes
from store.engine import Database
from store.inspected import appeal_row
from store.ledger import append
from store.schema import (
    appeal,
    finding,
    ledger,
    ledger_word,
    period,
    roster_duty,
    roster_person,
    roster_post,
    roster_segment,
    setting,
)

INSPECTION, FINDINGS, RECORDS = "inspection", "findings", "records"
IMPORTED, WRITTEN, KEPT = "imported", "written", "kept"
LISTS = (IMPORTED, WRITTEN)  # kinds of entries that list findings
ROSTER = "roster"
CHUNK = 200  # findings in one entry

# settings that figures are, or are made from
_SETTINGS = ("figures:", "correction:", "groups:", "ratings:", "shops:", "proposals:", "standing_approval")
_LISTS = (roster_segment, roster_post, roster_duty, roster_person)


async def events_of(connection: AsyncConnection, changes: Changes, known: Collection[Finding]) -> list[LedgerEvent]:
    """Return the entries for what a batch writes; `known` are its findings as they are stored so far."""
    found = await begun(connection, _written(list(changes.findings.values()), known))
    kept = {f"period:{one.period}": digest(dict(one.facts)) for one in changes.periods.values()}
    kept |= {f"appeal:{one.id}": digest(appeal_row(one)) for one in changes.appeals.values()}
    kept |= {f"setting:{name}": digest(value) for name, value in changes.settings.items() if _is_kept(name)}
    return [*found, *_promise(kept)]


def imported(fresh: Sequence[Finding]) -> list[LedgerEvent]:
    """Return the entries for the new findings of a file: few, each of many, so that a month's file is quick to take."""
    parts = [fresh[n : n + CHUNK] for n in range(0, len(fresh), CHUNK)]
    return [LedgerEvent(INSPECTION, IMPORTED, {"findings": [_listed(one) for one in part]}) for part in parts]


def _written(findings: Sequence[Finding], known: Collection[Finding]) -> list[LedgerEvent]:
    """Return the entry for findings that a decision has made or changed: whole, as they now stand."""
    if not findings:
        return []
    old = {one.key for one in known}
    facts = {"findings": [_listed(one) for one in findings], "new": sum(one.key not in old for one in findings)}
    return [LedgerEvent(FINDINGS, WRITTEN, facts)]


def _listed(one: Finding) -> dict[str, Any]:
    return {**facts_of(one), **standing_of(one)}


def standing_of(one: Finding) -> dict[str, Any]:
    """Return what became of a finding, as an entry lists it beside what scores it."""
    return {name: value for name in ("withdrawn", "case", "number") if (value := getattr(one, name))}


async def begun(connection: AsyncConnection, listed: list[LedgerEvent]) -> list[LedgerEvent]:
    """Return entries that list findings; the first of all says how many an older version has stored without one."""
    query = select(ledger.c.id).where(ledger.c.kind.in_(LISTS), ledger.c.stream.in_((INSPECTION, FINDINGS)))
    if not listed or (await connection.execute(query.limit(1))).first() is not None:
        return listed
    before = (await connection.execute(select(func.count()).select_from(finding))).scalar_one()
    facts = {**listed[0].facts, **({"before": before} if before else {})}
    return [replace(listed[0], facts=facts), *listed[1:]]


async def roster_event(connection: AsyncConnection) -> LedgerEvent:
    """Return the entry for the lists of the roster as they now stand."""
    return _promise({ROSTER: await _roster_digest(connection)})[0]


async def renewed(connection: AsyncConnection) -> list[LedgerEvent]:
    """Return the entry for everything as it now stands, after a change that goes through all tables."""
    return _promise(await current(connection))


async def make_ready(database: Database) -> None:
    """Promise what an older version has stored without promising it, once."""
    async with database.reading() as connection:
        if await _has_begun(connection, RECORDS) or await _last_instant(connection) is None:
            return
    async with database.writing() as connection:
        last = await _last_instant(connection)
        if last is not None and not await _has_begun(connection, RECORDS):
            await append(connection, await renewed(connection), last)


async def current(connection: AsyncConnection) -> dict[str, str]:
    """Return the digest of everything that is to be promised, by name."""
    kept = {f"period:{r.period}": digest(r.facts) for r in await connection.execute(select(period))}
    for row in (await connection.execute(select(appeal))).mappings():
        kept[f"appeal:{row['id']}"] = digest(dict(row))
    query = select(setting).where(or_(*(setting.c.name.startswith(name, autoescape=True) for name in _SETTINGS)))
    kept |= {f"setting:{r.name}": digest(r.value) for r in await connection.execute(query) if _is_kept(r.name)}
    if (await connection.execute(select(roster_segment.c.id).limit(1))).first() is not None:
        kept[ROSTER] = await _roster_digest(connection)
    return kept


def digest(value: Any) -> str:
    """Return the hash of a JSON value."""
    return hashlib.sha256(canonical({"value": value}).encode()).hexdigest()


def _is_kept(name: str) -> bool:
    return name.startswith(_SETTINGS)


def _promise(kept: Mapping[str, str]) -> list[LedgerEvent]:
    return [LedgerEvent(RECORDS, KEPT, {"rows": len(kept)}, words=dict(sorted(kept.items())))] if kept else []


async def _last_instant(connection: AsyncConnection) -> datetime | None:
    found: datetime | None = (await connection.execute(select(func.max(ledger.c.at)))).scalar_one()
    return found


async def _has_begun(connection: AsyncConnection, stream: str) -> bool:
    """Tell whether a stream has entries, or words of entries that somebody has taken away."""
    found = (
        select(ledger.c.seq)
        .where(ledger.c.stream == stream)
        .union_all(select(ledger_word.c.seq).where(ledger_word.c.stream == stream))
    )
    return (await connection.execute(found.limit(1))).first() is not None


async def _roster_digest(connection: AsyncConnection) -> str:
    lists: dict[str, list[str]] = {}
    for table in _LISTS:
        columns = [column for column in table.c if column.name != "id" or table is roster_person]
        rows = (await connection.execute(select(*columns))).mappings()
        lists[table.name] = sorted(canonical(dict(row)) for row in rows)
    return digest(lists)
