"""Reads the watermarks of kept photos in a child of its own: slow, large, one picture at a time, never awaited by an answer."""

from datetime import timedelta

from domain.messages import Photo
from domain.understand.watermark import Line
from media.child import Child, ChildFailed
from media.decode import check_readable
from media.header import PhotoRefused
from media.photos import PIXEL_CAPS, PhotoStore

PATIENCE = timedelta(seconds=60)  # its first answer loads the models, and it has the lowest turn
PICTURES_PER_CHILD = 2_000


class WatermarkReader:
    """Reads lines of text from photos. The child starts with the first and is replaced when it dies."""

    def __init__(self, store: PhotoStore) -> None:
        self._store = store
        self.child = Child("media.ocr_worker", patience=PATIENCE, answers=PICTURES_PER_CHILD)

    async def lines(self, photo: Photo, *, whole: bool = False) -> list[Line]:
        """Return the lines of text in a photo's bands, or in the whole of it; none when it cannot be read.

        Raises ChildFailed when the child died of it, so that it may be tried once more.
        """
        try:
            check_readable(photo)
        except PhotoRefused:
            return []
        path = str(self._store.path(photo))
        answer, _ = await self.child.ask({"path": path, "max_pixels": PIXEL_CAPS[photo.ext], "whole": whole})
        return [Line(str(line[0]), *(int(value) for value in line[1:5])) for line in answer.get("lines", [])]

    async def close(self) -> None:
        """End the child."""
        await self.child.close()


__all__ = ["ChildFailed", "WatermarkReader"]
