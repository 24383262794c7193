"""The escalation ladders that cases were assigned under: an edited table moves no running case."""

from sqlalchemy import select

from store.engine import Database
from store.schema import setting
from store.writing import put

_HEAD = "ladder:"


class Ladders:
    """One row for each ladder that was ever in force, under its fingerprint; none is changed or removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, fingerprint: str, text: str) -> dict[str, str]:
        """Keep the ladder in force and return all that are kept, as JSON text by fingerprint."""
        query = select(setting.c.name, setting.c.value).where(setting.c.name.startswith(_HEAD, autoescape=True))
        async with self._database.reading() as connection:
            kept = {name.removeprefix(_HEAD): value for name, value in await connection.execute(query)}
        if fingerprint not in kept:
            async with self._database.writing() as connection:
                await put(connection, setting, [{"name": f"{_HEAD}{fingerprint}", "value": text}])
        return {**kept, fingerprint: text}
