import io
import random
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.header import Header, PhotoRefused, read_header
from tests.media.pictures import box, heic, jpeg_segment, picture, png, png_chunk, webp, webp_chunk

JPEG = picture()
PNG = picture("PNG")
LOSSY = picture("WEBP")
LOSSLESS = picture("WEBP", lossless=True)
EXTENDED = picture("WEBP", mode="RGBA", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
HEIC = heic()
HONEST = {"jpeg": JPEG, "png": PNG, "webp": LOSSY, "lossless": LOSSLESS, "extended": EXTENDED, "heic": HEIC}


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "header"),
    [
        pytest.param(JPEG, Header("jpg", 64, 48), id="jpeg"),
        pytest.param(picture(progressive=True), Header("jpg", 64, 48), id="progressive jpeg"),
        pytest.param(picture(mode="CMYK"), Header("jpg", 64, 48), id="four colours"),
        pytest.param(picture(size=(3000, 7)), Header("jpg", 3000, 7), id="wide jpeg"),
        pytest.param(picture(restart_marker_blocks=1), Header("jpg", 64, 48), id="restart markers"),
        pytest.param(JPEG[:2] + b"\xff\xff" + JPEG[2:], Header("jpg", 64, 48), id="filling before a marker"),
        pytest.param(PNG, Header("png", 64, 48), id="png"),
        pytest.param(LOSSY, Header("webp", 64, 48), id="lossy webp"),
        pytest.param(LOSSLESS, Header("webp", 64, 48), id="lossless webp"),
        pytest.param(EXTENDED, Header("webp", 64, 48), id="extended webp"),
        pytest.param(HEIC, Header("heic", 0, 0), id="heic"),
    ],
)
def test_honest_pictures(data: bytes, header: Header) -> None:
    assert read_header(data) == header


@pytest.mark.parametrize(
    "trailer",
    [
        pytest.param(b"\0" * 4096, id="zeroes"),
        pytest.param(picture(size=(8, 8)), id="a second picture"),
        pytest.param(box(b"ftyp", b"mp42\0\0\0\0isom") + box(b"mdat", b"film" * 400), id="a motion photo's film"),
        pytest.param(b"\0\0\1\x0a\x0e\0\0\0Image_UTC_Data1795437720000SEFHk\0\0\0SEFT", id="a maker's trailer"),
    ],
)
def test_what_phones_append_is_welcome(trailer: bytes) -> None:
    assert read_header(JPEG + trailer) == Header("jpg", 64, 48)


STOWAWAYS = {
    "archive": archive(),
    "page": b"<HTML><body onload=alert(1)>",
    "script": b"\n\n<script>alert(1)</script>",
    "php": b"<?php system($_GET[0]);",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "windows program": b"MZ\x90\0\3\0\0\0",
    "linux program": b"\x7fELF\2\1\1",
    "rar": b"xxRar!\x1a\x07\1\0",
    "svg": b"<svg onload=alert(1)>",
}


