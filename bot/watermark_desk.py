"""The worker that reads watermarks behind the answers: a durable queue, one picture after another, each its own commit."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.understanders import Understanders
from domain.casework import watermarks
from domain.casework.placing import nearest_of
from domain.casework.work import Work
from domain.messages import Photo
from domain.photo_facts import PhotoFacts, Watermark
from domain.ports import Clock
from domain.roster import Roster
from domain.rules import Rules
from domain.understand.gazetteer import Gazetteer
from domain.understand.watermark import Line, corrected, parse
from media.child import ChildFailed
from store import Store
from store.photos import Waiting

logger = logging.getLogger(__name__)

PAUSE = 2.0  # seconds between two looks at the queue
TRIES = 2
BATCH = 16


class LineReader(Protocol):
    """Reads lines of text from a photo."""

    async def lines(self, photo: Photo) -> list[Line]:
        """Return the lines. Raises ChildFailed."""
        ...


class WatermarkDesk:
    """Works the queue of watermarks off."""

    def __init__(
        self,
        store: Store,
        rules: Rules,
        reader: LineReader,
        clock: Clock,
        *,
        on_read: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._reader = reader
        self._clock = clock
        self._on_read = on_read
        self._understanders = Understanders(rules)
        self.has_work = True  # as far as this process knows; at the start something may be left from before

    async def run(self) -> None:
        """Work for ever; cancel to stop. What was not read when the process ends waits for the next start."""
        while True:
            if not await self.work_once():
                await asyncio.sleep(PAUSE)

    def poke(self) -> None:
        """Say that a picture was queued."""
        self.has_work = True

    async def work_once(self) -> int:
        """Read what waits, at most a few; return how many were read."""
        waiting = await self._store.photos.waiting(BATCH)
        self.has_work = bool(waiting)
        for wait in waiting:
            await self._read(wait)
        return len(waiting)

    async def _read(self, wait: Waiting) -> None:
        known = (await self._store.photos.known([wait.photo.sha256])).get(wait.photo.sha256)
        facts = known or PhotoFacts(wait.photo.sha256)
        now = self._clock.now()
        if facts.watermark is None:
            lines = await self._lines(wait.photo)
            roster = await self._store.rosters.load()
            facts = replace(facts, watermark=await self.understood(lines, roster, now))
        async with self._store.deciding(self._clock.now()) as view:
            chat = (wait.platform, wait.chat_id, wait.is_group)
            view.apply(await watermarks.read(Work(view, self._rules), wait.photo, wait.person, chat, facts))
            view.photo_read(wait.id)
        self._on_read()

    async def _lines(self, photo: Photo) -> list[Line]:
        for _ in range(TRIES):
            try:
                return await self._reader.lines(photo)
            except ChildFailed as error:
                fact = {"action": "watermark_failed", "photo": photo.sha256, "error": str(error)}
                logger.warning("watermark not read", extra=fact)
        return []

    async def understood(self, lines: list[Line], roster: Roster, now: datetime) -> Watermark:
        """Return what the lines say, with what it means by the roster in force."""
        mark = parse(lines, now, self._rules.zone)
        understander = await self._understanders.of(roster, now)
        segments = roster.on(self._rules.day(now))
        address = corrected(mark.address, _names(understander.gazetteer))
        said = understander.understand(f"{address} {mark.note}".strip()) if address or mark.note else None
        if said is None or not said.is_placed_by_words:
            found = nearest_of(segments, mark.point) if mark.point else ()
        else:
            found = (said.segment,) if said.segment else tuple(candidate[0] for candidate in said.segment_candidates)
            if len(found) > 1 and mark.point:  # words leave a few open: the point may choose among them
                near = [name for name in nearest_of(segments, mark.point) if name in found]
                found = tuple(near) if len(near) == 1 else found
        is_named = said is not None and bool(said.category_words) and bool(mark.note)
        return replace(
            mark,
            address=address,
            segments=found,
            category=said.category or "" if said and is_named else "",
            severity=said.severity or "" if said and is_named else "",
            is_hazard=bool(said and is_named and said.is_hazard),
        )


def _names(gazetteer: Gazetteer) -> list[str]:
    return [name.surface for name in gazetteer.names.values() if name.roads or name.landmarks]
