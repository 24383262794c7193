"""The store as one thing: opened once, shared by the workers, the jobs and the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from store.engine import Database, open_database
from store.findings import Findings
from store.flush import flush, put
from store.inbox import Inbox
from store.intake import Intake
from store.ledger_store import LedgerStore
from store.migrate import bring_up_to_date
from store.outbox import Outbox
from store.reads import counters
from store.roster import RosterStore
from store.schema import heartbeat
from store.timers import Timers
from store.view import Planner, SqlView

BEAT = "serve"


class Store:
    """Everything that is kept; see the parts for what each one does."""

    def __init__(self, database: Database, planner: Planner, heads: Path | None) -> None:
        self.database = database
        self._planner = planner
        self._asked_last: datetime | None = None
        self.intake = Intake(database)
        self.inbox = Inbox(database)
        self.outbox = Outbox(database)
        self.ledger = LedgerStore(database, heads)
        self.rosters = RosterStore(database)
        self.timers = Timers(database)
        self.findings = Findings(database)

    @classmethod
    async def open(cls, url: str, *, planner: Planner, heads: Path | None = None) -> "Store":
        """Return the store at `url`, created when new and migrated when behind (a backup first).

        planner: turns a notice into posts. heads: a file outside the database's folder for the ledger's daily heads.
        Raises ConfigError for an unusable URL, a newer schema or a damaged file.
        """
        database = open_database(url)
        try:
            await bring_up_to_date(database)
        except BaseException:
            await database.close()
            raise
        return cls(database, planner, heads)

    async def close(self) -> None:
        """Store what waits and close every connection."""
        await self.intake.close()
        await self.outbox.close()
        await self.database.close()

    @asynccontextmanager
    async def deciding(self, now: datetime) -> AsyncIterator[SqlView]:
        """Give the view of one write transaction; at the end everything applied is written and committed.

        An exception leaves everything as it was. Raises AlreadyClaimed when another process did the same first.
        """
        async with self.database.writing() as connection:
            known = await counters(connection)
            roster, rooms = await self.rosters.current(connection, known)
            view = SqlView(connection, now, roster, rooms, known, self._planner)
            view.asked_last = self._asked_last
            yield view
            self._asked_last = view.asked_last
            await flush(connection, view.changes, now)

    @asynccontextmanager
    async def reading(self, now: datetime) -> AsyncIterator[SqlView]:
        """Give a view that only reads, at one consistent state, beside whoever writes."""
        async with self.database.reading() as connection:
            known = await counters(connection)
            roster, rooms = await self.rosters.current(connection, known)
            yield SqlView(connection, now, roster, rooms, known, None)

    async def beat(self, now: datetime) -> None:
        """Record that the service is alive."""
        async with self.database.writing() as connection:
            await put(connection, heartbeat, [{"name": BEAT, "at": now}])

    async def last_beat(self) -> datetime | None:
        """Return when the service was last alive, or None for a new database."""
        async with self.database.reading() as connection:
            query = select(heartbeat.c.at).where(heartbeat.c.name == BEAT)
            at: datetime | None = (await connection.execute(query)).scalar_one_or_none()
            return at
