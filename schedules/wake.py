"""The waking up: APScheduler calls one function every 30 seconds; a loop-clock watchdog calls it when that stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

logger = logging.getLogger(__name__)

EVERY = 30  # seconds
SILENCE = 75  # seconds without a wake before the watchdog steps in


class Waker:
    """Calls `wake` every 30 s. A jump of the wall clock can stall APScheduler; the watchdog reads the loop's clock."""

    def __init__(self, wake: Callable[[], Awaitable[None]]) -> None:
        self._wake = wake
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._last = 0.0
        self._watchdog: asyncio.Task[None] | None = None
        self._running = asyncio.Lock()

    def start(self) -> None:
        """Start waking; must run inside the event loop."""
        self._last = asyncio.get_running_loop().time()
        self._scheduler.add_job(
            self._call, "interval", seconds=EVERY, misfire_grace_time=None, coalesce=True, max_instances=1, id="wake"
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

    async def _call(self) -> None:
        async with self._running:
            self._last = asyncio.get_running_loop().time()
            await self._wake()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            silent = asyncio.get_running_loop().time() - self._last
            if silent > SILENCE:
                logger.warning("scheduler silent, waking by watchdog", extra={"action": "wake_watchdog"})
                await self._call()
