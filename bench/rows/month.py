"""A month's ranks: added up from the rows beside one bare GROUP BY, and so far from the sums kept at every write."""

import asyncio
import contextlib
import gc
import resource
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.figures import Row, median
from bench.plan import Plan
from domain.assessment import load_assessments
from domain.categories import Categories
from domain.month import SHANGHAI, Month
from domain.roster import Dated, Roster, Segment
from domain.rulebook import load_rules
from domain.scoring import Settings
from domain.standings import Sums, rank
from domain.tally import Tally
from store import Store, sums
from store.columns import to_micros

MONTH = Month(2026, 10)
SEGMENTS, CHIEFS, TOWNSHIPS = 5_000, 500, 20
LEAST = 10_000  # deductions of the small month
_BARE = "SELECT segment, sum(points) FROM finding WHERE found_at >= ? AND found_at < ? GROUP BY segment"


def roster() -> Roster:
    """Return a city of 5,000 segments under 500 second-level chiefs."""
    rows = []
    for n in range(SEGMENTS):
        town, chief = f"第{n % TOWNSHIPS}街道", f"second{n % CHIEFS}"
        unit, road = f"单位{n % 200}", f"{n % TOWNSHIPS}街{n // 80}路"
        given = (f"S{n:05d}", road, (), "东街", "西街", "双侧", town, "ABC"[n % 3], unit)
        rows.append(Dated(Segment(*given, f"chief{n}", "陈", chief, f"二级{n % CHIEFS}", "h", "韩", "f", "方")))
    return Roster(segments=tuple(rows))


def fill(database: Path, deductions: int) -> None:
    """Put so many deductions into October, in no order of segments, and keep their sums."""
    start = to_micros(MONTH.start())
    span = to_micros(MONTH.end()) - start
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("DELETE FROM finding")
        connection.execute("DELETE FROM finding_sum")
        connection.execute(
            f"WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < {deductions - 1})"
            " INSERT INTO finding (key, found_at, segment, category, points, inspector, note, by_book)"
            f" SELECT printf('k%d', n), {start} + n * {span // deductions},"
            f" printf('S%05d', (n * 7919) % {SEGMENTS}), 'luan.stall', n % 250, '', '', 0 FROM number"
        )
        connection.execute(
            "INSERT INTO finding_sum SELECT ?, segment, '', 0, sum(points) FROM finding GROUP BY segment",
            (MONTH.year * 100 + MONTH.number,),
        )
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds of processor time for one size: the bare query, ranks from the rows, ranks from the kept sums."""

    bare: float
    published: float
    so_far: float


def ranked(plan: Plan) -> list[Row]:
    """Measure months from 1,000 deductions up to the plan's most."""
    settings = Settings(load_rules([row.code for row in Categories.load().rows]), load_assessments())
    book, file = roster(), plan.folder / "month.db"
    sizes = [size for size in (1_000, LEAST, 100_000, 1_000_000, 10_000_000) if size <= max(plan.month, LEAST)]
    times = {size: asyncio.run(_times(file, size, book, settings, plan.repetitions)) for size in sizes}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        Row(
            f"Month ranked from {size:,} deductions, beside a bare GROUP BY",
            found.published / found.bare,
            3,
            1.5,
            f"{found.published * 1000:.1f} beside {found.bare * 1000:.1f} ms",
            is_at_least=False,
        )
        for size, found in times.items()
    ]
    small, large = times[LEAST], times[sizes[-1]]
    growth = f"{small.so_far * 1000:.1f} → {large.so_far * 1000:.1f} ms"
    name = f"Standing so far, {sizes[-1]:,} deductions beside {LEAST:,}"
    rows.append(Row(name, large.so_far / small.so_far, 1.5, 1.1, growth, is_at_least=False))
    rows.append(Row("Memory of the ranking process, at most", peak, 300, 300, "", unit="MiB", is_at_least=False))
    return rows


async def _times(file: Path, size: int, book: Roster, settings: Settings, repetitions: int) -> _Times:
    url = f"sqlite+aiosqlite:///{file}"
    await (await Store.open(url, planner=lambda notice, view: [])).close()
    fill(file, size)
    store = await Store.open(url, planner=lambda notice, view: [])
    await store.checked()
    span = MONTH.start(), MONTH.end()
    try:
        async with store.database.reading() as connection:

            async def bare() -> None:
                bounds = (to_micros(span[0]), to_micros(span[1]))
                (await connection.exec_driver_sql(_BARE, bounds)).all()

            async def published() -> None:
                _checked(rank(MONTH, Sums(await sums.raw(connection, *span), book), settings))

            async def so_far() -> None:
                now = span[1] - timedelta(hours=1)
                kept: list[Tally] = await sums.kept(connection, MONTH)
                _checked(rank(MONTH, Sums(kept, book), settings, now))

            return await _in_turn(bare, published, so_far, repetitions=repetitions)
    finally:
        await store.close()


def _checked(lists: object) -> None:
    if not lists:
        raise RuntimeError(f"{MONTH} was not ranked in {SHANGHAI}")


async def _in_turn(*steps: Callable[[], Awaitable[None]], repetitions: int) -> _Times:
    for step in steps:  # once for the caches
        await step()
    seconds: list[list[float]] = [[] for _ in steps]
    for _ in range(max(5, repetitions)):
        for step, taken in zip(steps, seconds, strict=True):
            gc.collect()
            begin = time.process_time()  # all of it happens here, and the cores may be shared
            await step()
            taken.append(time.process_time() - begin)
    return _Times(*(median(taken) for taken in seconds))
