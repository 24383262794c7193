"""Months that end with a black flag, published one after another."""

from datetime import UTC, datetime
from decimal import Decimal

from domain.casework import publication
from domain.casework.work import Work
from domain.finding import Finding
from domain.month import Month
from tests.house import House

SIGNED = ("吴主任", "冯副主任")


async def black_months(house: House, *names: str, points: str = "10", segment: str = "XC005") -> None:
    """Enter findings on one segment in each month and publish it by hand; what follows is left to the timers."""
    for name in names:
        month = Month.parse(name)
        at = datetime(month.year, month.number, 10, 2, tzinfo=UTC)
        found = Finding(f"{name}:{segment}", at, segment, "luan.stall", Decimal(points), "孙督查", "", False)
        await house.store.findings.add([found], house.clock.now())
        async with house.store.deciding(house.clock.now()) as view:
            view.apply(await publication.publish_now(Work(view, house.rules), month, SIGNED))
