"""The roster as rows: dated, old rows kept; cached until its version in the database moves on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import LedgerEvent
from domain.messages import ChatRoom
from domain.roster import Dated, Duty, Leave, Person, Post, Role, Roster, Segment
from store import records
from store.codec import Row, duty_of, duty_row, segment_json, segment_of
from store.engine import Database
from store.flush import add_to, put
from store.ledger import append
from store.reads import counters
from store.schema import account, leave, room, roster_duty, roster_person, roster_post, roster_segment

STREAM = "roster"
# post → fields of Segment that name its holder, and the field that it covers
_IMPLIED = (
    (Role.CHIEF, "chief", "id"),
    (Role.SECOND_LEVEL, "second_level", "township"),
    (Role.TOWNSHIP_HEAD, "township_head", "township"),
    (Role.FIRST_LEVEL, "first_level", "township"),
)


class RosterStore:
    """Loads the roster and takes in new lists; every change is an entry of the ledger's roster stream."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._roster = Roster()
        self._rooms: tuple[ChatRoom, ...] = ()
        self._versions: tuple[int, int] | None = None

    async def load(self) -> Roster:
        """Return the roster as it is now, also when another process has just imported one."""
        return (await self.load_all())[0]

    async def rooms(self) -> tuple[ChatRoom, ...]:
        """Return the bound chats by name."""
        async with self._database.reading() as connection:
            if self._versions is not None and self._versions[0] == (await counters(connection)).get("roster", 0):
                return self._rooms
            return await _rooms(connection)  # the lists, which may be long, are read when they are needed

    async def load_all(self) -> tuple[Roster, tuple[ChatRoom, ...]]:
        """Return the roster and the bound chats as they are now."""
        async with self._database.reading() as connection:
            return await self.current(connection, await counters(connection))

    async def current(
        self, connection: AsyncConnection, versions: Mapping[str, int]
    ) -> tuple[Roster, tuple[ChatRoom, ...]]:
        """Return roster and rooms at the versions that the caller has just read; cached while these stand still."""
        lists, leaves = versions.get("roster", 0), versions.get("leave", 0)
        if self._versions is None or self._versions[0] != lists:
            self._roster, self._rooms = await _read(connection), await _rooms(connection)
        if self._versions != (lists, leaves):
            self._roster = replace(self._roster, version=lists + leaves, leaves=await _leaves(connection))
            self._versions = lists, leaves
        return self._roster, self._rooms

    async def import_roster(self, segments: Sequence[Segment], since: date, now: datetime) -> None:
        """Take a roster file over: from `since` on these segments hold and no others.

        What changes or ends is closed at `since` and kept. The first roster of a city holds for all earlier days too.
        """
        async with self._database.writing() as connection:
            is_first = (await connection.execute(select(roster_segment.c.id).limit(1))).first() is None
            start = None if is_first else since
            held = await _held(connection, start)
            wanted = {segment.id: segment for segment in segments}
            gone = [row_id for row_id, segment, runs in held if not runs or wanted.get(segment.id) != segment]
            same = {segment.id for row_id, segment, _runs in held if row_id not in set(gone)}
            await _close(connection, roster_segment, gone, start)
            fresh = [segment for segment in segments if segment.id not in same]
            rows = [{"segment": s.id, "since": start, "row": segment_json(s)} for s in fresh]
            await _insert(connection, roster_segment, rows)
            facts = {"since": _day(start), "segments": len(segments), "new": len(fresh), "closed": len(gone)}
            # who answers for what from that day on: with the findings a month can be computed anew
            listed = [[s.id, s.road, s.township, s.grade, s.unit] for s in segments]
            persons = {f"second_level {s.id}": s.second_level for s in segments}
            await self._record(connection, "import_roster", {**facts, "list": listed}, now, persons)
            await append(connection, [await records.roster_event(connection)], now)

    async def import_people(
        self, people: Iterable[Person], posts: Sequence[Dated[Post]], since: date, now: datetime
    ) -> None:
        """Take a people file over: persons are added or renamed, and from `since` on these posts hold and no others.

        A post without a first day of its own begins at `since`; in the first file it holds for all earlier days too.
        """
        async with self._database.writing() as connection:
            await _put_people(connection, list(people))
            rows = [
                {"person": p.value.person, "role": p.value.role.value, "scope": p.value.scope, "unit": p.value.unit}
                | {"since": p.since, "until": p.until}
                for p in posts
            ]
            facts = await _replace(connection, roster_post, rows, since)
            await self._record(connection, "import_people", facts, now)
            await append(connection, [await records.roster_event(connection)], now)

    async def import_duty(self, duties: Sequence[Dated[Duty]], since: date, now: datetime) -> None:
        """Take a duty file over, in the manner of `import_people`."""
        async with self._database.writing() as connection:
            rows = [duty_row(duty.value, duty.since, duty.until) for duty in duties]
            facts = await _replace(connection, roster_duty, rows, since)
            await self._record(connection, "import_duty", facts, now)
            await append(connection, [await records.roster_event(connection)], now)

    async def bind_account(self, person: str, platform: str, userid: str, now: datetime) -> None:
        """Let a platform's user id stand for a person; the person's earlier id there is given up."""
        async with self._database.writing() as connection:
            old = account.c.person == person
            await connection.execute(delete(account).where(account.c.platform == platform, old))
            await put(connection, account, [_account_row(person, platform, userid)])
            await self._record(connection, "bind_account", {"platform": platform}, now, {"person": person})

    async def bind_room(self, bound: ChatRoom, now: datetime) -> None:
        """Bind a chat; one name is one chat, so an earlier chat of that name is let go."""
        async with self._database.writing() as connection:
            await connection.execute(delete(room).where(room.c.name == bound.name))
            row = {name: getattr(bound, name) for name in ("platform", "chat_id", "name", "purpose", "scope")}
            await put(connection, room, [row])
            facts = {"name": bound.name, "platform": bound.platform, "purpose": bound.purpose, "scope": bound.scope}
            await self._record(connection, "bind_room", facts, now)

    async def unbind_room(self, name: str, now: datetime) -> bool:
        """Let a chat go; return False when none has that name."""
        async with self._database.writing() as connection:
            if not (await connection.execute(delete(room).where(room.c.name == name))).rowcount:
                return False
            await self._record(connection, "unbind_room", {"name": name}, now)
            return True

    async def add_leave(self, entered: Leave, now: datetime) -> None:
        """Enter a leave from outside a chat."""
        async with self._database.writing() as connection:
            row = {name: getattr(entered, name) for name in ("person", "stand_in", "first", "last")}
            await connection.execute(insert(leave), [row])
            await add_to(connection, "leave", 1)
            facts = {"first": _day(entered.first), "last": _day(entered.last)}
            persons = {"person": entered.person, "stand_in": entered.stand_in}
            await append(connection, [LedgerEvent(STREAM, "leave", facts, persons)], now)

    async def _record(
        self,
        connection: AsyncConnection,
        kind: str,
        facts: Mapping[str, Any],
        now: datetime,
        persons: Mapping[str, str] | None = None,
    ) -> None:
        await add_to(connection, "roster", 1)
        await append(connection, [LedgerEvent(STREAM, kind, facts, persons or {})], now)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


