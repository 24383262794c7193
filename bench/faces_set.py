"""Heads and number plates drawn into pictures, for measuring what the blurring finds."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bench.watermark_set import ground

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SIZE = (1_280, 960)

Box = tuple[float, float, float, float]  # parts of the frame


@dataclass(frozen=True, slots=True)
class Crowd:
    """A picture, and where heads and plates are in it."""

    jpeg: bytes
    faces: tuple[Box, ...]
    plates: tuple[Box, ...]


def crowds(seed: int, count: int, fonts: Sequence[str]) -> list[Crowd]:
    """Return `count` pictures of up to two heads and two plates each, as a chat client compresses them."""
    chance = random.Random(seed)
    return [_crowd(chance, fonts) for _ in range(count)]


def _crowd(chance: random.Random, fonts: Sequence[str]) -> Crowd:
    image = ground(SIZE, chance)
    faces, plates = [], []
    for number in range(chance.randrange(3)):
        size = chance.randrange(40, 200)
        left, top = 50 + number * 420 + chance.randrange(150), chance.randrange(20, 500)
        _head(image, (left, top), size, chance)
        faces.append(_part((left + size * 0.12, top + size * 0.15, left + size * 0.88, top + size * 1.2)))
    for number in range(chance.randrange(3)):
        width = chance.randrange(90, 260)
        left, top = 50 + number * 420 + chance.randrange(130), chance.randrange(760, 860)
        _plate(image, (left, top), width, chance, chance.choice(list(fonts)))
        plates.append(_part((left, top, left + width, top + width * 0.32)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=chance.randrange(60, 81))
    return Crowd(out.getvalue(), tuple(faces), tuple(plates))


def _part(box: Box) -> Box:
    return box[0] / SIZE[0], box[1] / SIZE[1], box[2] / SIZE[0], box[3] / SIZE[1]


def _head(image: Image.Image, at: tuple[int, int], size: int, chance: random.Random) -> None:
    skin = chance.choice([(233, 196, 168), (214, 172, 140), (198, 152, 120), (241, 205, 180)])
    hair = chance.choice([(30, 25, 22), (60, 45, 38), (90, 88, 86)])
    dark = (int(skin[0] * 0.8), int(skin[1] * 0.8), int(skin[2] * 0.8))
    head = Image.new("RGBA", (400, 500), (0, 0, 0, 0))
    draw = ImageDraw.Draw(head)
    draw.ellipse((20, 10, 380, 430), fill=hair)
    draw.ellipse((50, 60, 350, 480), fill=skin)
    draw.pieslice((40, 20, 360, 330), 190, 350, fill=hair)
    for middle in (135, 265):
        draw.ellipse((middle - 36, 215, middle + 36, 255), fill=(245, 242, 240))
        draw.ellipse((middle - 17, 217, middle + 17, 253), fill=(40, 28, 20))
        draw.line((middle - 42, 190, middle + 40, 186), fill=hair, width=11)
        draw.arc((middle - 38, 208, middle + 38, 262), 180, 360, fill=(60, 40, 30), width=6)
    draw.line((200, 240, 186, 330), fill=dark, width=8)
    draw.ellipse((172, 318, 228, 350), fill=dark)
    draw.ellipse((150, 378, 250, 412), fill=(176, 88, 84))
    draw.arc((60, 70, 340, 475), 20, 160, fill=dark, width=14)
    soft = head.filter(ImageFilter.GaussianBlur(5)).resize((size, size * 5 // 4), Image.Resampling.LANCZOS)
    turned = soft.rotate(chance.uniform(-8, 8))
    image.paste(turned, at, turned)


def _plate(image: Image.Image, at: tuple[int, int], width: int, chance: random.Random, font: str) -> None:
    is_green = chance.random() < 0.3
    plate = Image.new("RGB", (440, 140), (120, 200, 140) if is_green else (30, 80, 190))
    draw = ImageDraw.Draw(plate)
    rest = chance.choice("0123456789") + "".join(chance.choice(_LETTERS) for _ in range(5 if is_green else 4))
    text = f"{chance.choice(_PROVINCES)}{chance.choice('ABCDEFGH')}·{rest}"
    ink = "black" if is_green else "white"
    draw.rectangle((6, 6, 434, 134), outline=ink, width=3)
    draw.text((220, 66), text, font=ImageFont.truetype(font, 74 if is_green else 86), fill=ink, anchor="mm")
    small = plate.resize((width, width * 140 // 440), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.6))
    image.paste(small.rotate(chance.uniform(-5, 5), expand=True), at)
