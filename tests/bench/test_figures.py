import pytest

from bench.figures import Row, percentile


@pytest.mark.parametrize(
    ("figures", "share", "expected"),
    [
        pytest.param([], 0.99, 0.0, id="nothing measured"),
        pytest.param([3.0], 0.99, 3.0, id="one"),
        pytest.param([float(n) for n in range(100)], 0.99, 99.0, id="the last of a hundred"),
        pytest.param([float(n) for n in range(100)], 0.5, 50.0, id="the middle"),
    ],
)
def test_percentile(figures: list[float], share: float, expected: float) -> None:
    assert percentile(figures, share) == expected


@pytest.mark.parametrize(
    ("value", "is_at_least", "verdict"),
    [
        pytest.param(0.8, True, "goal", id="fast"),
        pytest.param(0.6, True, "must", id="fast enough"),
        pytest.param(0.4, True, "SHORT", id="slow"),
        pytest.param(0.4, False, "goal", id="small"),
        pytest.param(0.9, False, "SHORT", id="large"),
    ],
)
def test_a_figure_is_judged_by_its_direction(value: float, is_at_least: bool, verdict: str) -> None:
    bounds = (0.5, 0.75) if is_at_least else (0.75, 0.5)
    assert Row("x", value, *bounds, "", is_at_least=is_at_least).verdict == verdict