async def _held(connection: AsyncConnection, day: date | None) -> list[tuple[int, Segment, bool]]:
    """Return the rows that hold on `day` or later: id, segment, and whether it runs through `day` without an end."""
    if day is None:
        return []
    table = roster_segment.c
    rows = await connection.execute(select(roster_segment).where(table.until.is_(None) | (table.until > day)))
    return [(r.id, segment_of(r.row), r.until is None and (r.since is None or r.since <= day)) for r in rows]


async def _close(connection: AsyncConnection, table: Table, ids: Sequence[int], day: date | None) -> None:
    """End rows at `day`; those that would have begun then or later never hold and go."""
    if ids:
        await connection.execute(update(table).where(table.c.id.in_(ids)).values(until=day))
        await connection.execute(delete(table).where(table.c.id.in_(ids), table.c.since >= table.c.until))


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        await connection.execute(insert(table), rows)


async def _replace(connection: AsyncConnection, table: Table, rows: Sequence[Row], since: date | None) -> Row:
    """Close what holds at `since` and is not in the new list; insert what is new. Return the facts for the ledger."""
    is_first = (await connection.execute(select(table.c.id).limit(1))).first() is None
    start = None if is_first else since
    wanted = [row | {"since": row["since"] or start} for row in rows]
    ends = (table.c.until.is_(None)) | (table.c.until > start) if start else table.c.id.is_not(None)
    old = [dict(row) for row in (await connection.execute(select(table).where(ends))).mappings()]
    facts_of = _identity(table, start)
    new = {facts_of(row) for row in wanted}
    gone = [row["id"] for row in old if facts_of(row) not in new]
    known = {facts_of(row) for row in old}
    fresh = [row for row in wanted if facts_of(row) not in known]
    await _close(connection, table, gone, start)
    await _insert(connection, table, fresh)
    return {"since": _day(start), "rows": len(rows), "new": len(fresh), "closed": len(gone)}


