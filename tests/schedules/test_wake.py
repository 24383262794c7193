"""The waking up: what a clock that jumps may and may not do."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from schedules import wake
from schedules.wake import Drift, Waker

START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@dataclass
class Clocks:
    """A wall clock that people set, and a steady one that they cannot."""

    set_by: timedelta = timedelta()
    steady: float = 1000.0
    wakes: int = 0
    told: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.steady - 1000) + self.set_by

    def drift(self) -> Drift:
        return Drift(self.now, lambda: self.steady)

    def waker(self, drift: Drift) -> Waker:
        async def woken() -> None:
            self.wakes += 1

        async def jumped(parted: timedelta) -> None:
            self.told.append(parted)

        return Waker(woken, drift, jumped)


@pytest.mark.parametrize(
    "jump",
    [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=400), timedelta(seconds=121)],
)
async def test_a_jump_holds_every_wake_and_is_told_once(jump: timedelta) -> None:
    clocks = Clocks()
    waker = clocks.waker(clocks.drift())
    await waker.call()
    clocks.set_by = jump
    for _ in range(3):
        clocks.steady += 30
        await waker.call()
    assert (clocks.wakes, clocks.told) == (1, [jump])


async def test_a_clock_set_right_again_wakes_on() -> None:
    clocks = Clocks()
    waker = clocks.waker(clocks.drift())
    clocks.set_by = timedelta(days=400)
    await waker.call()
    clocks.set_by = timedelta(seconds=5)
    await waker.call()
    assert clocks.wakes == 1
    clocks.set_by = timedelta(days=-1)
    await waker.call()
    assert len(clocks.told) == 2


@pytest.mark.parametrize(
    ("off", "wakes"),
    [pytest.param(timedelta(seconds=3), 1, id="agrees"), pytest.param(timedelta(days=-399), 0, id="not")],
)
async def test_a_platforms_time_decides(off: timedelta, wakes: int) -> None:
    clocks = Clocks()
    drift = clocks.drift()
    waker = clocks.waker(drift)
    clocks.set_by = timedelta(hours=9)  # the machine slept
    await waker.call()
    drift.confirm(clocks.now() + off)
    await waker.call()
    assert clocks.wakes == wakes


async def test_small_corrections_add_up_to_nothing() -> None:
    clocks = Clocks()
    waker = clocks.waker(clocks.drift())
    for _ in range(10):
        clocks.set_by += timedelta(seconds=60)
        clocks.steady += 30
        await waker.call()
    assert (clocks.wakes, clocks.told) == (10, [])


async def test_the_watchdog_wakes_when_the_scheduler_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "EVERY", 0.01)
    monkeypatch.setattr(wake, "SILENCE", 0.02)
    woken = asyncio.Event()
    calls = 0

    async def once() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("a wake that fails must not end the waking")
        woken.set()

    waker = Waker(once)
    monkeypatch.setattr(waker._scheduler, "start", lambda: None)
    monkeypatch.setattr(waker._scheduler, "shutdown", lambda *, wait: None)
    waker.start()
    async with asyncio.timeout(30):
        await woken.wait()
    await waker.stop()


async def test_the_scheduler_wakes_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "EVERY", 0.01)
    woken = asyncio.Event()

    async def once() -> None:
        woken.set()

    waker = Waker(once)
    waker.start()
    async with asyncio.timeout(30):
        await woken.wait()
    await waker.stop()
