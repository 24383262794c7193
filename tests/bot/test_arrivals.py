import asyncio

from bot.arrivals import Arrivals


async def test_what_waits_comes_at_once_and_in_order() -> None:
    arrivals: Arrivals[int] = Arrivals(most=100, at_once=3)
    taking = asyncio.create_task(arrivals.take())
    await asyncio.sleep(0)
    assert [arrivals.add(n) for n in range(5)] == [None] * 5
    assert await taking == [0, 1, 2]
    assert await arrivals.take() == [3, 4]


async def test_who_finds_no_room_waits_until_some_is_taken() -> None:
    arrivals: Arrivals[int] = Arrivals(most=2, at_once=1)
    assert arrivals.add(0) is None
    pause = arrivals.add(1)
    assert pause is not None
    waiting = asyncio.ensure_future(pause)
    await asyncio.sleep(0)
    assert not waiting.done()
    await arrivals.take()
    await waiting


async def test_it_is_over_when_all_that_was_taken_is_safe() -> None:
    arrivals: Arrivals[int] = Arrivals(most=9, at_once=1)
    await arrivals.over()
    arrivals.add(0)
    arrivals.add(1)
    over = asyncio.create_task(arrivals.over())
    for _ in range(2):
        await arrivals.take()
        await asyncio.sleep(0)
        assert not over.done()
        arrivals.done()
    await over
