"""The schema's revision: new databases are made in one step, older ones brought up to date, newer ones refused.

Each of these is one transaction: a process killed in its midst leaves the database as it was.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import ConfigError
from store.copying import copy_database
from store.engine import Database, sqlite_engine
from store.schema import metadata, revision

SCRIPTS = Path(__file__).with_name("migrations")

logger = logging.getLogger(__name__)


def revisions(scripts: Path = SCRIPTS) -> list[str]:
    """Return the revisions this program knows, oldest first, without importing Alembic."""
    return sorted(path.name.split("_")[0] for path in (scripts / "versions").glob("[0-9]*.py"))


async def bring_up_to_date(database: Database, scripts: Path = SCRIPTS) -> None:
    """Create or upgrade the schema where needed; before an upgrade the database is copied beside itself.

    Raises ConfigError for a schema newer than this program, and for a database that holds something else.
    """
    known = revisions(scripts)
    if await standing(database) == known[-1]:
        return
    if database.is_sqlite:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    found = await _create(database, known[-1])
    if found != known[-1]:
        check_known(found, known)
        await copy_database(database, _copy_name(database, found))
        await upgrade(database, scripts)
        logger.info("schema upgraded", extra={"action": "schema_upgraded", "from": found, "to": known[-1]})


def check_known(found: str, known: list[str]) -> None:
    """Raise ConfigError when a schema's revision is none that this program knows."""
    if found not in known:
        raise ConfigError(
            f"数据库结构版本为{found}，本程序只认识到{known[-1]}：请改用更新的程序，或恢复与本程序相配的备份。"
        )


async def standing(database: Database) -> str | None:
    """Return the revision of a database's schema, or None when there is nothing yet."""
    if database.is_sqlite and not database.file.exists():
        return None
    async with database.reading() as connection:
        return await current_revision(connection)


async def current_revision(connection: AsyncConnection) -> str | None:
    """Return the revision of the schema, or None for an empty database. Raises ConfigError for a foreign one."""
    tables = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    if revision.name not in tables:
        if tables:
            raise ConfigError(f"数据库里已有别的数据（表 {min(tables)}），不是本程序的：请换一个空的数据库。")
        return None
    found: str | None = (await connection.execute(select(revision.c.version_num))).scalar_one_or_none()
    return found


async def _create(database: Database, newest: str) -> str:
    """Make all tables in an empty database; return the revision that stands."""
    async with database.writing() as connection:
        found = await current_revision(connection)  # again, now that nobody else writes
        if found is None:
            await connection.run_sync(metadata.create_all)
            await connection.execute(insert(revision), [{"version_num": newest}])
        return found or newest


def _copy_name(database: Database, found: str) -> Path:
    folder = database.file.parent if database.is_sqlite else Path.cwd()
    return folder / f"{database.file.name}.before-upgrade-from-{found}"


async def upgrade(database: Database, scripts: Path = SCRIPTS, target: str = "head") -> None:
    """Run the revisions up to `target`."""
    async with _rebuilding(database) as connection:
        await connection.run_sync(_run, scripts, "upgrade", target)


async def downgrade(database: Database, target: str, scripts: Path = SCRIPTS) -> None:
    """Run the revisions back to `target`; "base" leaves an empty database."""
    async with _rebuilding(database) as connection:
        await connection.run_sync(_run, scripts, "downgrade", target)


@asynccontextmanager
async def _rebuilding(database: Database) -> AsyncIterator[AsyncConnection]:
    """Give a transaction in which tables may be rebuilt; on SQLite foreign keys are checked at its end instead."""
    if not database.is_sqlite:
        async with database.writing() as connection:
            yield connection
        return
    engine = sqlite_engine(database.url, "BEGIN IMMEDIATE", foreign_keys=False)
    try:
        async with database.turn, engine.begin() as connection:
            yield connection
            if (await connection.execute(text("PRAGMA foreign_key_check"))).first() is not None:
                raise ConfigError("升级后的数据不完整，已退回原来的版本：请把数据库文件交给维护人员。")
    finally:
        await engine.dispose()


def _run(connection: Connection, scripts: Path, direction: str, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    run: Any = getattr(command, direction)
    run(config, target)
