"""What a picture file says about itself, read without decoding: format, pixels, and whether it is whole and only that.

The bytes decide, never a name. A file is refused when it is none of the four formats, when it breaks off, when its
parts contradict each other, or when something else travels in it (an archive, a page, a program: a polyglot). What
phones append honestly stays welcome: a second picture, a motion photo's film, a maker's own trailer.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from domain.errors import RuleError

# An honest picture has dozens of parts, a big PNG a few thousand; more would only cost time.
MAX_PARTS = 20_000
ZIP_END_BYTES = 65_557  # a reader of archives looks for the end record this far from a file's end

_PAGE = re.compile(rb"<script|<html|<!doctype|<\?php|<svg|<iframe|%PDF-", re.IGNORECASE)
_PROGRAM = re.compile(rb"\A(?:MZ|\x7fELF|#!)|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c")
_ZIP_END = b"PK\x05\x06"
# In compressed picture data, FF 00 is a byte, FF D0–D7 a restart and FF FF filling; anything else is a marker.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


class PhotoRefused(RuleError):
    """照片无法使用，请重新发送。"""


@dataclass(frozen=True, slots=True)
class Header:
    """Format and pixels of a picture; 0 × 0 for HEIC, whose size this product never needs."""

    ext: str  # jpg, png, webp or heic
    width: int
    height: int


def read_header(data: bytes) -> Header:
    """Return what the picture says about itself. Raises PhotoRefused, and nothing else whatever the bytes."""
    if not data:
        raise PhotoRefused("照片是空文件，请重新发送。")
    try:
        return _read(data)
    except (struct.error, IndexError):
        raise _broken() from None


def _read(data: bytes) -> Header:
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return _heic(data)
    raise PhotoRefused("这不是可用的照片，只支持JPG、PNG、WEBP和HEIC，请用手机拍照后发送。")


def _broken() -> PhotoRefused:
    return PhotoRefused("照片不完整或已损坏，请重新发送。")


def _sized(ext: str, width: int, height: int) -> Header:
    if width <= 0 or height <= 0:
        raise _broken()
    return Header(ext, width, height)


def _refuse_stowaways(beside: bytes, trailer: bytes) -> None:
    """Refuse a picture that carries something else.

    beside: the parts that are no pixels (comments, metadata); trailer: what follows the picture's own end.
    """
    is_archive = _ZIP_END in trailer[-ZIP_END_BYTES:]
    if is_archive or _PROGRAM.search(trailer) or _PAGE.search(beside) or _PAGE.search(trailer):
        raise PhotoRefused("照片中夹带了其他内容，未保存，请用手机重新拍照发送。")


# ---- JPEG


def _jpeg(data: bytes) -> Header:
    sizes: set[tuple[int, int]] = set()
    first_scan = 0
    end = 0
    for marker, start, stop in _jpeg_parts(data):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, start + 1)
            sizes.add((width, height))
        elif marker == 0xDA:
            first_scan = first_scan or start
        end = stop
    # Two frames of different size: one program would see another picture than the next.
    if len(sizes) != 1 or not first_scan:
        raise _broken()
    _refuse_stowaways(data[:first_scan], data[end:])
    return _sized("jpg", *sizes.pop())


def _jpeg_parts(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, stop) of each segment's contents up to the end marker, which is the last."""
    position = 2
    has_scan = False
    for _ in range(MAX_PARTS):
        found = _JPEG_MARKER.search(data, position)
        # Between segments nothing but filling may stand; compressed data follow a scan's head only.
        if found is None or (not has_scan and data[position : found.start()].strip(b"\xff")):
            raise _broken()
        marker, start = found[1][0], found.end()
        if marker == 0xD9:
            yield marker, start, start
            return
        if marker in (0x01, 0xD8):
            raise _broken()
        (length,) = struct.unpack_from(">H", data, start)
        position = start + length
        if length < 2 or position > len(data):
            raise _broken()
        has_scan = has_scan or marker == 0xDA
        yield marker, start + 2, position
    raise _broken()


# ---- PNG


def _png(data: bytes) -> Header:
    kinds: list[bytes] = []
    beside = bytearray()
    end = 0
    for kind, start, stop in _png_chunks(data):
        kinds.append(kind)
        end = stop + 4
        if kind != b"IDAT":
            beside += data[start:stop]
    if kinds[0] != b"IHDR" or kinds.count(b"IHDR") != 1 or b"IDAT" not in kinds or kinds[-1] != b"IEND":
        raise _broken()
    _refuse_stowaways(bytes(beside), data[end:])
    return _sized("png", *struct.unpack_from(">II", data, 16))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start, stop) of each chunk's contents up to IEND, each with a checksum that agrees."""
    position = 8
    for _ in range(MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", data, position)
        start, stop = position + 8, position + 8 + length
        (checksum,) = struct.unpack_from(">I", data, stop)
        if zlib.crc32(memoryview(data)[position + 4 : stop]) != checksum:
            raise _broken()
        yield kind, start, stop
        if kind == b"IEND":
            return
        position = stop + 4
    raise _broken()


# ---- WEBP


def _webp(data: bytes) -> Header:
    (riff,) = struct.unpack_from("<I", data, 4)
    end = 8 + riff
    if end > len(data):
        raise _broken()
    chunks = list(_webp_chunks(data, end))
    beside = b"".join(data[start:stop] for kind, start, stop in chunks if kind in (b"EXIF", b"XMP ", b"ICCP"))
    _refuse_stowaways(beside, data[end + (riff & 1) :])
    kind, start, _stop = chunks[0]
    if not any(kind in (b"VP8 ", b"VP8L", b"ANMF") for kind, _, _ in chunks):
        raise _broken()
    return _sized("webp", *_webp_size(data, kind, start))


def _webp_chunks(data: bytes, end: int) -> Iterator[tuple[bytes, int, int]]:
    position = 12
    for _ in range(MAX_PARTS):
        if position >= end:
            return
        kind, length = struct.unpack_from("<4sI", data, position)
        start, stop = position + 8, position + 8 + length
        if stop > end:
            raise _broken()
        yield kind, start, stop
        position = stop + (length & 1)
    raise _broken()


def _webp_size(data: bytes, kind: bytes, start: int) -> tuple[int, int]:
    """Return the pixels that the first chunk claims: canvas, lossless or lossy."""
    if kind == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, start + 4)
        return (high_w << 16 | low_w) + 1, (high_h << 16 | low_h) + 1
    if kind == b"VP8L" and data[start] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, start + 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[start + 3 : start + 6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, start + 6)
        return width & 0x3FFF, height & 0x3FFF
    raise _broken()


# ---- HEIC


def _heic(data: bytes) -> Header:
    boxes = list(_heic_boxes(data))
    kinds = [kind for kind, _, _ in boxes]
    if b"meta" not in kinds or not {b"mdat", b"idat"} & set(kinds):
        raise _broken()
    _refuse_stowaways(b"".join(data[start:stop] for kind, start, stop in boxes if kind != b"mdat"), b"")
    return Header("heic", 0, 0)


def _heic_boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start, stop) of each top-level box; together they are the whole file."""
    position = 0
    for _ in range(MAX_PARTS):
        if position == len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, position)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, position + 8)
            head = 16
        elif length == 0:  # to the end of the file
            length = len(data) - position
        if length < head or position + length > len(data):
            raise _broken()
        yield kind, position + head, position + length
        position += length
    raise _broken()
