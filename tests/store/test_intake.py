import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from store import AlreadyClaimed, Store
from store.intake import Arrival
from store.schema import inbox
from tests.store.samples import MINUTE, NOW, case, effects_of


async def put(store: Store, message_id: str, payload: str = "{}", platform: str = "wecom") -> bool:
    return await store.intake.put(f"{platform}.bot", platform, message_id, payload, NOW)


async def stored(store: Store) -> list[str]:
    async with store.database.reading() as connection:
        return list((await connection.execute(select(inbox.c.message_id).order_by(inbox.c.id))).scalars())


async def test_a_repeated_id_has_no_second_effect(store: Store) -> None:
    assert await put(store, "m1") is True
    assert await put(store, "m1", "another text") is False
    assert await put(store, "m1", platform="dingtalk") is True  # ids are each platform's own
    [first, _second] = await store.inbox.waiting(10)
    assert (first.payload, first.channel, first.tries, first.received_at) == ("{}", "wecom.bot", 0, NOW)


async def test_what_waits_is_one_commit_and_twins_in_it_count_once(store: Store) -> None:
    results = await asyncio.gather(*(put(store, f"m{n % 20}") for n in range(60)))
    assert results == [True] * 20 + [False] * 40
    assert store.intake.batches == 1
    assert await stored(store) == [f"m{n}" for n in range(20)]


async def test_a_bad_row_costs_only_itself(store: Store) -> None:
    async def bad() -> bool:
        return await store.intake.put("wecom.bot", "wecom", "bad", None, NOW)  # type: ignore[arg-type]

    results = await asyncio.gather(put(store, "m1"), bad(), put(store, "m2"), return_exceptions=True)
    assert (results[0], results[2]) == (True, True)
    assert isinstance(results[1], Exception)
    assert await stored(store) == ["m1", "m2"]


async def test_an_instant_without_offset_is_refused(store: Store) -> None:
    with pytest.raises((ValueError, StatementError), match="offset"):
        await store.intake.put("c", "wecom", "m1", "{}", datetime(2026, 10, 5))  # noqa: DTZ001
    assert await put(store, "m2") is True


async def test_puts_beside_a_long_decision_wait_and_are_kept(store: Store) -> None:
    async with store.deciding(NOW) as view:
        waiting = asyncio.gather(*(put(store, f"m{n}") for n in range(5)))
        await asyncio.sleep(0)
        view.apply(effects_of(case()))
    assert await waiting == [True] * 5


async def test_closing_stores_what_waits(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url, planner=lambda notice, view: [])
    waiting = asyncio.gather(*(put(store, f"m{n}") for n in range(5)))
    await asyncio.sleep(0)
    await store.close()
    assert await waiting == [True] * 5


async def test_done_rows_leave_in_the_commit_of_their_effects(store: Store) -> None:
    await put(store, "m1", "secret words")
    [row] = await store.inbox.waiting(10)

    async def killed() -> None:
        async with store.deciding(NOW) as view:
            view.inbox_done([row.id])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await killed()
    assert await store.inbox.depth() == 1
    async with store.deciding(NOW) as view:
        view.inbox_done([row.id])
    assert await store.inbox.depth() == 0
    assert await put(store, "m1") is False  # the id outlives the work
    async with store.database.reading() as connection:
        assert (await connection.execute(select(func.max(inbox.c.payload)))).scalar_one() == ""


async def test_the_second_to_finish_a_message_changes_nothing(store: Store) -> None:
    await put(store, "m1")
    [row] = await store.inbox.waiting(10)
    async with store.deciding(NOW) as view:
        view.inbox_done([row.id])

    async def too_late() -> None:
        async with store.deciding(NOW) as view:
            view.apply(effects_of(case()))
            view.inbox_done([row.id])

    with pytest.raises(AlreadyClaimed):
        await too_late()
    async with store.reading(NOW) as seen:
        assert await seen.case(case().id) is None


async def test_the_third_failure_parks_a_message_and_the_rest_goes_on(store: Store) -> None:
    await put(store, "m1")
    await put(store, "m2")
    [first, _second] = await store.inbox.waiting(10)
    assert [await store.inbox.failed(first.id, "ValueError", NOW) for _ in range(3)] == [False, False, True]
    assert [row.message_id for row in await store.inbox.waiting(10)] == ["m2"]
    assert await store.inbox.failed(first.id, "again", NOW) is False  # told once


async def test_ids_are_purged_by_age_but_never_unfinished_work(store: Store) -> None:
    for number in range(4):
        await store.intake.put("c", "wecom", f"m{number}", "{}", NOW + number * MINUTE)
    rows = await store.inbox.waiting(10)
    async with store.deciding(NOW) as view:
        view.inbox_done([rows[0].id, rows[2].id, rows[3].id])
    assert await store.inbox.purge(NOW + 3 * MINUTE) == 2
    assert await stored(store) == ["m1", "m3"]


async def test_what_comes_together_is_one_commit_in_order_and_a_bad_row_costs_only_itself(store: Store) -> None:
    def arrivals(numbers: range) -> list[Arrival]:
        return [("c", "wecom", f"m{n}", "{}", NOW, False) for n in numbers]

    assert await store.intake.put_all(arrivals(range(100, 103))) == [True] * 3
    known = await store.intake.put_all(arrivals(range(210)))
    assert known == [n not in range(100, 103) for n in range(210)]
    assert store.intake.batches == 2
    assert await store.intake.put_all(arrivals(range(3))) == [False] * 3
    bad: Arrival = ("c", "wecom", "bad", None, NOW, False)  # type: ignore[assignment]
    results = await store.intake.put_all([*arrivals(range(300, 302)), bad, *arrivals(range(302, 303))])
    assert (results[:2], results[3]) == ([True, True], True)
    assert isinstance(results[2], Exception)
    assert await stored(store) == [f"m{n}" for n in (*range(100, 103), *range(100), *range(103, 210), *range(300, 303))]


async def test_a_burst_lasts_while_something_is_stored_but_not_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.intake.QUIET", 0.001)
    monkeypatch.setattr("store.intake.BURST", 0.05)
    commits, gate = store.intake._commits, asyncio.Event()
    write = commits._write

    async def slow(arrivals: Sequence[Arrival]) -> Sequence[bool]:
        await gate.wait()
        return await write(arrivals)

    monkeypatch.setattr(commits, "_write", slow)
    assert store.intake.is_quiet
    waiting = asyncio.create_task(put(store, "m1"))
    await asyncio.sleep(0)
    over = asyncio.create_task(store.intake.burst_over())
    await asyncio.wait([over], timeout=0.02)
    assert (over.done(), store.intake.is_quiet, store.intake.is_waited_for) == (False, False, True)
    await over
    assert not waiting.done()
    gate.set()
    assert await waiting is True
