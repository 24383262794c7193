"""Number plates by their letters; the detectors themselves only where their extra is installed."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from media.extras import can_find_faces
from media.finder_worker import is_plate
from media.photos import PhotoStore
from media.redact import Finder
from tests.media.test_likeness import scene
from tests.media.test_ocr import chinese_font


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("豫A12345", True),
        ("豫A·12345", True),
        ("豫A D12345", True),
        ("京B·D8888", True),
        ("粤Z1234港", True),
        ("A·12345", True),
        ("豫A", False),
        ("人民路86号", False),
        ("2026-06-01", False),
        ("全场9折起售", False),
    ],
)
def test_what_is_a_plate(text: str, found: bool) -> None:
    assert is_plate(text) is found


def _head(image: Image.Image, left: int, top: int, size: int) -> None:
    head = Image.new("RGBA", (400, 500), (0, 0, 0, 0))
    draw = ImageDraw.Draw(head)
    hair, skin = (45, 35, 30), (226, 186, 156)
    draw.ellipse((20, 10, 380, 430), fill=hair)
    draw.ellipse((50, 60, 350, 480), fill=skin)
    draw.pieslice((40, 20, 360, 330), 190, 350, fill=hair)
    for middle in (135, 265):
        draw.ellipse((middle - 36, 215, middle + 36, 255), fill=(245, 242, 240))
        draw.ellipse((middle - 17, 217, middle + 17, 253), fill=(40, 28, 20))
        draw.line((middle - 42, 190, middle + 40, 186), fill=hair, width=11)
    draw.line((200, 240, 186, 330), fill=(180, 145, 120), width=8)
    draw.ellipse((150, 378, 250, 412), fill=(176, 88, 84))
    small = head.filter(ImageFilter.GaussianBlur(5)).resize((size, size * 5 // 4))
    image.paste(small, (left, top), small)


@pytest.mark.skipif(not can_find_faces(), reason="extra “blur” is not installed (make photos)")
@pytest.mark.skipif("DejaVu" in chinese_font() or not chinese_font(), reason="no Chinese font is installed")
async def test_a_face_and_a_plate_are_found(tmp_path: Path) -> None:
    image = scene(2).resize((960, 720))
    _head(image, 200, 120, 140)
    draw = ImageDraw.Draw(image)
    draw.rectangle((560, 560, 760, 624), fill=(30, 80, 190))
    draw.text((660, 590), "豫A·12345", font=ImageFont.truetype(chinese_font(), 40), fill="white", anchor="mm")
    image.save(tmp_path / "a.jpg", quality=80)
    store = PhotoStore(tmp_path / "kept")
    finder = Finder(store)
    try:
        boxes = await finder.find(await store.save((tmp_path / "a.jpg").read_bytes()))
    finally:
        await finder.close()
    assert boxes is not None
    for x, y in ((270 / 960, 215 / 720), (660 / 960, 592 / 720)):
        assert any(b[0] < 1000 * x < b[2] and b[1] < 1000 * y < b[3] for b in boxes)
