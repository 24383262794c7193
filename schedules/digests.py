"""Posts that are written from live state at the moment they leave, then frozen: a retry is byte-identical."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from domain.case import IN_HAND, OPEN_STATES, Case
from domain.casework.work import Work
from domain.ports import CaseQuery, Post
from domain.texts import digests, handler

Render = Callable[[Work, str], Awaitable[str | None]]

_REPEATED_SLOTS = 2


async def render(work: Work, post: Post) -> str | None:
    """Return the text of a post that has none yet, or None when there is nothing left to say."""
    return await RENDERERS[post.kind](work, post.person)


async def _slot(work: Work, person: str) -> str | None:
    held = await work.view.in_hand(person)
    items = [(case, note) for case in held if (note := _note(case, work))]
    items.sort(key=lambda item: item[0].handler_due or item[0].reported_at)
    if not items:
        return None
    repeated = [case.short for case, _ in items if _slots_since_due(case, work) >= _REPEATED_SLOTS]
    return handler.digest(items, work.w, repeated)


def _note(case: Case, work: Work) -> str:
    """Return why a case stands in today's reminder, "" when it need not."""
    due = case.handler_due or case.due
    if due is None:
        return ""
    if due <= work.now:
        return f"超时{work.w.span(work.now - due)}"
    if case.ack_due is not None and case.ack_due <= work.now:
        return "待认领"
    if work.rules.day(due) == work.day:
        return f"今日{work.w.clock(due)}到期"
    if work.rules.day(due) == work.day + timedelta(days=1):
        return "明日到期"
    return ""


def _slots_since_due(case: Case, work: Work) -> int:
    """Return how many slots have passed since the limit, two at most."""
    due = case.handler_due or case.due
    count, at = 0, due
    while at is not None and count < _REPEATED_SLOTS:
        at = work.rules.slots.next_slot(at, work.rules.calendar)
        if at >= work.now:
            return count
        count += 1
    return count


def _yesterday(work: Work) -> tuple[datetime, datetime]:
    end = work.rules.calendar.at(work.day, datetime.min.time())
    return end - timedelta(days=1), end


async def _chief(work: Work, person: str) -> str | None:
    held = await work.view.cases(CaseQuery(responsible=person, states=OPEN_STATES, limit=500))
    start, end = _yesterday(work)
    new = await work.view.count(CaseQuery(responsible=person, reported_since=start, reported_until=end))
    closed = await work.view.count(CaseQuery(responsible=person, closed_since=start, closed_until=end))
    if not held and not new and not closed:
        return None
    return digests.chief(held, _overdue(held, work), new, closed, work.w)


async def _second(work: Work, person: str) -> str | None:
    held = await work.view.cases(CaseQuery(second_level=person, states=OPEN_STATES, limit=500))
    start, end = _yesterday(work)
    new = await work.view.count(CaseQuery(second_level=person, reported_since=start, reported_until=end))
    closed = await work.view.count(CaseQuery(second_level=person, closed_since=start, closed_until=end))
    if not held and not new and not closed:
        return None
    return digests.second_level(held, _overdue(held, work), new, closed, work.w)


def _overdue(cases: list[Case], work: Work) -> list[Case]:
    return [c for c in cases if c.state in IN_HAND and (c.handler_due or c.due or work.now) < work.now]


async def _catch_up(work: Work, person: str) -> str | None:
    """List the overdue cases that concern a person in any of the ladder's roles."""
    late = await work.view.cases(CaseQuery(states=IN_HAND, due_before=work.now, limit=500))
    mine = [c for c in late if person in _concerned(c)]
    return digests.catch_up(mine or late, work.w) if late else None


def _concerned(case: Case) -> set[str]:
    chain = case.chain
    return {case.chief, chain.chief, chain.second_level, chain.township_head, chain.first_level}


RENDERERS: Mapping[str, Render] = {
    "digest": _slot,
    "chief_digest": _chief,
    "second_digest": _second,
    "catch_up": _catch_up,
}
