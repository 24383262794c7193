"""The proof of a long ledger: every entry, every day's head, every word that is still kept."""

import asyncio
import time
from pathlib import Path

from bench.figures import Row, median
from bench.ledger_filling import fill_ledger
from bench.plan import Plan
from store import Store


def proven(plan: Plan) -> list[Row]:
    """Measure `audit verify` on a ledger of `stored` entries, as seconds for a million and as processor time."""
    file = plan.folder / "ledger.db"
    seconds, busy = asyncio.run(_proven(file, plan.stored, min(3, plan.repetitions)))
    share = 1_000_000 / plan.stored
    detail = f"{plan.stored:,} entries in {median(seconds):.2f} s, {median(busy):.2f} s of them processor time"
    name = "A ledger proven, processor time for a million entries"  # one thread; the cores may be shared
    return [Row(name, median(busy) * share, 5, 4, detail, unit="s", is_at_least=False)]


async def _proven(file: Path, entries: int, repetitions: int) -> tuple[list[float], list[float]]:
    url, heads = f"sqlite+aiosqlite:///{file}", file.with_suffix(".txt")
    await (await Store.open(url, planner=lambda notice, view: [])).close()
    heads.write_text("\n".join(fill_ledger(file, entries)) + "\n", encoding="utf-8")
    store = await Store.open(url, planner=lambda notice, view: [], heads=heads)
    await store.checked()
    seconds: list[float] = []
    busy: list[float] = []
    for _ in range(repetitions):
        begin, work = time.perf_counter(), time.process_time()
        if flaw := await store.ledger.verify():
            raise RuntimeError(f"a good ledger was refused: {flaw}")
        seconds.append(time.perf_counter() - begin)
        busy.append(time.process_time() - work)
    await store.close()
    return seconds, busy
