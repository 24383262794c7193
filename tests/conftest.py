from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store import engine as databases
from tests.house import House, open_house

# a busy machine is no fault of an example; what hangs falls to the timeout
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """SQLite's databases of a run share what SQLAlchemy makes of each statement.

    It is kept by engine and dialect, and nearly every test has a database of its own: a tenth of a dialogue's time.
    """
    first: list[Engine] = []

    def create(*given: Any, **named: Any) -> AsyncEngine:
        made = create_async_engine(*given, **named)
        one = made.sync_engine
        if one.dialect.name == "sqlite":
            first.append(one)
            one.dialect, one._compiled_cache = first[0].dialect, first[0]._compiled_cache
            del first[1:]
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "create_async_engine", create)
        yield


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened
