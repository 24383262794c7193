from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot.demo import opening
from bot.demo.session import Session
from bot.demo.stage import Stage


@pytest.fixture(scope="session")
def gallery() -> dict[str, Image.Image]:
    return opening.paint_gallery()


@pytest.fixture
async def session(tmp_path: Path, gallery: dict[str, Image.Image]) -> AsyncIterator[Session]:
    opened = Session(tmp_path, gallery)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def stage(session: Session) -> Stage:
    return session.stage
