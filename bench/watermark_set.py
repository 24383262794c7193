"""Watermark photos drawn for measuring: five kinds of camera print, many fonts, as chat clients send them.

The words are made from a seed; the set that figures are taken from has other seeds and other fonts than the one that was
looked at while the reader was written.
"""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image, ImageDraw, ImageFilter, ImageFont

TUNING = ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",)
MEASURING = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
LONG_SIDE = 1_280
WEEK = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands in a picture."""

    at: datetime  # without a zone, as printed
    has_seconds: bool
    address: str
    longitude: float | None
    latitude: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture and what stands in it."""

    jpeg: bytes
    printed: Printed
    style: str


Write = Callable[[Image.Image, Printed, random.Random, str], Printed]


def samples(addresses: Sequence[str], seed: int, count: int, fonts: Sequence[str]) -> list[Sample]:
    """Return `count` pictures, the styles in turn."""
    chance = random.Random(seed)
    return [_sample(addresses, chance, number, fonts) for number in range(count)]


def _sample(addresses: Sequence[str], chance: random.Random, number: int, fonts: Sequence[str]) -> Sample:
    style, write = STYLES[number % len(STYLES)]
    size = (LONG_SIDE, 960) if chance.random() < 0.5 else (960, LONG_SIDE)
    image = ground(size, chance)
    at = instant(chance)
    has_point = chance.random() < 0.7
    wanted = words(addresses, at, chance, has_point=has_point)
    printed = write(image, wanted, chance, chance.choice(list(fonts)))
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=chance.randrange(60, 81))
    return Sample(out.getvalue(), printed, style)


def instant(chance: random.Random) -> datetime:
    """Return some second of the year, without a zone, as cameras print it."""
    return datetime(2026, 1, 1) + timedelta(seconds=chance.randrange(365 * 86_400))  # noqa: DTZ001


def words(addresses: Sequence[str], at: datetime, chance: random.Random, *, has_point: bool) -> Printed:
    """Return what a picture is to say."""
    return Printed(
        at,
        False,
        chance.choice(addresses),
        round(chance.uniform(113.5, 114.2), 6) if has_point else None,
        round(chance.uniform(34.2, 34.9), 6) if has_point else None,
        chance.choice(("占道经营", "垃圾未清运", "井盖破损", "非机动车乱停放")),
    )


def ground(size: tuple[int, int], chance: random.Random) -> Image.Image:
    """Return something like a street: soft light, texture, hard edges, and noise."""
    light = Image.frombytes("RGB", (6, 5), bytes(chance.randrange(30, 215) for _ in range(90)))
    texture = Image.frombytes("RGB", (40, 30), chance.randbytes(3600))
    image = Image.blend(
        light.resize(size, Image.Resampling.BICUBIC), texture.resize(size, Image.Resampling.BICUBIC), 0.2
    )
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randrange(8, 25)):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        box = (x, y, x + chance.randrange(20, 400), y + chance.randrange(20, 300))
        fill = tuple(chance.randbytes(3))
        draw.rectangle(box, fill) if chance.random() < 0.6 else draw.ellipse(box, fill)
    noise = Image.effect_noise(size, 24).convert("RGB")
    return Image.blend(image.filter(ImageFilter.GaussianBlur(1.2)), noise, 0.06)


def _text(
    image: Image.Image, at: tuple[float, float], text: str, font: str, size: int, fill: str, *, shadow: bool = True
) -> float:
    """Write a line and return its lower edge."""
    draw = ImageDraw.Draw(image)
    face = ImageFont.truetype(font, size)
    if shadow:
        draw.text((at[0] + 2, at[1] + 2), text, font=face, fill=(0, 0, 0))
    draw.text(at, text, font=face, fill=fill)
    return at[1] + size * 1.35


def _box(image: Image.Image, box: tuple[float, float, float, float], fill: tuple[int, int, int, int]) -> None:
    over = Image.new("RGBA", image.size, (0, 0, 0, 0))
    ImageDraw.Draw(over).rounded_rectangle(box, 12, fill=fill)
    image.paste(Image.alpha_composite(image.convert("RGBA"), over).convert("RGB"))


