from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ranking import CaseFigures, competition_ranks, half_up, mean, order

NONE = CaseFigures()


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        pytest.param(Fraction(290, 3), "96.67", id="two thirds"),
        pytest.param(Fraction("96.665"), "96.67", id="half goes up, also to an odd digit"),
        pytest.param(Fraction("96.675"), "96.68", id="half goes up, also to an even digit"),
        pytest.param(Fraction("96.664999"), "96.66", id="below half"),
        pytest.param(Fraction("0.005"), "0.01", id="near zero"),
        pytest.param(Fraction(100), "100.00", id="full"),
    ],
)
def test_half_up(value: Fraction, printed: str) -> None:
    assert str(half_up(value)) == printed


@given(st.fractions(0, 100, max_denominator=10**6))
def test_rounding_moves_a_figure_by_no_more_than_half_a_hundredth(value: Fraction) -> None:
    assert Fraction(-1, 200) < Fraction(half_up(value)) - value <= Fraction(1, 200)


def test_a_mean_is_exact() -> None:
    assert mean([Fraction(100), Fraction(100), Fraction(99)]) == Fraction(299, 3)


@pytest.mark.parametrize(
    ("scores", "ranks"),
    [
        pytest.param(["90.00", "90.00", "80.00"], [1, 1, 3], id="the next is skipped"),
        pytest.param(["80.00", "90.00", "80.00", "95.00"], [3, 2, 3, 1], id="in the order given"),
        pytest.param(["100.00", "100"], [1, 1], id="one figure in two ways"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_competition_ranks(scores: list[str], ranks: list[int]) -> None:
    assert competition_ranks([order(Decimal(s), NONE) for s in scores]) == ranks


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(CaseFigures(0, 9, 9), CaseFigures(1, 0, 9), id="fewer overdue come first"),
        pytest.param(CaseFigures(1, 1, 4), CaseFigures(1, 1, 3), id="then the lower rework rate"),
        pytest.param(CaseFigures(1, 0, 4), CaseFigures(1, 0, 3), id="then the higher on-time rate"),
        pytest.param(NONE, CaseFigures(0, 1, 9), id="no case is nothing sent back"),
        pytest.param(NONE, CaseFigures(1, 0, 9), id="and nothing late"),
    ],
)
def test_ties_are_broken_by_cases(one: CaseFigures, other: CaseFigures) -> None:
    score = Decimal("90.00")
    assert competition_ranks([order(score, other), order(score, one)]) == [2, 1]
    assert competition_ranks([order(score, one), order(Decimal("90.01"), other)]) == [2, 1]


def test_no_case_equals_cases_without_fault() -> None:
    assert order(Decimal(90), NONE) == order(Decimal(90), CaseFigures(0, 0, 7))
