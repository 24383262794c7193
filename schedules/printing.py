"""Documents made before they are wanted (图片、得分表、公文): in a step of its own, outside every transaction.

Shortly before a month is published, and right before a day's summary or a written order is due, their papers go to the
press and what it made is recorded. The decision that follows takes the record along if it is of its very figures. When
the press fails, the text goes out all the same and the operators are told once.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from domain.case import State
from domain.casework import bulletin as bulletins
from domain.casework import day as days
from domain.casework import orders, papers, publication
from domain.casework.kept import PREFIX, Made, Sheaf, kept
from domain.casework.work import Work
from domain.effects import Effects, Notice, Timer, ToPurpose, Urgency
from domain.messages import Document, Photo
from domain.month import Month
from domain.papers import NothingToShow, PaperFailed
from domain.ports import Press
from domain.rules import Rules
from domain.texts import printing
from schedules.table import jobs_of
from schedules.tick import JOB, TickStore

logger = logging.getLogger(__name__)

LEAD = timedelta(minutes=5)  # before a month is published
MOST = 40  # timers of one instant that are looked through
Find = Callable[[Work, Timer], Awaitable[Sheaf | None]]

SUMMARY, BULLETIN = "summary", "bulletin"


class PrintStore(TickStore, Protocol):
    """What the printer needs of the store."""

    def reading(self, now: datetime) -> AbstractAsyncContextManager[Any]:
        """Open one consistent state."""
        ...


class Printer:
    """Keeps documents ready for whatever is about to be told."""

    def __init__(self, store: PrintStore, press: Press) -> None:
        self._store = store
        self._press = press

    async def prepare(self, rules: Rules, now: datetime) -> int:
        """Make what will be wanted soon and is not there; return how many sheaves were made."""
        sheaves = await self._wanted(rules, now)
        for sheaf in sheaves:
            await make(self._store, self._press, sheaf, now)
        if sheaves:
            await self._press.rest()
        return len(sheaves)

    async def _wanted(self, rules: Rules, now: datetime) -> list[Sheaf]:
        published = [t for t in await self._store.timers.of_kind("publish") if t.due_at <= now + LEAD]
        jobs = [t for t in await self._store.timers.of_kind(JOB) if t.subject == SUMMARY and t.due_at <= now]
        due = [t for t in await self._store.timers.due(now, MOST) if t.kind in _OF_CASES]
        if not published and not jobs and not due:
            return []
        async with self._store.reading(now) as view:
            work = Work(view, rules)
            asked: list[tuple[Find, Timer]] = [(_bulletin, t) for t in published]
            asked += [(_summary, t) for t in jobs]
            asked += [(_OF_CASES[t.kind], t) for t in due]
            found = [await _written(find, work, timer) for find, timer in asked]
        return [sheaf for sheaf in found if sheaf is not None]


async def _written(find: Find, work: Work, timer: Timer) -> Sheaf | None:
    """Return a timer's papers; figures that cannot be had keep nothing else from being made, or from running."""
    try:
        return await find(work, timer)
    except Exception:
        logger.exception("papers not written", extra={"action": "papers_failed", "timer": timer.key})
        return None


async def _bulletin(work: Work, timer: Timer) -> Sheaf | None:
    """Return a month's documents when it will be published and they are not there: its figures may have moved."""
    period = await publication.to_be_published(work, Month.parse(timer.subject))
    if period is None:
        return None
    made = await kept(work, bulletins.bulletin_key(period))
    if made is not None and timer.due_at > work.now:
        return None  # looked at again when it is due
    if made is not None and made.fingerprint == bulletins.fingerprint_of(await bulletins.bulletin_of(work, period)):
        return None
    return await papers.month_sheaf(work, period)


async def _summary(work: Work, timer: Timer) -> Sheaf | None:
    job = next(job for job in jobs_of(work.rules) if job.id == SUMMARY)
    due_at = job.last_at(work.now, work.rules)
    if await kept(work, days.summary_key(work, due_at)) is not None:
        return None
    sheaf = await days.day_sheaf(work, due_at)
    return sheaf if sheaf.papers else None


async def _order(work: Work, timer: Timer) -> Sheaf | None:
    case = await work.view.case(int(timer.subject))
    if case is None or not orders.will_draft(work, case) or await kept(work, orders.order_key(case)) is not None:
        return None
    return await orders.order_sheaf(work, case)


async def _pair(work: Work, timer: Timer) -> Sheaf | None:
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.CLOSED or await kept(work, days.pair_key(case)) is not None:
        return None
    return days.pair_sheaf(work, case)


_OF_CASES: dict[str, Find] = {"ladder": _order, "done": _pair}


async def make(store: PrintStore, press: Press, sheaf: Sheaf, now: datetime) -> Made:
    """Make a sheaf and record it; what could not be made is left out and told to the operators, once for its key."""
    photos: list[Photo] = []
    files: list[Document] = []
    problems: list[str] = []
    for paper in sheaf.papers:
        try:
            file = await press.make(paper)
        except NothingToShow:
            logger.info("nothing to show", extra={"action": "paper_empty", "papers": sheaf.key})
        except PaperFailed as error:
            problems.append(error.text)
        except Exception:
            logger.exception("paper not made", extra={"action": "paper_failed", "papers": sheaf.key})
            problems.append(PaperFailed().text)
        else:
            if isinstance(file, Photo):
                photos.append(file)
            else:
                files.append(file)
    made = Made(sheaf.fingerprint, tuple(photos), tuple(files), "".join(dict.fromkeys(problems)))
    logger.info("papers made", extra={"action": "papers_made", "papers": sheaf.key, "count": len(photos) + len(files)})
    async with store.deciding(now) as view:
        notices = _told(sheaf.key, made.problem, now)
        view.apply(Effects(settings={f"{PREFIX}{sheaf.key}": made.to_facts(now)}, notices=notices))
    return made


def _told(key: str, problem: str, now: datetime) -> list[Notice]:
    if not problem:
        return []
    logger.warning("papers missing", extra={"action": "papers_missing", "papers": key})
    text = printing.failed(key, problem)
    kind = key.partition(":")[0]
    # the same reason keeps many cases from their pictures: once a day is enough
    once = key if kind in (BULLETIN, SUMMARY) else f"{kind}:{now.date()}"
    return [Notice(f"{PREFIX}{once}", ToPurpose("ops"), text, "ops", urgency=Urgency.HAZARD)]
