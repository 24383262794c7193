"""A city whose office enters findings and publishes months by the command line's own functions, in one process."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.commands import periods
from bot.commands.importing import take
from bot.commands.scores import score
from bot.commands.session import Session
from domain.assessment import SequenceKind
from domain.quarter import Group
from tests.bot.commands.files import FINDINGS_HEAD, session_of, write
from tests.house import House, open_house

TOWNS = Group("街道组", SequenceKind.TOWNSHIP, ("东关街道", "河西镇"), "A")
UNITS = Group("单位组", SequenceKind.UNIT, ("市农业局", "市水利局", "市科技局", "市名字局"), "B")
CHIEFS = Group("二级路长组", SequenceKind.SECOND_LEVEL, ("chen", "gao"))
QUARTER = ("2026-01", "2026-02", "2026-03")


@dataclass
class City:
    """The house of the tests after its year, with assessment groups."""

    house: House
    folder: Path
    capsys: pytest.CaptureFixture[str]
    groups: tuple[Group, ...] = (TOWNS, UNITS, CHIEFS)

    @property
    def session(self) -> Session:
        session = session_of(self.house)
        return replace(session, rules=replace(session.rules, groups=self.groups))

    async def told(self, command: Callable[[Session], Awaitable[int]]) -> str:
        """Run a command and return what it printed."""
        self.capsys.readouterr()
        assert await command(self.session) == 0
        return self.capsys.readouterr().out

    async def month(self, month: str, *points: tuple[str, str], publish: bool = True) -> None:
        """Enter points by segment, and publish."""
        rows = [
            f"{month}-05T09:30:00+08:00,{segment},luan.stall,{given},孙,{n}"
            for n, (segment, given) in enumerate(points)
        ]
        if rows:
            file = write(self.folder, f"{month}.csv", FINDINGS_HEAD, *rows)
            await take(self.session, "findings", file, None, dry_run=False)
        if publish:
            await periods.publish(self.session, month, "甲某,乙某")

    async def months(self, months: Sequence[str], *points: tuple[str, str]) -> None:
        for month in months:
            await self.month(month, *points)

    async def score(self, period: str, rules: Path | None = None) -> str:
        return await self.told(lambda session: score(session, period, rules, as_json=False))

    async def json(self, period: str, rules: Path | None = None) -> dict[str, Any]:
        printed = await self.told(lambda session: score(session, period, rules, as_json=True))
        got: dict[str, Any] = json.loads(printed)
        return got

    async def rows(self, quarter: str, group: str) -> list[list[object]]:
        (found,) = [g for g in (await self.json(quarter))["groups"] if g["group"] == group]
        keys = ("subject", "score", "months", "rank", "steps", "amount", "last", "run", "measure")
        return [[row[key] for key in keys] for row in found["rows"]]


@asynccontextmanager
async def open_city(folder: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[City]:
    async with open_house(folder, datetime(2027, 1, 13, 2, 0, tzinfo=UTC)) as house:
        yield City(house, folder, capsys)
