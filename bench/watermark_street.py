"""Harder watermark photos, drawn for measuring: street scenes full of other writing, and prints laid out as the usual cameras do.

Behind the print stand shop fronts with signs, opening hours and telephone numbers, windows, kerbs, cars with number
plates. The prints are those of 今日水印相机 (a large clock, a bar, a code against forgery at the other corner), 马克相机
(a coloured head over a table, a badge), 水印相机 (rows with altitude and bearing), a pale strip over the whole width, a print
at the upper left, one that runs up the edge, and a picture that lies on its side until its EXIF turns it upright. 800 to
1,280 pixels, JPEG 50 to 75.
"""

import io
import random
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bench.watermark_set import WEEK, Printed, Sample, Write, ground, instant, words

_SIGNS = (
    "老王烧烤", "便民超市", "中国移动", "惠民大药房", "兰州拉面", "美发沙龙", "手机维修", "五金建材", "鲜果园",
    "平价水果", "早餐 豆浆油条", "正新鸡排", "文具图文", "电动车行", "福利彩票", "家常菜馆",
)  # fmt: skip
_SMALL = ("营业时间 8:30-21:00", "外卖 037162{:06d}", "出租 138{:08d}", "全场5折起", "内有监控", "禁止停车", "欢迎光临")
_PLATES = "豫A{}{:04d}"
_SIDES = ((1_280, 960), (960, 1_280), (1_080, 810), (800, 600), (800, 1_066))

Draw = ImageDraw.ImageDraw


def samples(addresses: Sequence[str], seed: int, count: int, fonts: Sequence[str]) -> list[Sample]:
    """Return `count` pictures, the layouts in turn."""
    chance = random.Random(seed)
    return [_sample(addresses, chance, number, fonts) for number in range(count)]


def _sample(addresses: Sequence[str], chance: random.Random, number: int, fonts: Sequence[str]) -> Sample:
    style, write = LAYOUTS[number % len(LAYOUTS)]
    image = street(chance.choice(_SIDES), chance, fonts)
    has_point = chance.random() < 0.6
    wanted = words(addresses, instant(chance), chance, has_point=has_point)
    printed = write(image, wanted, chance, chance.choice(list(fonts)))
    return Sample(_saved(image, chance, is_turned=style == "turned"), printed, style)


def _saved(image: Image.Image, chance: random.Random, *, is_turned: bool) -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    if is_turned:
        orientation, back = chance.choice(((6, Image.Transpose.ROTATE_90), (8, Image.Transpose.ROTATE_270)))
        image, exif[0x0112] = image.transpose(back), orientation
    image.convert("RGB").save(out, "JPEG", quality=chance.randrange(50, 76), exif=exif)
    return out.getvalue()


