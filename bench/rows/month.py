"""A month's ranks: added up from the rows beside one bare GROUP BY, and so far from the sums kept at every write."""

import asyncio
import contextlib
import gc
import resource
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bench.figures import Row, median
from bench.plan import Plan
from domain.assessment import load_assessments
from domain.categories import Categories
from domain.month import SHANGHAI, Month
from domain.roster import Dated, Roster, Segment
from domain.rulebook import load_rules
from domain.scoring import Settings
from domain.standings import Sums, rank
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
        connection.execute("DELETE FROM finding_standing")
        connection.execute("DELETE FROM finding_sum")
        connection.execute(
            f"WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < {deductions - 1})"
            " INSERT INTO finding (key, found_at, segment, category, points, inspector, note, by_book)"
            f" SELECT printf('k%d', n), {start} + n * {span // deductions},"
            f" printf('S%05d', (n * 7919) % {SEGMENTS}), 'luan.stall', n % 250, '', '', 0 FROM number"
        )
        connection.execute(  # each has the number that people call it by
            "INSERT INTO finding_standing (key, case_id, number, withdrawn)"
            f" SELECT key, 0, {MONTH.year * 100_000_000} + rowid, '' FROM finding"
        )
        connection.execute(
            "INSERT INTO finding_sum SELECT ?, segment, '', 0, sum(points) FROM finding GROUP BY segment",
            (MONTH.year * 100 + MONTH.number,),
        )
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


Step = Callable[[], Awaitable[None]]


def ranked(plan: Plan) -> list[Row]:
    """Measure months from 1,000 deductions up to the plan's most."""
    return asyncio.run(_ranked(plan))


async def _ranked(plan: Plan) -> list[Row]:
    settings = Settings(load_rules([row.code for row in Categories.load().rows]), load_assessments())
    book, rows = roster(), []
    sizes = [size for size in (1_000, LEAST, 100_000, 1_000_000, 10_000_000) if size <= max(plan.month, LEAST)]
    for size in sizes:
        async with _filled(plan.folder / "month.db", size) as connection:
            turns = max(5, plan.repetitions, min(25, 1_000_000 // size))  # short ones swing more
            bare, published = await _in_turn(_bare(connection), _published(connection, book, settings), turns=turns)
        name = f"Month ranked from {size:,} deductions, beside a bare GROUP BY"
        detail = f"{published * 1000:.1f} beside {bare * 1000:.1f} ms"
        rows.append(Row(name, published / bare, 3, 1.5, detail, is_at_least=False))
    async with (
        _filled(plan.folder / "small.db", LEAST) as small,
        _opened(plan.folder / "month.db") as large,
    ):
        steps = [_so_far(connection, book, settings) for connection in (small, large)]
        least, most = await _in_turn(*steps, turns=25)
    name = f"Standing so far, {sizes[-1]:,} deductions beside {LEAST:,}"
    rows.append(Row(name, most / least, 1.5, 1.1, f"{least * 1000:.1f} → {most * 1000:.1f} ms", is_at_least=False))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(Row("Memory of the ranking process, at most", peak, 300, 300, "", unit="MiB", is_at_least=False))
    return rows


@contextlib.asynccontextmanager
async def _filled(file: Path, size: int) -> AsyncIterator[AsyncConnection]:
    async with _opened(file):
        pass
    fill(file, size)
    async with _opened(file) as connection:
        yield connection


@contextlib.asynccontextmanager
async def _opened(file: Path) -> AsyncIterator[AsyncConnection]:
    store = await Store.open(f"sqlite+aiosqlite:///{file}", planner=lambda notice, view: [])
    try:
        await store.checked()
        async with store.database.reading() as connection:
            yield connection
    finally:
        await store.close()


def _bare(connection: AsyncConnection) -> Step:
    bounds = to_micros(MONTH.start()), to_micros(MONTH.end())

    async def step() -> None:
        (await connection.exec_driver_sql(_BARE, bounds)).all()

    return step


def _published(connection: AsyncConnection, book: Roster, settings: Settings) -> Step:
    async def step() -> None:
        _checked(rank(MONTH, Sums(await sums.raw(connection, MONTH.start(), MONTH.end()), book), settings))

    return step


def _so_far(connection: AsyncConnection, book: Roster, settings: Settings) -> Step:
    async def step() -> None:
        now = MONTH.end() - timedelta(hours=1)
        _checked(rank(MONTH, Sums(await sums.kept(connection, MONTH), book), settings, now))

    return step


def _checked(lists: object) -> None:
    if not lists:
        raise RuntimeError(f"{MONTH} was not ranked in {SHANGHAI}")


async def _in_turn(*steps: Step, turns: int) -> tuple[float, ...]:
    """Return the median seconds of processor time of each step."""
    for step in steps:  # once for the caches
        await step()
    seconds: list[list[float]] = [[] for _ in steps]
    for _ in range(turns):
        for step, taken in zip(steps, seconds, strict=True):
            gc.collect()
            begin = time.process_time()  # all of it happens here, and the cores may be shared
            await step()
            taken.append(time.process_time() - begin)
    return tuple(median(taken) for taken in seconds)