@pytest.mark.parametrize("stowaway", STOWAWAYS.values(), ids=STOWAWAYS)
@pytest.mark.parametrize("honest", [JPEG, PNG, LOSSY], ids=["jpeg", "png", "webp"])
def test_a_polyglot_is_refused(honest: bytes, stowaway: bytes) -> None:
    with pytest.raises(PhotoRefused, match="夹带"):
        read_header(honest + stowaway)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(JPEG[:2] + jpeg_segment(0xFE, b"<script>alert(1)</script>") + JPEG[2:], id="jpeg comment"),
        pytest.param(PNG[:33] + png_chunk(b"tEXt", b"x\0<?php ") + PNG[33:], id="png text"),
        pytest.param(webp(EXTENDED[12:], webp_chunk(b"XMP ", b"<html>")), id="webp metadata"),
        pytest.param(HEIC + box(b"free", b"<script>"), id="heic box"),
    ],
)
def test_a_page_inside_the_metadata_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoRefused, match="夹带"):
        read_header(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(picture("GIF"), id="gif"),
        pytest.param(picture("BMP"), id="bmp"),
        pytest.param(picture("TIFF"), id="tiff"),
        pytest.param(box(b"ftyp", b"avif\0\0\0\0") + box(b"mdat", b"x"), id="avif"),
        pytest.param(box(b"ftyp", b"mp42\0\0\0\0") + box(b"mdat", b"x"), id="film"),
        pytest.param(b"<html><img></html>", id="page"),
        pytest.param(b"%PDF-1.7", id="pdf"),
        pytest.param(archive(), id="archive"),
        pytest.param(b"MZ\x90\0", id="program"),
        pytest.param(b" " + JPEG, id="jpeg behind a blank"),
    ],
)
def test_what_is_no_photo_is_told_so(data: bytes) -> None:
    with pytest.raises(PhotoRefused, match="只支持"):
        read_header(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xd8\xff<html>", id="jpeg in name only"),
        pytest.param(b"\xff\xd8\xff\xd9", id="jpeg without a picture"),
        pytest.param(b"\xff\xd8\xff\xfe\0\0" + b"\xff\xd9", id="segment of no length"),
        pytest.param(JPEG.replace(b"\xff\xc0\0\x11\x08\0\x30\0\x40", b"\xff\xc0\0\x11\x08\0\0\0\x40"), id="no height"),
        pytest.param(
            JPEG[:2] + jpeg_segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0") + JPEG[2:], id="two sizes in one file"
        ),
        pytest.param(b"\xff\xd8" + jpeg_segment(0xFE, b"") * 25_000 + JPEG[2:], id="endless segments"),
        pytest.param(png(0, 5, rows=b""), id="no width"),
        pytest.param(PNG[:8] + png_chunk(b"IEND", b""), id="png without a head"),
        pytest.param(PNG[:33] + png_chunk(b"IEND", b""), id="png without a picture"),
        pytest.param(PNG[:33] + PNG[8:], id="two heads"),
        pytest.param(PNG[:20] + b"\x7f" + PNG[21:], id="checksum of the head"),
        pytest.param(PNG[:33] + png_chunk(b"tEXt", b"") * 25_000 + PNG[33:], id="endless chunks"),
        pytest.param(webp(webp_chunk(b"VP8X", b"\0" * 10)), id="canvas without a picture"),
        pytest.param(webp(webp_chunk(b"VP8 ", b"\0" * 10)), id="no start code"),
        pytest.param(webp(), id="webp without chunks"),
        pytest.param(webp(b"VP8 \xff\xff\xff\xff"), id="chunk beyond the end"),
        pytest.param(HEIC[:24] + box(b"mdat", b"x"), id="heic without meta"),
        pytest.param(HEIC + b"\0\0\0\3free", id="box shorter than its head"),
        pytest.param(HEIC + b"\0\0\0\1free" + struct.pack(">Q", 1 << 62), id="box of exabytes"),
        pytest.param(HEIC + box(b"free", b"") * 25_000, id="endless boxes"),
    ],
)
def test_what_contradicts_itself_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoRefused, match="损坏"):
        read_header(data)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(PhotoRefused, match="空文件"):
        read_header(b"")


@pytest.mark.parametrize("data", HONEST.values(), ids=HONEST)
def test_no_beginning_of_a_picture_is_a_picture(data: bytes) -> None:
    for length in range(1, len(data)):
        with pytest.raises(PhotoRefused):
            read_header(data[:length])


def test_a_last_box_may_run_to_the_end() -> None:
    assert read_header(HEIC + b"\0\0\0\0free" + b"x" * 9) == Header("heic", 0, 0)


@pytest.mark.fuzz
@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", PNG[:33], b"RIFF\x40\0\0\0WEBP", HEIC[:24]]))
def test_no_bytes_make_it_fail_otherwise(data: bytes, start: bytes) -> None:
    with pytest.raises(PhotoRefused):
        read_header(start + data + b"\0")


@pytest.mark.fuzz
def test_a_changed_picture_is_read_or_refused() -> None:
    chance = random.Random(20262)
    read = 0
    for _ in range(4_000):
        data = bytearray(chance.choice(list(HONEST.values())))
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            header = read_header(bytes(data))
        except PhotoRefused:
            continue
        read += 1
        assert header.ext == "heic" or min(header.width, header.height) > 0
    assert read > 200
