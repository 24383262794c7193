"""Near the end of a month's calls the optional posts are left out, and nothing else."""

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from bot.platforms.simulated.platform import PLATFORM
from bot.sparing import OPTIONAL, Sparing
from domain.cards import EDIT
from domain.casework import delivery
from domain.messages import Target, Way
from store.outbox import OutboxRow
from tests.house import GROUP, House


async def bystander(house: House) -> list[str]:
    """Somebody who has no hand in a case sends a picture of it; return what its handler hears of that."""
    await house.say("刘芳", "人民路百货大楼门口占道经营", group=GROUP, photo="before")
    assert any("办结标准" in text for text in house.heard("赵强")), "work is always told"
    await house.say("孙丽", "0001 已处理", group=GROUP, photo="after")
    await house.advance(seconds=5)
    return [text for text in house.all_heard("赵强") if "孙丽" in text]


@pytest.mark.parametrize("has_room", [True, False])
async def test_the_optional_is_left_out_and_what_matters_goes(house: House, has_room: bool) -> None:
    house.machine.outbox._open_ways = Sparing({PLATFORM: lambda: has_room}).open_ways
    assert bool(await bystander(house)) is has_room
    assert await house.store.outbox.depth() == 0
    async with house.store.database.reading() as connection:
        query = "SELECT kind FROM outbox WHERE error = 'spared'"
        spared = set((await connection.exec_driver_sql(query)).scalars())
    assert spared == (set() if has_room else {"bystander"})


def test_a_way_that_costs_nothing_stays_open() -> None:
    ways = tuple(Way(f"dingtalk.{name}", name, 20, timedelta(minutes=1)) for name in ("reply", "private", "webhook"))
    sparing = Sparing({"dingtalk": lambda: False})
    there = Target("dingtalk", userid="u1")

    def opened(kind: str, target: Target = there) -> list[str]:
        return [way.name for way in sparing.open_ways(row(kind, target), ways)]

    assert opened(EDIT) == ["reply", "webhook"]
    assert opened("work") == ["reply", "private", "webhook"]
    assert opened(EDIT, Target("wecom", userid="u1")) == ["reply", "private", "webhook"]


def row(kind: str, target: Target) -> OutboxRow:
    return cast("OutboxRow", SimpleNamespace(kind=kind, target=target))


def test_only_what_nobody_waits_for_is_optional() -> None:
    needed = {delivery.KIND, "receipt", "overdue", "escalation", "hazard", "urge", "rework", "verify", "digest", "ops"}
    assert needed.isdisjoint(OPTIONAL)
