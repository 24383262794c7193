"""The year: printed months alone, half up, months counted, 40 % into the target assessment (S73, S79)."""

from decimal import Decimal

import pytest

from domain.flags import Flag
from domain.yearly import YearScores, score_year
from tests.domain.quarter.build import BLACK, CHIEF, TOWN, UNIT, month, row

SHARE = Decimal("0.40")


def lines(scores: YearScores) -> list[str]:
    return [
        f"{r.sequence.value} {r.subject} {r.score} {r.months} {r.rank} {r.red}/{r.black} {r.points}"
        for r in scores.rows
    ]


def test_the_mean_of_the_months_of_that_year_in_which_it_was_ranked() -> None:
    history = [
        month("2025-12", row("a", "1.00")),
        month("2026-01", row("a", "90.03", Flag.RED), row("b", "80.00", BLACK)),
        month("2026-02", row("a", "90.04", Flag.RED), row("b", "10.00", ranked=False)),
        month("2027-01", row("a", "2.00")),
    ]
    scores = score_year(2026, history, SHARE)
    assert [str(m) for m in scores.months] == ["2026-01", "2026-02"]
    # 90.035 goes up, and 40 % of the printed 90.04 is 36.016; of 90.035 it would be 36.014
    assert lines(scores) == ["unit a 90.04 2 1 2/0 36.02", "unit b 80.00 1 2 0/1 32.00"]


def test_equals_share_a_rank_within_their_own_list() -> None:
    history = [
        month(
            "2026-01",
            row("a", "90.00"),
            row("b", "90.00"),
            row("c", "80.00"),
            row("t", "70.00", kind=TOWN),
            row("p", "60.00", kind=CHIEF),
        )
    ]
    scores = score_year(2026, history, SHARE)
    assert [(r.subject, r.rank) for r in scores.rows] == [("t", 1), ("p", 1), ("a", 1), ("b", 1), ("c", 3)]
    assert [r.points is None for r in scores.rows] == [False, True, False, False, False]


@pytest.mark.parametrize("share", ["0.40", "0.35"])
def test_the_share_is_a_setting(share: str) -> None:
    (found,) = score_year(2026, [month("2026-01", row("a", "100.00"))], Decimal(share)).of(UNIT)
    assert str(found.points) == f"{Decimal(share) * 100:.2f}"


def test_a_year_without_frozen_months_is_empty() -> None:
    assert score_year(2026, [month("2025-01", row("a", "1.00"))], SHARE).to_json() == {
        "period": "2026",
        "head": "",
        "months": [],
        "rows": [],
    }
