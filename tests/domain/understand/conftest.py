from pathlib import Path

import pytest

from bot.commands.understand import build
from domain.understand import Understander

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(scope="package")
def town() -> Understander:
    """The understander of the demo roster."""
    return build(DATA / "roster-demo.csv")


@pytest.fixture(scope="package")
def second() -> Understander:
    """The understander of another city with other roads."""
    return build(DATA / "roster-second.csv")
