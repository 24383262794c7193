import asyncio
from collections.abc import Sequence

import pytest

from store.group_commit import GroupCommit


class Writes:
    """Doubles every job; refuses negative ones, and breaks on 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, jobs: Sequence[int]) -> list[int]:
        self.batches.append(list(jobs))
        await self.gate.wait()
        if any(job < 0 for job in jobs):
            raise ValueError(jobs)
        if 13 in jobs:
            raise KeyError(13)
        return [2 * job for job in jobs]


async def test_what_comes_during_a_commit_shares_the_next_one() -> None:
    writes = Writes()
    commits = GroupCommit(writes)
    writes.gate.clear()
    first = asyncio.create_task(commits.submit(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(commits.submit(n)) for n in (2, 3, 4)]
    await asyncio.sleep(0)
    writes.gate.set()
    assert await asyncio.gather(first, *rest) == [2, 4, 6, 8]
    assert writes.batches == [[1], [2, 3, 4]]


async def test_a_failed_batch_is_retried_row_by_row() -> None:
    writes = Writes()
    commits = GroupCommit(writes)
    results = await asyncio.gather(*(commits.submit(n) for n in (1, -2, 3)), return_exceptions=True)
    assert (results[0], results[2]) == (2, 6)
    assert isinstance(results[1], ValueError)
    assert writes.batches == [[1, -2, 3], [1], [-2], [3]]


async def test_who_gave_up_waiting_harms_nobody() -> None:
    writes = Writes()
    commits = GroupCommit(writes)
    writes.gate.clear()
    gone = asyncio.create_task(commits.submit(1))
    kept = asyncio.create_task(commits.submit(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    writes.gate.set()
    assert await kept == 4


async def test_a_fault_of_ours_leaves_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    commits = GroupCommit(Writes())
    results = await asyncio.gather(*(commits.submit(n) for n in (1, 13)), return_exceptions=True)
    assert [type(result) for result in results] == [ConnectionAbortedError, ConnectionAbortedError]
    assert await commits.submit(5) == 10  # and the next one goes on


async def test_closing_waits_for_what_was_handed_in() -> None:
    writes = Writes()
    commits = GroupCommit(writes)
    pending = asyncio.create_task(commits.submit(1))
    await asyncio.sleep(0)
    await commits.close()
    assert pending.done() or await pending == 2
    await commits.close()
