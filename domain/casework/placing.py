"""Where a report lies, by the best of what says so.

Order of trust: typed words, then a location message, then a picture's watermark, then its EXIF, then the sender's own
segment. A weaker source never overrules a stronger one, and none is believed where it fits two segments.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.casework.work import Work
from domain.photo_facts import PhotoFacts
from domain.roster import Segment
from domain.understand import Understanding
from domain.understand.coordinates import Point, distance_to_line_m, wgs84_from_gcj02

REACH_M = 60.0  # a point this near a segment may be on it
CLEAR_M = 25.0  # and is, when the next one is so much farther


class Source(StrEnum):
    """What said where; values are stored with the case."""

    WORDS = "words"
    LOCATION = "location"
    WATERMARK = "watermark"
    EXIF = "exif"
    OWN = "own"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment, or candidates when a person must be asked, and what said so."""

    segment: Segment | None = None
    candidates: tuple[str, ...] = ()
    source: Source = Source.NONE
    told: str = ""  # in words: 人民路86号


def placed(work: Work, u: Understanding, point: Point | None, photos: Iterable[PhotoFacts]) -> Placed:
    """Return where a report lies.

    point: of a location message, GCJ-02. photos: what is known of its pictures.
    """
    by_words = tuple(candidate[0] for candidate in u.segment_candidates)
    if u.is_placed_by_words:
        return _as_placed(work, (u.segment,) if u.segment else by_words, Source.WORDS, u.location_text)
    known = list(photos)
    found = [
        (near(work, wgs84_from_gcj02(*point)) if point else (), Source.LOCATION, ""),
        *((one.watermark.segments, Source.WATERMARK, one.watermark.address) for one in known if one.watermark),
        *((near(work, one.point), Source.EXIF, "") for one in known if one.point),
    ]
    for segments, source, told in found:
        if segments:
            return _as_placed(work, segments, source, told)
    return _as_placed(work, (u.segment,), Source.OWN, "") if u.segment else Placed()


def near(work: Work, point: Point) -> tuple[str, ...]:
    """Return the segments that a WGS-84 point may lie on: one when it is clear which, else the nearest few."""
    return nearest_of(work.roster.on(work.day), point)


def nearest_of(segments: Iterable[Segment], point: Point) -> tuple[str, ...]:
    """Return the ids of the segments that a WGS-84 point may lie on, nearest first, at most three."""
    measured = [(distance_to_line_m(point, one.polyline), one.id) for one in segments if one.polyline]
    reached = sorted(pair for pair in measured if pair[0] <= REACH_M)
    if len(reached) > 1 and reached[1][0] - reached[0][0] >= CLEAR_M:
        reached = reached[:1]
    return tuple(name for _, name in reached[:3])


def _as_placed(work: Work, segments: Sequence[str], source: Source, told: str) -> Placed:
    if len(segments) == 1:
        found = work.roster.segment(segments[0], work.day)
        return Placed(found, (), source, told) if found else Placed(source=source, told=told)
    return Placed(None, tuple(segments), source, told)
