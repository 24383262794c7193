import asyncio
import io
import os
import random
import re
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from domain.messages import Photo
from media.decode import Decoder
from media.extras import can_heic
from media.header import PhotoRefused
from media.limits import CPU_SECONDS, MEMORY_BYTES
from media.photos import PhotoStore
from tests.media.pictures import bomb, heic, picture, png, png_chunk, webp, webp_chunk

CHANGED = 10_000 if os.environ.get("LUZHANG_FULL") else 500


def heif_picture(size: tuple[int, int] = (64, 48), **rest: Any) -> bytes:
    import pillow_heif

    out = io.BytesIO()
    pillow_heif.from_pillow(Image.radial_gradient("L").resize(size).convert("RGB")).save(out, **rest)
    return out.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path)


@pytest.fixture
async def decoder(store: PhotoStore) -> AsyncIterator[Decoder]:
    async with Decoder(store) as decoder:
        yield decoder


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.load()
    return image


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(picture(size=(640, 480)), id="jpeg"),
        pytest.param(picture(size=(640, 480), mode="CMYK"), id="four colours"),
        pytest.param(picture(size=(640, 480), mode="L"), id="grey"),
        pytest.param(picture(size=(640, 480), progressive=True), id="progressive"),
        pytest.param(picture("PNG", size=(640, 480)), id="png"),
        pytest.param(picture("PNG", size=(640, 480), mode="RGBA"), id="png with alpha"),
        pytest.param(picture("PNG", size=(640, 480), mode="P"), id="png with a palette"),
        pytest.param(picture("PNG", size=(640, 480), mode="1"), id="black and white"),
        pytest.param(picture("PNG", size=(640, 480), mode="I;16"), id="sixteen bits"),
        pytest.param(picture("PNG", size=(640, 480), mode="LA"), id="grey with alpha"),
        pytest.param(picture("WEBP", size=(640, 480)), id="webp"),
        pytest.param(picture("WEBP", size=(640, 480), mode="RGBA", lossless=True), id="lossless webp"),
    ],
)
async def test_every_kind_becomes_a_small_jpeg(store: PhotoStore, decoder: Decoder, data: bytes) -> None:
    small = opened(await decoder.thumbnail(await store.save(data), 320))
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (320, 240))


async def test_sixteen_bits_keep_their_light(store: PhotoStore, decoder: Decoder) -> None:
    grey = (b"\0" + b"\x80\0" * 640) * 640
    small = opened(await decoder.thumbnail(await store.save(png(640, 640, rows=grey, colour=0, depth=16)), 32))
    assert abs(small.getpixel((16, 16))[0] - 128) < 4  # type: ignore[index]


async def test_a_small_picture_is_not_blown_up(store: PhotoStore, decoder: Decoder) -> None:
    assert opened(await decoder.thumbnail(await store.save(picture()), 320)).size == (64, 48)


async def test_it_stands_upright_and_tells_nothing(store: PhotoStore, decoder: Decoder) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    exif[0x010F] = "camera-canary"
    exif[0x8825] = {1: "N", 2: (29.0, 52.0, 0.0)}
    data = picture(size=(640, 480), exif=exif.tobytes(), comment=b"comment-canary", icc_profile=b"icc-canary")
    made = await decoder.thumbnail(await store.save(data), 320)
    small = opened(made)
    assert small.size == (240, 320)
    assert dict(small.getexif()) == {}
    assert set(small.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"canary" not in made


async def test_what_is_transparent_becomes_white(store: PhotoStore, decoder: Decoder) -> None:
    data = png(64, 64, rows=(b"\0" + b"\0\0\0\0" * 64) * 64, colour=6)
    assert opened(await decoder.thumbnail(await store.save(data), 32)).getpixel((8, 8)) == (255, 255, 255)


async def test_what_phones_append_is_gone(store: PhotoStore, decoder: Decoder) -> None:
    made = await decoder.thumbnail(await store.save(picture() + b"trailer-canary"), 32)
    assert b"canary" not in made


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        pytest.param(Photo("0" * 64, "png", 1, 24_000, 24_000), "像素", id="over the cap"),
        pytest.param(Photo("0" * 64, "jpg", 1, 64, 48), "无法打开", id="gone from the folder"),
    ],
)
async def test_what_cannot_be_shown(decoder: Decoder, photo: Photo, reason: str) -> None:
    with pytest.raises(PhotoRefused, match=reason):
        await decoder.thumbnail(photo, 320)


