"""Means, rounding and ranks (排名): exact until the one rounding, then only the printed figure counts (S43d, S45)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

Order = tuple[Decimal, int, Fraction, Fraction]

_NONE, _ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """A subject's cases opened by findings, with their deadline in the month: they decide between equals (S45b)."""

    overdue: int = 0
    reworked: int = 0
    due: int = 0  # all of them

    @property
    def rework_rate(self) -> Fraction:
        """Return the share that was sent back, 0 without a case."""
        return Fraction(self.reworked, self.due) if self.due else _NONE

    @property
    def on_time_rate(self) -> Fraction:
        """Return the share that was in time, 1 without a case."""
        return 1 - Fraction(self.overdue, self.due) if self.due else _ALL


def mean(values: Iterable[Fraction]) -> Fraction:
    """Return the exact mean of at least one value."""
    listed = list(values)
    return sum(listed, Fraction(0)) / len(listed)


@cache
def in_hundredths(figure: int) -> Decimal:
    """Return a figure given in whole hundredths, with its two decimals: 10000 → 100.00. There are some ten thousand."""
    return Decimal(figure).scaleb(-2)


def half_up(value: Fraction) -> Decimal:
    """Return a figure ≥ 0 rounded 四舍五入 to two decimals, the figure that is printed (S43d)."""
    return Decimal((value * 100 + Fraction(1, 2)).__floor__()).scaleb(-2)


def order(score: Decimal, cases: CaseFigures) -> Order:
    """Return the sorting key of a subject: smaller is better, equal keys share a rank (S45, S45b)."""
    return -score, cases.overdue, cases.rework_rate, -cases.on_time_rate


def merit(hundredths: int, cases: CaseFigures) -> tuple[int, int, Fraction, Fraction]:
    """Return the sorting key of a subject by its printed figure: greater is better, else as `order` has it."""
    return hundredths, -cases.overdue, -cases.rework_rate, cases.on_time_rate


def competition_ranks(keys: Sequence[Order]) -> list[int]:
    """Return the rank of each key, the smallest first; equals share a rank and the next is skipped: 1, 1, 3 (S45a)."""
    places = sorted(range(len(keys)), key=keys.__getitem__)
    ranks = [0] * len(keys)
    for index, rank in zip(places, ranks_in_order([keys[index] for index in places]), strict=True):
        ranks[index] = rank
    return ranks


def ranks_in_order(keys: Sequence[object]) -> list[int]:
    """Return the rank of each key where the best stands first."""
    ranks: list[int] = []
    before = rank = None
    for place, key in enumerate(keys, 1):
        if rank is None or key != before:
            before, rank = key, place
        ranks.append(rank)
    return ranks
