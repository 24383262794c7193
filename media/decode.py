"""Small pictures of kept photos, decoded in a child process that may die without harm."""

from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from domain.messages import Photo
from media.child import PATIENCE, Child, ChildFailed
from media.extras import can_heic
from media.header import PhotoRefused
from media.photos import PIXEL_CAPS, TOO_MANY_PIXELS, PhotoStore, is_over_pixel_cap

MAX_SIDE = 4_096
Boxes = Sequence[tuple[int, int, int, int]]
UNREADABLE = "照片无法打开，请重新拍照发送。"
HEIC_UNREADABLE = "HEIC照片已留存，暂不能预览，请改用JPG格式发送。"


def check_readable(photo: Photo) -> None:
    """Raise PhotoRefused for a picture that no child is asked to open: HEIC without its extra, too many pixels."""
    if photo.ext == "heic" and not can_heic():
        raise PhotoRefused(HEIC_UNREADABLE)
    if is_over_pixel_cap(photo):
        raise PhotoRefused(TOO_MANY_PIXELS)


class Decoder:
    """Makes small pictures of what a PhotoStore keeps. Use it as an async context manager, or `close` it at the end."""

    def __init__(self, store: PhotoStore, *, patience: timedelta = PATIENCE) -> None:
        self._store = store
        self.child = Child("media.decode_worker", patience=patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the child and wait for it."""
        await self.child.close()

    async def thumbnail(self, photo: Photo, max_px: int, boxes: Boxes = (), *, is_numbered: bool = False) -> bytes:
        """Return the photo as JPEG, upright, at most `max_px` (16 to 4096) on its longer side, without any metadata.

        boxes: parts of the upright frame (left, top, right, bottom in thousandths) that are blurred beyond recognition.
        is_numbered: with a grid of three by three numbered parts over it.

        Raises PhotoRefused when it cannot be shown: HEIC without its extra, too many pixels, damaged, or more than ten
        seconds' work.
        """
        if not 16 <= max_px <= MAX_SIDE:
            raise ValueError("max_px")
        check_readable(photo)
        question = {
            "path": str(self._store.path(photo)),
            "max_px": max_px,
            "max_pixels": PIXEL_CAPS[photo.ext],
            "boxes": [list(box) for box in boxes],
            "is_numbered": is_numbered,
        }
        try:
            answer, data = await self.child.ask(question)
        except ChildFailed:
            raise PhotoRefused(UNREADABLE) from None
        if "problem" in answer or not data:
            raise PhotoRefused(UNREADABLE)
        return data
