"""Erasing a person (个人信息删除): identity and words leave every table, counts and the ledger's chain stay.

One transaction takes out what was said and puts an alias where the person stood. `compact` then makes the file
forget what its free pages and its log still hold.
"""

import asyncio
import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case import OPEN_STATES, number_of
from domain.effects import LedgerEvent
from domain.erased import ERASED_WORDS, new_alias
from domain.roster import Person
from domain.texts.privacy import words_gone
from store import records
from store.engine import SENDING, Database
from store.flush import add_to
from store.ledger import append
from store.letting_go import let_go
from store.patrols import forget_words
from store.protected import protected_cases
from store.schema import (
    account,
    attempt,
    card,
    case_photo,
    cases,
    contact,
    gather,
    inbox,
    ledger,
    ledger_person,
    ledger_word,
    metadata,
    outbox,
    photo_wait,
    question,
    roster_person,
    walk,
)
from store.sqlite_driver import OneHopConnection
from store.traces import Traces, replace_all

KIND = "person_erased"  # in the ledger's roster stream
_WORDS = (
    "text",
    "place",
    "relayed_for",
    "evidence",
    "why",
    "doubts",
    "candidates",
)  # of a case: its reporter's, or drawn from them
_SPEAKERS = ("by", "reporter")  # whose words an entry holds, the first that is named
_CHUNK = 500
_PATIENCE = 20  # tries to get the file for oneself, half a second apart


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: reports without their words, posts emptied, file names of pictures that nothing needs now."""

    cases: int
    posts: int
    photos: tuple[str, ...]


async def erase(
    database: Database, person: Person, others: Collection[Person], now: datetime, *, said: str = ERASED_WORDS
) -> Erased:
    """Erase a person in one transaction. `others` are the people who stay: their names are not touched.

    said: what stands in place of the person's words.
    """
    async with database.writing() as connection:
        if not database.is_sqlite:  # whoever is sending meanwhile finishes first
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SENDING})
        ids = tuple(dict.fromkeys((person.id, *(form for a in person.accounts for form in (a[1], f"{a[0]}:{a[1]}")))))
        names = tuple({person.name} - set(ids) - {one.name for one in others})
        longer = tuple(o.name for o in others for name in names if name in o.name)
        traces = Traces(ids, names, longer, new_alias())
        own = await _own_cases(connection, person.id)
        await _forget_in_ledger(connection, person.id, traces)
        posts = await _empty_posts(connection, own, person)
        photos = await _drop_photos(connection, ids)
        await _silence_cases(connection, own, said)
        await forget_words(connection, person.id)
        await _drop_rows(connection, person.id, traces)
        await replace_all(connection, traces)
        await add_to(connection, "roster", 1)
        facts = {"cases": len(own), "posts": posts, "photos": len(photos)}
        event = LedgerEvent("roster", KIND, facts)
        await append(connection, [event, *await records.renewed(connection)], now)
        return Erased(len(own), posts, tuple(photos))


async def is_known(database: Database, person: str) -> bool:
    """Tell whether a person ever wrote to the bot or stands in the ledger."""
    places = (
        select(contact.c.person).where(contact.c.person == person),
        select(ledger_person.c.person).where(ledger_person.c.person == person),
        select(cases.c.reporter).where(cases.c.reporter == person).limit(1),
    )
    async with database.reading() as connection:
        return any([(await connection.execute(query)).first() is not None for query in places])


async def in_hand(database: Database, person: str) -> list[str]:
    """Return the numbers of the open cases that a person handles or answers for: these must change hands first."""
    column = cases.c
    mine = or_(column.handler == person, column.chief == person)
    waiting = column.state.in_([state.value for state in OPEN_STATES])
    async with database.reading() as connection:
        found = await connection.execute(select(column.id).where(mine, column.open_mark == 1, waiting))
        return [number_of(case_id) for case_id in sorted(found.scalars())]


async def unplaced(database: Database, person: str) -> list[str]:
    """Return the numbers of a person's reports that still wait for their place: without words nobody could find it."""
    query = select(cases.c.id).where(cases.c.reporter == person, cases.c.open_mark == 1, cases.c.segment == "")
    async with database.reading() as connection:
        return [number_of(case_id) for case_id in sorted((await connection.execute(query)).scalars())]


async def _own_cases(connection: AsyncConnection, person: str) -> list[int]:
    return list((await connection.execute(select(cases.c.id).where(cases.c.reporter == person))).scalars())


async def _silence_cases(connection: AsyncConnection, own: list[int], said: str) -> None:
    for begin in range(0, len(own), _CHUNK):
        query = select(cases.c.id, cases.c.chat_id, cases.c.rest).where(cases.c.id.in_(own[begin : begin + _CHUNK]))
        for row in (await connection.execute(query)).all():
            rest = {name: value for name, value in row.rest.items() if name not in _WORDS}
            rest |= {"text": said} if row.rest.get("text") else {}  # words that are long gone leave no mark
            changes = {"rest": rest, "message_id": "", "chat_id": row.chat_id if rest.get("is_group") else ""}
            await connection.execute(update(cases).where(cases.c.id == row.id).values(changes))


