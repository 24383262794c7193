import io
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from domain.photo_facts import PhotoFacts
from media.photos import PhotoStore
from media.reading import PhotoReader
from tests.media.pictures import bomb, picture

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path)


@pytest.fixture
async def reader() -> AsyncIterator[PhotoReader]:
    reader = PhotoReader(SHANGHAI)
    yield reader
    await reader.close()


def exif(*, taken: str = "", offset: str = "", gps: Mapping[int, object] | None = None) -> bytes:
    made = Image.Exif()
    detail = made.get_ifd(0x8769)
    if taken:
        detail[0x9003] = taken
    if offset:
        detail[0x9011] = offset
    if gps:
        made.get_ifd(0x8825).update(gps)
    return made.tobytes()


async def facts_of(store: PhotoStore, reader: PhotoReader, data: bytes) -> PhotoFacts:
    photo = await store.save(data)
    return await reader.facts(photo, store.path(photo))


async def test_time_and_place_of_a_phone(store: PhotoStore, reader: PhotoReader) -> None:
    gps = {1: "N", 2: (34.0, 23.0, 44.16), 3: "E", 4: (113.0, 44.0, 21.84)}
    found = await facts_of(store, reader, picture(exif=exif(taken="2026:06:01 14:02:33", gps=gps)))
    assert found.taken_at == datetime(2026, 6, 1, 6, 2, 33, tzinfo=UTC)
    assert found.point == pytest.approx((113.7394, 34.3956), abs=1e-6)


async def test_a_named_offset_counts(store: PhotoStore, reader: PhotoReader) -> None:
    found = await facts_of(store, reader, picture(exif=exif(taken="2026:06:01 14:02:33", offset="+00:00")))
    assert found.taken_at == datetime(2026, 6, 1, 14, 2, 33, tzinfo=UTC)


async def test_south_and_west_are_negative(store: PhotoStore, reader: PhotoReader) -> None:
    gps = {1: "S", 2: (1.0, 30.0, 0.0), 3: "W", 4: (2.0, 0.0, 0.0)}
    found = await facts_of(store, reader, picture(exif=exif(gps=gps)))
    assert found.point == pytest.approx((-2.0, -1.5))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(picture(), id="no exif"),
        pytest.param(picture(exif=exif(taken="0000:00:00 00:00:00")), id="no time set"),
        pytest.param(picture(exif=exif(taken="yesterday", gps={2: (1.0,), 4: (2.0, 1.0)})), id="rubbish"),
        pytest.param(
            picture(exif=exif(gps={1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})), id="null island"
        ),
        pytest.param(picture(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"), id="broken"),
    ],
)
async def test_what_tells_nothing(store: PhotoStore, reader: PhotoReader, data: bytes) -> None:
    found = await facts_of(store, reader, data)
    assert (found.taken_at, found.point) == (None, None)
    assert found.hashes


async def test_a_wall_is_known_by_nothing(store: PhotoStore, reader: PhotoReader) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 90, 90)).save(out, "JPEG")
    found = await facts_of(store, reader, out.getvalue())
    assert (found.hashes, found.grey) == ((), b"")


async def test_a_bomb_tells_nothing_and_the_next_is_read(store: PhotoStore, reader: PhotoReader) -> None:
    assert (await facts_of(store, reader, bomb(7_000))).hashes == ()
    assert (await facts_of(store, reader, picture())).hashes
