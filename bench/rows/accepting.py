"""Rows about answering callbacks: accepted beside F2, worked off beside F3, and on a slow disk."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from bench import slow_disk
from bench.figures import Row, median
from bench.loopback import platform
from bench.plan import Plan
from bench.processes import Load, Run, Server, floor
from bench.product import Product

_ids = count(1)


def next_ids() -> int:
    """Return the first of a million ids that no other load has used."""
    return next(_ids) * 1_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """The same load on a floor and on the product, repetition by repetition."""

    floor: list[Run]
    ours: list[Run]

    @property
    def rate(self) -> float:
        """Return our rate as a share of the floor's."""
        return median(r.sent.rate for r in self.ours) / median(r.sent.rate for r in self.floor)

    @property
    def cpu(self) -> float:
        """Return our CPU an answered request in multiples of the floor's."""
        return median(r.cpu_per_1000 for r in self.ours) / max(1e-9, median(r.cpu_per_1000 for r in self.floor))

    @property
    def p99(self) -> float:
        """Return our 99th percentile in ms."""
        return median(r.sent.p99 for r in self.ours)

    @property
    def detail(self) -> str:
        """Return the absolute figures, ours first."""
        ours, floor_ = self.ours, self.floor
        return (
            f"{median(r.sent.rate for r in ours):,.0f}/s beside {median(r.sent.rate for r in floor_):,.0f}/s, "
            f"p99 {self.p99:.1f} beside {median(r.sent.p99 for r in floor_):.1f} ms"
        )


def interleaved(plan: Plan, product: Product, ours: Server, beside: Server, channel: str, in_flight: int) -> Pair:
    """Run the load on the floor and on the product in turn; the backlog is worked off before the next turn."""
    pair = Pair([], [])
    for _ in range(plan.repetitions):
        for server, other, runs in ((beside, ours, pair.floor), (ours, beside, pair.ours)):
            with other.paused():
                load = Load(server, channel, plan.messages, next_ids(), "--in-flight", str(in_flight))
                runs.append(_checked(load.run()))
        product.wait_until_worked_off()
    return pair


def _checked(run: Run) -> Run:
    if run.sent.errors:
        raise RuntimeError(f"{run.sent.errors} of {run.sent.count} requests were not answered with 200")
    return run


def accepted(plan: Plan) -> list[Row]:
    """Measure the rate of answers: verified, decrypted, durable and deduplicated, while the inbox is worked on."""
    rows: list[Row] = []
    with platform() as base:
        product = Product(plan.folder / "accepted", base)
        with product.serve() as ours, floor("f2", plan.folder) as beside:
            for in_flight in (16, 64):
                pair = interleaved(plan, product, ours, beside, "wecom", in_flight)
                rows += [
                    Row(f"WeCom accepted, {in_flight} in flight, beside F2", pair.rate, 0.5, 0.75, pair.detail),
                    Row(
                        f"WeCom CPU an answer, {in_flight} in flight, beside F2",
                        pair.cpu,
                        2.0,
                        1.35,
                        "",
                        is_at_least=False,
                    ),
                ]
            for in_flight in (16, 64):
                pair = interleaved(plan, product, ours, beside, "dingtalk", in_flight)
                rows.append(
                    Row(f"DingTalk accepted, {in_flight} in flight, beside F2", pair.rate, 0.45, 0.7, pair.detail)
                )
    return rows


def worked_off(plan: Plan) -> list[Row]:
    """Measure from the first callback until the last case and its posts are committed."""
    ours_rates: list[float] = []
    floor_rates: list[float] = []
    with platform() as base:
        product = Product(plan.folder / "worked", base)
        with product.serve() as ours, floor("f3", plan.folder) as beside:
            for _ in range(plan.repetitions):
                options = ("wecom", plan.messages, next_ids(), "--in-flight", "16")
                with ours.paused():
                    floor_rates.append(_checked(Load(beside, *options).run()).sent.rate)
                load = Load(ours, *options)
                begin = time.perf_counter()
                _checked(load.run())
                ours_rates.append(plan.messages / (product.wait_until_worked_off() - begin))
        counts = product.counts()
    if counts["cases"] < plan.messages * plan.repetitions or counts["parked"]:
        raise RuntimeError(f"not every report became a case: {counts}")
    ours_rate, floor_rate = median(ours_rates), median(floor_rates)
    detail = f"{ours_rate:,.0f}/s beside {floor_rate:,.0f}/s, {counts['posts'] / counts['cases']:.1f} posts a case"
    name = "Callback → case and posts committed, 16 in flight, beside F3"
    return [Row(name, ours_rate / floor_rate, 0.35, 0.55, detail)]


def on_a_slow_disk(plan: Plan) -> list[Row]:
    """Measure with 2 ms more for every fsync, beside a server that commits each message by itself."""
    environment: Mapping[str, str] | None = slow_disk.environment(plan.folder)
    if environment is None:
        print("slow disk: left out, there is no C compiler to build the delay with")
        return []
    with platform() as base:
        product = Product(plan.folder / "slow", base)
        with product.serve(environment=environment) as ours, floor("each", plan.folder, environment) as beside:
            short = Plan(plan.folder, plan.repetitions, min(plan.messages, 2_000))
            pair = interleaved(short, product, ours, beside, "wecom", 64)
    return [
        Row("Slow disk, 64 in flight, beside one commit a message", pair.rate, 10, 20, pair.detail),
        Row("Slow disk, 64 in flight, answer p99", pair.p99, 40, 40, "", unit="ms", is_at_least=False),
    ]
