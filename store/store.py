"""The store as one thing: opened once, shared by the workers, the jobs and the command line."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import ConfigError
from domain.month import SHANGHAI
from store import records, sums
from store.cards import Cards
from store.engine import Database, open_database
from store.findings import Findings
from store.flush import flush, put
from store.health import check_small, damage_of, is_small, told
from store.inbox import Inbox
from store.intake import Intake
from store.ladders import Ladders
from store.ledger_store import LedgerStore
from store.migrate import bring_up_to_date
from store.outbox import Outbox
from store.photos import Photos
from store.reads import counters, setting_value
from store.roster import RosterStore
from store.schema import heartbeat
from store.spoken import Spoken
from store.timers import Timers
from store.view import Planner, SqlView

BEAT = "serve"

logger = logging.getLogger(__name__)


class Store:
    """Everything that is kept; see the parts for what each one does."""

    def __init__(self, database: Database, planner: Planner, heads: Path | None, zone: tzinfo = SHANGHAI) -> None:
        self._zone = zone
        self.database = database
        self._planner = planner
        self._checking: asyncio.Task[None] | None = None
        self.damage = ""  # what a large file's check found, while the work goes on: nothing may be published then
        self._asked_last: datetime | None = None
        self.intake = Intake(database)
        self.inbox = Inbox(database)
        self.outbox = Outbox(database)
        self.ledger = LedgerStore(database, heads)
        self.rosters = RosterStore(database)
        self.timers = Timers(database)
        self.findings = Findings(database, zone)
        self.photos = Photos(database)
        self.spoken = Spoken(database)
        self.ladders = Ladders(database)
        self.cards = Cards(database)

    @classmethod
    async def open(cls, url: str, *, planner: Planner, heads: Path | None = None, zone: tzinfo = SHANGHAI) -> "Store":
        """Return the store at `url`, created when new and migrated when behind (a backup first).

        planner: turns a notice into posts. heads: a file outside the database's folder for the ledger's daily heads.
        zone: of the city, whose months findings are summed by.
        Raises ConfigError for an unusable URL, a newer schema or a damaged file.
        """
        database = open_database(url)
        try:
            await check_small(database)
            await bring_up_to_date(database)
            await sums.make_ready(database, zone)
            await records.make_ready(database)
        except (SQLAlchemyError, OSError) as error:
            await database.close()
            reason = getattr(error, "orig", None) or error
            raise ConfigError(f"[store] url 打不开（{database.url.render_as_string()}）：{reason}") from error
        except BaseException:
            await database.close()
            raise
        store = cls(database, planner, heads, zone)
        if not is_small(database):
            store._checking = asyncio.create_task(store._check())
        return store

    async def checked(self) -> None:
        """Wait for the check of a large file that `open` has begun; `damage` then says what it found."""
        if self._checking is not None:
            await self._checking

    async def _check(self) -> None:
        if problem := await damage_of(self.database):
            self.damage = told(self.database, problem)
            logger.critical("database damaged", extra={"action": "database_damaged"})

    async def close(self) -> None:
        """Store what waits and close every connection."""
        if self._checking is not None:
            self._checking.cancel()
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
            view.talk.asked_last = self._asked_last
            yield view
            self._asked_last = view.talk.asked_last
            await flush(connection, view.changes, now, self._zone)

    @asynccontextmanager
    async def reading(self, now: datetime) -> AsyncIterator[SqlView]:
        """Give a view that only reads, at one consistent state, beside whoever writes."""
        async with self.database.reading() as connection:
            known = await counters(connection)
            roster, rooms = await self.rosters.current(connection, known)
            yield SqlView(connection, now, roster, rooms, known, None)

    async def setting(self, name: str) -> Any:
        """Return a recorded decision (JSON value), or None."""
        async with self.database.reading() as connection:
            return await setting_value(connection, name)

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
