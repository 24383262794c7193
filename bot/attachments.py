"""The bytes of what goes out: pictures without what a camera wrote into them, files as they were made."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bot.platforms.base import Attachment
from domain.messages import ChatRoom, Document, Look, Photo, Target, Undeliverable
from media.decode import Decoder
from media.header import PhotoRefused
from media.photos import PhotoStore
from media.redact import PublicCopies

SIDES: Final = (1600, 1200, 800, 480)  # pixels of the longer side, tried until the picture is small enough
INSIDE: Final = frozenset({"work", "seat", "office"})  # groups whose people handle cases and decide what may leave


class KeptAttachments:
    """Reads from the media folder. A photograph is drawn anew, so that no place or device goes out with it.

    Into any group but those that handle cases it goes as the copy that may leave. rooms: the groups as they are bound now.
    """

    def __init__(
        self,
        photos: PhotoStore,
        decoder: Decoder,
        copies: PublicCopies,
        rooms: Callable[[], Awaitable[Sequence[ChatRoom]]],
    ) -> None:
        self._photos = photos
        self._decoder = decoder
        self._copies = copies
        self._rooms = rooms

    async def picture(self, photo: Photo, cap: int, target: Target) -> Attachment:
        """Return a picture as JPEG or PNG of at most `cap` bytes. Raises Undeliverable when it cannot be shown there."""
        try:
            if photo.look is Look.MADE and photo.ext == "png" and len(body := await self._photos.read(photo)) <= cap:
                return Attachment(f"{photo.sha256[:12]}.png", body, is_picture=True)
            drawn = await self._drawn(photo, target)
            for side in SIDES:
                body = await drawn(photo, side)
                if len(body) <= cap:
                    return Attachment(f"{photo.sha256[:12]}.jpg", body, is_picture=True)
        except PhotoRefused as refused:
            raise Undeliverable(refused.text) from None
        except (OSError, ValueError):
            raise Undeliverable("照片文件已不在") from None
        raise Undeliverable(f"照片超过{cap >> 20}MB")

    async def file(self, document: Document, cap: int) -> Attachment:
        """Return a file of at most `cap` bytes. Raises Undeliverable when it is larger, or gone."""
        try:
            body = await self._photos.read(document)
        except (OSError, ValueError):
            raise Undeliverable("文件已不在") from None
        if len(body) > cap:
            raise Undeliverable(f"文件超过{cap >> 20}MB")
        return Attachment(document.title, body, is_picture=False)

    async def _drawn(self, photo: Photo, target: Target) -> Callable[[Photo, int], Awaitable[bytes]]:
        """Return what draws a picture for a place."""
        if photo.look is Look.COPY:
            return self._copies.numbered
        is_shown = photo.look is Look.MADE or await self._is_inside(target)
        return self._decoder.thumbnail if is_shown else self._copies.thumbnail

    async def _is_inside(self, target: Target) -> bool:
        """Tell whether originals may be shown at a place: to a person who was sent one, in a group that handles cases."""
        if not target.chat_id:
            return True
        here = [r for r in await self._rooms() if (r.platform, r.chat_id) == (target.platform, target.chat_id)]
        return bool(here) and all(room.purpose in INSIDE for room in here)
