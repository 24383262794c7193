"""Findings, walks and appeals: kept equal, seen at once within a batch, and once per deduction."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from domain.appeal import Appeal, AppealState, Proposal, Verdict
from domain.case import id_of
from domain.effects import Effects
from domain.finding import APPEAL, Finding
from domain.messages import Photo
from domain.walk import Walk
from store import Store
from store.engine import open_database
from store.migrate import bring_up_to_date, downgrade
from tests.store.samples import NOW, save

HOUR = timedelta(hours=1)


def found(key: str = "f1", case: int = 1, at: timedelta = timedelta(0)) -> Finding:
    return Finding(key, NOW + at, "XC001", "luan.stall", Decimal("0.50"), "sun", "摊点", case=id_of(2026, case))


def appeal(number: int = 7, finding: str = "f1", **changes: object) -> Appeal:
    made = Appeal(
        id_of(2026, number), finding, "2026-10", "wang", "已批准", Decimal("0.50"), NOW, NOW + 72 * HOUR,
        photos=(Photo("a" * 64, "jpg", 10, 20, 30),),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_a_finding_of_a_case_comes_back_and_changes(store: Store) -> None:
    await save(store, Effects(findings=[found(), found("f2", 2, HOUR)]))
    await save(store, Effects(findings=[replace(found(), points=Decimal("0.10"), withdrawn=APPEAL)]))
    async with store.reading(NOW) as view:
        read = view.inspected
        assert await read.finding_of_case(id_of(2026, 1)) == await read.finding("f1")
        kept = await read.findings(NOW, NOW + 2 * HOUR)
        assert [(one.key, one.points, one.withdrawn) for one in kept] == [
            ("f1", Decimal("0.10"), APPEAL),
            ("f2", Decimal("0.50"), ""),
        ]
        assert [one.category for one in await view.findings(NOW, NOW + 2 * HOUR)] == ["", "luan.stall"]
        last = await read.last_finding("sun", NOW)
        assert last is not None
        assert last.label == "2026-0002"
        assert await read.last_finding("sun", NOW + 2 * HOUR) is None


async def test_a_batch_sees_its_own_changes(store: Store) -> None:
    await save(store, Effects(findings=[found()], walks=[Walk("sun", "人民路", ("XC001",), NOW)]))
    async with store.deciding(NOW) as view:
        read = view.inspected
        view.apply(Effects(findings=[replace(found(), points=Decimal(1)), found("f2", 2, HOUR)], walks_ended=["sun"]))
        view.apply(Effects(appeals=[appeal()]))
        assert await read.walk("sun") is None
        assert [one.points for one in await read.findings(NOW, NOW + HOUR)] == [Decimal(1)]
        last = await read.last_finding("sun", NOW)
        assert last is not None
        assert last.key == "f2"
        assert [one.number for one in await read.appeals("2026-10")] == ["2026-申007"]
        assert await read.appeals("2026-09") == []
        assert await read.appeal_against("f1") == appeal()
    async with store.reading(NOW) as view:
        assert await view.inspected.walk("sun") is None


async def test_a_walk_and_an_appeal_come_back_equal(store: Store) -> None:
    walk = Walk("sun", "人民路", ("XC001", "XC002"), NOW)
    verdict = Verdict(("wu", "feng"), NOW, "时段不符", Decimal("0.20"))
    whole = appeal(
        state=AppealState.FINAL_REJECTED, review=verdict, referral="请复核", proposal=Proposal("wu", True, "可采纳"),
        final=verdict, awaits_correction=True,
    )  # fmt: skip
    await save(store, Effects(walks=[walk], appeals=[whole]))
    async with store.reading(NOW) as view:
        assert await view.inspected.walk("sun") == walk
        assert await view.inspected.appeal(whole.id) == whole


async def test_one_appeal_for_a_deduction_and_numbers_never_repeat(store: Store) -> None:
    async with store.deciding(NOW) as view:
        assert [await view.inspected.next_appeal(2026) for _ in range(2)] == [id_of(2026, 1), id_of(2026, 2)]
        view.apply(Effects(appeals=[appeal()]))
    async with store.deciding(NOW) as view:
        assert await view.inspected.next_appeal(2026) == id_of(2026, 3)
    with pytest.raises(IntegrityError):
        await save(store, Effects(appeals=[appeal(8)]))


async def test_an_imported_finding_is_found_by_its_number(store: Store) -> None:
    await store.findings.add([replace(found(), case=0), replace(found("f2", 1, HOUR), case=0)], NOW)
    async with store.reading(NOW) as view:
        second = await view.inspected.finding_numbered(id_of(2026, 2))
        assert second is not None
        assert (second.key, second.label) == ("f2", "2026-督0002")


async def test_the_head_before_a_day(store: Store) -> None:
    day = date(2026, 10, 4)
    closed = await store.ledger.close_day(day, NOW)
    async with store.reading(NOW) as view:
        assert await view.inspected.head_before(day) == ""
        assert await view.inspected.head_before(day + timedelta(days=1)) == closed.printed


async def test_findings_at_hand_are_numbered_by_the_upgrade(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/old.db")
    await bring_up_to_date(database)
    await downgrade(database, "0001")
    with closing(sqlite3.connect(tmp_path / "old.db")) as db, db:
        rows = [("late", 2), ("early", 1), ("clean", 0)]
        at = 1_790_000_000_000_000
        for key, order in rows:
            category = "" if key == "clean" else "luan.stall"
            values = (key, at + order, "XC001", category, "0.5", "", "", 0)
            db.execute("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    await database.close()
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/old.db", planner=lambda notice, view: [])
    async with store.reading(NOW) as view:
        labels = [(await view.inspected.finding(key), key) for key, _ in rows]
    assert {key: one.label for one, key in labels if one} == {
        "late": "2026-督0002", "early": "2026-督0001", "clean": "未编号",
    }  # fmt: skip
    await store.findings.add([replace(found("new"), case=0)], NOW)
    async with store.reading(NOW) as view:
        new = await view.inspected.finding("new")
    assert new is not None
    assert new.label == "2026-督0003"
    await store.close()
