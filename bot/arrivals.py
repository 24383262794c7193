"""Messages between a line and the database: they wait in order, and no more of them than memory should hold."""

import asyncio
from collections.abc import Awaitable
from typing import Generic, TypeVar

A = TypeVar("A")


class Arrivals(Generic[A]):
    """Takes messages one by one without a pause, and gives all that wait at once.

    most: how many may wait. at_once: how many are given at once.
    """

    def __init__(self, most: int, at_once: int) -> None:
        self._most = most
        self._at_once = at_once
        self._waiting: list[A] = []
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    def add(self, one: A) -> Awaitable[object] | None:
        """Take a message; return what to wait for before the next one, None while there is room."""
        self._waiting.append(one)
        if not self._some.is_set():
            self._some.set()
            self._none.clear()
        if len(self._waiting) < self._most:
            return None
        self._room.clear()
        return self._room.wait()

    async def take(self) -> list[A]:
        """Return what waits, as soon as something does; say `done` before taking more."""
        await self._some.wait()
        taken, self._waiting = self._waiting[: self._at_once], self._waiting[self._at_once :]
        if not self._waiting:
            self._some.clear()
        if len(self._waiting) < self._most:
            self._room.set()
        return taken

    def done(self) -> None:
        """Say that what was taken is safe."""
        if not self._waiting:
            self._none.set()

    async def over(self) -> None:
        """Return once nothing waits and all that was taken is safe."""
        await self._none.wait()
