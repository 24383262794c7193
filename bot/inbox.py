"""The inbox worker: durable messages become decisions. Photos and understanding come before the transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from bot.backlog import Backlog
from bot.pictures import Fetched, Pictures
from bot.platforms.base import Client
from bot.second_opinion import SecondOpinion
from bot.studying import Studying
from bot.understanders import Understanders
from domain.errors import LuzhangError
from domain.heard import Heard, stranger
from domain.messages import Incoming, Kind
from domain.ports import Clock
from domain.roster import Role, Roster
from domain.rules import Rules
from domain.understand import Hints, Understander
from handlers.decide import decide
from media.photos import PhotoStore
from store import Store
from store.inbox import InboxRow
from store.view import SqlView

logger = logging.getLogger(__name__)

BATCH = 128  # messages to a commit
FEW = 16  # to a commit for which others wait: nearly as cheap a message, and nobody waits long
IN_FLIGHT = 512  # messages whose pictures are on their way or that wait for an earlier one of their sender
YIELD_EVERY = 4  # messages between two turns for whoever waits for an answer
PHOTO_WAIT = 10.0  # seconds that a receipt waits for its photos
PHOTO_PATIENCE = 240.0  # seconds in which the platforms' links die
LATE = "#photos"  # marks the inbox row that fetches photos which missed the receipt


class Parser(Protocol):
    """The half of a channel that reads stored payloads."""

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Return the neutral message. Raises ValueError on garbage."""
        ...


@dataclass(frozen=True, slots=True)
class Channels:
    """Everything the worker needs of the platforms."""

    parsers: Mapping[str, Parser]  # by channel
    clients: Mapping[str, Client]  # by platform


@dataclass(frozen=True, slots=True)
class _Around:
    """What the messages of one round are heard against."""

    roster: Roster
    rooms: Mapping[str, str]  # chat id → scope
    understander: Understander
    day: date


