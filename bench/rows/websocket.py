"""Rows about WeCom's long connection: messages durable in our inbox, beside a bare client that only reads them."""

import contextlib
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Row, median, percentile
from bench.lines import SendingGateway, gateway
from bench.plan import Plan
from bench.processes import Server, start
from bench.product import Product
from bench.rows.accepting import next_ids

TIMES = 5  # the plan's messages in one run without pause: what lasts counts, not what fits into buffers
PACE, PACED_SECONDS = 200.0, 5.0  # of the run that measures delays; longer than a burst in which no work is done
GLANCE = 0.001  # seconds between two looks into the inbox
PATIENCE = 120.0
_BOT = '[wecom.bot]\nmode = "websocket"\nbot_id = "aibBench"\nsecret = "bench"\nws_url = "{url}"\n'


@dataclass(frozen=True, slots=True)
class Taken:
    """Messages of one run: rate and µs of processor time a message without pause, and the p99 delay at a pace, in ms."""

    rate: float
    cpu: float
    p99: float


def taken(plan: Plan) -> list[Row]:
    """Measure from the gateway's send to the durable row, in turn with the bare client's read."""
    with gateway() as to_ours, gateway() as to_bare:
        product = Product(plan.folder / "websocket")
        with product.config.open("a", encoding="utf-8") as config:
            config.write(_BOT.format(url=to_ours.url))
        command = [sys.executable, "-m", "bench.bare_line", to_bare.url]
        with product.serve() as served, start(command, plan.folder / "bare.log") as bare:
            return [_row(plan, product, served, bare, to_ours, to_bare)]


def _row(
    plan: Plan, product: Product, served: Server, bare: Server, to_ours: SendingGateway, to_bare: SendingGateway
) -> Row:
    ours: list[Taken] = []
    theirs: list[Taken] = []
    for _ in range(plan.repetitions):
        with served.paused():
            theirs.append(_measured(plan, to_bare, bare, lambda count: _read_by(bare)))
        rest = product.wait_until_worked_off
        ours.append(_measured(plan, to_ours, served, lambda count: _stored(product, count), rest))
    rate, bare_rate = median(r.rate for r in ours), median(r.rate for r in theirs)
    cpu = f"processor time {median(r.cpu for r in ours):.1f} beside {median(r.cpu for r in theirs):.1f} µs a message"
    p99 = f"p99 at {PACE:.0f}/s {median(r.p99 for r in ours):.1f} beside {median(r.p99 for r in theirs):.1f} ms"
    name = "WeCom long connection, durable, beside a client that only reads"
    return Row(name, rate / bare_rate, 0.5, 0.75, f"{rate:,.0f}/s beside {bare_rate:,.0f}/s, {cpu}, {p99}")


def _measured(
    plan: Plan,
    peer: SendingGateway,
    reader: Server,
    arrivals: Callable[[int], list[float]],
    rest: Callable[[], object] = lambda: None,
) -> Taken:
    """Measure both from the gateway's first send to the last arrival; `rest` waits for what a run leaves to be done."""
    count, used = TIMES * plan.messages, reader.cpu()
    peer.begin(next_ids(), count)
    came = arrivals(count)
    cpu = 1e6 * (reader.cpu() - used) / count
    rate = count / (came[-1] - peer.sent()[0])
    rest()
    paced = int(PACE * PACED_SECONDS)
    peer.begin(next_ids(), paced, PACE)
    came = arrivals(paced)
    delays = sorted(1000 * (there - left) for there, left in zip(came, peer.sent(), strict=True))
    rest()
    return Taken(rate, cpu, percentile(delays, 0.99))


def _read_by(bare: Server) -> list[float]:
    assert bare.process.stdout is not None
    return list(json.loads(bare.process.stdout.readline()))


def _stored(product: Product, count: int) -> list[float]:
    """Return when each of the next messages was seen in the inbox; they are stored in the order in which they came."""
    came: list[float] = []
    with contextlib.closing(sqlite3.connect(f"file:{product.database}?mode=ro", uri=True)) as connection:
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM inbox").fetchone()
        end = time.perf_counter() + PATIENCE
        while len(came) < count:
            (latest,) = connection.execute("SELECT max(id) FROM inbox").fetchone()  # a glance, not a count
            came += [time.perf_counter()] * (min((latest or last) - last, count) - len(came))
            if time.perf_counter() > end:
                raise TimeoutError(f"{len(came)} of {count} messages were stored")
            time.sleep(GLANCE)
        (stored,) = connection.execute("SELECT count(*) FROM inbox WHERE id > ?", (last,)).fetchone()
    if stored != count:
        raise RuntimeError(f"{stored} of {count} messages were stored")
    return came
