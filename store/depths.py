"""What waits in the database at one instant, for the metrics; and which pictures rows still name, for the sweep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case import IN_HAND, OPEN_STATES, State
from domain.casework.kept import LASTING, PREFIX, names_in
from store.codec import gather_of
from store.engine import Database
from store.schema import appeal, case_photo, cases, gather, inbox, outbox, setting, timer

LATEST = 20_000  # messages
RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Depths:
    """Counts of what waits; `since` tells from when the oldest waits, None when nothing does."""

    inbox: int = 0
    inbox_since: datetime | None = None
    inbox_parked: int = 0  # among the latest messages
    outbox: int = 0  # due and unsent
    outbox_since: datetime | None = None
    outbox_failed: int = 0  # given up within a day
    timers: int = 0
    cases: Mapping[State, int] = field(default_factory=dict)  # open ones
    overdue: int = 0


async def depths(database: Database, now: datetime) -> Depths:
    """Return what waits at `now`, without reading a whole table."""
    async with database.reading() as connection:
        waiting, since = await _inbox(connection)
        due, due_since = await _outbox(connection, now)
        timers = select(func.count()).where(timer.c.due_at <= now)
        given_up = outbox.c.created_at >= now - RECENT, outbox.c.state == "failed", outbox.c.tries > 0
        return Depths(
            inbox=waiting,
            inbox_since=since,
            inbox_parked=await _parked(connection),
            outbox=due,
            outbox_since=due_since,
            outbox_failed=(await connection.execute(select(func.count()).where(*given_up))).scalar_one(),
            timers=(await connection.execute(timers)).scalar_one(),
            cases=await _cases(connection),
            overdue=await _overdue(connection, now),
        )


async def _inbox(connection: AsyncConnection) -> tuple[int, datetime | None]:
    query = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.done_at.is_(None))
    count, since = (await connection.execute(query)).one()
    return count, since


async def _parked(connection: AsyncConnection) -> int:
    # ids rise with arrival: the latest ones need no index of their own
    latest = inbox.c.id > select(func.max(inbox.c.id)).scalar_subquery() - LATEST
    query = select(func.count()).where(latest, inbox.c.done_at.is_not(None), inbox.c.error != "")
    return int((await connection.execute(query)).scalar_one())


async def _outbox(connection: AsyncConnection, now: datetime) -> tuple[int, datetime | None]:
    due = outbox.c.ended_at.is_(None), outbox.c.due_at <= now
    count, since = (await connection.execute(select(func.count(), func.min(outbox.c.due_at)).where(*due))).one()
    return count, since


async def _cases(connection: AsyncConnection) -> dict[State, int]:
    open_ones = select(cases.c.state, func.count()).where(cases.c.open_mark.is_not(None)).group_by(cases.c.state)
    found = {State(state): count for state, count in await connection.execute(open_ones)}
    return {state: found.get(state, 0) for state in sorted(OPEN_STATES)}


async def _overdue(connection: AsyncConnection, now: datetime) -> int:
    late = func.coalesce(cases.c.handler_due, cases.c.due) < now
    query = select(func.count()).where(cases.c.open_mark.is_not(None), cases.c.state.in_(sorted(IN_HAND)), late)
    return int((await connection.execute(query)).scalar_one())


async def _made_names(connection: AsyncConnection) -> set[str]:
    """Return the names of documents and pictures that we made: those recorded, and those of posts still to go out."""
    recorded = select(setting.c.value).where(setting.c.name.startswith(PREFIX, autoescape=True))
    names = names_in([facts for (facts,) in await connection.execute(recorded) if facts])
    kinds = ("photos", "files")
    # thousands of posts may wait, few of them with a file: only those are read
    with_files = or_(*(cast(outbox.c.body, Text).contains(f'"{kind}":') for kind in kinds))
    unsent = await connection.execute(select(outbox.c.body).where(outbox.c.ended_at.is_(None), with_files))
    return names | {f"{one[0]}.{one[1]}" for body in unsent.scalars() for kind in kinds for one in body.get(kind, ())}


async def forget_papers(database: Database, before: datetime) -> int:
    """Forget what was made before an instant, but for the months' documents; return how many records went."""
    passing = setting.c.name.startswith(PREFIX, autoescape=True), ~setting.c.name.startswith(LASTING, autoescape=True)
    async with database.writing() as connection:
        found = await connection.execute(select(setting.c.name, setting.c.value).where(*passing))
        old = [name for name, facts in found if not facts or datetime.fromisoformat(facts["made_at"]) < before]
        await connection.execute(setting.delete().where(setting.c.name.in_(old)))
    return len(old)


async def photo_names(database: Database) -> set[str]:
    """Return the names of all files that rows name: of cases and appeals, of photos that wait for words, of what we made."""
    async with database.reading() as connection:
        shown = select(case_photo.c.sha256, case_photo.c.ext).where(case_photo.c.ext != "")
        names = {f"{sha256}.{ext}" for sha256, ext in await connection.execute(shown.distinct())}
        appeals = (await connection.execute(select(appeal.c.rest))).scalars()
        names |= {f"{photo[0]}.{photo[1]}" for rest in appeals for photo in rest["photos"]}
        names |= await _made_names(connection)
        waiting = await connection.execute(select(gather))
        return names | {photo.name for row in waiting.mappings() for photo in gather_of(row).photos}
