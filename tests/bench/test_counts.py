"""What makes the rates possible, counted instead of timed: commits and statements, through the whole worker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import event

from bench import city, messages
from bench.filling import fill
from bench.product import write_config
from bot.assembly import Machine, build, open_store, rules_of
from bot.config import load_config
from bot.connections import callbacks_of
from domain.ports import CaseQuery
from media.photos import PhotoStore
from tests.store.test_view import plans_that_scan

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


SEGMENTS = 50  # of the roster: fewer are imported faster


class Still:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    config = load_config(write_config(tmp_path / "product"))
    rules = rules_of(config)
    store = await open_store(config, rules)
    await store.rosters.import_roster(city.segments()[:SEGMENTS], NOW.date(), NOW)
    parsers = {callback.channel: callback for callback in callbacks_of(config)}
    yield build(store, rules, Still(), parsers=parsers, clients={}, photos=PhotoStore(config.store.media))
    await store.close()


async def receive(machine: Machine, first: int, count: int) -> None:
    roads = tuple(city.road(number) for number in range(SEGMENTS // city.STRETCHES))
    texts = islice((text for text in city.reports(first) if text.startswith(roads)), count)
    made = [messages.wecom_message(number, text) for number, text in enumerate(texts, first)]
    await asyncio.gather(
        *(machine.receive("wecom.app", "wecom", f"m{first + at}", message) for at, message in enumerate(made))
    )


async def test_statements_and_commits_do_not_grow_with_a_batch(machine: Machine) -> None:
    counts, commits = [], []
    sent: list[str] = []
    engine = machine.store.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: sent.append(statement))
    event.listen(engine, "commit", lambda _connection: commits.append(len(sent)))
    await receive(machine, 0, 2)  # the very first builds what is kept
    await machine.inbox.drain()
    for first, count in ((3_000, 12), (6_000, 32)):
        sent.clear()
        commits.clear()
        await receive(machine, first, count)
        await machine.inbox.drain()
        counts.append((len(sent), len(commits)))
        assert len(sent) == len(set(sent))  # each kind of statement once, whatever the number of messages
    assert [commits for _statements, commits in counts] == [1, 1]
    assert max(statements for statements, _commits in counts) <= 30
    async with machine.store.reading(NOW) as view:
        assert await view.count(CaseQuery()) == 46
    assert await plans_that_scan(machine.store, sent) == []


async def test_what_waits_is_answered_in_one_commit(machine: Machine) -> None:
    await receive(machine, 0, 64)
    assert machine.store.intake.batches == 1


async def test_a_filled_database_reads_like_a_grown_one(machine: Machine) -> None:
    await asyncio.to_thread(fill, machine.store.database.file, 30)
    async with machine.store.reading(NOW) as view:
        found = await view.cases(CaseQuery(limit=50))
        assert len(found) == 30
        assert found[0].closed_at == found[0].reported_at + timedelta(hours=2)
    assert await machine.store.inbox.depth() == 0
    assert await machine.store.outbox.next_due() is None


async def test_a_batch_ends_early_when_somebody_waits_to_be_answered(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbox.FEW", 4)
    await receive(machine, 0, 12)
    coming: list[asyncio.Task[None]] = []

    def heard(*_: object) -> None:
        if not coming:
            coming.append(asyncio.create_task(receive(machine, 3_000, 1)))

    monkeypatch.setattr(machine.inbox, "_on_heard", heard)
    first = await machine.inbox.work_once()
    assert 4 <= first < 12
    await coming[0]
    assert await machine.inbox.work_once() == 13 - first
    assert await machine.store.inbox.depth() == 0
