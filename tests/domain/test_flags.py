from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assessment import FlagCounts
from domain.flags import Flag, hang_flags
from domain.ranking import CaseFigures, competition_ranks, order

TOWNSHIPS, CHIEFS = FlagCounts(2, 1), FlagCounts(10, 3)
SIGNS = {Flag.RED: "R", Flag.BLACK: "B", None: "."}


def flags(ranks: list[int], counts: FlagCounts) -> str:
    return "".join(SIGNS[flag] for flag in hang_flags(ranks, counts))


@pytest.mark.parametrize(
    ("ranks", "counts", "expected"),
    [
        pytest.param([1, 2, 3, 4], TOWNSHIPS, "RR.B", id="top two, last one"),
        pytest.param([1, 2, 2, 4], TOWNSHIPS, "RRRB", id="a tie at the red edge shares it"),
        pytest.param([1, 1, 1, 4], TOWNSHIPS, "RRRB", id="three share the first place"),
        pytest.param([1, 2, 3, 3], TOWNSHIPS, "RRBB", id="a tie at the black edge shares it"),
        pytest.param([1, 2, 2], TOWNSHIPS, "RBB", id="black before red"),
        pytest.param([1, 1, 3], TOWNSHIPS, "RRB", id="last of three"),
        pytest.param([1, 2], TOWNSHIPS, "RB", id="two"),
        pytest.param([1, 2, 3], CHIEFS, "RBB", id="three chiefs: the first is never black"),
        pytest.param([1, 2], CHIEFS, "RB", id="two chiefs"),
        pytest.param([1, 1, 3], CHIEFS, "RRB", id="who shares the first place is never black"),
        pytest.param([1], CHIEFS, ".", id="one alone hangs none"),
        pytest.param([1, 1], CHIEFS, "..", id="all equal hang none"),
        pytest.param([1] * 12, TOWNSHIPS, "." * 12, id="a spotless month"),
        pytest.param(list(range(1, 15)), CHIEFS, "RRRRRRRRRR.BBB", id="fourteen chiefs"),
        pytest.param(list(range(1, 13)), CHIEFS, "RRRRRRRRRBBB", id="red is shortened"),
        pytest.param([*range(1, 11), 11, 11, 11, 11], CHIEFS, "RRRRRRRRRRBBBB", id="four share the last three places"),
        pytest.param([*range(1, 10), 10, 10, 12, 13, 14], CHIEFS, "RRRRRRRRRRRBBB", id="two share the tenth place"),
        pytest.param([1, 2, 3], FlagCounts(0, 0), "...", id="no flags set"),
        pytest.param([], TOWNSHIPS, "", id="nobody"),
    ],
)
def test_flags(ranks: list[int], counts: FlagCounts, expected: str) -> None:
    assert flags(ranks, counts) == expected


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20), st.integers(0, 5), st.integers(0, 5))
def test_what_always_holds(scores: list[int], red: int, black: int) -> None:
    ranks = competition_ranks([order(Decimal(s), CaseFigures()) for s in scores])
    hung = hang_flags(ranks, FlagCounts(red, black))
    assert len({(rank, flag) for rank, flag in zip(ranks, hung, strict=True)}) == len(set(ranks))  # equals share
    assert all(flag is not Flag.BLACK for rank, flag in zip(ranks, hung, strict=True) if rank == 1)
    reds = [rank for rank, flag in zip(ranks, hung, strict=True) if flag is Flag.RED]
    blacks = [rank for rank, flag in zip(ranks, hung, strict=True) if flag is Flag.BLACK]
    assert max(reds, default=0) < min(blacks, default=99)
    if len(set(scores)) > 1:
        assert bool(reds) == (red > 0)
        assert bool(blacks) == (black > 0)
