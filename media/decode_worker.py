"""The child process that decodes pictures, run as a script and given nothing but pipes.

A request is one line of JSON `{"path", "max_px", "max_pixels"}`; the answer one line `{"size"}` and so many bytes of
JPEG, or `{"problem"}`. It holds 512 MiB of memory and ten seconds of processor at most, writes no file, and may die of
any picture: the parent starts another.
"""

import io
import json
import resource
import struct
import sys
from typing import BinaryIO

from PIL import Image, ImageOps

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 10
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow raises on a bad picture; anything else ends the process, which is an answer too.
BAD_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    MemoryError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
)


def limit_process() -> None:
    """Bound memory, files and core dumps for good; the time is bounded anew for each picture."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time() -> None:
    """Allow ten more seconds of processor time, after which the system ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))


def thumbnail(path: str, max_px: int, max_pixels: int) -> bytes:
    """Return the picture as JPEG, upright, at most `max_px` on its longer side, without metadata.

    Raises one of BAD_PICTURE when it cannot be decoded or claims more than `max_pixels`.
    """
    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(path, formats=FORMATS) as picture:
        if picture.width * picture.height > max_pixels:
            raise ValueError("too many pixels")
        plain = shrinkable(picture)
        plain.thumbnail((max_px, max_px))
        small = flat(upright(plain))
        small.info.clear()  # a comment would be written into the new file
        out = io.BytesIO()
        small.save(out, "JPEG", quality=QUALITY)
        return out.getvalue()


def upright(picture: Image.Image) -> Image.Image:
    """Return the picture turned as its EXIF says; one with unreadable EXIF stays as it is."""
    try:
        return ImageOps.exif_transpose(picture)
    except BAD_PICTURE:
        return picture.copy()


def shrinkable(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode whose neighbouring pixels may be mixed; a JPEG stays undecoded for its draft."""
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode == "P":
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture.convert("L") if picture.mode == "1" else picture


def flat(picture: Image.Image) -> Image.Image:
    """Return the picture in plain colours, what is transparent on white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def answer(request: bytes) -> bytes:
    """Return the answer to one request line."""
    try:
        asked = json.loads(request)
        found = thumbnail(str(asked["path"]), int(asked["max_px"]), int(asked["max_pixels"]))
    except BAD_PICTURE as error:
        return json.dumps({"problem": type(error).__name__}).encode() + b"\n"
    return json.dumps({"size": len(found)}).encode() + b"\n" + found


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the parent closes the pipe."""
    for request in iter(requests.readline, b""):
        limit_time()
        answers.write(answer(request))
        answers.flush()


if __name__ == "__main__":
    Image.preinit()
    limit_process()
    serve(sys.stdin.buffer, sys.stdout.buffer)
