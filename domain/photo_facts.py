"""What is known of a picture beside its bytes: when and where it was taken, what its watermark says, what it resembles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.understand.coordinates import Point

BAND_BITS = 16
BANDS = 4


class Review(StrEnum):
    """Whether a person has looked at what of a picture may leave the work group; values are stored, never renamed."""

    NONE = ""  # nobody asked yet
    WAITING = "waiting"
    CLEARED = "cleared"
    KEPT_BACK = "kept_back"


@dataclass(frozen=True, slots=True)
class Watermark:
    """What a watermark camera printed into a picture."""

    address: str = ""
    taken_at: datetime | None = None
    point: Point | None = None  # WGS-84
    note: str = ""  # what else it says: 巡查内容, 备注
    segments: tuple[str, ...] = ()  # what address and point mean by the roster: one when sure, else candidates
    category: str = ""  # named by the note, "" when it names none
    severity: str = ""
    is_hazard: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing of use was read."""
        return not (self.address or self.point or self.taken_at)

    @property
    def segment(self) -> str | None:
        """Return the segment that it means without doubt."""
        return self.segments[0] if len(self.segments) == 1 else None


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """One picture. Instants are aware UTC, points WGS-84 degrees (longitude, latitude)."""

    sha256: str
    taken_at: datetime | None = None  # by its EXIF
    point: Point | None = None  # by its EXIF
    watermark: Watermark | None = None  # None: not read, or nothing there
    hashes: tuple[int, ...] = ()
    grey: bytes = b""
    alike: tuple[str, ...] = ()  # pictures kept before it that it is a copy of
    boxes: tuple[tuple[int, int, int, int], ...] | None = None  # ‰ of the frame to be blurred; None: not looked for
    review: Review = Review.NONE

    @property
    def taken(self) -> datetime | None:
        """Return when it was taken: what the watermark prints counts before EXIF, which a chat client may have lost."""
        return self.watermark.taken_at if self.watermark and self.watermark.taken_at else self.taken_at


@dataclass(frozen=True, slots=True)
class PhotosKnown:
    """The facts of several pictures, by fingerprint."""

    by_sha: Mapping[str, PhotoFacts] = field(default_factory=dict)

    def of(self, sha256: str) -> PhotoFacts:
        """Return a picture's facts, empty ones when nothing is known."""
        return self.by_sha.get(sha256) or PhotoFacts(sha256)


def bands_of(value: int) -> tuple[int, ...]:
    """Return the four 16-bit parts of a 64-bit hash, by which the store finds candidates."""
    return tuple(value >> BAND_BITS * band & 0xFFFF for band in range(BANDS))