def _daily(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """A big white clock, date and weekday beside it, the place below: text without a box."""
    size = chance.randrange(28, 38)
    y = image.height - size * (8.2 if wanted.longitude else 6.8)
    _text(image, (40, y), f"{wanted.at:%H:%M}", font, size * 2, "white")
    day = f"{wanted.at:%Y-%m-%d}"
    _text(image, (60 + size * 5.6, y + 4), day, font, size - 4, "white")
    _text(image, (60 + size * 5.6, y + size * 1.2), f"星期{WEEK[wanted.at.weekday()]}", font, size - 4, "white")
    y = _text(image, (40, y + size * 2.8), wanted.address, font, size, "white")
    if wanted.longitude:
        _text(image, (40, y), f"{wanted.latitude:.6f}°N,{wanted.longitude:.6f}°E", font, size - 4, "white")
    return wanted


def _table(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """A translucent box of labels and values."""
    size = chance.randrange(26, 34)
    rows = [f"时间：{wanted.at:%Y.%m.%d %H:%M:%S}", f"地点：{wanted.address}"]
    if wanted.longitude:
        rows += [f"经度：{wanted.longitude:.6f}", f"纬度：{wanted.latitude:.6f}"]
    rows.append(f"备注：{wanted.note}")
    height = len(rows) * size * 1.45 + 30
    top = image.height - height - 24
    face = ImageFont.truetype(font, size)
    right = 60 + max(face.getlength(row) for row in rows)
    _box(image, (20, top, right, image.height - 20), (10, 50, 110, 150) if chance.random() < 0.5 else (0, 0, 0, 120))
    y = top + 14
    for row in rows:
        y = _text(image, (36, y), row, font, size, "white", shadow=False) + size * 0.1
    return Printed(wanted.at, True, wanted.address, wanted.longitude, wanted.latitude, wanted.note)


def _yellow(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """A yellow date and time, the place in white below it, at the left or the right edge."""
    size = chance.randrange(28, 38)
    rows = [f"{wanted.at:%Y/%m/%d %H:%M}", wanted.address]
    face = ImageFont.truetype(font, size)
    x = 36.0 if chance.random() < 0.6 else image.width - 36 - max(face.getlength(row) for row in rows)
    y = image.height - size * 3.6
    y = _text(image, (x, y), rows[0], font, size, "#ffd83a")
    _text(image, (x, y), rows[1], font, size, "white")
    return Printed(wanted.at, False, wanted.address, None, None, "")


def _bar(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """A title, a coloured bar, and lines beside it."""
    size = chance.randrange(26, 34)
    day = f"{wanted.at.year}年{wanted.at.month:02d}月{wanted.at.day:02d}日"
    rows = [f"{day} 星期{WEEK[wanted.at.weekday()]} {wanted.at:%H:%M}", f"地址：{wanted.address}"]
    if wanted.longitude:
        rows.append(f"经纬度：{wanted.longitude:.6f},{wanted.latitude:.6f}")
    top = image.height - (len(rows) + 1.5) * size * 1.4 - 30
    y = _text(image, (52, top), "城市管理巡查", font, size + 6, "white")
    ImageDraw.Draw(image).rectangle((36, y, 42, y + len(rows) * size * 1.4), fill="#f2b33d")
    for row in rows:
        y = _text(image, (58, y), row, font, size, "white")
    return wanted


def _two_lines(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """A box in the corner whose place takes two lines."""
    size = chance.randrange(26, 32)
    face = ImageFont.truetype(font, size)
    cut = max(4, len(wanted.address) * 2 // 3)
    rows = [f"{wanted.at:%Y-%m-%d %H:%M:%S}", wanted.address[:cut], wanted.address[cut:]]
    right = 50 + max(face.getlength(row) for row in rows)
    top = image.height - size * 4.6 - 20
    _box(image, (16, top, right, image.height - 16), (255, 255, 255, 150))
    y = top + 10
    for row in rows:
        y = _text(image, (32, y), row, font, size, "#1c2733", shadow=False)
    return Printed(wanted.at, True, wanted.address, None, None, "")


STYLES: tuple[tuple[str, Write], ...] = (
    ("daily", _daily),
    ("table", _table),
    ("yellow", _yellow),
    ("bar", _bar),
    ("two lines", _two_lines),
)
