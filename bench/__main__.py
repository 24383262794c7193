"""`python -m bench`: every row in one go, and one table at the end."""

import argparse
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from bench.figures import Row
from bench.plan import Measure, Plan, quick
from bench.processes import ROOT
from bench.rows import accepting, documents, ledger, memory, month, photos, routing, sizes, stream, websocket

ROWS: Mapping[str, Measure] = {
    "accepted": accepting.accepted,
    "worked-off": accepting.worked_off,
    "slow-disk": accepting.on_a_slow_disk,
    "stream": stream.acknowledged,
    "websocket": websocket.taken,
    "photos": photos.answers_beside_photos,
    "memory": memory.resident,
    "starting": sizes.starting,
    "routing": routing.routed,
    "history": sizes.history,
    "ledger": ledger.proven,
    "documents": documents.documents,
    "month": month.ranked,
}


def _facts() -> str:
    cores = len(os.sched_getaffinity(0))
    libraries = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "SQLAlchemy"))
    return f"{cores} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"


def _shown(row: Row) -> str:
    sign = "≥" if row.is_at_least else "≤"
    bounds = f"{sign} {row.must:g} | {sign} {row.goal:g}"
    return f"| {row.name} | {row.value:.2f} {row.unit} | {bounds} | {row.verdict} | {row.detail} |"


def _table(rows: list[Row]) -> str:
    head = "| measured | figure | must | goal | reached | absolute |\n|---|---|---|---|---|---|"
    return "\n".join([head, *map(_shown, rows)])


def main() -> None:
    """Measure what was asked for, all of it by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed and memory beside floor servers.")
    parser.add_argument("--quick", action="store_true", help="small and coarse, about a minute")
    parser.add_argument("--only", action="append", choices=ROWS, metavar="NAME", help=f"one of {', '.join(ROWS)}")
    parser.add_argument("--growth", type=int, help="messages of the memory row")
    parser.add_argument("--stored", type=int, help="cases of the rows about size; 10000000 takes long and 15 GB")
    parser.add_argument("--month", type=int, help="deductions of the largest month; 10000000 takes long and 2 GB")
    given = parser.parse_args()
    rows: list[Row] = []
    scratch = ROOT / "bench" / "results"  # on the disk that is measured; /tmp may live in memory
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        plan = quick(Path(name)) if given.quick else Plan(Path(name))
        plan = replace(plan, stored=given.stored or plan.stored, growth=given.growth or plan.growth)
        plan = replace(plan, month=given.month or plan.month)
        for row_name in given.only or ROWS:
            begin = time.perf_counter()
            measured = ROWS[row_name](plan)
            print(f"{row_name}: {time.perf_counter() - begin:.0f} s", *map(_shown, measured), sep="\n", flush=True)
            rows += measured
    print(f"\n{_facts()}; {plan.repetitions} repetitions in turn, medians\n\n{_table(rows)}")


if __name__ == "__main__":
    main()