def street(size: tuple[int, int], chance: random.Random, fonts: Sequence[str]) -> Image.Image:
    """Return a row of shops with their signs, a pavement, a road, and parked cars."""
    image = ground(size, chance)
    draw = ImageDraw.Draw(image)
    width, height = size
    pavement = int(height * chance.uniform(0.55, 0.7))
    x = 0
    while x < width:
        shop = chance.randrange(width // 6, width // 3)
        _shop(draw, (x, int(height * 0.12), x + shop, pavement), chance, fonts)
        x += shop
    draw.rectangle((0, pavement, width, int(height * 0.78)), fill=_grey(chance, 130, 190))
    draw.rectangle((0, int(height * 0.78), width, height), fill=_grey(chance, 60, 115))
    for n in range(0, width, 90):
        draw.line((n, pavement, n - 60, int(height * 0.78)), fill=_grey(chance, 110, 150), width=2)
        draw.rectangle((n, int(height * 0.9), n + 50, int(height * 0.91)), fill=(215, 215, 205))
    for _ in range(chance.randrange(3)):
        _car(
            draw, (chance.randrange(width * 3 // 4), int(height * chance.uniform(0.6, 0.7))), width // 5, chance, fonts
        )
    return Image.blend(image.filter(ImageFilter.GaussianBlur(0.8)), Image.effect_noise(size, 24).convert("RGB"), 0.05)


def _grey(chance: random.Random, low: int, high: int) -> tuple[int, int, int]:
    value = chance.randrange(low, high)
    return value, value, min(255, value + chance.randrange(8))


def _shop(draw: Draw, box: tuple[int, int, int, int], chance: random.Random, fonts: Sequence[str]) -> None:
    left, top, right, bottom = box
    draw.rectangle(box, fill=tuple(chance.randrange(90, 230) for _ in range(3)), outline=(60, 60, 60))
    sign = top + (bottom - top) // 4
    board = (left + 4, sign, right - 4, sign + (bottom - top) // 7)
    draw.rectangle(board, fill=chance.choice([(190, 30, 30), (20, 90, 160), (240, 200, 40), (30, 120, 60)]))
    face = ImageFont.truetype(chance.choice(list(fonts)), max(14, min((right - left) // 6, (bottom - top) // 9)))
    middle = ((board[0] + board[2]) / 2, (board[1] + board[3]) / 2)
    draw.text(middle, chance.choice(_SIGNS), font=face, fill="white", anchor="mm")
    for row in range(2):
        for column in range(3):
            x, y = left + 10 + column * (right - left) // 3, board[3] + 12 + row * (bottom - top) // 4
            draw.rectangle((x, y, x + (right - left) // 4, y + (bottom - top) // 6), fill=_grey(chance, 40, 120))
    small = ImageFont.truetype(chance.choice(list(fonts)), max(12, (right - left) // 16))
    note = chance.choice(_SMALL).format(chance.randrange(10**6, 10**8))
    draw.text((left + 8, bottom - chance.randrange(30, 90)), note, font=small, fill=chance.choice(["white", "black"]))


def _car(draw: Draw, at: tuple[int, int], size: int, chance: random.Random, fonts: Sequence[str]) -> None:
    x, y = at
    body = tuple(chance.randrange(20, 235) for _ in range(3))
    draw.rounded_rectangle((x, y + size // 5, x + size, y + size // 2), 14, fill=body)
    draw.rounded_rectangle((x + size // 5, y, x + size * 4 // 5, y + size // 4), 12, fill=(50, 60, 70))
    plate = (x + size // 3, y + size // 3, x + size * 2 // 3, y + size // 3 + size // 10)
    draw.rectangle(plate, fill=(30, 80, 190))
    number = _PLATES.format(chance.choice("ABCDEFGH"), chance.randrange(10_000))
    face = ImageFont.truetype(chance.choice(list(fonts)), max(10, size // 14))
    draw.text(((plate[0] + plate[2]) / 2, (plate[1] + plate[3]) / 2), number, font=face, fill="white", anchor="mm")


class _Pen:
    """Writes lines below one another, with or without a shadow."""

    def __init__(self, image: Image.Image, font: str, *, has_shadow: bool = True) -> None:
        self.draw = ImageDraw.Draw(image)
        self._font, self._has_shadow = font, has_shadow

    def face(self, size: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self._font, int(size))

    def line(self, at: tuple[float, float], text: str, size: float, fill: str = "white") -> float:
        """Write and return the lower edge."""
        if self._has_shadow:
            self.draw.text((at[0] + 1, at[1] + 1), text, font=self.face(size), fill=(20, 20, 20))
        self.draw.text(at, text, font=self.face(size), fill=fill)
        return at[1] + size * 1.4

    def folded(self, text: str, size: float, room: float) -> list[str]:
        """Return the text in lines that fit."""
        rows, face = [""], self.face(size)
        for char in text:
            if face.getlength(rows[-1] + char) > room:
                rows.append("")
            rows[-1] += char
        return rows


def _veil(image: Image.Image, box: tuple[float, float, float, float], fill: tuple[int, int, int, int]) -> None:
    over = Image.new("RGBA", image.size, (0, 0, 0, 0))
    ImageDraw.Draw(over).rounded_rectangle(box, 10, fill=fill)
    image.paste(Image.alpha_composite(image.convert("RGBA"), over).convert("RGB"))


def _size(image: Image.Image, chance: random.Random, least: float = 0.024, most: float = 0.034) -> int:
    """Return the height of letters: cameras take it as a share of the frame."""
    return max(18, int(max(image.size) * chance.uniform(least, most)))


def _today(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """今日水印相机: large clock, upright bar, date over weekday and weather; address; its mark and code at the right."""
    size = _size(image, chance)
    pen = _Pen(image, font)
    rows = pen.folded(wanted.address, size, image.width * 0.62)
    y = image.height - size * (4.6 + 1.4 * len(rows))
    x = size * 1.1
    pen.line((x, y), f"{wanted.at:%H:%M}", size * 2)
    bar = x + pen.face(size * 2).getlength("00:00") + size * 0.5
    pen.draw.rectangle((bar, y + size * 0.3, bar + 4, y + size * 2.1), fill="#ffc72c")
    weather = chance.choice(("晴 26℃", "多云 18℃", "小雨 9℃", "阴 -2℃"))
    pen.line((bar + size * 0.6, y + size * 0.1), f"{wanted.at:%Y-%m-%d}", size * 0.85)
    pen.line((bar + size * 0.6, y + size * 1.2), f"星期{WEEK[wanted.at.weekday()]} {weather}", size * 0.85)
    y += size * 2.8
    for row in rows:
        y = pen.line((x, y), row, size)
    code = "".join(chance.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(14))
    right = image.width - pen.face(size * 0.6).getlength(f"防伪 {code}") - size * 0.5
    pen.line((right, image.height - size * 2.2), "今日水印相机", size * 0.8)
    pen.line((right, image.height - size * 1.1), f"防伪 {code}", size * 0.6)
    return replace(wanted, longitude=None, latitude=None)


def _mark(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """马克相机: a coloured head, rows of label and value below it on a white panel, a badge at the right."""
    size = _size(image, chance)
    pen = _Pen(image, font, has_shadow=False)
    width = image.width * 0.62
    place = pen.folded(wanted.address, size, width - size * 6.2)
    rows = [("时    间", f"{wanted.at:%Y.%m.%d %H:%M}"), ("天    气", chance.choice(("晴 26℃", "阴 9℃")))]
    rows += [("地    点" if n == 0 else "", row) for n, row in enumerate(place)]
    if wanted.longitude:
        rows.append(("经纬度", f"{wanted.latitude:.6f}°N,{wanted.longitude:.6f}°E"))
        width = max(width, size * 5.6 + pen.face(size).getlength(rows[-1][1]))
    rows.append(("备    注", wanted.note))
    top = image.height - size * (1.5 * len(rows) + 3.2)
    _veil(
        image, (size, top, size * 1.6 + width, image.height - size * 0.6), (255, 255, 255, chance.randrange(140, 215))
    )
    pen = _Pen(image, font, has_shadow=False)
    pen.draw.rectangle((size, top, size * 1.6 + width, top + size * 1.8), fill="#1f6fd0")
    pen.line((size * 1.6, top + size * 0.3), chance.choice(("巡查记录", "路长巡查", "工作记录")), size)
    y = top + size * 2.2
    for label, value in rows:
        if label:
            pen.line((size * 1.5, y), f"{label}：" if chance.random() < 0.5 else label, size, "#39424e")
        y = pen.line((size * 6.0, y), value, size, "#111820") + size * 0.1
    pen.line((image.width - size * 5.5, image.height - size * 1.6), "马克水印相机", size * 0.7)
    return wanted


def _rows(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """水印相机: bare rows with labels, altitude and bearing among them, no panel."""
    size = _size(image, chance)
    pen = _Pen(image, font)
    rows = [f"拍摄时间：{wanted.at:%Y-%m-%d %H:%M:%S}"]
    first, *others = pen.folded(wanted.address, size, image.width * 0.8 - size * 5)
    rows += [f"地址：{first}", *others]
    if wanted.longitude:
        rows += [f"经度：{wanted.longitude:.6f}", f"纬度：{wanted.latitude:.6f}"]
    rows.append(f"海拔：{chance.uniform(80, 160):.1f}米  方位角：{chance.randrange(360)}°")
    y = image.height - size * 1.45 * len(rows) - size
    for row in rows:
        y = pen.line((size, y), row, size) + size * 0.05
    return replace(wanted, has_seconds=True)


def _strip(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """A pale strip over the whole width, dark or light letters without a shadow."""
    size = _size(image, chance, 0.022, 0.03)
    pen = _Pen(image, font, has_shadow=False)
    rows = [f"{wanted.at.year}年{wanted.at.month}月{wanted.at.day}日 {wanted.at:%H:%M}"]
    rows += pen.folded(wanted.address, size, image.width * 0.9)
    if wanted.longitude:
        rows.append(f"{wanted.longitude:.6f},{wanted.latitude:.6f}")
    is_dark = chance.random() < 0.5
    veil = (0, 0, 0, chance.randrange(70, 130)) if is_dark else (255, 255, 255, chance.randrange(110, 170))
    top = image.height - size * (1.45 * len(rows) + 0.8)
    _veil(image, (0, top, image.width, image.height), veil)
    pen = _Pen(image, font, has_shadow=False)
    y = top + size * 0.4
    for row in rows:
        y = pen.line((size * 0.7, y), row, size, "white" if is_dark else "#101418") + size * 0.05
    return wanted


def _upper(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """Three or four lines at the upper left."""
    size = _size(image, chance)
    pen = _Pen(image, font)
    y = pen.line((size, size * 0.8), f"{wanted.at:%Y-%m-%d %H:%M}", size, chance.choice(["white", "#ffd83a"]))
    for row in pen.folded(wanted.address, size, image.width * 0.85):
        y = pen.line((size, y), row, size)
    if wanted.longitude:
        pen.line((size, y), f"经纬度：{wanted.longitude:.6f},{wanted.latitude:.6f}", size)
    return wanted


def _edge(image: Image.Image, wanted: Printed, chance: random.Random, font: str) -> Printed:
    """A print that runs up the edge of the frame: the phone was held on its side."""
    size = _size(image, chance, 0.026, 0.034)
    pen = _Pen(image, font)
    room = image.height * 0.9
    rows = [f"{wanted.at:%Y-%m-%d %H:%M:%S}", *pen.folded(wanted.address, size, room)]
    strip = Image.new("RGBA", (image.height, int(size * 1.45 * len(rows) + size)), (0, 0, 0, 90))
    inside = _Pen(strip, font)
    y = size * 0.4
    for row in rows:
        y = inside.line((size, y), row, size)
    turned = strip.rotate(90 if chance.random() < 0.5 else -90, expand=True)
    x = image.width - turned.width if chance.random() < 0.5 else 0
    image.paste(turned, (x, 0), turned)
    return replace(wanted, has_seconds=True, longitude=None, latitude=None)


LAYOUTS: tuple[tuple[str, Write], ...] = (
    ("today", _today),
    ("mark", _mark),
    ("rows", _rows),
    ("strip", _strip),
    ("upper", _upper),
    ("edge", _edge),
    ("turned", _today),
)
