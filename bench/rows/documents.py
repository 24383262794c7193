"""A month's documents of a large city: five sequences, picture, workbook and letter, from the database to the files."""

import asyncio
import resource
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench import city
from bench.figures import Row, median
from bench.plan import Plan
from bot.assembly import open_store, rules_of
from bot.config import Config
from domain.assessment import SequenceKind
from domain.ballots import Cast, Vote
from domain.casework import papers, votes
from domain.casework.work import Work
from domain.finding import Finding
from domain.imports.shops import ShopVote
from domain.month import Month
from domain.roster import Segment
from domain.rules import Rules
from domain.shops import Shop
from media.decode import Decoder
from media.photos import PhotoStore
from media.press import Press
from store import Store

SEGMENTS, CHIEFS = 1_000, 300
SHOPS, PANEL = 300, 10  # shops that compete, and who votes for each
MONTH = Month(2026, 10)
AFTERWARDS = datetime(2026, 11, 2, 1, tzinfo=UTC)
_SALT = "bench"


def documents(plan: Plan) -> list[Row]:
    """Measure the month's documents with `plan.deductions` deductions: processor time, ours and the child's.

    The child starts anew each time. The wall clock stands beside it: on a machine that others use it says little.
    """
    return asyncio.run(_documents(plan))


async def _documents(plan: Plan) -> list[Row]:
    folder = plan.folder / "documents"
    rules = rules_of(_config(folder))
    store = await open_store(_config(folder), rules)
    photos = PhotoStore(folder / "media")
    press = Press(photos, Decoder(photos))
    figures, rendered, walls = [], [], []
    try:
        await _fill(store, rules, plan.deductions)
        await _require_all_sequences(store, rules)
        for _ in range(plan.repetitions):
            start, begin = time.perf_counter(), _processor()
            async with store.reading(AFTERWARDS) as view:
                made = await papers.month_report(Work(view, rules), MONTH)
            figures.append(_processor() - begin)
            sizes = {paper.file.rpartition(".")[2]: len(await press.render(paper)) for paper in made}
            await press.rest()
            rendered.append(_processor() - begin - figures[-1])
            walls.append(time.perf_counter() - start)
    finally:
        await press.close()
        await store.close()
    whole = median([one + other for one, other in zip(figures, rendered, strict=True)])
    shown = ", ".join(f"{kind} {size / 1024:,.0f} kB" for kind, size in sorted(sizes.items()))
    detail = f"figures {median(figures):.1f} s, files {median(rendered):.1f} s ({shown}); wall {median(walls):.1f} s"
    name = f"Month's documents, processor time, {SEGMENTS:,} segments, {CHIEFS} chiefs, {plan.deductions:,} deductions"
    return [Row(name, whole, 10, 6, detail, unit="s", is_at_least=False)]


def _processor() -> float:
    """Return the seconds of processor that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _config(folder: Path) -> Config:
    url = f"sqlite+aiosqlite:///{folder / 'luzhang.db'}"
    store = {"url": url, "media": folder / "media", "heads": folder / "heads.txt"}
    assessment = {
        "rating_weight": "0.4",
        "cut_offs": {"good": 90, "fair": 80},
        "best_shops": 10,
        "worst_shops": 10,
        "objection_days": 0,
    }
    return Config.model_validate({"city": {"name": "溪城市"}, "store": store, "assessment": assessment})


def _segments() -> list[Segment]:
    return [
        replace(segment, second_level=f"second{n % CHIEFS}", second_level_name=f"二级{n % CHIEFS}")
        for n, segment in enumerate(city.segments()[:SEGMENTS])
    ]


async def _fill(store: Store, rules: Rules, deductions: int) -> None:
    segments = _segments()
    codes = [row.code for row in rules.categories.rows]
    await store.rosters.import_roster(segments, date(2026, 1, 1), AFTERWARDS)
    start = MONTH.start()
    step = timedelta(days=30) / deductions
    await store.findings.add(
        [
            Finding(
                key=f"{n:032x}",
                found_at=start + n * step,
                segment=segments[n * 37 % SEGMENTS].id,
                category=codes[n % len(codes)],
                points=Decimal(1 + n % 4) / 10,
                inspector="孙督查",
                note=f"第{n % 90}处，门前有杂物未清",
            )
            for n in range(deductions)
        ],
        AFTERWARDS,
    )
    await _vote(store, rules, segments)


async def _vote(store: Store, rules: Rules, segments: list[Segment]) -> None:
    """Let every chief rate every unit and department, and panels the shops, which two persons then verify."""
    units = sorted({(SequenceKind.UNIT, one.unit) for one in segments})
    departments = sorted({(SequenceKind.DEPARTMENT, name) for name in rules.scoring.department_of.values()})
    casts = [
        Cast(f"second{chief}", Vote(kind, subject, Decimal(80 + (chief * 7 + n) % 20)))
        for n, (kind, subject) in enumerate(units + departments)
        for chief in range(CHIEFS)
    ]
    shops = [
        ShopVote(
            MONTH,
            shop := Shop(segments[n].id, f"{n}号超市"),
            "网格员",
            Cast(f"grid{voter}", Vote(SequenceKind.SHOP, shop.subject, Decimal(70 + (n * 11 + voter * 3) % 30))),
        )
        for n in range(SHOPS)
        for voter in range(PANEL)
    ]
    async with store.deciding(MONTH.end()) as view:
        work = Work(view, rules)
        view.apply(await votes.take_ratings(work, {MONTH: casts}, _SALT))
        view.apply(await votes.take_shops(work, shops, _SALT))
        for person in ("吴", "冯"):
            view.apply((await votes.verify_shops(work, MONTH, person))[1])


async def _require_all_sequences(store: Store, rules: Rules) -> None:
    async with store.reading(AFTERWARDS) as view:
        scores, _head = await papers.printed_scores(Work(view, rules), MONTH)
    missing = set(SequenceKind) - {listed.sequence for listed in scores.sequences}
    if missing:
        raise RuntimeError(f"not in the documents: {missing}")
