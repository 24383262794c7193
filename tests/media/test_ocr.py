"""The recogniser itself, on drawn prints; skipped where its extra or a Chinese font is missing."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bench.watermark_set import samples
from domain.understand.watermark import parse
from media.extras import can_read_watermarks
from media.photos import PhotoStore
from media.watermarks import WatermarkReader

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 1, 2, tzinfo=UTC)


def chinese_font() -> str:
    if shutil.which("fc-match") is None:
        return ""
    asked = subprocess.run(["fc-match", "-f", "%{file}", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return asked.stdout if Path(asked.stdout).suffix in (".ttc", ".ttf", ".otf") else ""


pytestmark = [
    pytest.mark.skipif(not can_read_watermarks(), reason="extra “ocr” is not installed (make photos)"),
    pytest.mark.skipif(not chinese_font() or "DejaVu" in chinese_font(), reason="no Chinese font is installed"),
]


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[tuple[PhotoStore, WatermarkReader]]:
    store = PhotoStore(tmp_path)
    reader = WatermarkReader(store)
    yield store, reader
    await reader.close()


async def test_each_kind_of_print_is_read_also_by_a_second_child(reader: tuple[PhotoStore, WatermarkReader]) -> None:
    store, recogniser = reader
    wrong = []
    for sample in samples(("新郑市人民路86号", "建设街与文化路交叉口"), 11, 5, (chinese_font(),)):
        photo = await store.save(sample.jpeg)
        mark = parse(await recogniser.lines(photo), NOW, ZONE)
        at = sample.printed.at if sample.printed.has_seconds else sample.printed.at.replace(second=0)
        read = mark.taken_at and mark.taken_at.astimezone(ZONE).replace(tzinfo=None)
        is_right = (mark.address, read, bool(mark.point)) == (
            sample.printed.address,
            at,
            bool(sample.printed.longitude),
        )
        wrong += [] if is_right else [(sample.style, mark)]
    assert wrong == []
    assert recogniser.child.process is not None  # one that dies is replaced
    recogniser.child.process.kill()
    await recogniser.child.process.wait()
    assert await recogniser.lines(photo)
