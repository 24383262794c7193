"""Street scenes (街景) drawn for the demo: what a phone would have taken, before and after, each stamped anew.

Every picture is drawn in perspective from plain shapes. `stamped` prints time and a running number the way watermark
cameras do, so that two pictures sent never have the same bytes: a reused photo is refused as evidence.
"""

import io
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from media.fonts import chinese, font

WIDTH, HEIGHT = 960, 720
HORIZON = 300
QUALITY = 82

Point = tuple[float, float]
Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw

_WALLS: tuple[Colour, ...] = ((206, 190, 168), (186, 174, 160), (214, 203, 186), (176, 186, 190), (201, 178, 160))
_AWNINGS: tuple[Colour, ...] = ((176, 58, 52), (52, 96, 142), (70, 122, 88), (196, 142, 52), (120, 82, 132))
_FRUIT: tuple[Colour, ...] = ((214, 64, 48), (236, 158, 40), (122, 164, 58), (240, 200, 74))
_BAGS: tuple[Colour, ...] = ((52, 54, 60), (70, 74, 82), (224, 224, 216), (60, 92, 132), (150, 60, 56))


@dataclass(frozen=True, slots=True)
class Scene:
    """One drawn picture of the gallery."""

    key: str
    title: str
    pair: str  # the place: before and after share it
    draw: Callable[[Draw, random.Random], None]
    segment: str = ""  # whose address and position a picture carries


def _between(colour: Colour, other: Colour, share: float) -> Colour:
    first, second, third = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return first, second, third


def _sky(draw: Draw) -> None:
    for y in range(HORIZON + 20):
        draw.line([(0, y), (WIDTH, y)], fill=_between((164, 196, 222), (232, 236, 236), y / HORIZON))


def _shop(draw: Draw, left: float, right: float, top: float, rng: random.Random) -> None:
    wall, awning = rng.choice(_WALLS), rng.choice(_AWNINGS)
    base = HORIZON + 96
    draw.rectangle([left, top, right, base], fill=wall)
    for row in range(int(top) + 22, HORIZON - 74, 52):
        for x in range(int(left) + 20, int(right) - 40, 62):
            draw.rectangle([x, row, x + 36, row + 32], fill=(118, 138, 152), outline=_between(wall, (0, 0, 0), 0.2))
            draw.line([(x + 18, row), (x + 18, row + 32)], fill=(214, 220, 222), width=2)
    draw.rectangle([left + 8, HORIZON - 60, right - 8, HORIZON - 24], fill=awning)
    for x in range(int(left) + 34, int(right) - 40, 40):
        draw.rounded_rectangle([x, HORIZON - 50, x + 26, HORIZON - 34], 3, fill=(244, 236, 214))
    draw.rectangle([left + 16, HORIZON - 20, right - 16, base], fill=(86, 98, 106))
    draw.rectangle([left + 24, HORIZON - 12, right - 24, base - 6], fill=(148, 170, 178))
    middle = (left + right) / 2
    draw.rectangle([middle - 3, HORIZON - 20, middle + 3, base], fill=(74, 84, 92))


def _street(draw: Draw, rng: random.Random) -> None:
    """Draw sky, shop fronts, pavement with its tactile line (盲道), kerb and road."""
    _sky(draw)
    edges = [0, 200 + rng.randrange(40), 470 + rng.randrange(40), 720 + rng.randrange(40), WIDTH]
    for left, right in itertools.pairwise(edges):
        _shop(draw, left, right, 40 + rng.randrange(70), rng)
    draw.polygon([(0, 396), (WIDTH, 396), (WIDTH, 590), (0, 590)], fill=(188, 184, 176))
    for step in range(9):
        y = 396 + step * step * 2.6
        draw.line([(0, y), (WIDTH, y)], fill=(170, 166, 158), width=2)
    for x in range(-600, WIDTH + 700, 86):
        draw.line([(WIDTH / 2 + (x - WIDTH / 2) * 0.62, 396), (x, 590)], fill=(172, 168, 160), width=2)
    draw.polygon([(0, 508), (WIDTH, 508), (WIDTH, 536), (0, 536)], fill=(206, 174, 84))
    for x in range(6, WIDTH, 24):
        draw.line([(x, 512), (x - 3, 532)], fill=(184, 150, 62), width=4)
    draw.polygon([(0, 590), (WIDTH, 590), (WIDTH, 610), (0, 610)], fill=(214, 212, 206))
    draw.rectangle([0, 610, WIDTH, HEIGHT], fill=(98, 101, 106))
    for x in range(-40, WIDTH, 190):
        draw.polygon([(x, 690), (x + 96, 690), (x + 104, 704), (x + 4, 704)], fill=(228, 226, 216))
    _tree(draw, 96)
    _tree(draw, 866)


