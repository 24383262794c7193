"""The waking up: APScheduler calls one function every 30 seconds; a loop-clock watchdog calls it when that stops.

Nothing irreversible happens on a clock that just jumped: while the wall clock and the machine's steady one have parted,
nobody is woken, until a platform's answer or a restart says that the wall clock is right, or it is set back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

logger = logging.getLogger(__name__)

EVERY = 30  # seconds
SILENCE = 75  # seconds without a wake before the watchdog steps in
JUMP = timedelta(seconds=120)  # more than this between two wakes is no slow correction of the clock

Told = Callable[[timedelta], Awaitable[None]]


class Drift:
    """Tells whether the wall clock still goes with the steady one (the loop's), which nobody can set."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._wall = wall
        self._steady = steady
        self._begin()

    def _begin(self) -> None:
        self._base = self._wall(), self._steady()

    @property
    def parted(self) -> timedelta:
        """Return how far the wall clock has moved beyond the steady one; negative when it was set back."""
        wall, steady = self._base
        return self._wall() - wall - timedelta(seconds=self._steady() - steady)

    def is_trusted(self) -> bool:
        """Tell whether the wall clock may be believed; small corrections add up to nothing."""
        if abs(self.parted) > JUMP:
            return False
        self._begin()
        return True

    def confirm(self, told: datetime) -> None:
        """Take the time that a platform told: when the wall clock agrees, it is believed again."""
        if abs(told - self._wall()) <= JUMP:
            self._begin()


class Waker:
    """Calls `wake` every 30 s. A jump of the wall clock can stall APScheduler; the watchdog reads the loop's clock.

    drift: holds every wake while the wall clock is not to be trusted; on_jump is told once of each jump.
    """

    def __init__(
        self, wake: Callable[[], Awaitable[None]], drift: Drift | None = None, on_jump: Told | None = None
    ) -> None:
        self._wake = wake
        self._drift = drift
        self._on_jump = on_jump
        self._is_held = False
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._last = 0.0
        self._watchdog: asyncio.Task[None] | None = None
        self._running = asyncio.Lock()

    def start(self) -> None:
        """Start waking; must run inside the event loop."""
        self._last = asyncio.get_running_loop().time()
        self._scheduler.add_job(
            self.call, "interval", seconds=EVERY, misfire_grace_time=None, coalesce=True, max_instances=1, id="wake"
        )
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch(), name="wake-watchdog")

    async def stop(self) -> None:
        """Stop waking and wait until a wake under way is done."""
        self._scheduler.shutdown(wait=False)
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.gather(self._watchdog, return_exceptions=True)
        async with self._running:
            pass

    async def call(self) -> None:
        """Wake once, unless the clock has just jumped."""
        async with self._running:
            self._last = asyncio.get_running_loop().time()
            if not await self._holds():
                await self._wake()

    async def _holds(self) -> bool:
        """Tell whether the clock keeps us from waking; say so once."""
        was_held, self._is_held = self._is_held, self._drift is not None and not self._drift.is_trusted()
        if self._drift is not None and self._is_held and not was_held:
            parted = self._drift.parted
            logger.error("clock jumped", extra={"action": "clock_jumped", "seconds": parted.total_seconds()})
            if self._on_jump is not None:
                await self._on_jump(parted)
        elif was_held and not self._is_held:
            logger.warning("clock trusted again", extra={"action": "clock_trusted"})
        return self._is_held

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            if asyncio.get_running_loop().time() - self._last <= SILENCE:
                continue
            logger.warning("scheduler silent, waking by watchdog", extra={"action": "wake_watchdog"})
            try:
                await self.call()
            except Exception:
                logger.exception("wake failed", extra={"action": "wake_failed"})
