"""What is known of pictures, the search for copies by bands of their hashes, and the queue of watermarks to be read."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.messages import Photo
from domain.photo_facts import BANDS, PhotoFacts, Review, Watermark, bands_of
from domain.understand.coordinates import Point
from store.columns import from_micros, to_micros
from store.engine import Database
from store.schema import photo, photo_hash, photo_wait
from store.writing import put

MOST_CANDIDATES = 64
_FACTS = select(photo).where(photo.c.sha256.in_(bindparam("shas", expanding=True)))
# those that most of their cuts speak for come first: the more pictures are kept, the more are alike in one cut by chance
_SHARED = (
    select(photo_hash.c.sha256, func.count().label("cuts"))
    .where(
        or_(*(photo_hash.c[f"band{n}"].in_(bindparam(f"bands{n}", expanding=True)) for n in range(BANDS))),
        photo_hash.c.sha256 != bindparam("sha256"),
    )
    .group_by(photo_hash.c.sha256)
    .order_by(func.count().desc(), photo_hash.c.sha256)
    .limit(MOST_CANDIDATES)
    .subquery()
)
_CANDIDATES = (
    select(photo.c.sha256, photo.c.grey)
    .join(_SHARED, _SHARED.c.sha256 == photo.c.sha256)
    .order_by(_SHARED.c.cuts.desc(), _SHARED.c.sha256)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture whose watermark is to be read, and the message that brought it."""

    id: int
    photo: Photo
    platform: str
    chat_id: str
    is_group: bool
    person: str
    message_id: str


@dataclass(frozen=True, slots=True)
class NewWait:
    """A picture to be queued for reading."""

    photo: Photo
    platform: str
    chat_id: str
    is_group: bool
    person: str
    message_id: str


class Photos:
    """The facts of pictures, outside a decision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, shas: Collection[str]) -> dict[str, PhotoFacts]:
        """Return what is known of these pictures; unknown ones are left out."""
        async with self._database.reading() as connection:
            return {one.sha256: one for one in await facts(connection, shas)}

    async def candidates(self, one: PhotoFacts) -> list[tuple[str, bytes]]:
        """Return (fingerprint, grey copy) of the pictures that this one may be a copy of."""
        if not one.hashes:
            return []
        bands = [bands_of(value) for value in one.hashes]
        values: dict[str, Any] = {f"bands{n}": sorted({band[n] for band in bands}) for n in range(BANDS)}
        async with self._database.reading() as connection:
            rows = await connection.execute(_CANDIDATES, {**values, "sha256": one.sha256})
            return [(row.sha256, row.grey) for row in rows if row.grey]

    async def learn(self, found: Iterable[PhotoFacts], waits: Sequence[NewWait], now: datetime) -> None:
        """Keep facts of new pictures, and queue those whose watermark is to be read."""
        async with self._database.writing() as connection:
            await write(connection, found)
            rows = [
                {
                    "sha256": wait.photo.sha256, "ext": wait.photo.ext, "platform": wait.platform,
                    "chat_id": wait.chat_id, "is_group": wait.is_group, "person": wait.person,
                    "message_id": wait.message_id, "queued_at": now,
                }
                for wait in waits
            ]  # fmt: skip
            await put(connection, photo_wait, rows, keep=("platform", "message_id", "sha256"))

    async def waiting(self, limit: int) -> list[Waiting]:
        """Return pictures whose watermark is to be read, oldest first."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(photo_wait).order_by(photo_wait.c.id).limit(limit))).mappings()
            return [
                Waiting(
                    row["id"], Photo(row["sha256"], row["ext"], 0), row["platform"], row["chat_id"], row["is_group"],
                    row["person"], row["message_id"],
                )
                for row in rows
            ]  # fmt: skip


async def facts(connection: AsyncConnection, shas: Collection[str]) -> list[PhotoFacts]:
    """Return what is known of these pictures, without their hashes, which only a search needs."""
    if not shas:
        return []
    rows = await connection.execute(_FACTS, {"shas": list(shas)})
    return [_facts_of(row) for row in rows.mappings()]


async def for_review(connection: AsyncConnection, limit: int) -> list[PhotoFacts]:
    """Return the pictures that wait for a person's look."""
    found = select(photo).where(photo.c.review == Review.WAITING.value).order_by(photo.c.sha256).limit(limit)
    return [_facts_of(row) for row in (await connection.execute(found)).mappings()]


async def write(connection: AsyncConnection, found: Iterable[PhotoFacts]) -> None:
    """Write facts; later ones of the same picture replace earlier ones, but its hashes stay."""
    kept = list(found)
    await put(connection, photo, [_row(one) for one in kept])
    hashes = [
        {"sha256": one.sha256, "position": n, **{f"band{b}": band for b, band in enumerate(bands_of(value))}}
        for one in kept
        for n, value in enumerate(one.hashes)
    ]
    await put(connection, photo_hash, hashes, keep=("sha256", "position"))


async def drop_waits(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Take pictures out of the queue."""
    if ids:
        await connection.execute(delete(photo_wait).where(photo_wait.c.id.in_(ids)))


def _row(one: PhotoFacts) -> dict[str, Any]:
    mark = one.watermark
    return {
        "sha256": one.sha256,
        "taken_at": one.taken_at,
        "point": list(one.point) if one.point else None,
        "watermark": mark
        and {
            "address": mark.address,
            "taken_at": to_micros(mark.taken_at) if mark.taken_at else None,
            "point": list(mark.point) if mark.point else None,
            "note": mark.note,
            "segments": list(mark.segments),
            "category": mark.category,
            "severity": mark.severity,
            "is_hazard": mark.is_hazard,
        },
        "grey": one.grey,
        "alike": list(one.alike),
        "boxes": None if one.boxes is None else {"boxes": [list(box) for box in one.boxes]},
        "review": one.review.value,
    }


def _facts_of(row: Any) -> PhotoFacts:
    mark = row["watermark"]
    return PhotoFacts(
        sha256=row["sha256"],
        taken_at=row["taken_at"],
        point=_point(row["point"]),
        watermark=mark
        and Watermark(
            mark["address"],
            None if mark["taken_at"] is None else from_micros(mark["taken_at"]),
            _point(mark["point"]),
            mark["note"],
            tuple(mark["segments"]),
            mark["category"],
            mark["severity"],
            mark["is_hazard"],
        ),
        grey=row["grey"],
        alike=tuple(row["alike"]),
        boxes=None if row["boxes"] is None else tuple((b[0], b[1], b[2], b[3]) for b in row["boxes"]["boxes"]),
        review=Review(row["review"]),
    )


def _point(value: Sequence[float] | None) -> Point | None:
    return (value[0], value[1]) if value else None
