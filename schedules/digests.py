"""Posts that are written from live state at the moment they leave, then frozen: a retry is byte-identical."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta

from domain import authority
from domain.case import IN_HAND, OPEN_STATES, Case
from domain.casework.day import is_unverified
from domain.casework.work import Work
from domain.ports import CaseQuery, Post
from domain.roster import Role
from domain.texts import digests
from domain.texts.digests import Item
from schedules.telling import CATCH_UP, slot_of

_MOST = 100_000


class Writer:
    """Writes the digests of one instant; lists of cases that several of them need are read once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lists: dict[CaseQuery, list[Case]] = {}

    async def write(self, post: Post) -> str | None:
        """Return the text of a post that has none yet, or None when there is nothing left to say."""
        return await (self._catch_up(post.person) if post.kind == CATCH_UP else self._digest(post))

    async def _digest(self, post: Post) -> str | None:
        """Return all that one person should know at a slot: in the morning of the roads, always of the own cases."""
        is_morning = time.fromisoformat(slot_of(post.key)) in self._work.rules.slots.digest
        parts = [await self._roads(post.person)] if is_morning else []
        parts += [await self._own(post.person), await self._unverified(post.person)]
        return "\n".join(part for part in parts if part) or None

    async def _catch_up(self, person: str) -> str | None:
        """Return all that one person should know after downtime."""
        parts = [await self._roads(person), await self._own(person), await self._unverified(person)]
        parts.append(await self._raised(person))
        found = [part for part in parts if part]
        return "\n".join([digests.RECOVERED, *found]) if found else None

    async def _own(self, person: str) -> str:
        """Return what a person has in hand, with what those have for whom the person stands in today."""
        holders = [person, *_absent(self._work, person)]
        held = [case for holder in holders for case in await self._work.view.in_hand(holder)]
        items = [item for case in held if (item := item_of(case, self._work))]
        items.sort(key=lambda item: item.case.handler_due or item.case.reported_at)
        return digests.own(items, self._work.w) if items else ""

    async def _roads(self, person: str) -> str:
        """Return yesterday's figures of the roads that a person leads or stands in for, "" for others."""
        parts = []
        for leader in [person, *_absent(self._work, person)]:
            roles = authority.roles_of(leader, self._work.roster, self._work.day)
            if Role.SECOND_LEVEL in roles:
                parts.append(await self._figures(_led_by(leader), digests.second_level))
            elif Role.CHIEF in roles:
                parts.append(await self._figures(_answered_by(leader), digests.chief))
        return "\n".join(part for part in parts if part)

    async def _figures(self, is_mine: Callable[[Case], bool], say: Callable[..., str]) -> str:
        start, end = yesterday(self._work)
        held = [case for case in await self._open() if is_mine(case)]
        new = sum(map(is_mine, await self._list(CaseQuery(reported_since=start, reported_until=end, limit=_MOST))))
        closed = sum(map(is_mine, await self._list(CaseQuery(closed_since=start, closed_until=end, limit=_MOST))))
        if not held and not new and not closed:
            return ""
        return say(held, [case for case in held if is_behind(case, self._work)], new, closed, self._work.w)

    async def _unverified(self, person: str) -> str:
        """Return what waits for verification longer than it should, for the office."""
        work = self._work
        if Role.OFFICE not in authority.roles_of(person, work.roster, work.day):
            return ""
        late = [case for case in await self._open() if is_unverified(case, work)]
        mine = [c for c in late if not authority.is_barred_from_verifying(person, c, work.roster, work.day)]
        return digests.unverified(mine[::-1], work.w) if mine else ""

    async def _raised(self, person: str) -> str:
        """Return the overdue cases that reached a level above the road while nobody could be told."""
        work = self._work
        late = [case for case in await self._open() if case.raised and is_behind(case, work)][::-1]
        is_office = Role.OFFICE in authority.roles_of(person, work.roster, work.day)
        mine = _ordered(late, work) if is_office else [c for c in late if person in _above(c)]
        return digests.raised(mine, work.w, drafts_order=is_office) if mine else ""

    async def _open(self) -> list[Case]:
        return await self._list(CaseQuery(states=OPEN_STATES, limit=_MOST))

    async def _list(self, query: CaseQuery) -> list[Case]:
        if query not in self._lists:
            self._lists[query] = await self._work.view.cases(query)
        return self._lists[query]


def _led_by(person: str) -> Callable[[Case], bool]:
    return lambda case: case.chain.second_level == person


def _answered_by(person: str) -> Callable[[Case], bool]:
    return lambda case: person in (case.chief, case.chain.chief)


def _above(case: Case) -> tuple[str, str]:
    return case.chain.township_head, case.chain.first_level


def _ordered(cases: Iterable[Case], work: Work) -> list[Case]:
    """Return the cases so late that a written order (督办单) is drafted for them."""
    return [case for case in cases if any(step.drafts_order for step in work.rules.steps(case)[: case.raised])]


def _absent(work: Work, person: str) -> list[str]:
    """Return for whom a person stands in today."""
    leaves = work.roster.leaves
    found = [x.person for x in leaves if authority.covers(work.roster, x.person, person, work.day)]
    return list(dict.fromkeys(found))


def item_of(case: Case, work: Work) -> Item | None:
    """Return how a case stands in today's reminder, None when it need not."""
    due = case.handler_due or case.due
    if due is None:
        return None
    if due <= work.now:
        return Item(case, f"超时{work.w.span(work.now - due)}", _times(work, due))
    if case.ack_due is not None and case.ack_due <= work.now:
        return Item(case, f"未认领，{work.w.when(due)}到期", _times(work, case.ack_due))
    if work.rules.day(due) == work.day:
        return Item(case, f"今日{work.w.clock(due)}到期")
    if work.rules.day(due) == work.day + timedelta(days=1):
        return Item(case, "明日到期")
    return None


def _times(work: Work, since: datetime) -> int:
    """Return the how-manieth reminder this is since a limit passed."""
    return work.rules.slots.passed(since, work.now, work.rules.calendar)


def yesterday(work: Work) -> tuple[datetime, datetime]:
    """Return beginning and end of the city's day before."""
    end = work.rules.calendar.at(work.day, time())
    return work.rules.calendar.at(work.day - timedelta(days=1), time()), end


def is_behind(case: Case, work: Work) -> bool:
    """Tell whether a limit of a case in hand has passed."""
    limits = (case.ack_due, case.handler_due or case.due)
    return case.state in IN_HAND and any(limit is not None and limit <= work.now for limit in limits)
