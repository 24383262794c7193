"""In which chats somebody has written to the bot: some platforms let it speak of its own accord only there."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from store.engine import Database
from store.schema import setting
from store.writing import put

_HEAD = "spoken:"


class Spoken:
    """One row a chat, so that a new one costs one small write. A place is named by its platform's folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def places(self, platform: str) -> set[str]:
        """Return the places of a platform."""
        head = f"{_HEAD}{platform}:"
        query = select(setting.c.name).where(setting.c.name.startswith(head, autoescape=True))
        async with self._database.reading() as connection:
            return {name.removeprefix(head) for name in (await connection.execute(query)).scalars()}

    async def add(self, platform: str, places: Collection[str], now: datetime) -> None:
        """Remember places; one that is known already stays as it is."""
        rows = [{"name": f"{_HEAD}{platform}:{place}", "value": now.isoformat()} for place in places]
        async with self._database.writing() as connection:
            await put(connection, setting, rows)
