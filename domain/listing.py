"""The month's lists (榜单): from what each row of the roster lost to ranks, grades and flags (S43–S45, S53–S58)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import repeat
from typing import Any

from domain.assessment import Assessment, SequenceKind
from domain.flags import hang_flags
from domain.holdings import Deduction
from domain.layout import Layout, Lineup
from domain.printed import Party
from domain.ranking import CaseFigures, in_hundredths, merit, ranks_in_order
from domain.scores import Row, SequenceScores

RATING_UNSET = "评分权重未设定"
RATING_MISSING = "各级路长评分未齐，责任单位暂按督查得分"
GRADE_UNSET = "等级分数线未设定"

_ROW: Callable[[Iterable[Any]], Row] = partial(tuple.__new__, Row)  # `Row._make` without its call of a Python function


@dataclass(frozen=True, slots=True)
class Basis:
    """What lists are made by, besides what was lost; `taken` are the deductions of each row, where they are wanted."""

    assessment: Assessment
    cases: Mapping[Party, CaseFigures] = field(default_factory=dict)  # they break ties (S45b)
    ratings: Mapping[str, Fraction] = field(default_factory=dict)  # of units (S57)
    taken: Mapping[Party, tuple[Deduction, ...]] = field(default_factory=dict)


def lists_of(
    layout: Layout, lost: Mapping[int, int], basis: Basis
) -> tuple[tuple[SequenceScores, ...], tuple[str, ...]]:
    """Return the lists of the inspected sequences and what a heading must say of them.

    lost: hundredths of a point by the number of the stint; one that lost nothing may be left out.
    """
    assessment, losses = basis.assessment, layout.losses(lost)
    ratings, remarks = _ratings(layout, basis)
    found: list[SequenceScores] = []
    contests = layout.contests(by_difficulty=assessment.by_difficulty, least_share=assessment.least_share)
    by_bundle = contests.bundled(losses)
    for one in contests.all:
        of_all = one.lost(by_bundle)
        found += [_listed(each, _figures(each, each.lost(of_all), assessment, ratings), basis) for each in one.lineups]
    return tuple(found), remarks


def _ratings(layout: Layout, basis: Basis) -> tuple[Mapping[str, Fraction], tuple[str, ...]]:
    """Return the ratings if they count, and what the heading says: without a weight or with a gap none count (S57a)."""
    unset = () if basis.assessment.cutoffs else (GRADE_UNSET,)
    units = layout.holders[SequenceKind.UNIT]
    if not units:
        return {}, unset
    if basis.assessment.rating_weight is None:
        return {}, (RATING_UNSET, *unset)
    if not all(unit.subject in basis.ratings for unit in units):
        return {}, (RATING_MISSING, *unset)
    return basis.ratings, unset


def _figures(lineup: Lineup, lost: Sequence[int], assessment: Assessment, ratings: Mapping[str, Fraction]) -> list[int]:
    """Return the printed figure of every subject, in hundredths."""
    weight = assessment.rating_weight
    if lineup.kind is SequenceKind.UNIT and ratings and weight is not None:
        return lineup.rated(lost, ratings, weight)
    return lineup.hundredths(lost)


def _listed(lineup: Lineup, figures: Sequence[int], basis: Basis) -> SequenceScores:
    """Return one list, best first: ranks and flags read the printed figures of the ranked alone."""
    kind, count = lineup.kind, lineup.ranked
    keys = _keys(lineup, figures, basis.cases)
    places = sorted(range(count), key=keys.__getitem__, reverse=True)  # of equals the first by code points stays first
    ranks = ranks_in_order([keys[place] for place in places])
    flags = hang_flags(ranks, basis.assessment.flags[kind])
    others = sorted(range(count, len(figures)), key=figures.__getitem__, reverse=True)
    nothing, shown = [None] * len(others), places + others
    subjects = [lineup.subjects[place] for place in shown]
    scores = [in_hundredths(figures[place]) for place in shown]
    columns = zip(
        subjects,
        [lineup.names[place] for place in shown],
        scores,
        [*ranks, *nothing],
        map(basis.assessment.grade, scores),
        [*flags, *nothing],
        [basis.taken.get((kind, subject), ()) for subject in subjects] if basis.taken else repeat(()),
        [lineup.segments[place] for place in shown],
        strict=False,
    )
    return SequenceScores(kind, lineup.group, tuple(map(_ROW, columns)))


def _keys(lineup: Lineup, figures: Sequence[int], cases: Mapping[Party, CaseFigures]) -> Sequence[Any]:
    """Return by what the ranked are compared; the figures alone where nobody has a case."""
    found = [cases.get((lineup.kind, subject)) for subject in lineup.subjects] if cases else []
    if not any(found):
        return figures
    none = CaseFigures()
    return [merit(figure, of or none) for figure, of in zip(figures, found, strict=True)]
