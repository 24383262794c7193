from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.finding import Finding
from domain.month import Month
from store import Store

OCTOBER = Month(2026, 10)
START = OCTOBER.start()


def finding(key: str, points: str, at: datetime = START, segment: str = "XZ001") -> Finding:
    return Finding(key, at, segment, "litter", Decimal(points), "insp", "备注", by_book=True)


async def test_findings_come_back_equal_and_to_the_cent(store: Store) -> None:
    rows = [finding("b", "0.10", START + timedelta(hours=1)), finding("a", "0.20"), finding("c", "12.35")]
    assert await store.findings.add(rows) == 3
    assert await store.findings.of_month(START, OCTOBER.end()) == [rows[1], rows[2], rows[0]]


async def test_a_file_imported_twice_adds_nothing(store: Store) -> None:
    rows = [finding("a", "0.50"), finding("a", "0.50"), finding("b", "1")]
    assert await store.findings.add(rows) == 2
    assert await store.findings.add([*rows, finding("c", "0.25", segment="XZ002")]) == 1
    found = await store.findings.of_month(START, OCTOBER.end())
    assert {one.key: one.number % 10**8 for one in found} == {"a": 1, "b": 2, "c": 3}


async def test_months_are_shanghais(store: Store) -> None:
    edge = finding("edge", "1", OCTOBER.end() - timedelta(microseconds=1))
    next_month = replace(finding("next", "2"), found_at=OCTOBER.end())
    await store.findings.add([edge, next_month])
    assert await store.findings.of_month(START, OCTOBER.end()) == [edge]
    assert datetime(2026, 10, 31, 16, tzinfo=UTC) == OCTOBER.end()
    assert await store.findings.of_month(OCTOBER.end(), OCTOBER.next().end()) == [next_month]


async def test_a_clean_visit_is_kept_without_a_number(store: Store) -> None:
    await store.findings.add([replace(finding("clean", "0"), category="")])
    assert [one.number for one in await store.findings.of_month(START, OCTOBER.end())] == [0]
    assert await store.findings.add([]) == 0