def _tree(draw: Draw, x: float) -> None:
    draw.rectangle([x - 46, 560, x + 46, 584], fill=(122, 96, 72))
    draw.rectangle([x - 9, 250, x + 9, 572], fill=(104, 80, 60))
    for dx, dy, r in ((0, 150, 84), (-56, 196, 60), (56, 190, 62), (0, 214, 70)):
        draw.ellipse([x + dx - r, dy - r * 0.8, x + dx + r, dy + r * 0.8], fill=(74, 116 + r % 20, 70))


def _shadow(draw: Draw, left: float, right: float, y: float) -> None:
    draw.ellipse([left, y - 10, right, y + 14], fill=(146, 142, 136))


def _person(draw: Draw, x: float, y: float, coat: Colour) -> None:
    _shadow(draw, x - 30, x + 30, y)
    draw.rectangle([x - 15, y - 66, x - 2, y], fill=(58, 62, 74))
    draw.rectangle([x + 2, y - 66, x + 15, y], fill=(58, 62, 74))
    draw.rounded_rectangle([x - 22, y - 140, x + 22, y - 58], 10, fill=coat)
    draw.ellipse([x - 15, y - 174, x + 15, y - 142], fill=(222, 184, 156))
    draw.pieslice([x - 16, y - 178, x + 16, y - 144], 180, 360, fill=(48, 40, 38))


