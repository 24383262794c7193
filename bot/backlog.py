"""What goes first when much comes at once: answers, then decisions, then posts; nobody waits for ever."""

import asyncio
import contextlib

PATIENCE = 3.0  # seconds that a post waits while messages wait to be decided


class Backlog:
    """Tells the sending side whether messages wait to be decided."""

    def __init__(self) -> None:
        self._gone = asyncio.Event()
        self._gone.set()
        self._began = 0.0  # on the loop's clock

    def grows(self) -> None:
        """Note that a message waits."""
        if self._gone.is_set():
            self._began = asyncio.get_running_loop().time()
            self._gone.clear()

    def ends(self) -> None:
        """Note that none waits any more."""
        self._gone.set()

    async def over(self) -> None:
        """Return once no message waits; a backlog that lasts is load, and posts must go out beside it."""
        left = self._began + PATIENCE - asyncio.get_running_loop().time()
        if self._gone.is_set() or left <= 0:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._gone.wait()
