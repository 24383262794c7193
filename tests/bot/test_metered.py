"""Metered calls: counted for the month across restarts, told at 70 and 90 percent, the optional ones left out then."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.metered import CALLS, MeteredCalls
from tests.house import OPS, House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def counted(house: House, calls: int, quota: int = 100) -> MeteredCalls:
    """Start a count, as a new run of the service would, and make so many calls."""
    metered = MeteredCalls(quota, house.clock)
    await metered.start(house.machine)
    for _ in range(calls):
        metered.count()
    await metered.settle()
    await house.machine.settle()
    return metered


async def stored(house: House) -> object:
    async with house.store.reading(house.clock.now()) as view:
        return await view.setting(CALLS)


async def test_calls_are_counted_across_restarts(house: House) -> None:
    await counted(house, 3)
    metered = await counted(house, 4)
    assert metered.used == 7
    assert await stored(house) == {"month": "2026-06", "count": 7}


async def test_two_processes_add_up(house: House) -> None:
    first, second = await counted(house, 0), await counted(house, 5)
    first.count()
    await first.settle()
    assert (first.used, second.used) == (6, 5)


async def test_a_new_month_begins_at_nothing_on_the_city_s_calendar(house: House) -> None:
    metered = await counted(house, 95)
    assert not metered.has_room()
    house.clock.set(datetime(2026, 6, 30, 16, 0, tzinfo=UTC))  # midnight in Shanghai
    assert (metered.used, metered.has_room()) == (0, True)
    metered.count()
    await metered.settle()
    assert await stored(house) == {"month": "2026-07", "count": 1}


@pytest.mark.parametrize(
    ("calls", "percents", "has_room"),
    [
        pytest.param(69, [], True, id="enough"),
        pytest.param(70, ["70%"], True, id="warned"),
        pytest.param(89, ["70%"], True, id="warned once"),
        pytest.param(90, ["70%", "90%"], False, id="tight"),
        pytest.param(130, ["70%", "90%"], False, id="beyond"),
    ],
)
async def test_the_operators_hear_at_70_and_at_90_percent(
    house: House, calls: int, percents: list[str], has_room: bool
) -> None:
    for _ in range(calls // 10):
        await counted(house, 10)
    metered = await counted(house, calls % 10)
    heard = house.all_heard(OPS)
    assert [next(p for p in ("70%", "90%") if p in text) for text in heard] == percents
    assert all("每月额度100次" in text and "dingtalk.monthly_calls" in text for text in heard)
    assert metered.has_room() is has_room


async def test_what_the_store_did_not_take_is_stored_with_the_next_call(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    metered = await counted(house, 2)
    with monkeypatch.context() as patch:
        patch.setattr(house.store, "deciding", lambda now: (_ for _ in ()).throw(OSError("disk full")))
        metered.count()
        await metered.settle()
    assert metered.used == 3
    metered.count()
    await metered.settle()
    assert await stored(house) == {"month": "2026-06", "count": 4}
