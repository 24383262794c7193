"""Cards that stand in chats and can be changed there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from domain.cards import Standing
from store.codec import target_of, target_text
from store.engine import SENDING, Database
from store.flush import put
from store.schema import card


@dataclass(frozen=True, slots=True)
class Cards:
    """Keeps what a platform needs to change a card."""

    database: Database

    async def keep(self, standing: Standing) -> None:
        """Note that a card stands, or what it shows now."""
        row = {
            "key": standing.thread,
            "target": target_text(standing.target),
            "about": standing.about,
            "person": standing.person,
            "handle": standing.handle,
            "shown": standing.shown,
            "until": standing.until,
            "sent_at": standing.sent_at,
        }
        async with self.database.writing(SENDING) as connection:
            await put(connection, card, [row])

    async def shows(self, thread: str, shown: str) -> None:
        """Note what a card shows that was changed by other means."""
        async with self.database.writing(SENDING) as connection:
            await connection.execute(update(card).where(card.c.key == thread).values(shown=shown))

    async def standing(self, thread: str) -> Standing | None:
        """Return a card by its thread, None when it cannot be changed."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(card).where(card.c.key == thread))).first()
        if row is None:
            return None
        return Standing(
            row.key, target_of(row.target), row.about, row.person, row.handle, row.shown, row.until, row.sent_at
        )

    async def forget(self, thread: str) -> None:
        """Drop a card that can be changed no more."""
        async with self.database.writing(SENDING) as connection:
            await connection.execute(delete(card).where(card.c.key == thread))

    async def purge(self, before: datetime) -> int:
        """Drop cards sent before an instant; return how many."""
        async with self.database.writing(SENDING) as connection:
            return (await connection.execute(delete(card).where(card.c.sent_at < before))).rowcount
