"""Lists for each use: who stands in them, and in which column what (S60–S78, S98)."""

from collections import Counter
from decimal import Decimal

from domain import exports, exports_review
from domain.accountability import count_flags
from domain.assessment import SequenceKind
from domain.flags import Flag
from domain.month import Month
from domain.printed import PrintedMonth, PrintedRow
from domain.yearly import YearScores, score_year
from tests.domain.quarter.build import BLACK, CHIEF, RULES, TOWN, UNIT, month, row

SHARE = Decimal("0.40")
DEPARTMENT, SHOP = SequenceKind.DEPARTMENT, SequenceKind.SHOP


def everybody() -> PrintedMonth:
    """A month with a subject in each sequence."""
    return month(
        "2026-01",
        row("镇", "90.00", Flag.RED, kind=TOWN),
        row("路长", "80.00", BLACK, kind=CHIEF),
        row("局", "70.00", BLACK),
        row("城管局", "60.00", kind=DEPARTMENT),
        row("S1/张记", "50.00", kind=SHOP),
    )


def year() -> YearScores:
    return score_year(2026, [everybody()], SHARE)


def names(listing: exports.Listing, column: str) -> list[object]:
    return [one[listing.header.index(column)] for one in listing.full_rows]


def test_who_stands_in_the_yearly_lists() -> None:
    of = year()
    assert names(exports.appraisal(of, SHARE, "x"), "对象") == ["镇", "局", "城管局"]
    assert names(exports.civilised(of, "x"), "对象") == ["镇", "局"]
    assert names(exports.cadre(of, {}, [], "x"), "对象") == ["镇", "路长", "局"]
    assert names(exports.awards(of, {}, "x"), "对象") == ["镇", "路长", "局"]


def test_flags_stand_in_their_columns() -> None:
    of = year()
    for listing in (exports.civilised(of, "x"), exports.awards(of, {}, "x")):
        assert names(listing, "红旗次数")[0] == 1
        assert names(listing, "黑旗次数") == [0, *[1] * (len(listing.rows) - 1)]
    history = [month(f"2026-0{n}", row("局", "70.00", BLACK), row("好", "90.00", Flag.RED)) for n in (1, 2, 3)]
    counts = count_flags(history, RULES.accountability)
    cadre = exports.cadre(score_year(2026, history, SHARE), counts, [], "x")
    assert [names(cadre, c) for c in ("对象", "红旗次数", "黑旗次数", "达到问责条件（次）")] == [
        ["好", "局"],
        [3, 0],
        [0, 3],
        [0, 1],
    ]


def test_the_media_hear_of_all_but_shops() -> None:
    found = exports.media(everybody(), "x")
    assert names(found, "对象") == ["镇", "路长", "局", "城管局"]
    assert names(found, "成绩") == [Decimal(s) for s in ("90.00", "80.00", "70.00", "60.00")]
    assert names(found, "红黑旗") == ["红旗", "黑旗", "黑旗", ""]


def test_departments_are_listed_with_the_rules_that_reward_them() -> None:
    printed = PrintedMonth(
        Month(2026, 1),
        tuple(
            PrintedRow(DEPARTMENT, None, name, name, Decimal(score), rank, "良好", None)
            for name, score, rank in (("甲局", "90.00", 1), ("乙局", "80.00", 2))
        ),
    )
    found = exports.departments(printed, "考评办法", "x")
    assert found.rows == (
        ("甲局", Decimal("90.00"), 1, "良好", "考评办法"),
        ("乙局", Decimal("80.00"), 2, "良好", "考评办法"),
    )
    assert exports.departments(month("2026-01", row("局", "70.00", kind=UNIT)), "x", "x").rows == ()


def test_problems_are_told_month_by_month() -> None:
    found = {
        Month(2026, 1): Counter({"a": 1, "b": 3}),
        Month(2026, 2): Counter({"a": 4}),
        Month(2026, 3): Counter[str](),
    }
    listing = exports_review.review_problems("2026Q1", found, {"a": ("甲类", "甲局")}, "x")
    assert listing.rows == (("甲类", "甲局", 1, 4, 0, 5), ("b", "", 3, 0, 0, 3))
