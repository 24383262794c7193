"""Timers: every wait is a row, so a restart changes nothing."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from domain.effects import Timer
from store.engine import Database
from store.schema import timer

# built once: building a statement costs more than running it
_TIMERS = select(timer.c.key, timer.c.kind, timer.c.subject, timer.c.due_at)
_DUE = _TIMERS.where(timer.c.due_at <= bindparam("now")).order_by(timer.c.due_at, timer.c.key).limit(bindparam("most"))
_NEXT = select(func.min(timer.c.due_at))
_OF_KIND = _TIMERS.where(timer.c.kind == bindparam("kind"))


class Timers:
    """Reads timers; they are set, dropped and claimed by the decisions that need them, in the same commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int) -> list[Timer]:
        """Return up to `limit` timers that are due, the longest due first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(_DUE, {"now": now, "most": limit})
            return [Timer(**row) for row in rows.mappings()]

    async def of_kind(self, kind: str) -> list[Timer]:
        """Return all timers of a kind."""
        async with self._database.reading() as connection:
            return [Timer(**row) for row in (await connection.execute(_OF_KIND, {"kind": kind})).mappings()]

    async def next_due(self) -> datetime | None:
        """Return when the next timer is due, or None when nothing waits."""
        async with self._database.reading() as connection:
            due: datetime | None = (await connection.execute(_NEXT)).scalar_one()
            return due
