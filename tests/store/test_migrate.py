import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import Engine

from domain.errors import ConfigError
from store import Store
from store.engine import Database, open_database
from store.migrate import SCRIPTS, bring_up_to_date, downgrade, revisions, standing, upgrade
from store.schema import metadata
from tests.store.samples import case, effects_of, plan, save

NEWEST = revisions()[-1]
LATER = f"{int(NEWEST) + 1:04d}"
NEXT = f'''"""A step of a later program."""

import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{NEWEST}"


def upgrade() -> None:
    """Add a column and rebuild the table."""
    with op.batch_alter_table("cases", recreate="always") as table:
        table.add_column(sa.Column("weather", sa.String, nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("cases") as table:
        table.drop_column("weather")
'''


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The scripts of a program that is one step ahead."""
    scripts = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / f"{LATER}_weather.py").write_text(NEXT, "utf-8")
    return scripts


async def _differences(database: Database) -> list[Any]:
    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with database.writing() as connection:
        return await connection.run_sync(compare)


def _schema(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as db:
        rows = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {" ".join(row[0].split()) for row in rows}


async def _wipe(database: Database) -> None:
    async with database.writer.begin() as connection:
        await connection.run_sync(metadata.drop_all)


async def test_the_revisions_make_the_very_schema_of_the_program(url: str) -> None:
    database = open_database(url)
    await _wipe(database)
    await upgrade(database)
    assert await standing(database) == revisions()[-1]
    assert await _differences(database) == []
    await downgrade(database, "base")
    async with database.reading() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["alembic_version"]
    await upgrade(database)
    assert await _differences(database) == []
    await database.close()


async def test_made_at_once_or_step_by_step_sqlite_is_the_same(tmp_path: Path, template: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/steps.db")
    await upgrade(database)
    await database.close()
    assert _schema(tmp_path / "steps.db") == _schema(template)


async def test_a_schema_that_is_behind_is_copied_and_upgraded(sqlite_url: str, later: Path) -> None:
    store = await Store.open(sqlite_url, planner=plan)
    await save(store, effects_of(case()))
    await store.close()
    database = open_database(sqlite_url)
    await bring_up_to_date(database, later)
    assert await standing(database) == LATER
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT id, weather FROM cases"))).all() == [(case().id, "")]
    copy = database.file.with_name(f"luzhang.db.before-upgrade-from-{NEWEST}")
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*) FROM cases").fetchone() == (1,)
    await bring_up_to_date(database, later)  # nothing more to do
    await downgrade(database, NEWEST, later)
    assert await standing(database) == NEWEST
    await database.close()


async def test_a_newer_schema_is_refused(sqlite_url: str, later: Path) -> None:
    database = open_database(sqlite_url)
    await bring_up_to_date(database, later)
    await database.close()
    with pytest.raises(ConfigError, match=rf"{LATER}.*{NEWEST}"):
        await Store.open(sqlite_url, planner=plan)


async def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as db, db:
        db.execute("CREATE TABLE orders (id INTEGER)")
    with pytest.raises(ConfigError, match="orders"):
        await Store.open(f"sqlite+aiosqlite:///{tmp_path}/other.db", planner=plan)


async def _broken_off_at(number: int, work: Any) -> bool:
    """Run `work`, stopping at its n-th statement; return False when it has fewer."""
    count = 0

    def stop(*_arguments: object) -> None:
        nonlocal count
        count += 1
        if count == number:
            raise InterruptedError

    # every engine of the process, also the one that an upgrade makes for itself
    event.listen(Engine, "before_cursor_execute", stop)
    try:
        await work()
    except InterruptedError:
        return True
    finally:
        event.remove(Engine, "before_cursor_execute", stop)
    return False


async def test_creating_may_be_broken_off_anywhere(tmp_path: Path, template: Path) -> None:
    number = 1
    while True:
        file = tmp_path / f"{number}.db"
        database = open_database(f"sqlite+aiosqlite:///{file}")
        stopped = await _broken_off_at(number, lambda: bring_up_to_date(database))  # noqa: B023
        await database.close()
        database = open_database(f"sqlite+aiosqlite:///{file}")
        await bring_up_to_date(database)
        await database.close()
        assert _schema(file) == _schema(template)
        if not stopped:
            break
        number += 13
    assert number > 50


async def test_an_upgrade_may_be_broken_off_anywhere(sqlite_url: str, later: Path) -> None:
    store = await Store.open(sqlite_url, planner=plan)
    await save(store, effects_of(case(1), case(2)))
    await store.close()
    number, stopped = 0, True
    while stopped:
        number += 5
        database = open_database(sqlite_url)
        stopped = await _broken_off_at(number, lambda: bring_up_to_date(database, later))  # noqa: B023
        await database.close()
        database = open_database(sqlite_url)
        assert await standing(database) == (NEWEST if stopped else LATER)
        async with database.reading() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM cases"))).scalar_one() == 2
        await database.close()
    assert number > 10


def test_an_up_to_date_store_opens_without_alembic(sqlite_url: str) -> None:
    script = (
        "import asyncio, sys\n"
        "from store import Store\n"
        f"store = asyncio.run(Store.open({sqlite_url!r}, planner=lambda n, v: []))\n"
        "sys.exit('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=SCRIPTS.parents[1], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
