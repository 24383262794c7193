"""The child process that reads what a picture tells of itself: time and place from its EXIF, and what it is known by.

A question is `{"path", "max_pixels"}`; the answer `{"taken", "offset", "gps", "hashes"}` with the small grey copy after it.
"""

import re
from collections.abc import Mapping
from typing import Any

from PIL import Image

from media.decode_worker import flat, formats, prepare, shrinkable, upright
from media.likeness import grey_copy, hashes_of
from media.limits import BAD_PICTURE, Answer, Question, serve

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TAKEN, _TAKEN_DIGITISED, _SAVED, _OFFSET = 0x9003, 0x9004, 0x0132, 0x9011
_LOOK_PX = 320
_TIME = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_SHIFT = re.compile(r"[+-]\d\d:\d\d")


def answer(question: Question) -> Answer:
    """Return what a picture tells. Raises one of BAD_PICTURE when it cannot be decoded."""
    most = int(question["max_pixels"])
    Image.MAX_IMAGE_PIXELS = most
    with Image.open(str(question["path"]), formats=formats()) as picture:
        if picture.width * picture.height > most:
            raise ValueError("too many pixels")
        told = _told(picture)
        plain = shrinkable(picture)
        plain.thumbnail((_LOOK_PX, _LOOK_PX))
        grey = flat(upright(plain)).convert("L")
    return {**told, "hashes": list(hashes_of(grey))}, grey_copy(grey)


def _told(picture: Image.Image) -> dict[str, Any]:
    """Return time and place of the EXIF data; data that cannot be read tell nothing."""
    try:
        exif = picture.getexif()
        detail, gps = exif.get_ifd(_EXIF_IFD), exif.get_ifd(_GPS_IFD)
        taken = next((found for tag in (_TAKEN, _TAKEN_DIGITISED) if (found := _time(detail.get(tag)))), None)
        offset = _SHIFT.fullmatch(str(detail.get(_OFFSET, "")).strip("\0 "))
        return {
            "taken": taken or _time(exif.get(_SAVED)),
            "offset": offset.group() if offset and taken else None,
            "gps": _place(gps),
        }
    except BAD_PICTURE:
        return {"taken": None, "offset": None, "gps": None}


def _time(value: object) -> str | None:
    found = _TIME.match(str(value or ""))
    return "{}-{}-{}T{}:{}:{}".format(*found.groups()) if found else None


def _place(gps: Mapping[int, Any]) -> list[float] | None:
    """Return [longitude, latitude] in WGS-84 degrees."""
    try:
        latitude, longitude = _degrees(gps[2]), _degrees(gps[4])
    except BAD_PICTURE:
        return None
    latitude *= -1 if str(gps.get(1, "N")).startswith("S") else 1
    longitude *= -1 if str(gps.get(3, "E")).startswith("W") else 1
    is_there = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0.0, 0.0)
    return [longitude, latitude] if is_there else None


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def main() -> None:
    """Serve the parent."""
    prepare()
    serve(answer)
