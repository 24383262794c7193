"""What is old enough to go (保存期限): pictures and words of done cases, parked messages, texts of posts.

Cases, figures and the ledger's chain stay; what may still decide a score stays too. Each step goes through its rows
in small transactions, oldest first. With `is_dry` the same steps only count.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case import Event, number_of
from domain.erased import EXPIRED_WORDS
from domain.month import SHANGHAI
from domain.roster import Person
from store.columns import UtcDateTime
from store.engine import Database
from store.erasure import erase
from store.letting_go import let_go
from store.protected import protected_cases
from store.schema import case_photo, cases, inbox, ledger, ledger_word, outbox, roster_person

BATCH = 200

_STRANGER = ":"  # in the id of a person who is known by platform and account alone

_WORDS = ("text", "place", "relayed_for", "evidence", "candidates")
_REPORTERS = [event.value for event in (Event.REPORT, Event.SUPPLEMENT, Event.FOLLOW, Event.REOPEN)]
_DONE_AT = func.coalesce(cases.c.closed_at, cases.c.reported_at)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each kind is kept: after a case is done, a message came, a post was sent."""

    photos: timedelta
    words: timedelta
    messages: timedelta
    posts: timedelta
    identities: timedelta  # after the last case of a reporter who is not in the roster is done


@dataclass(frozen=True, slots=True)
class Gone:
    """How much went, or would go: pictures of cases, cases' words, parked messages, posts' texts, reporters."""

    photos: int = 0
    words: int = 0
    messages: int = 0
    posts: int = 0
    identities: int = 0

    @property
    def is_nothing(self) -> bool:
        """Tell whether nothing was old enough."""
        return not (self.photos or self.words or self.messages or self.posts or self.identities)


