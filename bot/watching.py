"""What the service watches beside its work: the disk, its own writes, and a watchdog that watches it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from bot import tls
from bot.assembly import Machine, tell_operators
from bot.config import Config
from bot.disk import DiskWatch, WriteWatch
from bot.heartbeat import EVERY, Heartbeat
from bot.monitoring import Monitor
from bot.platforms.base import Client
from bot.shouting import shout
from store.group_commit import STORE_ERRORS

logger = logging.getLogger(__name__)

DISK_SECONDS = 60.0


class Watching:
    """Everything that is watched in one service."""

    def __init__(self, config: Config, machine: Machine, monitor: Monitor, clients: Mapping[str, Client]) -> None:
        self._machine = machine
        self._clients = clients
        file = config.store.sqlite_file
        folders = [config.store.media, *([file.parent] if file else [])]
        self.disk = DiskWatch(folders, self._tell, self._shout)
        self.writes = WriteWatch(self._tell, self._shout)
        self._missed = 0  # heartbeats in a row that could not be written
        url = config.server.heartbeat_url.get_secret_value()
        trust = tls.context(config.server.ca_file)
        self.heart = Heartbeat(url, self._is_well(monitor), tls=trust) if url else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch while the block runs."""
        names = {"disk": self._look_for_ever()} | ({"watchdog": self._beat_for_ever(self.heart)} if self.heart else {})
        tasks = [asyncio.create_task(work, name=name) for name, work in names.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def beat(self) -> None:
        """Write the heartbeat by which a gap in the service is known. Raises what the store raises."""
        machine = self._machine
        try:
            await machine.store.beat(machine.clock.now())
            self._missed = 0
        except STORE_ERRORS:
            self._missed += 1
            raise
        finally:  # a heartbeat needs no room, a message does: both count
            await self.writes.look(self._missed + machine.unstored, machine.clock.now().isoformat())

    async def _look_for_ever(self) -> None:
        while True:
            with suppress(OSError):  # a folder that is gone is another alarm's matter
                await self.disk.look(self._machine.clock.now().isoformat())
            await asyncio.sleep(DISK_SECONDS)

    async def _beat_for_ever(self, heart: Heartbeat) -> None:
        while True:
            await heart.beat()
            await asyncio.sleep(EVERY)

    def _is_well(self, monitor: Monitor) -> Callable[[], Awaitable[bool]]:
        async def is_well() -> bool:
            return (await monitor.readiness()).is_ready

        return is_well

    async def _tell(self, key: str, text: str) -> None:
        await tell_operators(self._machine, key, text)

    async def _shout(self, text: str) -> None:
        try:
            rooms = await self._machine.store.rosters.rooms()
        except STORE_ERRORS:
            logger.critical("operators not told", extra={"action": "ops_shout_failed", "notice": text})
            return
        await shout(self._clients, rooms, text, self._machine.clock.now())
