"""Sums of deductions by segment: what does not count is in none of them, and a part taken out leaves the rest."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.finding import APPEAL, Finding
from domain.tally import Tally, hundredths, less, tallied

GIVEN = Finding("g", datetime(2026, 6, 1, tzinfo=UTC), "S1", "luan.stall", Decimal("0.33"))
BOOKED = replace(GIVEN, key="b", points=Decimal("0.50"), by_book=True)


def test_what_is_given_and_what_the_book_gives_are_kept_apart() -> None:
    found = tallied([GIVEN, replace(GIVEN, key="h", points=Decimal(100)), BOOKED, replace(BOOKED, key="c")])
    assert found == Tally({"S1": 10033}, {("S1", "luan.stall"): (2, 100)})


@pytest.mark.parametrize("one", [GIVEN, BOOKED])
def test_what_was_taken_back_or_found_nothing_counts_nowhere(one: Finding) -> None:
    nothing = Tally({}, {})
    assert tallied([replace(one, withdrawn=APPEAL)]) == nothing
    assert tallied([replace(one, category="")]) == nothing


def test_a_part_taken_out_leaves_the_rest() -> None:
    rest = replace(BOOKED, key="c", segment="S2")
    assert less(tallied([GIVEN, BOOKED, rest]), tallied([GIVEN, BOOKED])) == tallied([rest])


def test_points_have_two_decimals() -> None:
    assert [hundredths(Decimal(p)) for p in ("0.01", "0.5", "100")] == [1, 50, 10000]
    with pytest.raises(ValueError, match="two decimals"):
        hundredths(Decimal("0.001"))
