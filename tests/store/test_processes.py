"""Several processes on one database, played by several stores, each with connections of its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from domain.effects import Effects, LedgerEvent
from domain.messages import Receipt
from store import AlreadyClaimed, Store
from tests.store.samples import MINUTE, NOW, case, effects_of, notice, plan, queue, save, way


@pytest.fixture
async def peers(store: Store) -> AsyncIterator[list[Store]]:
    """Three stores on one database."""
    url = store.database.url.render_as_string(hide_password=False)
    others = [await Store.open(url, planner=plan) for _ in range(2)]
    yield [store, *others]
    for other in others:
        await other.close()


async def test_the_ledger_never_forks(peers: list[Store]) -> None:
    async def write(store: Store) -> None:
        for number in range(8):
            await save(store, Effects(events=[LedgerEvent("roster", "k", {"n": number}), LedgerEvent("rules", "k")]))

    await asyncio.gather(*map(write, peers))
    assert [entry.seq for entry in await peers[0].ledger.events("roster")] == list(range(1, 25))
    assert await peers[0].ledger.verify() is None


async def test_case_numbers_are_given_once(peers: list[Store]) -> None:
    async def report(store: Store) -> list[int]:
        numbers = []
        for _ in range(6):
            async with store.deciding(NOW) as view:
                numbers.append(await view.next_sequence(2026))
                view.apply(effects_of(case(numbers[-1])))
        return numbers

    given = [number for numbers in await asyncio.gather(*map(report, peers)) for number in numbers]
    assert sorted(given) == list(range(1, 19))


async def test_a_message_is_worked_on_once(peers: list[Store]) -> None:
    for number in range(12):
        await peers[number % 3].intake.put("c", "wecom", f"m{number}", "{}", NOW)

    async def work(store: Store) -> None:
        while rows := await store.inbox.waiting(2):
            try:
                async with store.deciding(NOW) as view:
                    for row in rows:
                        view.apply(effects_of(case(await view.next_sequence(2026), message_id=row.message_id)))
                    view.inbox_done([row.id for row in rows])
            except AlreadyClaimed:
                continue

    await asyncio.gather(*map(work, peers))
    async with peers[0].database.reading() as connection:
        worked = Counter((await connection.execute(text("SELECT message_id FROM cases"))).scalars())
    assert worked == Counter(f"m{number}" for number in range(12))


async def test_senders_share_rows_and_limits(peers: list[Store]) -> None:
    await queue(peers[0], *(notice(f"k{n}", chat=f"g{n}") for n in range(12)))
    sent: list[str] = []

    async def send(store: Store) -> None:
        for row in await store.outbox.due(NOW, 12):
            if await store.outbox.claim(NOW, way(limit=7), row.id, f"sender {id(store)}"):
                sent.append(row.key)
                assert await store.outbox.sent(row, Receipt(), NOW)

    await asyncio.gather(*map(send, peers))
    assert len(sent) == len(set(sent)) == 7
    await asyncio.gather(*(send(store) for store in peers))
    assert len(sent) == 7
    assert len(await peers[0].outbox.due(NOW + MINUTE, 12)) == 5


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_a_server_that_restarts_costs_nobody_an_error(peers: list[Store]) -> None:
    store, other, _third = peers
    await save(store, effects_of(case()))
    async with other.database.reading() as connection:
        everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        await connection.execute(text(f"{everybody} AND pid <> pg_backend_pid()"))
    await save(store, effects_of(case(2)))
    assert await store.intake.put("c", "wecom", "after", "{}", NOW) is True
    async with store.reading(NOW) as view:
        assert await view.case(case(2).id) is not None
