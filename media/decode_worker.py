"""The child process that decodes pictures, given nothing but pipes.

A question is `{"path", "max_px", "max_pixels", "boxes", "is_numbered"}`; the answer the bytes of a JPEG, or `{"problem"}`.
"""

import io
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw, ImageOps

from media.extras import can_heic
from media.limits import BAD_PICTURE, Answer, Question, limit_process, serve

QUALITY = 85
_TILES = 6  # to a side of what is blurred
GRID = 3  # as in `domain.casework.leaving`
FORMATS = ("JPEG", "PNG", "WEBP")


def small_picture(path: str, max_px: int, max_pixels: int) -> Image.Image:
    """Return the picture upright in plain colours, at most `max_px` on its longer side.

    Raises one of BAD_PICTURE when it cannot be decoded or claims more than `max_pixels`.
    """
    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(path, formats=formats()) as picture:
        if picture.width * picture.height > max_pixels:
            raise ValueError("too many pixels")
        plain = shrinkable(picture)
        plain.thumbnail((max_px, max_px))
        return flat(upright(plain))


def blurred(picture: Image.Image, boxes: Iterable[Sequence[int]]) -> Image.Image:
    """Return the picture with parts (left, top, right, bottom in thousandths) made unrecognisable.

    Each is reduced to a few flat tiles, whatever its size: a blur alone could be sharpened again.
    """
    for left, top, right, bottom in boxes:
        box = (
            left * picture.width // 1000,
            top * picture.height // 1000,
            -(-right * picture.width // 1000),
            -(-bottom * picture.height // 1000),
        )
        part = picture.crop(box)
        if not all(part.size):
            continue
        tiles = (max(1, min(_TILES, part.width // 8)), max(1, min(_TILES, part.height // 8)))
        few = part.resize(tiles, Image.Resampling.BOX)
        picture.paste(few.resize(part.size, Image.Resampling.BICUBIC), box)
    return picture


def numbered(picture: Image.Image) -> Image.Image:
    """Return the picture with a grid of three by three over it, each part with its number at the upper left."""
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    size = max(14, min(width, height) // 14)
    for n in range(1, GRID):
        for line in (
            (width * n // GRID, 0, width * n // GRID, height),
            (0, height * n // GRID, width, height * n // GRID),
        ):
            draw.line(line, fill="black", width=5)
            draw.line(line, fill="white", width=2)
    for cell in range(GRID * GRID):
        row, column = divmod(cell, GRID)
        left, top = width * column // GRID + 6, height * row // GRID + 6
        draw.rectangle((left, top, left + size, top + size), fill="black")
        draw.text((left + size / 2, top + size / 2), str(cell + 1), fill="white", font_size=size * 0.8, anchor="mm")
    return picture


def encoded(picture: Image.Image) -> bytes:
    """Return a picture as JPEG without metadata."""
    picture.info.clear()  # a comment would be written into the new file
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def formats() -> tuple[str, ...]:
    """Return what this installation decodes: HEIC only with its extra."""
    return (*FORMATS, "HEIF") if can_heic() else FORMATS


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


def answer(question: Question) -> Answer:
    """Return the small picture that a question asks for."""
    small = small_picture(str(question["path"]), int(question["max_px"]), int(question["max_pixels"]))
    copy = blurred(small, question.get("boxes", ()))
    return {}, encoded(numbered(copy) if question.get("is_numbered") else copy)


def prepare() -> None:
    """Load the decoders, then bound this process."""
    prepare_decoders()
    limit_process()


def prepare_decoders() -> None:
    """Load what this installation decodes with."""
    Image.preinit()
    if can_heic():
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)


def main() -> None:
    """Serve the parent."""
    prepare()
    serve(answer)
