"""Speed of understanding at 500, 5,000 and 50,000 place names: `python -m bench.routing`.

Prints loading time, memory of the understander, and the median and 99th percentile of one text, on one core.
"""

import json
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

from bench.figures import percentile
from bot.tables_in import read_rows
from domain.categories import Categories
from domain.imports.roster import parse_roster
from domain.roster import Segment
from domain.understand import Gazetteer, Understander

DATA = Path(__file__).resolve().parent.parent / "tests" / "domain" / "data"
SIZES = (500, 5_000, 50_000)  # names in the gazetteer, short forms included
ROUNDS = 5
MUST_MS, MUST_LOAD_S, MUST_MIB = 1.0, 0.5, 60.0  # at 5,000 names


def grown(segments: list[Segment], times: int) -> list[Segment]:
    """Return the roster repeated under other names: township, roads and landmarks get a mark of their own."""
    return [_marked(s, chr(0x5000 + copy)) if copy else s for copy in range(times) for s in segments]


def _marked(segment: Segment, mark: str) -> Segment:
    return replace(
        segment,
        id=f"{segment.id}{mark}",
        road=mark + segment.road,
        road_aliases=tuple(mark + alias for alias in segment.road_aliases),
        from_cross=mark + segment.from_cross,
        to_cross=mark + segment.to_cross,
        township=mark + segment.township,
        landmarks=tuple(mark + landmark for landmark in segment.landmarks),
    )


def main() -> None:
    """Measure each size and print one line a size."""
    segments = parse_roster("roster", read_rows(DATA / "roster-demo.csv"))
    texts = [json.loads(line)["text"] for line in (DATA / "reports-dev.jsonl").read_text(encoding="utf-8").splitlines()]
    base = len(Gazetteer.build(segments).names)
    for size in SIZES:
        _measure(grown(segments, max(1, size // base)), texts)


def _measure(segments: list[Segment], texts: list[str]) -> None:
    began = time.process_time()
    understander = Understander(Categories.load(), Gazetteer.build(segments))
    loading = time.process_time() - began
    for text in texts:
        understander.understand(text)
    times = sorted(_timed(understander, text) for _ in range(ROUNDS) for text in texts)
    tracemalloc.start()
    kept = Understander(Categories.load(), gazetteer := Gazetteer.build(segments))
    mib = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    print(
        f"{len(gazetteer.names):>6} names: load {loading:.2f} s, {mib:.0f} MiB, "
        f"median {percentile(times, 0.5) * 1e3:.2f} ms, p99 {percentile(times, 0.99) * 1e3:.2f} ms "
        f"(at 5,000: {MUST_LOAD_S} s, {MUST_MIB:.0f} MiB, {MUST_MS} ms)"
    )
    del kept


def _timed(understander: Understander, text: str) -> float:
    began = time.process_time()
    understander.understand(text)
    return time.process_time() - began


if __name__ == "__main__":
    main()
