"""The view: what a decision may read, and what the decisions of a batch have changed, seen at once.

Fills `domain.ports.View`. Cases go through an identity map; a preload brings what a batch will need in a few queries,
so that the decisions themselves seldom wait for the database.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case import IN_HAND, OPEN_STATES, Case, id_of
from domain.effects import Contact, Effects, Gather, Notice, PeriodState, Question
from domain.finding import Finding, as_scored
from domain.messages import ChatRoom
from domain.notify import shared
from domain.photo_facts import PhotoFacts, PhotosKnown, Review
from domain.ports import CaseQuery, Delivery, PastState, Post, View
from domain.roster import Leave, Roster
from store import photos, reads
from store.changes import Changes
from store.inspected import SqlInspected
from store.past import standing_at
from store.patrols import SqlPatrolled
from store.schema import timer
from store.talk import Talk

Planner = Callable[[Notice, View], list[Post]]

_TAKE = delete(timer).where(timer.c.key == bindparam("name"), timer.c.due_at <= bindparam("now"))


class SqlView:
    """One instant's view inside one transaction; `changes` holds what the flush will write."""

    def __init__(
        self,
        connection: AsyncConnection,
        now: datetime,
        roster: Roster,
        rooms: Sequence[ChatRoom],
        counters: dict[str, int],
        planner: Planner | None,
    ) -> None:
        self._connection = connection
        self._now = now
        self._roster = roster
        self._rooms = rooms
        self._counters = counters
        self._planner = planner  # None: a view for reading only
        self._cases: dict[int, Case | None] = {}
        self._by_handler: dict[str, set[int]] = {}  # every case ever seen with this handler
        self._by_segment: dict[str, set[int]] = {}  # every case ever seen on this segment
        self._segments: dict[str, datetime] = {}  # segments whose open cases since then are all in the map
        self._hands: set[str] = set()  # people whose cases in hand are all in the map
        self.changes = Changes()
        self.talk = Talk(connection, now, self.changes)
        self.inspected = SqlInspected(connection, self.changes, counters)
        self.patrolled = SqlPatrolled(connection, self.changes)

    # ---- what stands still -------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """Return the instant of the decision, aware UTC."""
        return self._now

    @property
    def roster(self) -> Roster:
        """Return the roster with its history, with the leaves this batch has entered."""
        return self._roster

    @property
    def rooms(self) -> Sequence[ChatRoom]:
        """Return the bound chats."""
        return self._rooms

    async def preload(
        self,
        *,
        case_ids: Iterable[int] = (),
        numbers: Iterable[int] = (),
        persons: Iterable[str] = (),
        chats: Iterable[str] = (),
        segments: Iterable[str] = (),
        since: datetime | None = None,
    ) -> None:
        """Read what a batch will ask for; the number of queries doesn't depend on how much it is.

        numbers: case numbers without a year. persons: person ids, as senders or handlers. chats: chat ids.
        segments: where reports lie; their open cases reported since `since` are read.
        """
        wanted = set(case_ids) | {case_id for number in numbers for case_id in self._ids_of(number, self._now.year)}
        people, places = sorted(set(persons)), sorted(set(chats))
        await self._load(wanted)
        if people:
            self._keep(await reads.cases_in_hand(self._connection, people))
            self._hands.update(people)
        await self.talk.preload(people, places)
        if since is not None:
            await self._load_segments(sorted(set(segments)), since)

    async def _load_segments(self, segments: Collection[str], since: datetime) -> None:
        if segments:
            self._keep(await reads.open_on(self._connection, segments, since))
            self._segments |= dict.fromkeys(segments, since)

    # ---- cases -------------------------------------------------------------------------------------------------

    async def case(self, case_id: int) -> Case | None:
        """Return the case, or None."""
        await self._load({case_id})
        return self._cases[case_id]

    async def cases(self, query: CaseQuery) -> list[Case]:
        """Return the cases that match, newest first, including what this batch has already changed."""
        changed = self.changes.cases
        if self._knows(query):
            near = (self._cases[case_id] for case_id in self._by_segment.get(query.segment, ()))
            return _newest([case for case in near if case and reads.matches(case, query)], query.limit)
        found = await reads.find(self._connection, query, query.limit + len(changed))
        self._keep(found)
        kept = [self._current(case) for case in found if case.id not in changed]
        kept += [case for case in changed.values() if reads.matches(case, query)]
        return _newest(kept, query.limit)

    def _knows(self, query: CaseQuery) -> bool:
        """Tell whether every case that a search can find is in the map."""
        since = self._segments.get(query.segment)
        is_open = query.states is not None and query.states <= OPEN_STATES
        return bool(since and is_open and query.reported_since and query.reported_since >= since)

    async def count(self, query: CaseQuery) -> int:
        """Return how many match; `limit` is ignored."""
        stored = await reads.count(self._connection, query, self.changes.cases.keys())
        return stored + sum(reads.matches(case, query) for case in self.changes.cases.values())

    async def in_hand(self, person: str) -> list[Case]:
        """Return the open cases on which this person, as handler, must act now; oldest first."""
        if person not in self._hands:
            self._keep(await reads.cases_in_hand(self._connection, [person]))
            self._hands.add(person)
        held = (self._cases[case_id] for case_id in self._by_handler.get(person, ()))
        mine = [case for case in held if case and case.handler == person and case.state in IN_HAND]
        return sorted(mine, key=lambda case: (case.reported_at, case.id))

    async def numbered(self, sequence: int, year: int | None, this_year: int) -> list[Case]:
        """Return the cases that people may mean by a number.

        With a year, that one case. Without: open cases of any year first, else the one of `this_year`.
        """
        if year is not None:
            case = await self.case(id_of(year, sequence))
            return [case] if case else []
        ids = self._ids_of(sequence, this_year)
        await self._load(ids)
        found = [case for case_id in sorted(ids, reverse=True) if (case := self._cases[case_id])]
        running = [case for case in found if case.is_open]
        return running or [case for case in found if case.id == id_of(this_year, sequence)]

    def _ids_of(self, sequence: int, this_year: int) -> set[int]:
        return {id_of(year, sequence) for year in (*reads.years_of(self._counters), this_year)}

    async def photo_cases(self, sha256: str) -> list[int]:
        """Return the ids of the cases that hold this very picture."""
        changed = self.changes.cases
        stored = [i for i in await reads.photo_cases(self._connection, sha256) if i not in changed]
        mine = [case.id for case in changed.values() if any(photo.sha256 == sha256 for photo in case.photos)]
        return sorted({*stored, *mine})

    async def photo_facts(self, shas: Iterable[str]) -> PhotosKnown:
        """Return what is known of these pictures, with what this batch has learned."""
        wanted = set(shas)
        changed = self.changes.photo_facts
        stored = await photos.facts(self._connection, sorted(wanted - changed.keys()))
        mine = {sha256: changed[sha256] for sha256 in wanted & changed.keys()}
        return PhotosKnown({**{one.sha256: one for one in stored}, **mine})

    async def photos_for_review(self, limit: int) -> list[PhotoFacts]:
        """Return the pictures that wait for a person's look before they may leave the work group."""
        changed = self.changes.photo_facts
        stored = [one for one in await photos.for_review(self._connection, limit) if one.sha256 not in changed]
        return [*stored, *(one for one in changed.values() if one.review is Review.WAITING)][:limit]

    async def by_message(self, platform: str, message_id: str) -> list[Case]:
        """Return the cases that a platform message opened or that a post of ours was about.

        `message_id` may be the quoted text itself, where a platform gives no id of what was quoted.
        """
        ids = set(await reads.message_cases(self._connection, platform, message_id))
        ids |= {
            case.id
            for case in self.changes.cases.values()
            if (case.platform, case.message_id) == (platform, message_id)
        }
        await self._load(ids)
        return [case for case_id in sorted(ids) if (case := self._cases[case_id])]

    async def next_sequence(self, year: int) -> int:
        """Take the next case number of a year; numbers taken by a failed decision leave gaps."""
        name = f"case:{year}"
        taken = self._counters.get(name, 0) + 1
        self._counters[name] = self.changes.counters[name] = taken
        return taken

    async def _load(self, ids: Collection[int]) -> None:
        missing = sorted(set(ids) - self._cases.keys())
        if missing:
            self._keep(await reads.cases_by_id(self._connection, missing))
            for case_id in missing:
                self._cases.setdefault(case_id, None)

    def _keep(self, cases: Iterable[Case]) -> None:
        for case in cases:
            if self._cases.get(case.id) is None:
                self.changes.photos_before.setdefault(case.id, case.photos)
                self._see(case)

    def _see(self, case: Case) -> None:
        self._cases[case.id] = case
        if case.segment:
            self._by_segment.setdefault(case.segment, set()).add(case.id)
        if case.handler:
            self._by_handler.setdefault(case.handler, set()).add(case.id)

    def _current(self, case: Case) -> Case:
        return self._cases[case.id] or case

    # ---- talk --------------------------------------------------------------------------------------------------

    async def question(self, platform: str, chat_id: str, person: str) -> Question | None:
        """Return the latest question this person still owes an answer to in this chat."""
        return await self.talk.question(platform, chat_id, person)

    async def questions(self, platform: str, chat_id: str, person: str) -> list[Question]:
        """Return every question this person still owes an answer to in this chat, in the order of asking."""
        return await self.talk.questions(platform, chat_id, person)

    async def question_by_id(self, question_id: str) -> Question | None:
        """Return an open question by its id."""
        return await self.talk.question_by_id(question_id)

    async def gather(self, platform: str, chat_id: str, person: str) -> Gather | None:
        """Return the photos of this person that wait for words in this chat."""
        return await self.talk.gather(platform, chat_id, person)

    async def contact(self, person: str) -> Contact:
        """Return what we told this person before; a blank one for a stranger."""
        return await self.talk.contact(person)

    async def sent_today(self, person: str, kind: str, since: datetime) -> int:
        """Return how many posts of a kind a person was sent since an instant, those on their way included."""
        keys = set(await reads.sent_since(self._connection, person, kind, since))
        posts = self.changes.posts.values()
        keys |= {p.key for p in posts if (p.person, p.kind) == (person, kind) and p.due_at >= since}
        return len(keys)

    # ---- recorded decisions ------------------------------------------------------------------------------------

    async def setting(self, name: str) -> Any:
        """Return a recorded decision (JSON value), or None."""
        if name in self.changes.settings:
            return self.changes.settings[name]
        return await reads.setting_value(self._connection, name)

    async def period(self, period: str) -> PeriodState | None:
        """Return how far a month has come."""
        return self.changes.periods.get(period) or await reads.period_state(self._connection, period)

    async def periods(self) -> list[PeriodState]:
        """Return every month that something has happened to, in order."""
        stored = {state.period: state for state in await reads.period_states(self._connection)}
        known = stored | self.changes.periods
        return [known[name] for name in sorted(known)]

    async def findings(self, start: datetime, end: datetime) -> list[Finding]:
        """Return the inspectors' findings in [start, end) as a score reads them, oldest first."""
        return as_scored(await self.inspected.findings(start, end))

    async def head(self) -> str:
        """Return the latest daily head of the ledger in its printed form, "" before the first."""
        closed = await reads.latest_head(self._connection)
        return closed.printed if closed else ""

    async def standing_at(self, ids: Sequence[int], until: datetime) -> dict[int, PastState]:
        """Return how cases stood at a past instant, from the ledger; those that were not there yet are left out."""
        return await standing_at(self._connection, ids, until)

    async def delivery(self, case_id: int, kind: str) -> Delivery | None:
        """Return what became of the latest post of a kind about a case, None when there was none."""
        mine = [post for post in self.changes.posts.values() if (post.about, post.kind) == (case_id, kind)]
        if mine:
            return Delivery(mine[-1].key, mine[-1].due_at, None, is_waiting=True)
        return await reads.delivery(self._connection, case_id, kind)

    async def claimed(self, job: str, period: str) -> bool:
        """Tell whether a run was claimed already."""
        mine = (job, period)
        return mine in self.changes.claims or mine in await reads.claimed(self._connection, [mine])

    async def timer_claim(self, key: str) -> bool:
        """Take a due timer: True for the one who takes it, False when it is gone, moved or not yet due."""
        if key in self.changes.timers:
            return False
        return (await self._connection.execute(_TAKE, {"name": key, "now": self._now})).rowcount == 1

    # ---- changes -----------------------------------------------------------------------------------------------

    def photo_read(self, wait: int) -> None:
        """Mark a picture's watermark as read in the commit of what follows from it."""
        self.changes.photos_read.append(wait)

    def inbox_done(self, ids: Iterable[int]) -> None:
        """Mark messages done in the commit of this batch."""
        self.changes.inbox_done.update(ids)

    def spoke(self, platform: str, place: str) -> None:
        """Note that somebody has spoken in a chat, in the commit of what follows from it; see `store.spoken`."""
        self.changes.spoken.add((platform, place))

    def apply(self, effects: Effects) -> None:
        """Take the effects over, so that later decisions of the same batch see them."""
        if self._planner is None:
            raise RuntimeError("a view for reading takes no effects")
        self._apply_cases(effects)
        self.talk.apply(effects)
        self.inspected.apply(effects)
        self.patrolled.apply(effects)
        self._apply_leaves(effects)
        changes = self.changes
        changes.events += effects.events
        changes.timers |= dict.fromkeys(effects.timers_dropped)
        changes.timers |= {timer.key: timer for timer in effects.timers}
        changes.periods |= {state.period: state for state in effects.periods}
        changes.settings |= effects.settings
        changes.photo_facts |= {one.sha256: one for one in effects.photo_facts}
        changes.claims += effects.claims
        changes.rooms += effects.rooms
        changes.accounts += effects.accounts
        for post in shared(post for notice in effects.notices for post in self._planner(notice, self)):
            changes.posts.setdefault(post.key, post)

    def _apply_cases(self, effects: Effects) -> None:
        for case in effects.cases:
            self._change(case)
        for case_id, photo in effects.photos:
            known = self._cases.get(case_id)
            if known is None:
                raise LookupError(f"a photo for case {case_id}, which this view has not read")
            if photo not in known.photos:
                self._change(replace(known, photos=(*known.photos, photo)))

    def _change(self, case: Case) -> None:
        before = () if case.id in self._cases else None  # None: written without having been read
        self.changes.photos_before.setdefault(case.id, before)
        self.changes.cases[case.id] = case
        self._see(case)

    def _apply_leaves(self, effects: Effects) -> None:
        leaves = [*self._roster.leaves, *effects.leaves]
        for person, back in effects.leaves_ended:
            leaves = [kept for leave in leaves if (kept := _ended(leave, person, back))]
        if effects.leaves or effects.leaves_ended:
            self._roster = replace(self._roster, leaves=tuple(leaves))
        self.changes.leaves += effects.leaves
        self.changes.leaves_ended += effects.leaves_ended


def _newest(cases: list[Case], limit: int) -> list[Case]:
    cases.sort(key=lambda case: (case.reported_at, case.id), reverse=True)
    return cases[:limit]


def _ended(leave: Leave, person: str, back: date) -> Leave | None:
    """Return what is left of a leave when the person is back on a day."""
    if leave.person != person or not leave.first <= back <= leave.last:
        return leave
    last = back - timedelta(days=1)
    return replace(leave, last=last) if leave.first <= last else None
