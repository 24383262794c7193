"""The flush: what a batch has changed becomes rows, by executemany, in a number of statements that never grows."""

from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Date, bindparam, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.finding import Finding
from domain.month import SHANGHAI
from store import bulk, patrols, photos, records, sums
from store.card_edits import edits_of
from store.changes import Changes
from store.codec import case_row, gather_row, photo_row, post_row, question_row
from store.errors import AlreadyClaimed
from store.inbox import mark_done
from store.inspected import appeal_row, finding_row, findings_by_key, standing_row, walk_row
from store.ledger import append
from store.schema import (
    account,
    appeal,
    case_photo,
    cases,
    claim,
    contact,
    counter,
    finding,
    finding_standing,
    gather,
    leave,
    outbox,
    period,
    question,
    room,
    setting,
    timer,
    walk,
)
from store.spoken import spoken_rows
from store.writing import drop, put

__all__ = ["add_to", "drop", "flush", "put"]

_CLAIM = insert(claim)
_SHORTEN = delete(case_photo).where(
    case_photo.c.case_id == bindparam("case"), case_photo.c.position >= bindparam("length")
)


async def flush(connection: AsyncConnection, changes: Changes, now: datetime, zone: tzinfo = SHANGHAI) -> None:
    """Write everything. Raises AlreadyClaimed when another process did this run or this message first."""
    await _claims(connection, changes, now)
    if changes.inbox_done:
        await mark_done(connection, sorted(changes.inbox_done), now)
    await _cases(connection, changes)
    known = await findings_by_key(connection, list(changes.findings)) if changes.findings else []
    await append(connection, [*changes.events, *await records.events_of(connection, changes, known)], now)
    await put(connection, counter, [{"name": n, "value": v} for n, v in changes.counters.items()])
    posts = [*changes.posts.values(), *await edits_of(connection, changes.cases.values(), now)]
    await put(connection, outbox, [post_row(post, now) for post in posts], keep=("key",))
    await _talk(connection, changes)
    await _inspected(connection, changes, known, zone)
    await patrols.write(connection, changes)
    await _leaves(connection, changes)
    await _bindings(connection, changes)
    timers = [
        {"key": t.key, "kind": t.kind, "subject": t.subject, "due_at": t.due_at} for t in changes.timers.values() if t
    ]
    await drop(connection, timer, [{"key": key} for key, kept in changes.timers.items() if kept is None])
    await put(connection, timer, timers)
    await put(connection, period, [{"period": s.period, "facts": dict(s.facts)} for s in changes.periods.values()])
    await photos.write(connection, changes.photo_facts.values())
    await photos.drop_waits(connection, changes.photos_read)
    await put(connection, setting, [{"name": name, "value": value} for name, value in changes.settings.items()])
    await put(connection, setting, spoken_rows(changes.spoken, now), keep=("name",))


async def _claims(connection: AsyncConnection, changes: Changes, now: datetime) -> None:
    if not changes.claims:
        return
    rows = [{"job": job, "period": name, "at": now} for job, name in changes.claims]
    try:
        await connection.execute(_CLAIM, rows)
    except IntegrityError as error:
        raise AlreadyClaimed from error


async def _cases(connection: AsyncConnection, changes: Changes) -> None:
    await put(connection, cases, [case_row(case) for case in changes.cases.values()])
    kept, shortened = [], []
    for case in changes.cases.values():
        before = changes.photos_before.get(case.id)
        known = before or ()
        kept += [
            photo_row(case.id, position, photo)
            for position, photo in enumerate(case.photos)
            if position >= len(known) or known[position] != photo
        ]
        if before is None or len(before) > len(case.photos):
            shortened.append({"case": case.id, "length": len(case.photos)})
    if shortened:
        await bulk.run(connection, _SHORTEN, shortened)
    await put(connection, case_photo, kept)


async def _talk(connection: AsyncConnection, changes: Changes) -> None:
    await drop(connection, question, [{"id": name} for name, kept in changes.questions.items() if kept is None])
    await put(connection, question, [question_row(q) for q in changes.questions.values() if q])
    closed = [key for key, kept in changes.gathers.items() if kept is None]
    await drop(connection, gather, [{"platform": p, "chat_id": c, "person": who} for p, c, who in closed])
    await put(connection, gather, [gather_row(g) for g in changes.gathers.values() if g])
    names = [column.name for column in contact.c]
    await put(connection, contact, [{name: getattr(c, name) for name in names} for c in changes.contacts.values()])


async def _inspected(connection: AsyncConnection, changes: Changes, known: Collection[Finding], zone: tzinfo) -> None:
    found = changes.findings.values()
    if found:
        await sums.record(connection, known, found, zone)
    await put(connection, finding, [finding_row(one) for one in found])
    await put(connection, finding_standing, [standing_row(one) for one in found])
    await drop(connection, walk, [{"person": who} for who, kept in changes.walks.items() if kept is None])
    await put(connection, walk, [walk_row(kept) for kept in changes.walks.values() if kept])
    await put(connection, appeal, [appeal_row(one) for one in changes.appeals.values()])


async def _leaves(connection: AsyncConnection, changes: Changes) -> None:
    if changes.leaves:
        rows = [{"person": x.person, "stand_in": x.stand_in, "first": x.first, "last": x.last} for x in changes.leaves]
        await connection.execute(insert(leave), rows)
    if changes.leaves_ended:
        back, eve = bindparam("back", type_=Date), bindparam("eve", type_=Date)
        running = (leave.c.person == bindparam("who"), leave.c.first <= back, leave.c.last >= back)
        ends = [{"who": who, "back": day, "eve": day - timedelta(days=1)} for who, day in changes.leaves_ended]
        await connection.execute(update(leave).where(*running).values(last=eve), ends)
        await connection.execute(delete(leave).where(leave.c.last < leave.c.first))
    if changes.leaves or changes.leaves_ended:
        await add_to(connection, "leave", 1)


async def _bindings(connection: AsyncConnection, changes: Changes) -> None:
    """Bind chats and accounts; one name is one chat, and one person has one account on a platform."""
    if not changes.rooms and not changes.accounts:
        return
    await drop(connection, room, [{"name": bound.name} for bound in changes.rooms])
    names = [column.name for column in room.c]
    await put(connection, room, [{name: getattr(bound, name) for name in names} for bound in changes.rooms])
    await drop(connection, account, [{"person": who, "platform": where} for who, where, _ in changes.accounts])
    rows = [
        {"platform": where, "folded": userid.casefold(), "userid": userid, "person": who}
        for who, where, userid in changes.accounts
    ]
    await put(connection, account, rows)
    await add_to(connection, "roster", 1)


async def add_to(connection: AsyncConnection, name: str, value: int) -> None:
    """Add to a counter, which begins at 0."""
    new = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(counter)
    added = {"value": counter.c.value + new.excluded.value}
    await connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_=added), {"name": name, "value": value}
    )
