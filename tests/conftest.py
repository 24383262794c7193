from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.house import House, open_house

# a busy machine is no fault of an example; what hangs falls to the timeout
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened
