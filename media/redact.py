"""Copies of photos that leave the work group: small, without metadata, faces and number plates blurred, looked at before.

The original is never changed. As long as a person's look is required, a picture that nobody has cleared does not leave:
it waits in the office's queue (待过目), and where it was wanted a gap says so.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from domain.messages import Photo
from domain.photo_facts import PhotoFacts, Review
from domain.ports import Clock
from media.child import Child, ChildFailed
from media.decode import Decoder, check_readable
from media.extras import can_find_faces
from media.header import PhotoRefused
from media.photos import PIXEL_CAPS, PhotoStore

PATIENCE = timedelta(seconds=60)  # the first answer loads the networks, and it has the lowest turn
TO_BE_LOOKED_AT = "照片待市路长办过目，暂不外发。"
KEPT_BACK = "照片经人工过目，不外发。"

Boxes = tuple[tuple[int, int, int, int], ...]


class KnownPhotos(Protocol):
    """What is known of pictures, and where it is kept."""

    async def known(self, shas: Collection[str]) -> dict[str, PhotoFacts]:
        """Return the facts of these pictures."""
        ...

    async def learn(self, found: Iterable[PhotoFacts], waits: Sequence[Any], now: datetime) -> None:
        """Keep facts."""
        ...


class Searches(Protocol):
    """Says what of a picture is to be blurred."""

    async def find(self, photo: Photo) -> Boxes | None:
        """Return what is to be blurred, None when the picture could not be searched."""
        ...

    async def close(self) -> None:
        """End what searches."""
        ...


class Finder:
    """Finds faces and plates in a child process; one that fails finds nothing and says so."""

    def __init__(self, store: PhotoStore) -> None:
        self._store = store
        self.child = Child("media.finder_worker", patience=PATIENCE, answers=1_000)

    async def find(self, photo: Photo) -> Boxes | None:
        """Return what is to be blurred, None when the picture could not be searched."""
        try:
            check_readable(photo)
            question = {"path": str(self._store.path(photo)), "max_pixels": PIXEL_CAPS[photo.ext]}
            answer, _ = await self.child.ask(question)
        except (PhotoRefused, ChildFailed):
            return None
        found = answer.get("boxes")
        return None if found is None else tuple((b[0], b[1], b[2], b[3]) for b in found)

    async def close(self) -> None:
        """End the child."""
        await self.child.close()


class PublicCopies:
    """Makes the copies. Without a finder (the extra `blur`) a person's look is always required."""

    def __init__(
        self,
        store: PhotoStore,
        known: KnownPhotos,
        clock: Clock,
        *,
        blurs: bool = True,
        needs_look: bool = False,
        finder: Searches | None = None,
    ) -> None:
        self._store = store
        self._known = known
        self._clock = clock
        self._blurs = blurs
        self._finder = finder if finder is not None or not can_find_faces() else Finder(store)
        self._needs_look = needs_look or self._finder is None
        self._decoder = Decoder(store)

    async def thumbnail(self, photo: Photo, max_px: int) -> bytes:
        """Return the copy as JPEG. Raises PhotoRefused when it may not leave, or not yet; see Decoder.thumbnail."""
        if not self._blurs:
            return await self._decoder.thumbnail(photo, max_px)
        facts = await self._looked_for(photo)
        if facts.review is Review.KEPT_BACK:
            raise PhotoRefused(KEPT_BACK)
        if facts.review is not Review.CLEARED:
            raise PhotoRefused(TO_BE_LOOKED_AT)
        return await self._decoder.thumbnail(photo, max_px, facts.boxes or ())

    async def numbered(self, photo: Photo, max_px: int) -> bytes:
        """Return the copy as it would leave, its parts numbered, for whoever decides on it. Raises PhotoRefused."""
        facts = await (self._looked_for(photo) if self._blurs else self._facts(photo))
        return await self._decoder.thumbnail(photo, max_px, facts.boxes or (), is_numbered=True)

    async def ready(self, photo: Photo, max_px: int) -> bytes:
        """Return the copy where no person's look stands between, for what is not worth one. Raises PhotoRefused."""
        if self._blurs and self._needs_look and (await self._facts(photo)).review is not Review.CLEARED:
            raise PhotoRefused(TO_BE_LOOKED_AT)
        return await self.thumbnail(photo, max_px)

    async def _facts(self, photo: Photo) -> PhotoFacts:
        return (await self._known.known([photo.sha256])).get(photo.sha256) or PhotoFacts(photo.sha256)

    async def _looked_for(self, photo: Photo) -> PhotoFacts:
        """Return the facts with boxes, and in the queue when a person must look; a first asking decides both."""
        facts = await self._facts(photo)
        if facts.review is not Review.NONE:
            return facts
        boxes = facts.boxes
        if boxes is None and self._finder is not None:
            boxes = await self._finder.find(photo)
            facts = await self._facts(photo)  # meanwhile its watermark may have been read, or a person decided
            if facts.review is not Review.NONE:
                return facts
        must_look = self._needs_look or boxes is None
        review = Review.WAITING if must_look else Review.CLEARED
        found = replace(facts, boxes=boxes or (), review=review)
        await self._known.learn([found], [], self._clock.now())
        return found

    async def close(self) -> None:
        """End the children."""
        await self._decoder.close()
        if self._finder is not None:
            await self._finder.close()
