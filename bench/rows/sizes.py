"""What a full database costs: the start, and the rate of answers."""

import shutil
import subprocess
import sys
import time

from bench.figures import Row, median
from bench.filling import fill
from bench.loopback import platform
from bench.plan import Plan
from bench.processes import ROOT, SERVER_CORE, Load, cores
from bench.product import NOBODY, Product
from bench.rows.accepting import next_ids

_IMPORTS = "import aiohttp.web, sqlalchemy.ext.asyncio, aiosqlite, wechatpy.enterprise, wechatpy.enterprise.crypto"


def starting(plan: Plan) -> list[Row]:
    """Measure from the start of `serve` to the first accepted callback, beside its bare imports and with many cases."""
    empty, full = _pair(plan, "starting", plan.stored)
    imports: list[float] = []
    bare: list[float] = []
    stored: list[float] = []
    for _ in range(plan.repetitions):
        imports.append(_import())
        bare.append(_first_answer(empty))
        stored.append(_first_answer(full))
    start, start_full = median(bare), median(stored)
    detail = f"{1000 * start:.0f} ms beside {1000 * median(imports):.0f} ms"
    beside = f"{1000 * start_full:.0f} ms beside {1000 * start:.0f} ms"
    name = f"Start to the first answer, {plan.stored:,} cases, beside none"
    return [
        Row(
            "Start to the first answer, beside bare imports", start / median(imports), 2, 1.4, detail, is_at_least=False
        ),
        Row(name, start_full / start, 1.2, 1.05, beside, is_at_least=False),
    ]


def history(plan: Plan) -> list[Row]:
    """Measure the rate of answers with 1,000 cases stored and with many, in turn."""
    rates: dict[Product, list[float]] = {}
    with platform() as base:
        small, large = _pair(plan, "history", plan.stored, few=1_000, platform=base)
        with small.serve() as one, large.serve() as other:
            for _ in range(plan.repetitions):
                for product, server, still in ((small, one, other), (large, other, one)):
                    with still.paused():
                        load = Load(server, "wecom", plan.messages, next_ids(), "--in-flight", "16")
                        rates.setdefault(product, []).append(load.run().sent.rate)
                        product.wait_until_worked_off()
    few, many = median(rates[small]), median(rates[large])
    detail = f"{many:,.0f}/s beside {few:,.0f}/s"
    return [Row(f"Accepted with {plan.stored:,} cases, beside 1,000", many / few, 0.8, 0.95, detail)]


def _pair(plan: Plan, name: str, stored: int, few: int = 0, platform: str = NOBODY) -> tuple[Product, Product]:
    small, large = (Product(plan.folder / f"{name}-{size}", platform) for size in ("small", "large"))
    if few:
        fill(small.database, few)
    kept = plan.folder / f"filled-{stored}.db"
    if kept.exists():
        shutil.copy(kept, large.database)
    else:
        fill(large.database, stored)
        shutil.copy(large.database, kept)
    return small, large


def _import() -> float:
    begin = time.perf_counter()
    subprocess.run(
        ["taskset", "-c", str(min(cores([SERVER_CORE]))), sys.executable, "-c", _IMPORTS], check=True, cwd=ROOT
    )
    return time.perf_counter() - begin


def _first_answer(product: Product) -> float:
    begin = time.perf_counter()
    with product.serve() as server:
        listening = time.perf_counter() - begin
        sent = Load(server, "wecom", 1, next_ids()).run().sent
        return listening + sent.seconds
