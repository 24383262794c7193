"""Many timers that are due at once: none of their commits keeps an answer waiting for long."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from domain.effects import Effects, Timer
from schedules.tick import BATCH, JOB, tick
from store.view import SqlView
from tests.house import House

MANY = 150


async def test_no_commit_holds_more_timers_than_an_answer_can_wait_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, store = house.clock.now(), house.store
    async with store.deciding(now) as view:
        view.apply(Effects(timers=[Timer(f"job:gone{n}", JOB, f"gone{n}", now) for n in range(MANY)]))
    deciding, claim = store.deciding, SqlView.timer_claim
    commits: list[int] = []

    @asynccontextmanager
    async def counted(at: datetime) -> AsyncIterator[SqlView]:
        commits.append(0)
        async with deciding(at) as view:
            yield view

    async def claimed(self: SqlView, key: str) -> bool:
        commits[-1] += 1
        return await claim(self, key)

    monkeypatch.setattr(store, "deciding", counted)
    monkeypatch.setattr(SqlView, "timer_claim", claimed)
    assert await tick(store, house.rules, now) >= MANY
    assert max(commits) <= BATCH <= 64
