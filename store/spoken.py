"""In which chats somebody has written to the bot: some platforms let it speak of its own accord only there."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from store.engine import Database
from store.schema import setting
from store.writing import Row

_HEAD = "spoken:"


class Spoken:
    """One row a chat, written with what follows from its messages. A place is named by its platform's folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def places(self, platform: str) -> set[str]:
        """Return the places of a platform."""
        head = f"{_HEAD}{platform}:"
        query = select(setting.c.name).where(setting.c.name.startswith(head, autoescape=True))
        async with self._database.reading() as connection:
            return {name.removeprefix(head) for name in (await connection.execute(query)).scalars()}


def spoken_rows(places: Iterable[tuple[str, str]], now: datetime) -> list[Row]:
    """Return the settings that remember places, each with its platform."""
    return [{"name": f"{_HEAD}{platform}:{place}", "value": now.isoformat()} for platform, place in sorted(places)]
