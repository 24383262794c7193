"""Sector indicators (行业指标) of a month's cases, each with its formula and both figures it is made of.

They describe how cases were handled and score nobody: scores come from findings alone (S42). A rate without a case to
speak of has no figure rather than a full one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.case import Case, State
from domain.ranking import half_up

_NO_CASES = frozenset({State.DECLINED, State.VOID})
Part = Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One rate: which cases it is of, and which of them it counts."""

    name: str
    formula: str  # as it is printed
    of: Part
    counted: Part


@dataclass(frozen=True, slots=True)
class Rate:
    """An indicator's figure for some cases."""

    indicator: Indicator
    count: int
    base: int

    @property
    def percent(self) -> Decimal | None:
        """Return the rate in per cent, half up to two places; None without a case."""
        return half_up(Fraction(self.count * 100, self.base)) if self.base else None


def _is_handled(case: Case) -> bool:
    return case.state in (State.RESOLVED, State.CLOSED) or bool(case.reworks)


def _is_in_time(case: Case) -> bool:
    """Tell whether it was resolved by its deadline; a resolve that did not pass is none."""
    return case.resolved_at is not None and case.due is not None and case.resolved_at <= case.due


def _is_assigned(case: Case) -> bool:
    return case.due is not None and case.state is not State.MERGED


INDICATORS = (
    Indicator("按期处置率", "时限内处置的件数÷应处置件数", _is_assigned, lambda c: _is_handled(c) and _is_in_time(c)),
    Indicator(
        "按期结案率",
        "时限内处置并已办结的件数÷应处置件数",
        _is_assigned,
        lambda c: c.state is State.CLOSED and _is_in_time(c),
    ),
    Indicator("返工率", "退回重办过的件数÷已处置件数", _is_handled, lambda c: bool(c.reworks)),
    Indicator("回退率", "退回改派过的件数÷应处置件数", _is_assigned, lambda c: bool(c.returns)),
    Indicator(
        "核查通过率",
        "首次复核通过的件数÷已复核件数",
        lambda c: c.state is State.CLOSED or bool(c.reworks),
        lambda c: not c.reworks,
    ),
    Indicator(
        "重复率",
        "并案和疑似重复的件数÷上报件数",
        lambda c: True,
        lambda c: bool(c.merged_into or c.suspected_duplicate_of),
    ),
)


def rates(cases: Iterable[Case]) -> Sequence[Rate]:
    """Return every indicator over the cases reported in a period; what was no case at all is left out."""
    real = [case for case in cases if case.state not in _NO_CASES]
    found = []
    for one in INDICATORS:
        base = [case for case in real if one.of(case)]
        found.append(Rate(one, sum(map(one.counted, base)), len(base)))
    return found
