"""Posts that are written from live state at the moment they leave, then frozen: a retry is byte-identical."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from domain import authority
from domain.case import IN_HAND, OPEN_STATES, Case, State
from domain.casework.work import Work
from domain.ports import CaseQuery, Post
from domain.roster import Role
from domain.texts import digests
from domain.texts.digests import Item
from schedules.telling import slot_of

Render = Callable[[Work, Post], Awaitable[str | None]]

_MOST = 100_000


async def render(work: Work, post: Post) -> str | None:
    """Return the text of a post that has none yet, or None when there is nothing left to say."""
    return await RENDERERS[post.kind](work, post)


async def _digest(work: Work, post: Post) -> str | None:
    """Return everything one person should know at a slot: in the morning of the road, always of the own cases."""
    is_morning = time.fromisoformat(slot_of(post.key)) in work.rules.slots.digest
    parts = [await _roads(work, post.person)] if is_morning else []
    parts += [await _own(work, post.person), await _unverified(work, post.person)]
    return "\n".join(part for part in parts if part) or None


async def _catch_up(work: Work, post: Post) -> str | None:
    """Return everything one person should know after downtime."""
    parts = [await _roads(work, post.person), await _own(work, post.person), await _unverified(work, post.person)]
    parts.append(await _raised(work, post.person))
    found = [part for part in parts if part]
    return "\n".join([digests.RECOVERED, *found]) if found else None


async def _own(work: Work, person: str) -> str:
    items = [item for case in await _held(work, person) if (item := item_of(case, work))]
    items.sort(key=lambda item: item.case.handler_due or item.case.reported_at)
    return digests.own(items, work.w) if items else ""


async def _held(work: Work, person: str) -> list[Case]:
    """Return the cases a person has in hand, with those of whom the person stands in for today."""
    return [case for holder in [person, *_absent(work, person)] for case in await work.view.in_hand(holder)]


def item_of(case: Case, work: Work) -> Item | None:
    """Return how a case stands in today's reminder, None when it need not."""
    due = case.handler_due or case.due
    if due is None:
        return None
    if due <= work.now:
        return Item(case, f"超时{work.w.span(work.now - due)}", _times(work, due))
    if case.ack_due is not None and case.ack_due <= work.now:
        return Item(case, "待认领", _times(work, case.ack_due))
    if work.rules.day(due) == work.day:
        return Item(case, f"今日{work.w.clock(due)}到期")
    if work.rules.day(due) == work.day + timedelta(days=1):
        return Item(case, "明日到期")
    return None


def _times(work: Work, since: datetime) -> int:
    """Return the how-manieth reminder this is since a limit passed."""
    return work.rules.slots.passed(since, work.now, work.rules.calendar)


async def _roads(work: Work, person: str) -> str:
    """Return yesterday's figures of the roads that a person leads or stands in for, "" for others."""
    parts = []
    for leader in [person, *_absent(work, person)]:
        roles = authority.roles_of(leader, work.roster, work.day)
        if Role.SECOND_LEVEL in roles:
            parts.append(await _figures(work, CaseQuery(second_level=leader), digests.second_level))
        elif Role.CHIEF in roles:
            parts.append(await _figures(work, CaseQuery(responsible=leader), digests.chief))
    return "\n".join(part for part in parts if part)


def _absent(work: Work, person: str) -> list[str]:
    """Return for whom a person stands in today."""
    leaves = work.roster.leaves
    found = [x.person for x in leaves if authority.covers(work.roster, x.person, person, work.day)]
    return list(dict.fromkeys(found))


def yesterday(work: Work) -> tuple[datetime, datetime]:
    """Return beginning and end of the city's day before."""
    end = work.rules.calendar.at(work.day, time())
    return work.rules.calendar.at(work.day - timedelta(days=1), time()), end


async def _figures(work: Work, mine: CaseQuery, say: Callable[..., str]) -> str:
    start, end = yesterday(work)
    held = await work.view.cases(replace(mine, states=OPEN_STATES, limit=_MOST))
    new = await work.view.count(replace(mine, reported_since=start, reported_until=end))
    closed = await work.view.count(replace(mine, closed_since=start, closed_until=end))
    if not held and not new and not closed:
        return ""
    return say(held, [case for case in held if is_behind(case, work)], new, closed, work.w)


def is_behind(case: Case, work: Work) -> bool:
    """Tell whether a limit of a case in hand has passed."""
    limits = (case.ack_due, case.handler_due or case.due)
    return case.state in IN_HAND and any(limit is not None and limit <= work.now for limit in limits)


async def _unverified(work: Work, person: str) -> str:
    """Return what waits for verification longer than it should, for the office."""
    if Role.OFFICE not in authority.roles_of(person, work.roster, work.day):
        return ""
    waiting = await work.view.cases(CaseQuery(states=frozenset({State.RESOLVED}), limit=_MOST))
    late = [c for c in waiting if is_unverified(c, work)]
    mine = [c for c in late if not authority.is_barred_from_verifying(person, c, work.roster, work.day)]
    return digests.unverified(mine[::-1], work.w) if mine else ""


def is_unverified(case: Case, work: Work) -> bool:
    """Tell whether a case has waited its four working hours for verification."""
    since = case.resolved_at
    return since is not None and work.rules.calendar.working_between(since, work.now) >= work.rules.waits.verify


async def _raised(work: Work, person: str) -> str:
    """Return the overdue cases that reached a level above the road while nobody could be told."""
    held = await work.view.cases(CaseQuery(states=IN_HAND, limit=_MOST))
    late = [case for case in held if case.raised and is_behind(case, work)][::-1]
    is_office = Role.OFFICE in authority.roles_of(person, work.roster, work.day)
    ordered = [case for case in late if any(step.drafts_order for step in work.rules.steps(case)[: case.raised])]
    mine = ordered if is_office else [c for c in late if person in (c.chain.township_head, c.chain.first_level)]
    return digests.raised(mine, work.w, drafts_order=is_office) if mine else ""


RENDERERS: Mapping[str, Render] = {"digest": _digest, "catch_up": _catch_up}