async def _forget_in_ledger(connection: AsyncConnection, person: str, traces: Traces) -> None:
    """Take away what ties the ledger to the person, and what the person said there; every hash stays valid.

    Others' words that name the person go too: they cannot be changed without breaking their promise.
    """
    mark = (
        await connection.execute(select(ledger_person.c.commitment).where(ledger_person.c.person == person))
    ).scalar_one_or_none()
    if mark is not None:
        spoken = select(ledger.c.stream, ledger.c.seq, ledger.c.payload).where(ledger.c.payload.contains(mark))
        said = [(row.stream, row.seq) for row in await connection.execute(spoken) if _spoke(row.payload, mark)]
        for begin in range(0, len(said), _CHUNK):
            place = tuple_(ledger_word.c.stream, ledger_word.c.seq)
            mine = place.in_(said[begin : begin + _CHUNK])
            # words of one early stream share a salt, which must not stay behind with a neighbour
            salts = select(ledger_word.c.salt).where(mine)
            await connection.execute(delete(ledger_word).where(ledger_word.c.salt.in_(salts)))
        await connection.execute(delete(ledger_person).where(ledger_person.c.person == person))
    about = select(ledger_word).where(traces.in_any([ledger_word.c.value]))
    for row in (await connection.execute(about)).all():
        if traces.replaced(row.value) != row.value:
            await connection.execute(delete(ledger_word).where(ledger_word.c.salt == row.salt))


def _spoke(payload: str, mark: str) -> bool:
    persons = json.loads(payload).get("persons", {})
    return next((persons[role] for role in _SPEAKERS if role in persons), "") == mark


async def _empty_posts(connection: AsyncConnection, own: list[int], person: Person) -> int:
    """Take the words out of all posts about the person's reports or to the person; return how many there were."""
    targets = [f"{platform}\np\n{userid}" for platform, userid in person.accounts]
    to_them = or_(outbox.c.person == person.id, outbox.c.target.in_(targets))
    unsent = select(outbox.c.id).where(to_them, outbox.c.ended_at.is_(None))
    await connection.execute(delete(attempt).where(attempt.c.outbox_id.in_(unsent)))
    await connection.execute(delete(outbox).where(to_them, outbox.c.ended_at.is_(None)))
    count = 0
    conditions = [to_them]
    conditions += [outbox.c.about.in_(own[begin : begin + _CHUNK]) for begin in range(0, len(own), _CHUNK)]
    for condition in conditions:
        sent = and_(condition, outbox.c.ended_at.is_not(None))
        done = await connection.execute(update(outbox).where(sent).values(text="", digest="", body={}))
        count += done.rowcount + await _point_to_cases(connection, condition)
    return count


async def _point_to_cases(connection: AsyncConnection, condition: ColumnElement[bool]) -> int:
    """Let posts still to be sent say where the case can be read: their words are gone."""
    waits = and_(condition, outbox.c.ended_at.is_(None), outbox.c.text.is_not(None))
    rows = (await connection.execute(select(outbox.c.id, outbox.c.about).where(waits))).all()
    for row in rows:
        changes = {"text": words_gone(row.about), "digest": ""}
        await connection.execute(update(outbox).where(outbox.c.id == row.id).values(changes))
    return len(rows)


async def _drop_photos(connection: AsyncConnection, ids: Collection[str]) -> list[str]:
    """Let go of the pictures that the person sent to cases now done with; return the names that nothing holds now."""
    sent = case_photo.join(cases, cases.c.id == case_photo.c.case_id)
    mine = case_photo.c.sender.in_(ids), case_photo.c.ext != ""
    done = select(case_photo.c.case_id).select_from(sent).where(*mine, cases.c.open_mark.is_(None)).distinct()
    found = set((await connection.execute(done)).scalars())
    free = sorted(found - await protected_cases(connection, found))
    names: list[str] = []
    for begin in range(0, len(free), _CHUNK):
        names += await let_go(connection, and_(*mine, case_photo.c.case_id.in_(free[begin : begin + _CHUNK])))
    return sorted(names)


async def _drop_rows(connection: AsyncConnection, person: str, traces: Traces) -> None:
    """Delete rows that exist only for the person."""
    for table, column in (
        (contact, contact.c.person),
        (question, question.c.person),
        (gather, gather.c.person),
        (walk, walk.c.person),
        (photo_wait, photo_wait.c.person),
        (card, card.c.person),
        (account, account.c.person),
        (roster_person, roster_person.c.id),
    ):
        await connection.execute(delete(table).where(column == person))
    # a message still waiting, or parked with its words
    named = select(inbox.c.id, inbox.c.payload, inbox.c.message_id, inbox.c.error).where(
        traces.in_any([inbox.c.payload, inbox.c.message_id, inbox.c.error])
    )
    found = [
        row.id
        for row in (await connection.execute(named)).all()
        if any(traces.replaced(one) != one for one in (row.payload, row.message_id, row.error))
    ]
    for begin in range(0, len(found), _CHUNK):
        await connection.execute(delete(inbox).where(inbox.c.id.in_(found[begin : begin + _CHUNK])))


async def compact(database: Database) -> bool:
    """Make the file forget what was deleted: rebuild it and empty its log. False when somebody kept it busy."""
    if not database.is_sqlite:
        async with database.writer.connect() as connection:
            plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in metadata.sorted_tables:
                await plain.execute(text(f'VACUUM (FULL) "{table.name}"'))
        return True
    for _ in range(_PATIENCE):
        try:
            async with database.turn:
                if await _rebuilt(database):
                    return True
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
        await asyncio.sleep(0.5)
    return False


async def _rebuilt(database: Database) -> bool:
    async with database.writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, OneHopConnection)
        await driver.run(driver.raw.execute, "VACUUM")  # outside a transaction
        busy, _log, _done = await driver.run(lambda: driver.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
    return not busy
