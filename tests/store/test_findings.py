from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.case import id_of
from domain.finding import Finding
from domain.month import Month
from store import Store

OCTOBER = Month(2026, 10)
START = OCTOBER.start()


def finding(key: str, points: str, at: datetime = START, segment: str = "XZ001") -> Finding:
    return Finding(key, at, segment, "litter", Decimal(points), "insp", "备注", by_book=True)


async def test_findings_come_back_equal_and_to_the_cent(store: Store) -> None:
    rows = [finding("b", "0.10", START + timedelta(hours=1)), finding("a", "0.20"), finding("c", "12.35")]
    assert await store.findings.add(rows, START) == 3
    assert await store.findings.of_month(START, OCTOBER.end()) == [rows[1], rows[2], rows[0]]


async def test_a_file_imported_twice_adds_nothing(store: Store) -> None:
    rows = [finding("a", "0.50"), finding("a", "0.50"), finding("b", "1")]
    assert await store.findings.add(rows, START) == 2
    assert await store.findings.add([*rows, finding("c", "0.25", segment="XZ002")], START) == 1
    found = await store.findings.of_month(START, OCTOBER.end())
    assert {one.key: one.number % 10**8 for one in found} == {"a": 1, "b": 2, "c": 3}


async def test_months_are_shanghais(store: Store) -> None:
    edge = finding("edge", "1", OCTOBER.end() - timedelta(microseconds=1))
    next_month = replace(finding("next", "2"), found_at=OCTOBER.end())
    await store.findings.add([edge, next_month], START)
    assert await store.findings.of_month(START, OCTOBER.end()) == [edge]
    assert datetime(2026, 10, 31, 16, tzinfo=UTC) == OCTOBER.end()
    assert await store.findings.of_month(OCTOBER.end(), OCTOBER.next().end()) == [next_month]


async def test_a_clean_visit_is_kept_without_a_number(store: Store) -> None:
    await store.findings.add([replace(finding("clean", "0"), category="")], START)
    assert [one.number for one in await store.findings.of_month(START, OCTOBER.end())] == [0]
    assert await store.findings.add([], START) == 0


async def test_what_scores_a_finding_stands_in_the_ledger_once(
    on_sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.records.CHUNK", 2)
    rows = [finding(key, "0.5") for key in "abc"]
    await on_sqlite.findings.add(rows, START)
    await on_sqlite.findings.add([*rows, finding("d", "1")], START)
    entries = [entry.event for entry in await on_sqlite.ledger.events("inspection")]
    assert [event.kind for event in entries] == ["imported"] * 3
    assert [[one["finding"] for one in event.facts["findings"]] for event in entries] == [["a", "b"], ["c"], ["d"]]
    assert entries[2].facts["findings"] == [
        {
            "finding": "d",
            "segment": "XZ001",
            "category": "litter",
            "points": "1.00",
            "by_book": True,
            "found_at": START.isoformat(),
            "number": id_of(2026, 4),
        }
    ]
    assert "备注" not in str(entries)
    assert await on_sqlite.ledger.verify() is None


async def test_months_are_those_of_the_city_s_zone(tmp_path: Path) -> None:
    zone = ZoneInfo("Asia/Urumqi")
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/west.db", planner=lambda notice, view: [], zone=zone)
    # the first hour of November in Shanghai is the last but one of October there
    await store.findings.add([finding("edge", "2", OCTOBER.end())], START)
    async with store.reading(START) as view:
        span = OCTOBER.start(zone), OCTOBER.end(zone)
        assert (await view.inspected.tally(*span, OCTOBER)).booked == {("XZ001", "litter"): (1, 200)}
    await store.close()
