"""Resident memory: at rest with both platforms and 5,000 place names, and after many messages."""

from bench.figures import Row
from bench.loopback import platform
from bench.plan import Plan
from bench.processes import Load
from bench.product import Product
from bench.rows.accepting import next_ids

_AT_ONCE = 5_000  # messages between two looks


def resident(plan: Plan) -> list[Row]:
    """Measure the resident memory of the service and its children before and after a stream of messages."""
    with platform() as base:
        product = Product(plan.folder / "memory", base)
        with product.serve() as server:
            Load(server, "wecom", 1, next_ids()).run()  # the first message builds what the first message needs
            product.wait_until_worked_off()
            idle = server.resident_mib()
            for _ in range(max(1, plan.growth // _AT_ONCE)):
                count = min(_AT_ONCE, plan.growth)
                Load(server, "wecom", count, next_ids(), "--in-flight", "16").run()
                product.wait_until_worked_off()
            grown = server.resident_mib() - idle
    return [
        Row("Resident memory at rest", idle, 130, 100, "", unit="MiB", is_at_least=False),
        Row(f"Growth after {plan.growth:,} messages", grown, 20, 8, "", unit="MiB", is_at_least=False),
    ]
