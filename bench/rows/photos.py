"""Answers while photos are fetched, decoded and stored."""

import time

from bench.figures import Row, median
from bench.loopback import platform
from bench.plan import Plan
from bench.processes import SERVER_CORE, Load
from bench.product import Product
from bench.rows.accepting import next_ids

_ANSWERS_A_SECOND = 20.0
_PHOTOS_A_SECOND = 4.0
_SECONDS = 10


def answers_beside_photos(plan: Plan) -> list[Row]:
    """Measure the 99th percentile of answers at a steady rate, alone and while photos keep the workers busy.

    The load runs on its core and the server may use both, as on any machine where photos are decoded beside it.
    """
    idle: list[float] = []
    busy: list[float] = []
    seconds = _SECONDS if plan.repetitions > 3 else 4
    steady = ("--per-second", str(_ANSWERS_A_SECOND))
    photos = ("--per-second", str(_PHOTOS_A_SECOND))
    with platform(with_photo=True) as base:
        product = Product(plan.folder / "photos", base)
        with product.serve(on=(SERVER_CORE, 1)) as server:
            for _ in range(plan.repetitions):
                count = int(_ANSWERS_A_SECOND * seconds)
                idle.append(Load(server, "wecom", count, next_ids(), *steady).run().sent.p99)
                beside = Load(server, "photo", int(_PHOTOS_A_SECOND * (seconds + 1)), next_ids(), *photos)
                load = Load(server, "wecom", count, next_ids(), *steady)
                beside.go()
                time.sleep(0.5)
                busy.append(load.run().sent.p99)
                beside.result()
                product.wait_until_worked_off()
    alone, among = median(idle), median(busy)
    detail = f"p99 {among:.1f} ms beside {alone:.1f} ms idle, {_PHOTOS_A_SECOND:.0f} photos of 12 megapixels a second"
    return [Row("Answer p99 while photos are worked on, beside idle", among / alone, 2, 1.3, detail, is_at_least=False)]
