"""Sums by month and segment: the kept ones, those added up from the rows, and the list itself say the same."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Select, delete, text

from domain.effects import Effects
from domain.finding import APPEAL, VOID, Finding
from domain.month import SHANGHAI, Month
from domain.tally import Tally, tallied
from store import Store, sums
from store.schema import setting
from tests.store.samples import NOW, save

OCTOBER = Month(2026, 10)
MONTHS = (OCTOBER.previous(), OCTOBER, OCTOBER.next())


def some(dice: random.Random, number: int) -> Finding:
    at = OCTOBER.previous().start() + timedelta(minutes=dice.randrange(91 * 24 * 60))
    category = dice.choice(["", "luan.stall", "zang.litter"])
    points = Decimal(dice.choice(["0", "0.01", "0.5", "2.25", "100"])) if category else Decimal(0)
    by_book = bool(category) and dice.random() < 0.3
    return Finding(f"k{number}", at, f"XZ{dice.randrange(5):03d}", category, points, by_book=by_book)


async def agree(store: Store) -> None:
    async with store.database.reading() as connection:
        for month in MONTHS:
            span = month.start(), month.end()
            listed = tallied(await store.findings.of_month(*span))
            assert await sums.kept(connection, month) == listed
            assert await sums.raw(connection, *span) == listed


async def test_they_agree_through_every_change(store: Store) -> None:
    dice = random.Random(7)
    rows = [some(dice, number) for number in range(120)]
    await store.findings.add(rows, NOW)
    await store.findings.add(rows[:50], NOW)  # known already
    await agree(store)
    for _ in range(12):
        one = dice.choice(rows)
        changed = dice.choice(
            [
                replace(one, withdrawn=APPEAL),
                replace(one, withdrawn=VOID),
                replace(one, points=Decimal("3.3"), category="luan.stall", by_book=False),
                replace(one, segment="XZ009"),
            ]
        )
        await save(store, Effects(findings=[changed]))
    await save(store, Effects(findings=[some(dice, 500), some(dice, 501)]))
    await agree(store)


async def test_a_decision_sees_what_its_batch_has_changed(on_sqlite: Store) -> None:
    one = Finding("k", NOW, "XZ001", "luan.stall", Decimal("0.5"))
    await on_sqlite.findings.add([one], NOW)
    async with on_sqlite.deciding(NOW) as view:
        view.apply(Effects(findings=[replace(one, points=Decimal(2))]))
        assert await view.inspected.tally(OCTOBER.start(), OCTOBER.end(), OCTOBER) == Tally({"XZ001": 200}, {})
        [found] = await view.inspected.findings_on(["XZ001"], OCTOBER.start(), OCTOBER.end())
        assert found.points == 2
        assert await view.inspected.findings_on(["XZ002"], OCTOBER.start(), OCTOBER.end()) == []


async def test_findings_from_before_are_added_up_once(store: Store) -> None:
    dice = random.Random(11)
    await store.findings.add([some(dice, number) for number in range(60)], NOW)
    async with store.database.writing() as connection:
        await connection.execute(text("UPDATE finding_sum SET points = 1"))
        await connection.execute(delete(setting).where(setting.c.name == sums.MARK))
    await sums.make_ready(store.database, SHANGHAI)
    await agree(store)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        (sums.ALL, "SEARCH finding USING COVERING INDEX ix_finding_sums (found_at>? AND found_at<?)"),
        (sums.BY_BOOK, "SEARCH finding USING COVERING INDEX ix_finding_by_book (found_at>? AND found_at<?)"),
        (sums.TAKEN_BACK, "SCAN finding_standing USING COVERING INDEX ix_finding_standing_withdrawn"),
    ],
)
async def test_the_sums_are_read_from_an_index_alone(query: Select[Any], read: str, on_sqlite: Store) -> None:
    await on_sqlite.findings.add([some(random.Random(3), number) for number in range(20)], NOW)
    async with on_sqlite.database.reading() as connection:
        compiled = str(query.compile(connection.sync_engine))
        asked = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", (0, 1, 0)[: compiled.count("?")])
        assert read in asked.mappings().all()[0]["detail"]
