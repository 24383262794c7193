"""Group commit: whatever waits is stored together, and one bad piece costs only itself."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

J = TypeVar("J")
R = TypeVar("R")

# what a database or one unfit value can raise; everything else is a fault of ours and goes to whoever waits
STORE_ERRORS = (SQLAlchemyError, sqlite3.Error, OSError, ValueError, TypeError, OverflowError)


class GroupCommit(Generic[J, R]):
    """Collects jobs while a commit runs and writes them with the next one.

    write: stores all jobs in one commit and returns one result each, in order, or raises and stores none.
    """

    def __init__(self, write: Callable[[Sequence[J]], Awaitable[Sequence[R]]]) -> None:
        self._write = write
        self._waiting: list[tuple[J, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def submit(self, job: J) -> R:
        """Return the job's result once it is durable; raises what its own write raised."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await future

    async def close(self) -> None:
        """Wait until everything that was submitted is stored."""
        while self._running is not None:
            await asyncio.wait({self._running})

    async def _drain(self) -> None:
        batch: list[tuple[J, asyncio.Future[R]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._store(batch)
        finally:
            # after a cancellation or a fault nobody may wait for ever
            for _job, future in (*batch, *self._waiting):
                _fail(future, ConnectionAbortedError("the store has stopped"))
            self._waiting = []
            self._running = None

    async def _store(self, batch: Sequence[tuple[J, asyncio.Future[R]]]) -> None:
        try:
            results = await self._write([job for job, _future in batch])
        except STORE_ERRORS as error:
            if len(batch) == 1:
                _fail(batch[0][1], error)
                return
            for one in batch:
                await self._store([one])
            return
        for (_job, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _fail(future: "asyncio.Future[R]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
