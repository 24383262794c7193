import asyncio
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from domain.errors import ConfigError
from store import Store
from store.columns import from_micros, to_micros
from store.engine import open_database
from tests.store.samples import NOW, case, effects_of, plan, save

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("luzhang.db", "无法识别", id="no url at all"),
        pytest.param("mysql+aiomysql://h/d", "只支持", id="another database"),
        pytest.param("sqlite:///x.db", "只支持", id="a driver that blocks"),
        pytest.param("sqlite+aiosqlite://", "须写明数据库文件", id="memory"),
        pytest.param("sqlite+aiosqlite:///:memory:", "须写明数据库文件", id="memory by name"),
    ],
)
def test_an_unusable_url_names_the_key(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"\[store\] url.*{said}"):
        open_database(url)


async def test_sqlite_keeps_what_it_has_committed(on_sqlite: Store) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1, "secure_delete": 1}
    async with on_sqlite.database.writing() as connection:
        found = {name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one() for name in wanted}
    assert found == wanted


async def test_a_reader_cannot_write(on_sqlite: Store) -> None:
    async with on_sqlite.database.reading() as connection:
        with pytest.raises(Exception, match="readonly"):
            await connection.execute(text("DELETE FROM cases"))


async def test_a_reader_sees_one_state_and_waits_for_nobody(on_sqlite: Store) -> None:
    await save(on_sqlite, effects_of(case(1)))
    async with on_sqlite.reading(NOW) as before, on_sqlite.deciding(NOW) as view:
        view.apply(effects_of(case(2)))
        assert await before.case(case(2).id) is None
        assert await before.case(case(1).id) is not None


async def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(ConfigError, match=r"\[store\] url 打不开") as refused:
        await Store.open("postgresql+asyncpg://u:secret@127.0.0.1:1/x", planner=plan)
    assert "secret" not in refused.value.text


async def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(ConfigError, match=r"\[store\] url 打不开"):
        await Store.open(f"sqlite+aiosqlite:///{tmp_path}/data/luzhang.db", planner=plan)


async def test_three_processes_write_one_file_and_none_fails(on_sqlite: Store) -> None:
    script = "import sys; from tests.store.samples import write_some; write_some(sys.argv[1], int(sys.argv[2]))"
    command = (sys.executable, "-c", script, str(on_sqlite.database.url))
    workers = [await asyncio.create_subprocess_exec(*command, str(1 + 100 * n), cwd=ROOT) for n in range(3)]
    assert [await worker.wait() for worker in workers] == [0, 0, 0]
    assert await on_sqlite.inbox.depth() == 45
    assert await on_sqlite.ledger.verify() is None
    async with on_sqlite.database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM cases"))).scalar_one() == 45


@given(st.integers(0, 10**17), st.integers(-14 * 60, 14 * 60))
def test_instants_come_back_to_the_microsecond_in_utc(micros: int, offset: int) -> None:
    instant = from_micros(micros).astimezone(timezone(timedelta(minutes=offset)))
    assert to_micros(instant) == micros
    assert from_micros(micros) == instant
    assert from_micros(micros).tzinfo is UTC


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        to_micros(datetime(2026, 10, 5))  # noqa: DTZ001
