"""tick: claim every timer and job run that is due, in order, each in one commit with what it changes.

Who wakes it does not matter: APScheduler, a watchdog, the demo's clock or a test. The truth about time lives in the
timer rows; periodic jobs are rows of kind "job" that set their own next time.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from domain.casework.work import Work
from domain.effects import Effects, Timer
from domain.ports import View
from domain.rules import Rules
from schedules.table import CatchUp, Job, jobs_of
from schedules.timers import OF_CASES, TIMERS

logger = logging.getLogger(__name__)

BATCH = 64  # to a commit: an answer that needs the writer waits for it
RETRY = timedelta(minutes=5)  # after a timer failed
JOB = "job"


class WritingView(View, Protocol):
    """A view that can claim timers and runs."""

    async def timer_claim(self, key: str) -> bool:
        """Take a timer; False when it is gone."""
        ...

    async def preload(self, *, case_ids: Iterable[int]) -> None:
        """Read cases that will be asked for, at once."""
        ...


class Timers(Protocol):
    """The waits that are due."""

    async def due(self, now: datetime, limit: int) -> list[Timer]:
        """Return due timers, oldest first."""
        ...

    async def next_due(self) -> datetime | None:
        """Return when the next one is due."""
        ...

    async def of_kind(self, kind: str) -> list[Timer]:
        """Return all waits of a kind."""
        ...


class Ledger(Protocol):
    """The ledger's days."""

    async def close_day(self, day: date, now: datetime) -> Any:
        """Close a day and publish its head."""
        ...


class TickStore(Protocol):
    """What a tick needs of the store."""

    @property
    def timers(self) -> Timers:
        """Return the waits."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Return the ledger."""
        ...

    def deciding(self, now: datetime) -> AbstractAsyncContextManager[Any]:
        """Open one write transaction."""
        ...


async def set_up(store: TickStore, rules: Rules, now: datetime) -> None:
    """Put every periodic job's timer in its row; one that waits keeps its time, unless a clock once ran far ahead."""
    waiting = {timer.subject: timer.due_at for timer in await store.timers.of_kind(JOB)}
    coming = {job.id: job.next_after(now, rules) for job in jobs_of(rules)}
    late = {name: at for name, at in coming.items() if name not in waiting or waiting[name] > at}
    if not late:
        return
    async with store.deciding(now) as view:
        view.apply(Effects(timers=[Timer(f"{JOB}:{name}", JOB, name, at) for name, at in late.items()]))


async def tick(store: TickStore, rules: Rules, now: datetime) -> int:
    """Run everything that is due at `now`, a batch in one commit; return how many timers ran.

    A batch that fails is run again one by one, so that one failing timer never holds up the others.
    """
    ran = 0
    while due := await store.timers.due(now, BATCH):
        try:
            ran += await _run(store, rules, due, now)
        except Exception:
            logger.exception("timers failed, running them one by one", extra={"action": "timers_failed"})
            ran += await _run_singly(store, rules, due, now)
    return ran


async def _run_singly(store: TickStore, rules: Rules, due: Sequence[Timer], now: datetime) -> int:
    """Run timers each in a commit of its own; one that fails is tried again a little later."""
    ran = 0
    for timer in due:
        try:
            ran += await _run(store, rules, [timer], now)
        except Exception:
            logger.exception("timer failed", extra={"action": "timer_failed", "timer": timer.key})
            async with store.deciding(now) as view:
                view.apply(Effects(timers=[replace(timer, due_at=now + RETRY)]))
    return ran


async def _run(store: TickStore, rules: Rules, due: Sequence[Timer], now: datetime) -> int:
    """Run timers in one commit; return how many were still to be had."""
    jobs = {job.id: job for job in jobs_of(rules)}
    ran: list[Timer] = []
    async with store.deciding(now) as view:
        work = Work(view, rules)
        await view.preload(case_ids=[int(timer.subject) for timer in due if timer.kind in OF_CASES])
        for timer in due:
            if await view.timer_claim(timer.key):
                ran.append(timer)
                view.apply(await _effects(view, work, jobs, timer))
    if any(timer.kind == JOB and timer.subject in jobs and jobs[timer.subject].closes_ledger for timer in ran):
        await store.ledger.close_day(rules.day(now) - timedelta(days=1), now)
    return len(ran)


async def _effects(view: WritingView, work: Work, jobs: Mapping[str, Job], timer: Timer) -> Effects:
    if timer.kind != JOB:
        return await TIMERS[timer.kind](work, timer)
    job = jobs.get(timer.subject)
    return await _run_job(view, work, job, timer) if job else Effects()


async def _run_job(view: WritingView, work: Work, job: Job, timer: Timer) -> Effects:
    """Run one due period of a job and set the next; a run that was claimed before has no second effect."""
    due_at = job.last_at(timer.due_at if job.catch_up is CatchUp.EACH else work.now, work.rules)
    period = work.rules.local(due_at).isoformat(timespec="minutes")
    effects = Effects(timers=[Timer(timer.key, JOB, job.id, job.next_after(due_at, work.rules))])
    if await view.claimed(job.id, period):
        return effects
    effects.claims.append((job.id, period))
    return effects.merge(await job.run(work, due_at))


async def next_due(store: TickStore) -> datetime | None:
    """Return the next instant at which a tick has something to do."""
    at: datetime | None = await store.timers.next_due()
    return at
