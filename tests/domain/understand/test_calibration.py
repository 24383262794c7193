"""Confidence: shares brought down to what they are worth, order kept, nothing ever certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.understand.calibration import Trust
from domain.understand.evaluation import calibration_error

TRUST = Trust(slope=0.77, shift=-0.07)
SHARES = st.floats(0, 1)


@given(SHARES, SHARES)
def test_order_is_kept(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 < TRUST.honest(low) <= TRUST.honest(high) < 1


@given(st.floats(0.001, 0.999))
def test_there_is_a_way_back(share: float) -> None:
    assert TRUST.share(TRUST.honest(share)) == pytest.approx(share, abs=0.01)


def test_a_slope_of_one_changes_nothing() -> None:
    assert Trust(1.0, 0.0).honest(0.8) == pytest.approx(0.8)


def test_the_error_weighs_each_tenth_by_its_lines() -> None:
    judged = [(0.95, True)] * 3 + [(0.95, False)] + [(0.15, False)] * 4
    assert calibration_error(judged) == pytest.approx((0.20 * 4 + 0.15 * 4) / 8)