class Retention:
    """Lets go of what has passed its limit."""

    def __init__(self, database: Database, limits: Limits, zone: tzinfo = SHANGHAI) -> None:
        self._database = database
        self._limits = limits
        self._zone = zone

    async def run(self, now: datetime, *, is_dry: bool = False, most_persons: int | None = None) -> Gone:
        """Let go of everything that is too old at `now`, or only count it; of reporters at most so many at once.

        A picture's file goes with the next sweep of the photo folder, when no other case holds it.
        """
        limits = self._limits
        return Gone(
            photos=await self._photos(now - limits.photos, is_dry=is_dry),
            words=await self._words(now - limits.words, is_dry=is_dry),
            messages=await self._messages(now - limits.messages, is_dry=is_dry),
            posts=await self._posts(now - limits.posts, is_dry=is_dry),
            identities=await self._identities(now, most_persons, is_dry=is_dry),
        )

    async def _photos(self, before: datetime, *, is_dry: bool) -> int:
        shown = select(case_photo.c.case_id).where(case_photo.c.case_id == cases.c.id, case_photo.c.ext != "")
        gone = 0
        async for ids in self._done_cases(before, shown.exists()):
            mine = and_(case_photo.c.case_id.in_(ids), case_photo.c.ext != "")
            gone += await self._count(case_photo, mine)
            if not is_dry:
                async with self._database.writing() as connection:
                    await let_go(connection, mine)
        return gone

    async def _words(self, before: datetime, *, is_dry: bool) -> int:
        rest = cast(cases.c.rest, Text)
        gone = 0
        async for ids in self._done_cases(before, or_(*(rest.contains(f'"{name}":') for name in _WORDS))):
            gone += len(ids)
            if not is_dry:
                async with self._database.writing() as connection:
                    await _silence(connection, ids)
        return gone

    async def _done_cases(self, before: datetime, condition: ColumnElement[bool]) -> AsyncIterator[list[int]]:
        """Yield the ids of cases done before an instant that nothing needs any more, a batch at a time."""
        last: tuple[Any, int] | None = None
        old = [cases.c.open_mark.is_(None), before > _DONE_AT, condition]
        while True:
            further = [tuple_(_DONE_AT, cases.c.id) > tuple_(literal(last[0], UtcDateTime()), last[1])] if last else []
            query = select(cases.c.id, _DONE_AT.label("done")).where(*old, *further).order_by(_DONE_AT, cases.c.id)
            async with self._database.reading() as connection:
                rows = (await connection.execute(query.limit(BATCH))).all()
                kept = await protected_cases(connection, [row.id for row in rows], self._zone)
            if ids := [row.id for row in rows if row.id not in kept]:
                yield ids
            if len(rows) < BATCH:
                return
            last = rows[-1].done, rows[-1].id

    async def _messages(self, before: datetime, *, is_dry: bool) -> int:
        parked = and_(inbox.c.done_at.is_not(None), inbox.c.payload != "", inbox.c.received_at < before)
        return await self._emptied(inbox, parked, {"payload": ""}, is_dry=is_dry)

    async def _posts(self, before: datetime, *, is_dry: bool) -> int:
        old = and_(outbox.c.created_at < before, outbox.c.ended_at.is_not(None), outbox.c.text != "")
        return await self._emptied(outbox, old, {"text": "", "digest": "", "body": {}}, is_dry=is_dry)

    async def _identities(self, now: datetime, most: int | None, *, is_dry: bool) -> int:
        """Erase reporters whose last case is long done: their alias stays, the ledger's chain holds (R64, R65).

        Who is in the roster stays: his name stands for an office.
        """
        before = literal(now - self._limits.identities, UtcDateTime())
        known = select(roster_person.c.id)
        query = (
            select(cases.c.reporter)
            .where(cases.c.reporter.contains(_STRANGER), cases.c.reporter.not_in(known))
            .group_by(cases.c.reporter)
            .having(func.count(cases.c.open_mark) == 0, func.max(_DONE_AT) < before)
            .order_by(cases.c.reporter)
        )
        async with self._database.reading() as connection:
            old = list((await connection.execute(query)).scalars())
            free = [person for person in old if not await self._is_needed(connection, person)][:most]
        for person in free if not is_dry else []:
            platform, _, userid = person.partition(_STRANGER)
            stranger = Person(person, person, accounts=((platform, userid),))
            await erase(self._database, stranger, (), now, said=EXPIRED_WORDS)
        return len(free)

    async def _is_needed(self, connection: AsyncConnection, person: str) -> bool:
        own = (await connection.execute(select(cases.c.id).where(cases.c.reporter == person))).scalars()
        return bool(await protected_cases(connection, list(own), self._zone))

    async def _emptied(
        self, table: Any, condition: ColumnElement[bool], values: dict[str, Any], *, is_dry: bool
    ) -> int:
        if is_dry:
            return await self._count(table, condition)
        gone = 0
        while True:
            async with self._database.writing() as connection:
                ids: Sequence[int] = (
                    (await connection.execute(select(table.c.id).where(condition).order_by(table.c.id).limit(BATCH)))
                    .scalars()
                    .all()
                )
                if ids:
                    await connection.execute(update(table).where(table.c.id.in_(ids)).values(values))
            gone += len(ids)
            if len(ids) < BATCH:
                return gone

    async def _count(self, table: Any, condition: ColumnElement[bool]) -> int:
        async with self._database.reading() as connection:
            counted = await connection.execute(select(func.count()).select_from(table).where(condition))
            return int(counted.scalar_one())


async def _silence(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Take a reporter's words out of cases and out of what the ledger keeps beside its chain."""
    rows = (await connection.execute(select(cases.c.id, cases.c.rest).where(cases.c.id.in_(ids)))).all()
    for row in rows:
        rest = {name: value for name, value in row.rest.items() if name not in _WORDS}
        await connection.execute(update(cases).where(cases.c.id == row.id).values(rest=rest))
    streams = [f"case:{number_of(case_id)}" for case_id in ids]
    said = select(ledger.c.stream, ledger.c.seq).where(ledger.c.stream.in_(streams), ledger.c.kind.in_(_REPORTERS))
    place = tuple_(ledger_word.c.stream, ledger_word.c.seq)
    await connection.execute(delete(ledger_word).where(ledger_word.c.stream.in_(streams), place.in_(said)))
