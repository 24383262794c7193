"""`python -m bench.pictures`: how well watermarks are read, and faces and plates found, on pictures drawn for it.

Needs the extras `ocr` and `blur` and a Chinese font. The seeds are none that anybody looked at while the reader was written.
"""

import argparse
import random
import sys
import tempfile
import time
from asyncio import run
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from zoneinfo import ZoneInfo

from bench.city import segments
from bench.faces_set import Box, Crowd, crowds
from bench.figures import percentile
from bench.watermark_set import MEASURING, Printed, Sample, samples
from bench.watermark_street import samples as street_samples
from domain.photo_facts import Watermark
from domain.understand.coordinates import wgs84_from_gcj02
from domain.understand.watermark import parse
from media.photos import PhotoStore
from media.redact import Finder
from media.watermarks import ChildFailed, WatermarkReader

_ZONE = ZoneInfo("Asia/Shanghai")
_AFTER = datetime(2027, 1, 2, tzinfo=UTC)
_SAME_POINT = 2e-6  # degrees
_CITIES = ("", "新郑市", "郑州市新郑市", "河南省郑州市新郑市")


def addresses(seed: int, count: int = 200) -> list[str]:
    """Return addresses of the sample city, as watermark cameras write them."""
    chance = random.Random(seed)
    listed = list(segments())
    return [_address(chance.choice(listed), chance) for _ in range(count)]


def _address(segment: object, chance: random.Random) -> str:
    road, start, end = (getattr(segment, name) for name in ("road", "from_cross", "to_cross"))
    places = getattr(segment, "landmarks", ()) or (f"{chance.randrange(1, 300)}号",)
    shapes = (
        f"{road}{chance.randrange(1, 300)}号",
        f"{road}{places[0]}",
        f"{road}与{start}交叉口",
        f"{road}{end}口东{chance.randrange(10, 90)}米",
    )
    return chance.choice(_CITIES) + chance.choice(shapes)


async def watermarks(folder: Path, drawn: Sequence[Sample], title: str) -> str:
    """Return the figures of reading watermarks, the address letter by letter."""
    store = PhotoStore(folder)
    reader = WatermarkReader(store)
    right = {"address": 0, "time": 0, "point": 0}
    points, seconds, count = 0, [], len(drawn)
    used = getrusage(RUSAGE_CHILDREN)
    for number, sample in enumerate(drawn):
        photo = await store.save(sample.jpeg)
        begun = time.perf_counter()
        try:
            lines = await reader.lines(photo)
        except ChildFailed:  # a busy machine: once more, as the service does
            lines = await reader.lines(photo)
        seconds += [time.perf_counter() - begun] if number else []  # the first one loads the models
        mark = parse(lines, _AFTER, _ZONE)
        points += sample.printed.longitude is not None
        for name, is_right in _judged(mark, sample.printed).items():
            right[name] += is_right
    await reader.close()
    spent = getrusage(RUSAGE_CHILDREN)
    processor = (spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime) / count
    seconds.sort()
    shares = f"address {right['address'] / count:.3f}, time {right['time'] / count:.3f}, "
    shares += f"coordinates {right['point'] / points:.3f} (of {points})"
    took = f"{percentile(seconds, 0.5):.2f} s, p95 {percentile(seconds, 0.95):.2f} s, processor {processor:.2f} s"
    return f"{title}, {count} pictures: {shares}; {took}"


def _judged(mark: Watermark, printed: Printed) -> dict[str, bool]:
    at = printed.at if printed.has_seconds else printed.at.replace(second=0)
    read = mark.taken_at.astimezone(_ZONE).replace(tzinfo=None) if mark.taken_at else None
    is_there = False
    if printed.longitude is not None and printed.latitude is not None and mark.point is not None:
        wanted = wgs84_from_gcj02(printed.longitude, printed.latitude)
        is_there = max(abs(a - b) for a, b in zip(wanted, mark.point, strict=True)) < _SAME_POINT
    return {"address": _letters(mark.address) == _letters(printed.address), "time": read == at, "point": is_there}


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


async def blurring(folder: Path, drawn: Sequence[Crowd]) -> str:
    """Return the figures of finding faces and plates."""
    store = PhotoStore(folder)
    finder = Finder(store)
    faces, plates, seconds = [], [], []
    for number, crowd in enumerate(drawn):
        photo = await store.save(crowd.jpeg)
        begun = time.perf_counter()
        found = await finder.find(photo) or ()
        seconds += [time.perf_counter() - begun] if number else []
        boxes = [(b[0] / 1000, b[1] / 1000, b[2] / 1000, b[3] / 1000) for b in found]
        faces += [_is_covered(face, boxes) for face in crowd.faces]
        plates += [_is_covered(plate, boxes) for plate in crowd.plates]
    await finder.close()
    seconds.sort()
    told = f"faces {sum(faces)}/{len(faces)}, plates {sum(plates)}/{len(plates)}"
    return f"found in {len(drawn)} pictures: {told}; {percentile(seconds, 0.5):.2f} s, p95 {percentile(seconds, 0.95):.2f} s"


def _is_covered(wanted: Box, boxes: Sequence[Box]) -> bool:
    """Tell whether more than half of what was drawn, and its middle, lies in one box."""
    left, top, right, bottom = wanted
    x, y = (left + right) / 2, (top + bottom) / 2
    for box in boxes:
        shared = max(0.0, min(right, box[2]) - max(left, box[0])) * max(0.0, min(bottom, box[3]) - max(top, box[1]))
        if box[0] <= x <= box[2] and box[1] <= y <= box[3] and shared > 0.5 * (right - left) * (bottom - top):
            return True
    return False


def _fonts(folder: Path | None) -> list[str]:
    more = sorted(str(path) for path in folder.rglob("*.tt[cf]")) if folder else []
    found = [font for font in MEASURING if Path(font).exists()] + more
    if not found:
        sys.exit("no Chinese font: install fonts-noto-cjk or fonts-wqy-microhei")
    return found


def main() -> None:
    """Draw and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description="Watermarks, faces and plates.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20_261)
    parser.add_argument("--fonts", type=Path, help="folder with more fonts that have Chinese letters and figures")
    given = parser.parse_args()
    fonts, wanted = _fonts(given.fonts), addresses(given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(run(watermarks(folder, samples(wanted, given.seed, given.count, fonts), "plain watermarks")))
        print(run(watermarks(folder, street_samples(wanted, given.seed, given.count, fonts), "in the street")))
        print(run(blurring(folder, crowds(given.seed, given.count // 2, fonts))))


if __name__ == "__main__":
    main()
