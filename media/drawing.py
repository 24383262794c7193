"""What the pictures share: colours, wrapped text, flags as chips, and saving within the size that chats carry."""

import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

from domain.flags import FLAG_NAMES, Flag
from media.fonts import Font, font, spelled

WIDTH = 1080
MARGIN = 44
MOST_BYTES = 2_000_000  # of a picture in a chat
INK, GREY, PAPER, STRIPE = (34, 34, 34), (104, 104, 104), (255, 255, 255), (247, 243, 240)
RED, BLACK, RULE = (190, 30, 30), (45, 45, 45), (226, 218, 212)
_CHIP = {Flag.RED: RED, Flag.BLACK: BLACK}
_QUALITY = 88
_COLOURS = (256, 128, 64, 32)
_OPENING = "（《“"
_BETWEEN = "　"
_CLOSING = "，。、；：）》！？　"

Draw = ImageDraw.ImageDraw
Colour = tuple[int, int, int]


def text(
    draw: Draw,
    place: tuple[float, float],
    words: str,
    size: int,
    *,
    colour: Colour = INK,
    is_bold: bool = False,
    anchor: str = "lm",
) -> float:
    """Draw one line and return its width; a place in the middle of its height by default."""
    drawn, looks = spelled(words), font(size, is_bold=is_bold)
    draw.text(place, drawn, font=looks, fill=colour, anchor=anchor)
    return looks.getlength(drawn)


def wrapped(words: str, size: int, width: float, *, is_bold: bool = False) -> list[str]:
    """Return the lines of a text that is at most so many pixels wide; no line begins with a closing mark."""
    looks = font(size, is_bold=is_bold)
    lines: list[str] = []
    for paragraph in spelled(words).split("\n"):
        lines += _lines(paragraph, looks, width)
    return lines


def _lines(words: str, looks: Font, width: float) -> Iterator[str]:
    line = ""
    for part in _parts(words):
        if line and looks.getlength(line + part.rstrip("　 ")) > width and part not in _CLOSING:
            yield line.rstrip("　 ")
            line = ""
        line += part if line else part.lstrip("　 ")
    yield line.rstrip("　 ")


def _parts(words: str) -> Iterator[str]:
    """Yield what a line may be broken between: Chinese characters one by one, names and numbers as a whole."""
    part = ""
    for character in words:
        is_joined = (character.isascii() and character != " ") or character == "·"
        if part and part[-1] not in _OPENING and not is_joined:
            yield part
            part = ""
        part += character
        if not is_joined and character not in _OPENING:
            yield part
            part = ""
    if part:
        yield part


def listed(items: Sequence[str], size: int, width: float) -> list[str]:
    """Return the lines of a list whose items stay whole; one wider than a line goes on in the next."""
    looks, lines = font(size), [""]
    for item in items:
        shown = wrapped(item, size, width)
        joined = f"{lines[-1]}{_BETWEEN}{shown[0]}" if lines[-1] else shown[0]
        if len(shown) == 1 and looks.getlength(joined) <= width:
            lines[-1] = joined
        else:
            lines = [*(line for line in lines if line), *shown]
    return lines


def fitting(words: str, size: int, width: float, *, is_bold: bool = False) -> str:
    """Return the text, cut with … when it is wider than so many pixels."""
    looks, shown = font(size, is_bold=is_bold), spelled(words)
    if looks.getlength(shown) <= width:
        return shown
    while shown and looks.getlength(f"{shown}…") > width:
        shown = shown[:-1]
    return f"{shown}…"


def chip(draw: Draw, left: float, middle: float, flag: Flag, size: int = 34) -> float:
    """Draw a flag as a coloured chip with its name, and return its right edge."""
    name = spelled(FLAG_NAMES[flag])
    width = font(size, is_bold=True).getlength(name) + 32
    half = size * 0.76
    draw.rounded_rectangle([left, middle - half, left + width, middle + half], 8, fill=_CHIP[flag])
    draw.text((left + 16, middle), name, font=font(size, is_bold=True), fill=PAPER, anchor="lm")
    return left + width


def chip_width(flag: Flag, size: int = 34) -> float:
    """Return how wide a chip is."""
    return font(size, is_bold=True).getlength(spelled(FLAG_NAMES[flag])) + 32


def saved(picture: Image.Image, ext: str) -> bytes:
    """Return the picture as a file that a chat carries; the same picture gives the same bytes."""
    if ext in ("jpg", "jpeg"):
        return _jpeg(picture)
    for colours in _COLOURS:
        buffer = io.BytesIO()
        reduced = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        reduced.save(buffer, "PNG", optimize=False, compress_level=7)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
