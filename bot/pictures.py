"""Pictures of messages: fetched from the platform before their links die, and kept."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.platforms.base import Client
from domain.messages import Photo, PhotoRef, PlatformError, RateLimited
from media.header import PhotoRefused
from media.photos import TOO_MANY_PIXELS, PhotoStore, is_over_pixel_cap

logger = logging.getLogger(__name__)

AT_ONCE = 8  # of one platform
TRIES = 3
PAUSE = 2.0  # seconds after the first try, twice as long after the second
NOT_FETCHED = "照片未能从平台取到。"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a message's pictures; `late` counts those that did not come in time."""

    photos: tuple[Photo, ...] = ()
    problems: tuple[str, ...] = ()  # Chinese
    late: int = 0


@dataclass(frozen=True, slots=True)
class _One:
    """What became of one picture: stored, or not and why (Chinese)."""

    photo: Photo | None
    problem: str


class Pictures:
    """Fetches and keeps the pictures of inbound messages. clients: by platform."""

    def __init__(self, clients: Mapping[str, Client], photos: PhotoStore) -> None:
        self._clients = clients
        self._photos = photos
        self._fetching: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))

    async def fetch(self, platform: str, refs: Sequence[PhotoRef], patience: float) -> Fetched:
        """Return what became of pictures, those left out that did not come within `patience` seconds."""
        if not refs:
            return Fetched()
        found = await asyncio.gather(*(self._fetch_in(platform, ref, patience) for ref in refs))
        return Fetched(
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
                async with self._fetching[platform]:
                    data = await self._fetch_patiently(platform, ref)
                photo = await self._photos.save(data)
            except PhotoRefused as refused:
                return _One(None, refused.text)
            except PlatformError as error:
                fact = {"action": "photo_failed", "error": type(error).__name__, "tries": tries}
                logger.warning("photo not fetched", extra=fact)
                if tries >= TRIES:
                    return _One(None, NOT_FETCHED)
                await asyncio.sleep(PAUSE * tries)
                continue
            # kept all the same: the bytes are evidence, only nobody can look at them here
            return _One(photo, TOO_MANY_PIXELS if is_over_pixel_cap(photo) else "")

    async def _fetch_patiently(self, platform: str, ref: PhotoRef) -> bytes:
        """Return a picture's bytes, asking again as often as the platform only says to wait.

        Nothing is wrong with the picture then, and whoever waits keeps his place, so that no more ask at once.
        """
        while True:
            try:
                return await self._clients[platform].fetch_photo(ref)
            except RateLimited as limited:
                pause = limited.retry_after or timedelta(seconds=PAUSE)
                await asyncio.sleep(pause.total_seconds())
