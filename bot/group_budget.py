"""Keeps groups within their budget of posts: what is too much waits, and what waited goes as one list."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import budget
from domain.casework.work import Work
from domain.messages import Target
from domain.rules import Rules
from domain.texts.digests import Told, folded
from store import Store
from store.outbox import OutboxRow

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Rows that may go now, and how many others were settled: put to rest, or ended in a list."""

    rows: list[OutboxRow]
    settled: int = 0


class GroupBudget:
    """Decides for one group at a time, just before its posts are tried."""

    def __init__(self, store: Store, rules: Rules, written: Callable[[list[OutboxRow]], Awaitable[list[OutboxRow]]]):
        self._store = store
        self._rules = rules
        self._written = written  # gives rows their texts, dropping those with nothing left to say

    async def admit(self, target: Target, rows: Sequence[OutboxRow], now: datetime) -> Admitted:
        """Return which of a group's due rows may go now; the others are held or folded into one."""
        free = [row for row in rows if not budget.is_bound(row)]
        if len(free) == len(rows):
            return Admitted(free)
        waiting = await self._store.outbox.waiting_for(target, now)
        announcements = [row for row in waiting if row.kind == budget.BULLETIN]
        others = [row for row in waiting if row.kind != budget.BULLETIN]
        first = await self._announcements(target, announcements, now)
        second = await self._others(target, others, now)
        return Admitted([*free, *first.rows, *second.rows], first.settled + second.settled)

    async def _announcements(self, target: Target, rows: list[OutboxRow], now: datetime) -> Admitted:
        if not rows:
            return Admitted([])
        sent = await self._store.outbox.sent_to(target, now - _DAY, kind=budget.BULLETIN)
        rules = self._rules
        room = budget.room_for_announcement(sent, now, rules.budget, rules.calendar, rules.slots, target.chat_id)
        return await self._hold(rows[: room.posts], rows[room.posts :], room.opens_at)

    async def _others(self, target: Target, rows: list[OutboxRow], now: datetime) -> Admitted:
        if not rows:
            return Admitted([])
        sent = await self._store.outbox.sent_to(target, now - _DAY)
        rules = self._rules
        room = budget.room(sent, now, rules.budget, rules.calendar, rules.slots, target.chat_id)
        if room.posts == 0:
            return await self._hold([], rows, room.opens_at)
        if len(rows) <= room.posts:
            return Admitted(rows)
        return await self._fold(rows, room.posts, now)

    async def _hold(self, rows: list[OutboxRow], held: list[OutboxRow], until: datetime) -> Admitted:
        await self._store.outbox.hold([row.id for row in held], until)
        return Admitted(rows, len(held))

    async def _fold(self, rows: list[OutboxRow], posts: int, now: datetime) -> Admitted:
        """Return the first rows as they are, with the rest of those that fold in one more post."""
        whole, rest = rows[: posts - 1], rows[posts - 1 :]
        parts = [row for row in rest if budget.folds(row) and not row.tries]
        if len(parts) < 2:
            return Admitted([*whole, rest[0]])
        written = await self._written(parts)
        settled = len(parts) - len(written)
        if not written:
            return Admitted(whole, settled)
        head = await self._store.outbox.fold(written, await self._text(written, now), now)
        return Admitted([*whole, head], settled + len(written) - 1)

    async def _text(self, parts: Sequence[OutboxRow], now: datetime) -> str:
        async with self._store.reading(now) as view:
            work = Work(view, self._rules)
            told = []
            for row in parts:
                case = await view.case(row.about) if row.about else None
                text = "" if case else row.text or ""
                told.append(Told(row.kind, row.person, case, text))
            return folded(told, work.w)