@pytest.mark.parametrize("max_px", [0, 15, 4_097])
async def test_a_size_out_of_range_is_a_mistake(decoder: Decoder, max_px: int) -> None:
    with pytest.raises(ValueError, match="max_px"):
        await decoder.thumbnail(Photo("0" * 64, "jpg", 1, 64, 48), max_px)


def inner_giant() -> bytes:
    """Build a WEBP whose canvas is small and whose picture claims 16383 × 16383."""
    canvas = b"\0\0\0\0" + b"\x3f\0\0" + b"\x2f\0\0"
    lossless = b"\x2f" + (16_382 | 16_382 << 14).to_bytes(4, "little") + b"\0" * 64
    return webp(webp_chunk(b"VP8X", canvas), webp_chunk(b"VP8L", lossless))


def lying_jpeg() -> bytes:
    """Return a small picture whose head claims 14000 × 14000."""
    return picture().replace(b"\xff\xc0\0\x11\x08\0\x30\0\x40", b"\xff\xc0\0\x11\x08\x36\xb0\x36\xb0")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png(6_000, 6_000, rows=b"\0" * 100), id="less than it claims"),
        pytest.param(inner_giant(), id="a giant inside"),
        pytest.param(
            png(
                64, 64, rows=(b"\0" * 193) * 64, extra=png_chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 200_000_000))
            ),
            id="a bomb in its text",
        ),
    ],
)
async def test_a_bomb_under_the_cap_hurts_nobody(store: PhotoStore, decoder: Decoder, data: bytes) -> None:
    photo = await store.save(data)
    with pytest.raises(PhotoRefused, match="无法打开"):
        await decoder.thumbnail(photo, 320)
    assert opened(await decoder.thumbnail(await store.save(picture(size=(640, 480))), 320)).size == (320, 240)


async def test_a_jpeg_that_lies_is_shrunk_while_it_is_read(store: PhotoStore, decoder: Decoder) -> None:
    photo = await store.save(lying_jpeg())
    assert photo.width * photo.height == 196_000_000
    assert max(opened(await decoder.thumbnail(photo, 320)).size) == 320


async def test_the_largest_allowed_webp_fits_into_the_limits(store: PhotoStore, decoder: Decoder) -> None:
    photo = await store.save(picture("WEBP", size=(6_000, 4_000), mode="RGBA", quality=5, method=0))
    assert opened(await decoder.thumbnail(photo, 320)).size == (320, 213)


async def test_the_largest_allowed_png_fits_into_the_limits(store: PhotoStore, decoder: Decoder) -> None:
    data = png(8_000, 5_000, rows=b"\0" * ((8_000 * 4 + 1) * 5_000), colour=6)
    assert opened(await decoder.thumbnail(await store.save(data), 320)).size == (320, 200)


@pytest.mark.skipif(not can_heic(), reason="extra “heif” is not installed")
async def test_heic_is_shown_with_its_extra(store: PhotoStore, decoder: Decoder) -> None:
    exif = Image.Exif()
    exif[0x010F] = "camera-canary"
    photo = await store.save(heif_picture((640, 480), exif=exif.tobytes()))
    assert photo.ext == "heic"
    made = await decoder.thumbnail(photo, 320)
    assert opened(made).size == (320, 240)
    assert b"canary" not in made


@pytest.mark.skipif(not can_heic(), reason="extra “heif” is not installed")
async def test_a_large_heic_fits_into_the_limits(store: PhotoStore, decoder: Decoder) -> None:
    photo = await store.save(heif_picture((2_400, 1_800), quality=30))
    assert opened(await decoder.thumbnail(photo, 320)).size == (320, 240)