def _stall(draw: Draw, rng: random.Random) -> None:
    """Draw a fruit stall under a parasol, across the tactile line."""
    _shadow(draw, 290, 690, 566)
    draw.rectangle([484, 250, 494, 560], fill=(150, 150, 152))
    for i in range(8):
        left, right = 292 + i * 50, 342 + i * 50
        shade: Colour = (196, 60, 54) if i % 2 else (240, 232, 220)
        draw.polygon([(489, 196), (left, 288), (right, 288)], fill=shade)
    for row in range(3):
        top = 428 + row * 36
        draw.rectangle([310 - row * 10, top, 670 + row * 10, top + 40], fill=(150, 108, 70))
        for x in range(320 - row * 10, 654 + row * 10, 24):
            colour = _FRUIT[(x // 72 + row) % len(_FRUIT)]
            jitter = rng.randrange(-3, 4)
            draw.ellipse([x, top - 16 + jitter, x + 26, top + 10 + jitter], fill=colour)
    draw.rectangle([716, 500, 768, 560], fill=(196, 158, 110), outline=(150, 116, 78), width=3)
    draw.rectangle([724, 456, 776, 502], fill=(206, 170, 122), outline=(150, 116, 78), width=3)
    _person(draw, 250, 560, (60, 108, 132))


def _bin(draw: Draw, x: float, colour: Colour) -> None:
    _shadow(draw, x - 10, x + 120, 556)
    draw.polygon([(x, 404), (x + 104, 404), (x + 94, 552), (x + 10, 552)], fill=colour)
    draw.rectangle([x - 6, 392, x + 110, 408], fill=_between(colour, (0, 0, 0), 0.25))
    draw.ellipse([x + 40, 452, x + 66, 478], outline=(236, 240, 236), width=5)


def _garbage(draw: Draw, rng: random.Random) -> None:
    """Draw two full bins with bags and litter around them."""
    _bin(draw, 360, (54, 110, 84))
    _bin(draw, 500, (58, 88, 130))
    for n in range(34):
        x, y = rng.gauss(490, 120), 566 - abs(rng.gauss(0, 1)) * 34
        r = rng.randrange(18, 40)
        colour = rng.choice(_BAGS)
        draw.ellipse([x - r, y - r * 0.9, x + r, y + r * 0.5], fill=colour)
        if n % 3 == 0:
            draw.polygon([(x - 7, y - r), (x + 7, y - r), (x, y - r * 0.5)], fill=_between(colour, (0, 0, 0), 0.3))
    for x in range(372, 600, 34):
        y, r = 388 - rng.randrange(18), 24
        draw.ellipse([x - r, y - r, x + r, y + r * 0.6], fill=rng.choice(_BAGS))
    for _ in range(60):
        x, y = rng.gauss(490, 170), rng.randrange(548, 604)
        draw.rectangle([x, y, x + rng.randrange(5, 15), y + 5], fill=rng.choice(((238, 236, 228), (196, 120, 84))))


def _clean_bins(draw: Draw, rng: random.Random) -> None:
    """Draw the same bins, emptied and closed."""
    _bin(draw, 360, (54, 110, 84))
    _bin(draw, 500, (58, 88, 130))
    draw.ellipse([330, 560, 660, 588], fill=(178, 178, 172))  # still wet from washing


def _clean(draw: Draw, rng: random.Random) -> None:
    """Draw the free pavement with somebody walking along."""
    _person(draw, 610, 548, (172, 84, 74))


def _hole(draw: Draw, rng: random.Random) -> None:
    """Draw an open manhole in the road and its cover leaning aside."""
    draw.ellipse([392, 618, 600, 688], fill=(76, 78, 82))
    draw.ellipse([404, 624, 588, 682], fill=(20, 20, 22))
    draw.arc([404, 624, 588, 682], 180, 360, fill=(120, 104, 86), width=8)
    for _ in range(9):
        x = rng.randrange(380, 610)
        draw.line([(x, 682), (x + rng.randrange(-26, 26), 704)], fill=(70, 72, 76), width=2)


def _cover(draw: Draw, rng: random.Random) -> None:
    """Draw the manhole with a new cover."""
    draw.ellipse([392, 618, 600, 688], fill=(122, 124, 128))
    draw.ellipse([402, 622, 590, 684], fill=(88, 90, 94), outline=(60, 62, 66), width=4)
    for dx in range(-70, 80, 28):
        draw.line([(496 + dx, 632), (496 + dx * 1.1, 674)], fill=(66, 68, 72), width=4)
    draw.line([(418, 653), (574, 653)], fill=(66, 68, 72), width=4)


def _bike(draw: Draw, x: float, y: float, colour: Colour) -> None:
    for wheel in (x, x + 92):
        draw.ellipse([wheel - 34, y - 68, wheel + 34, y], outline=(48, 50, 54), width=6)
    frame: Sequence[Point] = ((x, y - 34), (x + 34, y - 84), (x + 82, y - 84), (x + 50, y - 36))
    draw.line([*frame, frame[0]], fill=colour, width=8, joint="curve")
    draw.line([(x + 82, y - 104), (x + 92, y - 34)], fill=colour, width=8)
    draw.line([(x + 66, y - 106), (x + 98, y - 108)], fill=(60, 60, 64), width=6)
    draw.line([(x + 20, y - 92), (x + 50, y - 92)], fill=(40, 40, 44), width=8)


def _bikes(draw: Draw, rng: random.Random) -> None:
    """Draw share bikes standing criss-cross on the tactile line."""
    colours: tuple[Colour, ...] = ((58, 132, 196), (230, 186, 52), (70, 160, 112))
    for n in range(7):
        _bike(draw, 210 + n * 78 + rng.randrange(-14, 14), 540 + (n % 3) * 18, colours[n % 3])


def _bikes_in_line(draw: Draw, rng: random.Random) -> None:
    """Draw the bikes in their bay beside the kerb."""
    colours: tuple[Colour, ...] = ((58, 132, 196), (230, 186, 52), (70, 160, 112))
    draw.line([(180, 482), (800, 482)], fill=(240, 240, 236), width=5)
    for n in range(7):
        _bike(draw, 200 + n * 84, 474, colours[n % 3])


def _rubble(draw: Draw, rng: random.Random) -> None:
    """Draw a heap of sand and bricks on the pavement."""
    _shadow(draw, 300, 720, 568)
    draw.polygon([(310, 566), (420, 440), (500, 410), (600, 450), (712, 566)], fill=(186, 158, 116))
    draw.polygon([(310, 566), (420, 440), (500, 410), (470, 566)], fill=(202, 174, 132))
    for _ in range(40):
        x, y = rng.randrange(330, 700), rng.randrange(516, 572)
        draw.rectangle([x, y, x + 28, y + 13], fill=rng.choice(((164, 78, 58), (178, 92, 68), (140, 132, 124))))


SCENES: tuple[Scene, ...] = (
    Scene("stall", "占道水果摊", "百货大楼门口", _stall),
    Scene("stall-marked", "水印照片", "百货大楼门口", _stall, "XZ062"),
    Scene("stall-after", "摊位已清", "百货大楼门口", _clean),
    Scene("garbage", "垃圾满溢", "体育场南门", _garbage),
    Scene("garbage-after", "垃圾已清运", "体育场南门", _clean_bins),
    Scene("manhole", "井盖缺失", "丹尼斯门口", _hole),
    Scene("manhole-after", "井盖已补", "丹尼斯门口", _cover),
    Scene("bikes", "单车乱停", "步行街牌坊", _bikes),
    Scene("bikes-after", "单车已摆齐", "步行街牌坊", _bikes_in_line),
    Scene("rubble", "砂石乱堆", "健康路药店", _rubble),
    Scene("pavement", "路面整洁", "健康路药店", _clean),
)

_LATER = frozenset({"stall-after", "garbage-after", "manhole-after", "bikes-after", "pavement"})
_LATER_FRAME = (160, 0, WIDTH, HEIGHT - 120)
BY_KEY = {scene.key: scene for scene in SCENES}


def painted(key: str) -> Image.Image:
    """Return a scene of the gallery, always the same. Raises KeyError for a scene that there is not."""
    scene = BY_KEY[key]
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    _street(draw, random.Random(scene.pair))
    scene.draw(draw, random.Random(scene.key.removesuffix("-marked")))
    if scene.key in _LATER:  # nobody stands on the very same spot twice
        image = image.crop(_LATER_FRAME).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(0.6))


def jpeg(image: Image.Image, exif: bytes = b"") -> bytes:
    """Return the picture as a JPEG file."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, exif=exif)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a picture was taken: the address in its watermark, the WGS-84 point in its EXIF."""

    address: str
    point: tuple[float, float]


def stamped(image: Image.Image, at: datetime, number: int, mark: Mark | None = None) -> bytes:
    """Return a JPEG that carries its time and running number, as watermark cameras print them, and where if `mark`."""
    copy = image.copy()
    draw = ImageDraw.Draw(copy, "RGBA")
    draw.rounded_rectangle([24, HEIGHT - 92, 432, HEIGHT - 28], 10, fill=(0, 0, 0, 110))
    draw.rectangle([36, HEIGHT - 80, 41, HEIGHT - 40], fill=(240, 190, 60, 255))
    text = f"{at:%Y-%m-%d %H:%M}  No.{number:04d}"
    draw.text((54, HEIGHT - 76), text, font=ImageFont.load_default(28), fill=(255, 255, 255, 235))
    if mark is None:
        return jpeg(copy)
    if chinese() is not None:
        draw.rounded_rectangle([24, HEIGHT - 150, 432, HEIGHT - 98], 10, fill=(0, 0, 0, 110))
        draw.text((54, HEIGHT - 142), mark.address, font=font(30), fill=(255, 255, 255, 235))
    return jpeg(copy, _exif(at, mark))


def _exif(at: datetime, mark: Mark) -> bytes:
    exif = Image.Exif()
    detail, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    detail[0x9003] = f"{at:%Y:%m:%d %H:%M:%S}"
    gps.update({1: "N", 2: (mark.point[1], 0.0, 0.0), 3: "E", 4: (mark.point[0], 0.0, 0.0)})
    return exif.tobytes()
