"""Before and after in one picture (整改前后): one pair side by side, several as a grid of at most nine.

Takes JPEGs that the decoding process made; nothing that came from outside is opened here.
"""

import io
from collections.abc import Mapping

from PIL import Image, ImageDraw

from domain.papers import MOST_PAIRS, Album, Pair
from media import drawing
from media.drawing import GREY, MARGIN, PAPER, RED, WIDTH, Draw, text
from media.fonts import font, spelled

BEFORE, AFTER, MISSING = "整改前", "整改后", "无照片"
_GROUND, _GREEN = (236, 236, 234), (34, 120, 70)
_GAP, _TITLE, _FOOT, _CAPTION_LINE = 10, 96, 56, 44


def render(album: Album, pictures: Mapping[str, bytes]) -> bytes:
    """Return the picture; `pictures` are JPEGs by the fingerprint of what they show."""
    pairs = album.pairs[:MOST_PAIRS]
    columns = 1 if len(pairs) == 1 else 2 if len(pairs) <= 4 else 3
    cell = (WIDTH - _GAP * (columns + 1)) // columns
    side_by_side = columns == 1
    photo = ((cell - _GAP) // 2 if side_by_side else cell), ((cell - _GAP) // 2 if side_by_side else cell) * 3 // 4
    size = 38 if side_by_side else 30 if columns == 2 else 24
    tall = photo[1] if side_by_side else 2 * photo[1] + _GAP
    row = tall + 2 * _CAPTION_LINE + _GAP
    rows = -(-len(pairs) // columns)
    head = _TITLE if album.title else _GAP
    picture = Image.new("RGB", (WIDTH, head + rows * row + (_FOOT if album.footer else 0)), PAPER)
    draw = ImageDraw.Draw(picture)
    if album.title:
        draw.rectangle([0, 0, WIDTH, _TITLE - _GAP], fill=RED)
        text(
            draw, (MARGIN, (_TITLE - _GAP) / 2), drawing.fitting(album.title, 40, WIDTH - 2 * MARGIN), 40, colour=PAPER
        )
    for number, pair in enumerate(pairs):
        left, top = _GAP + number % columns * (cell + _GAP), head + number // columns * row
        _pair(picture, pair, (left, top), photo, pictures, is_wide=side_by_side)
        for line, words in enumerate(drawing.wrapped(pair.caption, size, cell)[:2]):
            text(draw, (left, top + tall + (line + 0.5) * _CAPTION_LINE), words, size)
    if album.footer:
        text(draw, (MARGIN, picture.height - _FOOT / 2), album.footer, 24, colour=GREY)
    return drawing.saved(picture, album.file.rpartition(".")[2])


def _pair(
    picture: Image.Image,
    pair: Pair,
    place: tuple[int, int],
    size: tuple[int, int],
    pictures: Mapping[str, bytes],
    *,
    is_wide: bool,
) -> None:
    left, top = place
    after = (left + size[0] + _GAP, top) if is_wide else (left, top + size[1] + _GAP)
    for where, photo, label, note, colour in (
        (place, pair.before, BEFORE, pair.before_note, RED),
        (after, pair.after, AFTER, pair.after_note, _GREEN),
    ):
        data = pictures.get(photo.sha256) if photo else None
        picture.paste(_framed(data, size), where)
        _label(ImageDraw.Draw(picture), where, f"{label} {note}".strip(), colour, 30 if is_wide else 22)
        if data is None:
            middle = (where[0] + size[0] / 2, where[1] + size[1] / 2)
            text(ImageDraw.Draw(picture), middle, MISSING, 30, colour=GREY, anchor="mm")


def _framed(data: bytes | None, size: tuple[int, int]) -> Image.Image:
    """Return the whole picture, nothing cut off, in a frame of one size for all."""
    frame = Image.new("RGB", size, _GROUND)
    if data is not None:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as shown:
            shown.thumbnail(size, Image.Resampling.LANCZOS)
            frame.paste(shown, ((size[0] - shown.width) // 2, (size[1] - shown.height) // 2))
    return frame


def _label(draw: Draw, place: tuple[int, int], words: str, colour: drawing.Colour, size: int) -> None:
    width = font(size, is_bold=True).getlength(spelled(words)) + 20
    left, top = place
    draw.rectangle([left, top, left + width, top + size * 1.6], fill=colour)
    text(draw, (left + 10, top + size * 0.8), words, size, colour=PAPER, is_bold=True)
