"""The bytes of what goes out: pictures without what a camera wrote into them, files as they were made."""

from typing import Final

from bot.platforms.base import Attachment
from domain.messages import Document, Photo, Undeliverable
from media.decode import Decoder
from media.header import PhotoRefused
from media.photos import PhotoStore

SIDES: Final = (1600, 1200, 800, 480)  # pixels of the longer side, tried until the picture is small enough


class KeptAttachments:
    """Reads from the media folder. A photograph is drawn anew, so that no place or device goes out with it."""

    def __init__(self, photos: PhotoStore, decoder: Decoder) -> None:
        self._photos = photos
        self._decoder = decoder

    async def picture(self, photo: Photo, cap: int) -> Attachment:
        """Return a picture as JPEG or PNG of at most `cap` bytes. Raises Undeliverable when it cannot be shown."""
        try:
            if photo.ext == "png" and len(body := await self._photos.read(photo)) <= cap:
                return Attachment(f"{photo.sha256[:12]}.png", body, is_picture=True)
            for side in SIDES:
                body = await self._decoder.thumbnail(photo, side)
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
