"""Timers: every wait is a row, so a restart changes nothing."""

from datetime import datetime

from sqlalchemy import func, select

from domain.effects import Timer
from store.engine import Database
from store.schema import timer


class Timers:
    """Reads timers; they are set, dropped and claimed by the decisions that need them, in the same commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int) -> list[Timer]:
        """Return up to `limit` timers that are due, the longest due first."""
        query = select(timer.c.key, timer.c.kind, timer.c.subject, timer.c.due_at).where(timer.c.due_at <= now)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(timer.c.due_at, timer.c.key).limit(limit))
            return [Timer(**row) for row in rows.mappings()]

    async def of_kind(self, kind: str) -> list[Timer]:
        """Return all timers of a kind."""
        query = select(timer.c.key, timer.c.kind, timer.c.subject, timer.c.due_at).where(timer.c.kind == kind)
        async with self._database.reading() as connection:
            return [Timer(**row) for row in (await connection.execute(query)).mappings()]

    async def next_due(self) -> datetime | None:
        """Return when the next timer is due, or None when nothing waits."""
        async with self._database.reading() as connection:
            due: datetime | None = (await connection.execute(select(func.min(timer.c.due_at)))).scalar_one()
            return due
