"""What is done with a picture between its arrival and the decision: its facts are read, and copies of it are looked for.

All of it outside the transaction, and none of it may hold up or spoil the answer: a picture that cannot be studied is
simply unknown.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from domain.messages import Incoming, Photo
from domain.photo_facts import PhotoFacts
from domain.ports import Clock
from media.photos import PhotoStore
from store import Store
from store.group_commit import STORE_ERRORS
from store.photos import NewWait

logger = logging.getLogger(__name__)

MOST_SECONDS = 4.0  # for the pictures of one message


class FactsReader(Protocol):
    """Reads what a picture tells of itself."""

    async def facts(self, photo: Photo, path: Path) -> PhotoFacts:
        """Return the facts, empty ones for a picture that cannot be read."""
        ...


class Studying:
    """Studies pictures as they arrive. `reads_watermarks` = somebody works the queue of watermarks off."""

    def __init__(
        self, store: Store, photos: PhotoStore, reader: FactsReader, clock: Clock, *, reads_watermarks: bool
    ) -> None:
        self._store = store
        self._photos = photos
        self._reader = reader
        self._clock = clock
        self._reads_watermarks = reads_watermarks
        self.on_queued: Callable[[], None] = lambda: None

    async def study(self, photos: Sequence[Photo], incoming: Incoming, person: str) -> None:
        """Learn what the pictures of a message tell; those seen before are known already."""
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await self._study(photos, incoming, person)
        except (TimeoutError, OSError, *STORE_ERRORS):
            logger.warning("pictures not studied", extra={"action": "study_failed", "photos": len(photos)})

    async def _study(self, photos: Sequence[Photo], incoming: Incoming, person: str) -> None:
        known = await self._store.photos.known([photo.sha256 for photo in photos])
        found: dict[str, PhotoFacts] = {}
        for photo in photos:
            if photo.sha256 not in known and photo.sha256 not in found:
                found[photo.sha256] = await self._alike(await self._reader.facts(photo, self._photos.path(photo)))
        waits = [self._wait(photo, incoming, person) for photo in photos if self._is_unread(photo, known)]
        if found or waits:
            await self._store.photos.learn(found.values(), waits, self._clock.now())
        if waits:
            self.on_queued()

    async def _alike(self, one: PhotoFacts) -> PhotoFacts:
        """Return the facts with the pictures kept before that this one is a copy of."""
        candidates = await self._store.photos.candidates(one)
        if not candidates:
            return one
        alike = await asyncio.to_thread(_same, one.grey, candidates)
        return PhotoFacts(one.sha256, one.taken_at, one.point, None, one.hashes, one.grey, alike)

    def _is_unread(self, photo: Photo, known: dict[str, PhotoFacts]) -> bool:
        facts = known.get(photo.sha256)
        return self._reads_watermarks and (facts is None or facts.watermark is None)

    def _wait(self, photo: Photo, incoming: Incoming, person: str) -> NewWait:
        return NewWait(photo, incoming.platform, incoming.chat_id, incoming.is_group, person, incoming.message_id)


def _same(grey: bytes, candidates: Sequence[tuple[str, bytes]]) -> tuple[str, ...]:
    from media.likeness import is_same_picture  # with Pillow, which the start need not wait for

    return tuple(sha256 for sha256, other in candidates if is_same_picture(grey, other))
