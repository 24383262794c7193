"""The inbox worker: durable messages become decisions. Photos and understanding come before the transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.platforms.base import Client
from domain.errors import LuzhangError
from domain.heard import Heard, stranger
from domain.messages import Incoming, Kind, Photo, PhotoRef, PlatformError
from domain.ports import Clock
from domain.roster import Role, Roster
from domain.rules import Rules
from domain.understand import Gazetteer, Hints, Understander
from handlers.decide import decide
from media.header import PhotoRefused
from media.photos import TOO_MANY_PIXELS, PhotoStore, is_over_pixel_cap
from store import Store
from store.inbox import InboxRow
from store.view import SqlView

logger = logging.getLogger(__name__)

BATCH = 64
IN_FLIGHT = 256
PHOTO_WAIT = 10.0  # seconds that a receipt waits for its photos
PHOTO_PATIENCE = 240.0  # seconds in which the platforms' links die
PHOTO_PAUSE = 2.0
PHOTO_TRIES = 3
NOT_FETCHED = "照片未能从平台取到。"
LATE = "#photos"  # marks the inbox row that fetches photos which missed the receipt
FETCHES = 8


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
class _One:
    """What became of one picture: stored, or not and why (Chinese)."""

    photo: Photo | None
    problem: str


@dataclass(frozen=True, slots=True)
class _Fetched:
    photos: tuple[Photo, ...] = ()
    problems: tuple[str, ...] = ()
    late: int = 0


class Understanders:
    """One understander for each version of the roster and day; the latest is kept."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._key: tuple[int, object] | None = None
        self._current: Understander | None = None

    def of(self, roster: Roster, now: datetime) -> Understander:
        """Return the understander for the segments in force today."""
        key = (roster.version, self._rules.day(now))
        if self._current is None or self._key != key:
            gazetteer = Gazetteer.build(roster.on(self._rules.day(now)))
            self._current, self._key = Understander(self._rules.categories, gazetteer), key
        return self._current


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
        on_decided: Callable[[], None] = lambda: None,
        on_heard: Callable[[Heard], None] = lambda heard: None,
        on_parked: Callable[[InboxRow, str], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._channels = channels
        self._photos = photos
        self._clock = clock
        self._on_decided = on_decided
        self._on_heard = on_heard
        self._on_parked = on_parked
        self._understanders = Understanders(rules)
        self._fetching = asyncio.Semaphore(FETCHES)
        self._prepared: dict[int, asyncio.Task[Heard]] = {}
        self._senders: dict[int, str] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that the inbox has something new."""
        self._wake.set()

    async def run(self) -> None:
        """Work for ever; cancel to stop."""
        while True:
            self._wake.clear()
            if await self.work_once():
                continue
            waiting = [task for task in self._prepared.values() if not task.done()]
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
        self._prepared.clear()
        self._senders.clear()

    async def work_once(self) -> int:
        """Prepare what is new, decide what is ready, and return how many messages were decided."""
        rows = await self._store.inbox.waiting(IN_FLIGHT)
        roster = await self._store.rosters.load()
        for row in rows:
            if row.id not in self._prepared:
                await self._start(row, roster)
        ready = self._ready(rows)[:BATCH]
        if ready:
            await self._decide(ready)
        return len(ready)

    async def _start(self, row: InboxRow, roster: Roster) -> None:
        try:
            incoming = self._channels.parsers[row.channel].parse(row.payload, row.received_at)
        except (ValueError, KeyError, TypeError) as error:
            await self._failed(row, error)
            return
        is_late = row.message_id.endswith(LATE)
        if is_late:
            incoming = replace(incoming, message_id=row.message_id, kind=Kind.PHOTO, text="", quote=None)
        self._senders[row.id] = f"{row.id}" if is_late else f"{incoming.platform}:{incoming.sender}"
        self._prepared[row.id] = asyncio.create_task(self._prepare(row, incoming, roster, is_late=is_late))

    def _ready(self, rows: Sequence[InboxRow]) -> list[InboxRow]:
        """Return prepared rows in arrival order, none before an earlier one of the same sender."""
        blocked: set[str] = set()
        ready = []
        for row in rows:
            task, sender = self._prepared.get(row.id), self._senders.get(row.id, "")
            if task is None or sender in blocked:
                continue
            if task.done():
                ready.append(row)
            else:
                blocked.add(sender)
        return ready

    async def _prepare(self, row: InboxRow, incoming: Incoming, roster: Roster, *, is_late: bool) -> Heard:
        patience = PHOTO_PATIENCE if is_late else PHOTO_WAIT
        quoted = incoming.quote.photos if incoming.quote and not is_late else ()
        own, quote = await asyncio.gather(
            self._fetch_all(incoming.platform, incoming.photos, patience),
            self._fetch_all(incoming.platform, quoted, patience),
        )
        if own.late and not is_late:
            await self._store.intake.put(row.channel, row.platform, row.message_id + LATE, row.payload, row.received_at)
        person = roster.by_account(incoming.platform, incoming.sender) or stranger(incoming.platform, incoming.sender)
        hints = await self._hints(incoming, person, roster, bool(own.photos))
        understanding = self._understanders.of(roster, self._clock.now()).understand(incoming.text, hints)
        return Heard(
            incoming,
            person,
            understanding,
            own.photos,
            quote.photos,
            photo_problems=(*own.problems, *quote.problems),
            photos_late=own.late,
        )

    async def _hints(self, incoming: Incoming, person: str, roster: Roster, has_photo: bool) -> Hints:
        day = self._rules.day(self._clock.now())
        mine = {p.scope for p in roster.posts_of(person, day) if p.role in (Role.CHIEF, Role.DUTY)}
        mine |= {r.value.segment for r in roster.duties if r.value.person == person and r.holds(day)}
        rooms = await self._store.rosters.rooms()
        township = next((r.scope for r in rooms if r.chat_id == incoming.chat_id and incoming.is_group), "")
        own = next(iter(mine)) if len(mine) == 1 else None
        return Hints(
            sender_segment=own if own and roster.segment(own, day) else None,
            township=township,
            has_photo=has_photo,
            quotes_bot=bool(incoming.quote and "【20" in incoming.quote.text),
        )

    async def _fetch_all(self, platform: str, refs: Sequence[PhotoRef], patience: float) -> _Fetched:
        if not refs:
            return _Fetched()
        found = await asyncio.gather(*(self._fetch_in(platform, ref, patience) for ref in refs))
        return _Fetched(
            tuple(one.photo for one in found if one and one.photo),
            tuple(one.problem for one in found if one and one.problem),
            sum(one is None for one in found),
        )

    async def _fetch_in(self, platform: str, ref: PhotoRef, patience: float) -> _One | None:
        """Return what became of one picture, or None when it did not come in time."""
        try:
            async with asyncio.timeout(patience):
                return await self._fetch(platform, ref)
        except TimeoutError:
            return None

    async def _fetch(self, platform: str, ref: PhotoRef) -> _One:
        tries = 0
        while True:
            tries += 1
            try:
                async with self._fetching:
                    data = await self._channels.clients[platform].fetch_photo(ref)
                photo = await self._photos.save(data)
            except PhotoRefused as refused:
                return _One(None, refused.text)
            except PlatformError as error:
                fact = {"action": "photo_failed", "error": type(error).__name__, "tries": tries}
                logger.warning("photo not fetched", extra=fact)
                if tries >= PHOTO_TRIES:
                    return _One(None, NOT_FETCHED)
                await asyncio.sleep(PHOTO_PAUSE * tries)
                continue
            # kept all the same: the bytes are evidence, only nobody can look at them here
            return _One(photo, TOO_MANY_PIXELS if is_over_pixel_cap(photo) else "")

    async def _decide(self, rows: Sequence[InboxRow]) -> None:
        """Decide a batch in one commit; when that fails, message by message."""
        now = self._clock.now()
        prepared = [(row, self._prepared[row.id]) for row in rows]
        try:
            async with self._store.deciding(now) as view:
                heard = [(row, task.result()) for row, task in prepared]
                await view.preload(persons={h.person for _, h in heard}, chats={h.incoming.chat_id for _, h in heard})
                for row, message in heard:
                    await self._apply(view, row, message)
        except Exception:
            logger.exception("batch failed, replaying one by one", extra={"action": "batch_failed"})
            for row, task in prepared:
                await self._decide_one(row, task)
        finally:
            for row, _ in prepared:
                self._prepared.pop(row.id, None)
                self._senders.pop(row.id, None)
        self._on_decided()

    async def _decide_one(self, row: InboxRow, task: asyncio.Task[Heard]) -> None:
        try:
            async with self._store.deciding(self._clock.now()) as view:
                await self._apply(view, row, task.result())
        except Exception as error:
            logger.exception("message failed", extra={"action": "message_failed", "inbox": row.id})
            await self._failed(row, error)

    async def _apply(self, view: SqlView, row: InboxRow, heard: Heard) -> None:
        self._on_heard(heard)
        effects = await decide(heard, view, self._rules)
        view.apply(effects)
        view.inbox_done([row.id])

    async def _failed(self, row: InboxRow, error: Exception) -> None:
        name = error.text if isinstance(error, LuzhangError) else type(error).__name__
        if await self._store.inbox.failed(row.id, name, self._clock.now()) and self._on_parked is not None:
            await self._on_parked(row, name)
