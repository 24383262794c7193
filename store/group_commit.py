"""Group commit: whatever waits is stored together, and one bad piece costs only itself."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from sqlalchemy.exc import SQLAlchemyError

J = TypeVar("J")
R = TypeVar("R")
_Parcel: TypeAlias = tuple[Sequence[J], asyncio.Future[list[R | Exception]]]  # handed in together

# what a database or one unfit value can raise; everything else is a fault of ours and goes to whoever waits
STORE_ERRORS = (SQLAlchemyError, sqlite3.Error, OSError, ValueError, TypeError, OverflowError)


class GroupCommit(Generic[J, R]):
    """Collects jobs while a commit runs and writes them with the next one.

    write: stores all jobs in one commit and returns one result each, in order, or raises and stores none.
    """

    def __init__(self, write: Callable[[Sequence[J]], Awaitable[Sequence[R]]]) -> None:
        self._write = write
        self._waiting: list[_Parcel[J, R]] = []
        self._running: asyncio.Task[None] | None = None

    async def submit(self, job: J) -> R:
        """Return the job's result once it is durable; raises what its own write raised."""
        (result,) = await self.submit_all((job,))
        if isinstance(result, Exception):
            raise result
        return result

    async def submit_all(self, jobs: Sequence[J]) -> list[R | Exception]:
        """Return, once all are durable, each job's result, or what its own write raised."""
        future: asyncio.Future[list[R | Exception]] = asyncio.get_running_loop().create_future()
        self._waiting.append((jobs, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await future

    @property
    def is_busy(self) -> bool:
        """Tell whether something is being written or waits for it."""
        return self._running is not None

    async def close(self) -> None:
        """Wait until everything that was submitted is stored."""
        while self._running is not None:
            await asyncio.wait({self._running})

    async def _drain(self) -> None:
        batch: list[_Parcel[J, R]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._store(batch)
        finally:
            # after a cancellation or a fault nobody may wait for ever
            for jobs, future in (*batch, *self._waiting):
                gone: list[R | Exception] = [ConnectionAbortedError("the store has stopped") for _job in jobs]
                _answer(future, gone)
            self._waiting = []
            self._running = None

    async def _store(self, batch: Sequence[_Parcel[J, R]]) -> None:
        jobs = [job for jobs, _future in batch for job in jobs]
        results: list[R | Exception]
        try:
            results = [*await self._write(jobs)]
        except STORE_ERRORS as error:
            if len(jobs) > 1:
                await self._store_one_by_one(batch)
                return
            results = [error]
        at = 0
        for part, future in batch:
            _answer(future, results[at : at + len(part)])
            at += len(part)

    async def _store_one_by_one(self, batch: Sequence[_Parcel[J, R]]) -> None:
        for jobs, future in batch:
            _answer(future, [await self._alone(job) for job in jobs])

    async def _alone(self, job: J) -> R | Exception:
        try:
            return (await self._write([job]))[0]
        except STORE_ERRORS as error:
            return error


def _answer(future: "asyncio.Future[list[R | Exception]]", results: list[R | Exception]) -> None:
    if not future.done():
        future.set_result(results)
