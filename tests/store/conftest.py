"""A fresh store for every test, on SQLite and, where it is at hand, on PostgreSQL."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from store import Store
from store.schema import metadata
from tests.store.samples import plan

POSTGRES = os.environ.get("LUZHANG_TEST_POSTGRES", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres")


async def _in_server(url: URL, statement: str) -> None:
    connection = await asyncpg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database="postgres", timeout=5
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database of our own, dropped at the end."""
    url = make_url(POSTGRES)
    name = f"luzhang_test_{uuid.uuid4().hex[:12]}"
    try:
        asyncio.run(_in_server(url, f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL at {url}: {error}")
        pytest.skip(f"no PostgreSQL at {url}: {type(error).__name__}")
    yield url.set(database=name).render_as_string(hide_password=False)
    asyncio.run(_in_server(url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new SQLite database, to be copied: making the tables takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "luzhang.db"

    async def create() -> None:
        await (await Store.open(f"sqlite+aiosqlite:///{file}", planner=plan)).close()

    asyncio.run(create())
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, template: Path) -> str:
    """The URL of an empty SQLite database."""
    file = tmp_path / "data" / "luzhang.db"
    file.parent.mkdir()
    shutil.copy(template, file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres"))


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(url, planner=plan, heads=tmp_path / "outside" / "heads.txt")
    yield opened
    if not opened.database.is_sqlite:
        async with opened.database.writer.begin() as connection:
            for table in reversed(metadata.sorted_tables):  # TRUNCATE would take ten times as long
                if table.name != "alembic_version":
                    await connection.execute(table.delete())
    await opened.close()


@pytest.fixture
async def on_sqlite(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(sqlite_url, planner=plan, heads=tmp_path / "outside" / "heads.txt")
    yield opened
    await opened.close()


@pytest.fixture
def statements(on_sqlite: Store) -> Iterator[list[str]]:
    """Every statement that the SQLite store sends, as it is sent."""
    sent: list[str] = []

    def record(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engines = (on_sqlite.database.writer.sync_engine, on_sqlite.database.reader.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", record)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", record)
