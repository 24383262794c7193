from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.errors import ImportRefused
from domain.finding import Finding
from domain.imports.findings import parse_findings
from domain.imports.roster import parse_roster
from domain.roster import Dated, Roster
from domain.rulebook import Rule, RuleBook, RuleBooks
from tests.domain.imports.rows import FINDING, SEGMENT, numbered, places

CATEGORIES = {"luan.stall": "乱设摊点", "zang.litter": "路面遗漏垃圾", "other": "其他市容问题"}
ROSTER = Roster(segments=(Dated(parse_roster("r", numbered([SEGMENT]))[0], None, date(2026, 10, 20)),))
RULES = RuleBooks(
    (
        RuleBook("一", date(2026, 1, 1), True, {"luan.stall": Rule(Decimal("0.30"), "1")}),
        RuleBook("二", date(2026, 10, 10), True, {"luan.stall": Rule(Decimal("0.80"), "1")}),
    )
)


def read(*rows: dict[str, str]) -> list[Finding]:
    return parse_findings("f.csv", numbered(rows), roster=ROSTER, categories=CATEGORIES, rules=RULES)


def test_a_row_becomes_a_finding() -> None:
    found = read(FINDING)[0]
    assert replace(found, key="") == Finding(
        "", datetime(2026, 10, 5, 1, 30, tzinfo=UTC), "XZ001", "luan.stall", Decimal("0.5"), "李明", "水果摊"
    )


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param("2026-10-01T00:00:00+08:00", datetime(2026, 9, 30, 16, tzinfo=UTC), id="city time"),
        pytest.param("2026-09-30T16:00:00Z", datetime(2026, 9, 30, 16, tzinfo=UTC), id="Z"),
        pytest.param("2026-10-05 09:30+08:00", datetime(2026, 10, 5, 1, 30, tzinfo=UTC), id="a blank, no seconds"),
        pytest.param(
            "2026-09-30T23:59:59.999+08:00", datetime(2026, 9, 30, 15, 59, 59, 999000, tzinfo=UTC), id="not rounded"
        ),
    ],
)
def test_instants(text: str, instant: datetime) -> None:
    assert read(FINDING | {"found_at": text})[0].found_at == instant


@pytest.mark.parametrize(
    ("change", "points", "by_book"),
    [
        pytest.param({"points": ""}, "0.30", True, id="blank takes the book's value"),
        pytest.param(
            {"points": "", "found_at": "2026-10-10T00:00:00+08:00"}, "0.80", True, id="of the book of that day"
        ),
        pytest.param({"points": "9.99"}, "9.99", False, id="the book caps nothing"),
        pytest.param({"points": "100"}, "100", False, id="a whole segment"),
        pytest.param({"points": "0"}, "0", False, id="nothing taken"),
        pytest.param({"points": ".5"}, "0.5", False, id="without a leading zero"),
        pytest.param({"category": "", "points": ""}, "0", False, id="a clean visit"),
        pytest.param({"category": "", "points": "0.00"}, "0", False, id="a clean visit with a zero"),
        pytest.param({"category": "其他市容问题"}, "0.5", False, id="a category by name"),
        pytest.param({"inspector": "", "note": ""}, "0.5", False, id="free texts may be blank"),
    ],
)
def test_points(change: dict[str, str], points: str, by_book: bool) -> None:
    found = read(FINDING | change)[0]
    assert (found.points, found.by_book) == (Decimal(points), by_book)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        pytest.param({"points": "0.555"}, "points", id="three decimals"),
        pytest.param({"points": "100.01"}, "points", id="more than a segment has"),
        pytest.param({"points": "-1"}, "points", id="negative"),
        pytest.param({"points": "1e1"}, "points", id="an exponent"),
        pytest.param({"points": "０.５"}, "points", id="full width"),
        pytest.param({"points": "NaN"}, "points", id="not a number"),
        pytest.param({"points": "", "category": "other"}, "points", id="blank where the book has no value"),
        pytest.param({"points": "0.5", "category": ""}, "points", id="points without a problem"),
        pytest.param({"category": "luan.stal"}, "category", id="unknown category"),
        pytest.param({"segment_id": "XZ999"}, "segment_id", id="unknown segment"),
        pytest.param({"found_at": "2026-10-20T00:00:00+08:00"}, "segment_id", id="not in the roster on that day"),
        pytest.param({"found_at": "2026-10-05T09:30:00"}, "found_at", id="no offset"),
        pytest.param({"found_at": "2026-10-05"}, "found_at", id="a date alone"),
        pytest.param({"found_at": "昨天"}, "found_at", id="not an instant"),
        pytest.param({"found_at": "0001-01-01T00:00:00+08:00"}, "found_at", id="before there was a city"),
        pytest.param({"found_at": "9999-12-31T23:59:59-08:00"}, "found_at", id="after the calendar"),
        pytest.param({"found_at": ""}, "found_at", id="no instant"),
    ],
)
def test_refused(change: dict[str, str], column: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        read(FINDING, FINDING | change)
    assert places(caught.value) == [(3, column)]


def test_the_day_of_a_segment_is_the_city_s() -> None:
    # the roster's row ends on the 20th in the city, when it is still the 19th in UTC
    assert len(read(FINDING | {"found_at": "2026-10-19T15:59:59Z"})) == 1
    with pytest.raises(ImportRefused):
        read(FINDING | {"found_at": "2026-10-19T16:00:00Z"})


@pytest.mark.parametrize(
    ("change", "count"),
    [
        pytest.param({}, 1, id="equal in all six"),
        pytest.param({"points": "0.50"}, 1, id="one number in two ways"),
        pytest.param({"found_at": "2026-10-05T01:30:00Z"}, 1, id="one instant in two ways"),
        pytest.param({"note": "水果摊2"}, 2, id="another note"),
        pytest.param({"inspector": "张三"}, 2, id="another inspector"),
        pytest.param({"found_at": "2026-10-05T09:30:01+08:00"}, 2, id="a second later"),
        pytest.param({"points": ""}, 2, id="blank points"),
        pytest.param({"category": "zang.litter"}, 2, id="another category"),
    ],
)
def test_identity(change: dict[str, str], count: int) -> None:
    assert len(read(FINDING, FINDING | change)) == count


def test_cells_that_run_together_stay_two_findings() -> None:
    assert len(read(FINDING | {"inspector": "李", "note": "明"}, FINDING | {"inspector": "李明", "note": ""})) == 2


def test_a_file_read_again_gives_the_same_keys() -> None:
    assert [f.key for f in read(FINDING)] == [f.key for f in read(FINDING)]
