"""The inbox: what was accepted and not yet worked on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.bulk import padded
from store.engine import Database
from store.errors import AlreadyClaimed
from store.schema import inbox

MAX_TRIES = 3
PURGE_CHUNK = 1_000

_DONE = (
    update(inbox)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)), inbox.c.done_at.is_(None))
    .values(done_at=bindparam("now"), payload="", error="")
)
_WAITING = (
    select(*(column for column in inbox.c if column.name not in {"is_late", "error", "done_at"}))
    .where(inbox.c.done_at.is_(None))
    .order_by(inbox.c.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An accepted message that waits to be worked on."""

    id: int
    channel: str
    platform: str
    message_id: str
    payload: str
    received_at: datetime
    tries: int


class Inbox:
    """Reads the inbox and keeps count of failures; the work itself marks rows done in its own commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, limit: int) -> list[InboxRow]:
        """Return up to `limit` messages in the order of their arrival."""
        async with self._database.reading() as connection:
            return [InboxRow(**row) for row in (await connection.execute(_WAITING, {"limit": limit})).mappings()]

    async def has_any(self, platform: str) -> bool:
        """Tell whether a message of this platform is known at all."""
        query = select(inbox.c.id).where(inbox.c.platform == platform).limit(1)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def failed(self, row_id: int, error: str, now: datetime) -> bool:
        """Count one failed try; return True when it was the third, which parks the message with its error."""
        async with self._database.writing() as connection:
            count = (
                update(inbox)
                .where(inbox.c.id == row_id, inbox.c.done_at.is_(None))
                .values(tries=inbox.c.tries + 1, error=error)
                .returning(inbox.c.tries)
            )
            tries = (await connection.execute(count)).scalar_one_or_none()
            if tries is None or tries < MAX_TRIES:
                return False
            await connection.execute(update(inbox).where(inbox.c.id == row_id).values(done_at=now))
            return True

    async def depth(self) -> int:
        """Return how many messages wait."""
        query = select(func.count()).select_from(inbox).where(inbox.c.done_at.is_(None))
        async with self._database.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def purge(self, before: datetime) -> int:
        """Forget the ids of messages received before an instant and done with; return how many."""
        gone, last = 0, 0
        while True:
            # by id, which is the order of arrival: no index on the hot path only for this
            chunk = select(inbox.c.id, inbox.c.received_at, inbox.c.done_at).where(inbox.c.id > last)
            async with self._database.writing() as connection:
                rows = (await connection.execute(chunk.order_by(inbox.c.id).limit(PURGE_CHUNK))).all()
                old = [row.id for row in rows if row.received_at < before and row.done_at is not None]
                if old:
                    await connection.execute(delete(inbox).where(inbox.c.id.in_(old)))
            gone += len(old)
            if len(rows) < PURGE_CHUNK or rows[-1].received_at >= before:
                return gone
            last = rows[-1].id


async def mark_done(connection: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Mark messages done and drop their text; raises AlreadyClaimed when another process was faster."""
    if (await connection.execute(_DONE, {"ids": padded(ids), "now": now})).rowcount != len(ids):
        raise AlreadyClaimed
