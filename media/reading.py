"""What a kept photo tells of itself, read in a limited child process: EXIF time and place, and what it is known by."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.messages import Photo
from domain.photo_facts import PhotoFacts
from media.child import Child, ChildFailed
from media.decode import check_readable
from media.header import PhotoRefused
from media.photos import PIXEL_CAPS


class PhotoReader:
    """Reads the facts of photos; a picture that cannot be read has none. Close it at the end."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone  # of EXIF times, which seldom name their own
        self.child = Child("media.reading_worker")

    async def facts(self, photo: Photo, path: Path) -> PhotoFacts:
        """Return what the picture at `path`, an absolute one, tells."""
        try:
            check_readable(photo)
            told, grey = await self.child.ask({"path": str(path), "max_pixels": PIXEL_CAPS[photo.ext]})
        except (PhotoRefused, ChildFailed):
            return PhotoFacts(photo.sha256)
        if "problem" in told:
            return PhotoFacts(photo.sha256)
        return self.facts_of(photo, told, grey)

    def facts_of(self, photo: Photo, told: Mapping[str, Any], grey: bytes) -> PhotoFacts:
        """Return the facts that the child's answer tells."""
        gps = told.get("gps")
        return PhotoFacts(
            photo.sha256,
            taken_at=self._instant(told.get("taken"), told.get("offset")),
            point=(gps[0], gps[1]) if gps else None,
            hashes=tuple(told["hashes"]),
            grey=grey if told["hashes"] else b"",
        )

    def _instant(self, taken: str | None, offset: str | None) -> datetime | None:
        try:
            at = datetime.fromisoformat(f"{taken}{offset or ''}") if taken else None
            return at and (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    async def close(self) -> None:
        """End the child."""
        await self.child.close()