def _identity(table: Table, start: date | None) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return what makes two rows the same: everything but the id, and a first day only if it is yet to come."""
    names = [column.name for column in table.c if column.name not in {"id", "since"}]

    def facts(row: Mapping[str, Any]) -> tuple[Any, ...]:
        since = row["since"]
        return (since if since and start and since > start else None, *(row[name] for name in names))

    return facts


def _account_row(person: str, platform: str, userid: str) -> Row:
    return {"platform": platform, "folded": userid.casefold(), "userid": userid, "person": person}


async def _put_people(connection: AsyncConnection, people: Sequence[Person]) -> None:
    await put(connection, roster_person, [{"id": p.id, "name": p.name, "unit": p.unit} for p in people])
    accounts = [(p.id, platform, userid) for p in people for platform, userid in p.accounts]
    for platform in {platform for _person, platform, _userid in accounts}:
        owners = [person for person, where, _userid in accounts if where == platform]
        await connection.execute(delete(account).where(account.c.platform == platform, account.c.person.in_(owners)))
    await put(connection, account, [_account_row(*one) for one in accounts])


async def _read(connection: AsyncConnection) -> Roster:
    segments = tuple(
        Dated(segment_of(row.row), row.since, row.until)
        for row in await connection.execute(select(roster_segment).order_by(roster_segment.c.id))
    )
    posts = tuple(
        Dated(Post(row.person, Role(row.role), row.scope, row.unit), row.since, row.until)
        for row in await connection.execute(select(roster_post).order_by(roster_post.c.id))
    )
    duties = tuple(
        Dated(duty_of(row), row["since"], row["until"])
        for row in (await connection.execute(select(roster_duty).order_by(roster_duty.c.id))).mappings()
    )
    people = await _people(connection, segments)
    return Roster(0, segments, _posts(segments, posts), duties, people)


async def _people(connection: AsyncConnection, segments: Iterable[Dated[Segment]]) -> dict[str, Person]:
    accounts: dict[str, list[tuple[str, str]]] = {}
    for row in await connection.execute(select(account).order_by(account.c.platform, account.c.folded)):
        accounts.setdefault(row.person, []).append((row.platform, row.userid))
    people = _implied_people(segments)
    for row in await connection.execute(select(roster_person).order_by(roster_person.c.id)):
        known = people.get(row.id)
        people[row.id] = Person(row.id, row.name, row.unit or (known.unit if known else ""))
    for person, known_by in accounts.items():
        people[person] = replace(people.get(person, Person(person, person)), accounts=tuple(known_by))
    return people


def _implied_people(segments: Iterable[Dated[Segment]]) -> dict[str, Person]:
    """Return the people whom segment rows name; the newest row gives the name."""
    people: dict[str, Person] = {}
    for row in segments:
        segment = row.value
        for _role, field, _scope in _IMPLIED:
            person, name = getattr(segment, field), getattr(segment, f"{field}_name")
            unit = segment.unit if field == "chief" else ""
            if person:
                known = people.get(person)
                people[person] = Person(person, name or person, unit or (known.unit if known else ""))
    return people


def _posts(segments: Iterable[Dated[Segment]], listed: Iterable[Dated[Post]]) -> tuple[Dated[Post], ...]:
    """Return the posts of the lists, then those that segment rows name; each once for every span without a gap."""
    spans: dict[tuple[str, Role, str], list[Dated[Post]]] = {}
    for post in (*listed, *_implied_posts(segments)):
        spans.setdefault((post.value.person, post.value.role, post.value.scope), []).append(post)
    return tuple(joined for posts in spans.values() for joined in _joined(posts))


def _implied_posts(segments: Iterable[Dated[Segment]]) -> Iterator[Dated[Post]]:
    for row in segments:
        for role, field, covers in _IMPLIED:
            person, scope = getattr(row.value, field), getattr(row.value, covers)
            unit = row.value.unit if role is Role.CHIEF else ""
            if person:
                yield Dated(Post(person, role, scope, unit), row.since, row.until)


def _joined(posts: Sequence[Dated[Post]]) -> list[Dated[Post]]:
    """Join spans that touch or overlap; the later span's unit counts where it names one."""
    found: list[Dated[Post]] = []
    for post in sorted(posts, key=lambda post: post.since or date.min):
        last = found[-1] if found else None
        if last is None or (last.until is not None and (post.since or date.min) > last.until):
            found.append(post)
            continue
        until = None if last.until is None or post.until is None else max(last.until, post.until)
        value = replace(last.value, unit=post.value.unit or last.value.unit)
        found[-1] = Dated(value, last.since, until)
    return found


async def _leaves(connection: AsyncConnection) -> tuple[Leave, ...]:
    rows = await connection.execute(select(leave).order_by(leave.c.id))
    return tuple(Leave(row.person, row.stand_in, row.first, row.last) for row in rows)


async def _rooms(connection: AsyncConnection) -> tuple[ChatRoom, ...]:
    rows = await connection.execute(select(room).order_by(room.c.name))
    return tuple(ChatRoom(row.name, row.platform, row.chat_id, row.purpose, row.scope) for row in rows)
