"""The schema's revision: new databases are made in one step, older ones brought up to date, newer ones refused."""

from sqlalchemy import insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import ConfigError
from store.engine import Database
from store.schema import metadata, revision

HEAD = "0001"


async def bring_up_to_date(database: Database) -> None:
    """Create what is missing. Raises ConfigError for a schema newer than this program."""
    if database.is_sqlite:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    async with database.writing() as connection:
        found = await current_revision(connection)
        if found is None:
            await connection.run_sync(metadata.create_all)
            await connection.execute(insert(revision), [{"version_num": HEAD}])
        elif found != HEAD:
            raise ConfigError(
                f"数据库结构版本为{found}，本程序只认识到{HEAD}：请使用更新的程序，或恢复与本程序相配的备份。"
            )


async def current_revision(connection: AsyncConnection) -> str | None:
    """Return the revision of the schema, or None for an empty database."""
    has_table = await connection.run_sync(lambda sync: inspect(sync).has_table(revision.name))
    if not has_table:
        return None
    found: str | None = (await connection.execute(select(revision.c.version_num))).scalar_one_or_none()
    return found