async def test_heic_without_its_extra_is_kept_and_said(
    store: PhotoStore, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.decode.can_heic", lambda: False)
    with pytest.raises(PhotoRefused, match="HEIC照片已留存"):
        await decoder.thumbnail(Photo("0" * 64, "heic", 1), 320)


async def test_parts_are_made_unrecognisable_and_the_rest_is_not_touched(store: PhotoStore, decoder: Decoder) -> None:
    noise = Image.effect_noise((320, 240), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=92)
    photo = await store.save(out.getvalue())
    plain = opened(await decoder.thumbnail(photo, 320))
    made = opened(await decoder.thumbnail(photo, 320, [(250, 250, 500, 500), (0, 0, 0, 0)]))
    inside, outside = (90, 70, 150, 110), (200, 150, 310, 230)
    assert ImageStat.Stat(made.crop(inside).convert("L")).stddev[0] < 25
    assert ImageStat.Stat(made.crop(outside).convert("L")).stddev[0] > 60
    assert ImageStat.Stat(ImageChops.difference(made, plain).crop(outside)).mean[0] < 12


async def test_a_kept_bomb_is_not_touched(store: PhotoStore, decoder: Decoder) -> None:
    with pytest.raises(PhotoRefused, match="像素"):
        await decoder.thumbnail(await store.save(bomb()), 320)


async def test_the_child_is_limited(store: PhotoStore, decoder: Decoder) -> None:
    await decoder.thumbnail(await store.save(picture()), 32)
    assert decoder.child.process is not None
    process = Path(f"/proc/{decoder.child.process.pid}")
    limits = {line[:25].strip(): line[26:].split() for line in (process / "limits").read_text().splitlines()}
    assert limits["Max address space"][:2] == [str(MEMORY_BYTES)] * 2
    assert 0 < int(limits["Max cpu time"][0]) <= CPU_SECONDS + 3
    assert limits["Max file size"][:2] == ["0", "0"]
    assert (process / "environ").read_bytes() == b""


async def test_one_child_serves_many(store: PhotoStore, decoder: Decoder) -> None:
    photo = await store.save(picture())
    await asyncio.gather(*(decoder.thumbnail(photo, 32) for _ in range(8)))
    assert decoder.child.process is not None
    first = decoder.child.process.pid
    await decoder.thumbnail(photo, 32)
    assert decoder.child.process.pid == first


async def test_a_child_that_died_is_replaced(store: PhotoStore, decoder: Decoder) -> None:
    photo = await store.save(picture())
    await decoder.thumbnail(photo, 32)
    assert decoder.child.process is not None
    decoder.child.process.kill()
    await decoder.child.process.wait()
    await decoder.thumbnail(photo, 32)


async def test_a_child_that_takes_too_long_is_replaced(store: PhotoStore) -> None:
    photo = await store.save(picture())
    async with Decoder(store, patience=timedelta(0)) as decoder:
        with pytest.raises(PhotoRefused, match="无法打开"):
            await decoder.thumbnail(photo, 32)
        decoder.child.patience = timedelta(seconds=10)
        await decoder.thumbnail(photo, 32)


async def test_a_caller_that_goes_away_leaves_no_answer_to_the_next(store: PhotoStore, decoder: Decoder) -> None:
    large, small = await store.save(picture(size=(4_000, 3_000))), await store.save(picture())
    await decoder.thumbnail(small, 32)
    leaving = asyncio.ensure_future(decoder.thumbnail(large, 4_000))
    await asyncio.sleep(0)  # it has asked the child, which now reads twelve million pixels
    assert decoder.child.is_busy
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert opened(await decoder.thumbnail(small, 32)).size == (32, 24)


def refreshed(data: bytes) -> bytes:
    """Return a PNG with the checksums that its changed chunks should have, so that a decoder looks at them."""
    out = bytearray(data)
    position = 8
    while position + 12 <= len(out):
        length = int.from_bytes(out[position : position + 4], "big")
        stop = position + 8 + length
        if stop + 4 > len(out):
            break
        out[stop : stop + 4] = zlib.crc32(out[position + 4 : stop]).to_bytes(4, "big")
        position = stop + 4
    return bytes(out)


@pytest.mark.fuzz
@pytest.mark.timeout(3_600)
async def test_changed_pictures_hurt_nobody(store: PhotoStore, decoder: Decoder) -> None:
    chance = random.Random(20263)
    honest = [
        picture(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
        picture(progressive=True),
        picture("PNG", mode="P"),
        picture("PNG", mode="RGBA"),
        picture("WEBP"),
        picture("WEBP", mode="RGBA", lossless=True),
        *([heif_picture()] if can_heic() else []),
    ]
    shown = refused = 0
    for number in range(CHANGED):
        data = bytearray(honest[number % len(honest)])
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(12, len(data))] = chance.randrange(256)
        changed = refreshed(bytes(data)) if data[:4] == b"\x89PNG" else bytes(data)
        try:
            made = await decoder.thumbnail(await store.save(changed), 64)
        except PhotoRefused:
            refused += 1
            continue
        shown += 1
        assert max(opened(made).size) <= 64
    assert shown + refused == CHANGED
    assert min(shown, refused) > CHANGED // 10


def test_heic_sample_is_what_it_says() -> None:
    assert re.match(rb"....ftypheic", heic(), re.DOTALL)