class InboxWorker:
    """Works the inbox off in arrival order, many messages to a commit; each message's failure costs only itself."""

    def __init__(
        self,
        store: Store,
        rules: Rules,
        channels: Channels,
        photos: PhotoStore,
        clock: Clock,
        *,
        studying: Studying | None = None,
        opinion: SecondOpinion | None = None,
        backlog: Backlog | None = None,
        on_decided: Callable[[], None] = lambda: None,
        on_heard: Callable[[Heard, SqlView], None] = lambda heard, view: None,
        on_tapped: Callable[[Incoming], None] = lambda incoming: None,
        on_parked: Callable[[InboxRow, str], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._channels = channels
        self._clock = clock
        self._studying = studying
        self.opinion = opinion
        self._backlog = backlog or Backlog()
        self._on_decided = on_decided
        self._on_heard = on_heard
        self._on_parked = on_parked
        self._on_tapped = on_tapped
        self._understanders = Understanders(rules)
        self._pictures = Pictures(channels.clients, photos)
        self._rows: dict[int, InboxRow] = {}  # taken on, in the order of arrival
        self._prepared: dict[int, asyncio.Future[Heard]] = {}
        self._senders: dict[int, str] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that the inbox has something new."""
        self._backlog.grows()
        self._wake.set()

    async def run(self) -> None:
        """Work for ever; cancel to stop."""
        while True:
            self._wake.clear()
            await self._store.intake.burst_over()  # who waits for an answer goes first
            if await self.work_once(BATCH if self._store.intake.is_quiet else FEW):
                continue
            if not self._wake.is_set():
                self._backlog.ends()  # pictures may be under way; posts need not wait for those
            waiting: list[asyncio.Future[Any]] = [task for task in self._prepared.values() if not task.done()]
            alarm = asyncio.create_task(self._wake.wait())
            try:
                await asyncio.wait([*waiting, alarm], timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            finally:
                alarm.cancel()

    async def drain(self) -> None:
        """Work until nothing waits."""
        while await self.work_once() or self._prepared:
            if self._prepared:
                await asyncio.wait(self._prepared.values(), return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Drop the preparations under way; their rows stay in the inbox."""
        for task in self._prepared.values():
            task.cancel()
        await asyncio.gather(*self._prepared.values(), return_exceptions=True)
        self._rows.clear()
        self._prepared.clear()
        self._senders.clear()

    async def work_once(self, most: int = BATCH) -> int:
        """Prepare what is new, decide what is ready, and return how many messages were decided."""
        ready = self._ready()
        if len(ready) < BATCH:
            # no more than the next commit takes: what is prepared lies in memory until it is decided
            limit = min(IN_FLIGHT, len(self._rows) + BATCH)
            await self._take_on(await self._store.inbox.waiting(limit))
            ready = self._ready()
        return await self._decide(ready[:most]) if ready else 0

    async def _take_on(self, rows: Sequence[InboxRow]) -> None:
        new = [row for row in rows if row.id not in self._rows]
        if not new:
            return
        around = await self._around()
        for count, row in enumerate(new, 1):
            await self._start(row, around)
            if await self._must_make_way(count):
                return

    async def _around(self) -> _Around:
        now = self._clock.now()
        roster, rooms = await self._store.rosters.load_all()
        scopes: dict[str, str] = {}
        for room in rooms:
            scopes.setdefault(room.chat_id, room.scope)
        return _Around(roster, scopes, await self._understanders.of(roster, now), self._rules.day(now))

    async def _start(self, row: InboxRow, around: _Around) -> None:
        try:
            incoming = self._channels.parsers[row.channel].parse(row.payload, row.received_at)
        except (ValueError, KeyError, TypeError) as error:
            await self._failed(row, error)
            return
        incoming = _sound(incoming)
        is_late = row.message_id.endswith(LATE)
        if is_late:
            incoming = replace(incoming, message_id=row.message_id, kind=Kind.PHOTO, text="", quote=None)
        self._rows[row.id] = row
        self._senders[row.id] = f"{row.id}" if is_late else f"{incoming.platform}:{incoming.sender}"
        if incoming.photos or (incoming.quote and incoming.quote.photos):
            self._prepared[row.id] = asyncio.create_task(self._prepare(row, incoming, around, is_late=is_late))
        else:
            self._prepared[row.id] = self._perhaps_advised(self._heard_at_once(incoming, around), around)

    def _heard_at_once(self, incoming: Incoming, around: _Around) -> asyncio.Future[Heard]:
        """Hear a message without pictures: nothing of it has to be waited for."""
        future: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        try:
            future.set_result(self._hear(incoming, around, Fetched(), Fetched()))
        except Exception as error:
            future.set_exception(error)  # comes up in the decision, where one bad message costs only itself
        return future

    def _perhaps_advised(self, heard: asyncio.Future[Heard], around: _Around) -> asyncio.Future[Heard]:
        """Return what was heard, or the wait for a second opinion on it."""
        if self.opinion is None or heard.exception() is not None:
            return heard
        is_unsure = self.opinion.wants(heard.result().understanding, around.understander.act_from)
        return asyncio.create_task(self._advised(heard.result(), around)) if is_unsure else heard

    async def _advised(self, heard: Heard, around: _Around) -> Heard:
        u = heard.understanding
        if self.opinion is None or not self.opinion.wants(u, around.understander.act_from):
            return heard
        return replace(heard, understanding=await self.opinion.on(u, heard.text, heard.photos))

    def _ready(self) -> list[InboxRow]:
        """Return prepared rows in arrival order, none before an earlier one of the same sender."""
        blocked: set[str] = set()
        ready = []
        for row_id in sorted(self._rows):
            sender = self._senders[row_id]
            if sender in blocked:
                continue
            if self._prepared[row_id].done():
                ready.append(self._rows[row_id])
            else:
                blocked.add(sender)
        return ready

    async def _prepare(self, row: InboxRow, incoming: Incoming, around: _Around, *, is_late: bool) -> Heard:
        patience = PHOTO_PATIENCE if is_late else PHOTO_WAIT
        quoted = incoming.quote.photos if incoming.quote and not is_late else ()
        own, quote = await asyncio.gather(
            self._pictures.fetch(incoming.platform, incoming.photos, patience),
            self._pictures.fetch(incoming.platform, quoted, patience),
        )
        if own.late and not is_late:
            await self._store.intake.put(row.channel, row.platform, row.message_id + LATE, row.payload, row.received_at)
        if self._studying is not None:
            photos = (*own.photos, *quote.photos)
            await self._studying.study(photos, incoming, _person(incoming, around))
        return await self._advised(self._hear(incoming, around, own, quote), around)

    def _hear(self, incoming: Incoming, around: _Around, own: Fetched, quote: Fetched) -> Heard:
        person = _person(incoming, around)
        return Heard(
            incoming,
            person,
            around.understander.understand(incoming.text, _hints(incoming, person, around, bool(own.photos))),
            own.photos,
            quote.photos,
            photo_problems=(*own.problems, *quote.problems),
            photos_late=own.late,
        )

    async def _decide(self, rows: Sequence[InboxRow]) -> int:
        """Decide a batch in one commit; when that fails, message by message. Return how many were decided."""
        now = self._clock.now()
        prepared = [(row, self._prepared[row.id]) for row in rows]
        try:
            async with self._store.deciding(now) as view:
                heard = [(row, task.result()) for row, task in prepared]
                await self._preload(view, [message for _, message in heard])
                prepared = prepared[: await self._apply_all(view, heard)]
        except Exception:
            logger.exception("batch failed, replaying one by one", extra={"action": "batch_failed"})
            for row, task in prepared:
                await self._decide_one(row, task)
        finally:
            for row, _task in prepared:
                self._forget(row)
        for _, task in prepared:
            if task.done() and not task.cancelled() and task.exception() is None:
                self._on_tapped(task.result().incoming)
        self._on_decided()
        return len(prepared)

    async def _apply_all(self, view: SqlView, heard: Sequence[tuple[InboxRow, Heard]]) -> int:
        """Decide one after the other, not all of them when others wait for the database; return how many."""
        for count, (row, message) in enumerate(heard, 1):
            await self._apply(view, row, message)
            if await self._must_make_way(count):
                return count
        return len(heard)

    async def _must_make_way(self, count: int) -> bool:
        """Let others have a turn after some messages; tell whether they wait for the database while enough are done."""
        if count % YIELD_EVERY:
            return False
        await asyncio.sleep(0)
        return count >= FEW and self._store.intake.is_waited_for

    def _forget(self, row: InboxRow) -> None:
        self._rows.pop(row.id, None)
        self._prepared.pop(row.id, None)
        self._senders.pop(row.id, None)

    async def _preload(self, view: SqlView, heard: Sequence[Heard]) -> None:
        await view.preload(
            persons={message.person for message in heard},
            chats={message.incoming.chat_id for message in heard},
            segments={message.understanding.segment for message in heard if message.understanding.segment},
            since=view.now - self._rules.waits.duplicate,
        )

    async def _decide_one(self, row: InboxRow, task: asyncio.Future[Heard]) -> None:
        try:
            async with self._store.deciding(self._clock.now()) as view:
                await self._apply(view, row, task.result())
        except Exception as error:
            logger.exception("message failed", extra={"action": "message_failed", "inbox": row.id})
            await self._failed(row, error)

    async def _apply(self, view: SqlView, row: InboxRow, heard: Heard) -> None:
        self._on_heard(heard, view)
        effects = await decide(heard, view, self._rules)
        view.apply(effects)
        view.inbox_done([row.id])

    async def _failed(self, row: InboxRow, error: Exception) -> None:
        name = error.text if isinstance(error, LuzhangError) else type(error).__name__
        if await self._store.inbox.failed(row.id, name, self._clock.now()) and self._on_parked is not None:
            await self._on_parked(row, name)


def _person(incoming: Incoming, around: _Around) -> str:
    person = around.roster.by_account(incoming.platform, incoming.sender)
    return person or stranger(incoming.platform, incoming.sender)


def _hints(incoming: Incoming, person: str, around: _Around, has_photo: bool) -> Hints:
    roster, day = around.roster, around.day
    mine = {p.scope for p in roster.posts_of(person, day) if p.role in (Role.CHIEF, Role.DUTY)}
    mine |= {duty.segment for duty in roster.duties_of(person, day)}
    own = next(iter(mine)) if len(mine) == 1 else None
    return Hints(
        sender_segment=own if own and roster.segment(own, day) else None,
        township=around.rooms.get(incoming.chat_id, "") if incoming.is_group else "",
        has_photo=has_photo,
        quotes_bot=bool(incoming.quote and "【20" in incoming.quote.text),
    )


def _sound(incoming: Incoming) -> Incoming:
    """Return the message without what no database keeps: NUL, and halves of surrogate pairs from a cut emoji."""
    quote = incoming.quote and replace(incoming.quote, text=_sound_text(incoming.quote.text))
    text, name = _sound_text(incoming.text), _sound_text(incoming.sender_name)
    if (text, quote, name) == (incoming.text, incoming.quote, incoming.sender_name):
        return incoming
    return replace(incoming, text=text, quote=quote, sender_name=name)


def _sound_text(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\0", "")
