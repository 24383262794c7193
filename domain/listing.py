"""The month's lists (榜单): from what each row of the roster lost to ranks, grades and flags (S43–S45, S53–S58)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
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


@dataclass(frozen=True, slots=True)
class Basis:
    """What lists are made by, besides what was lost; `taken` are the deductions of each row, where they are wanted."""

    assessment: Assessment
    cases: Mapping[Party, CaseFigures] = field(default_factory=dict)  # they break ties (S45b)
    ratings: Mapping[str, Fraction] = field(default_factory=dict)  # of units (S57)
    taken: Mapping[Party, tuple[Deduction, ...]] = field(default_factory=dict)


def lists_of(layout: Layout, lost: Sequence[int], basis: Basis) -> tuple[tuple[SequenceScores, ...], tuple[str, ...]]:
    """Return the lists of the inspected sequences and what a heading must say of them.

    lost: hundredths of a point by the number of the stint.
    """
    assessment, losses = basis.assessment, layout.losses(lost)
    ratings, remarks = _ratings(layout, basis)
    lineups = layout.lineups(by_difficulty=assessment.by_difficulty, least_share=assessment.least_share)
    return tuple(_listed(one, _figures(one, losses, assessment, ratings), basis) for one in lineups), remarks


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


def _figures(
    lineup: Lineup, losses: Sequence[int], assessment: Assessment, ratings: Mapping[str, Fraction]
) -> list[int]:
    """Return the printed figure of every entrant, in hundredths."""
    weight = assessment.rating_weight
    if lineup.kind is SequenceKind.UNIT and ratings and weight is not None:
        return [one.rated(losses, ratings[one.subject], weight) for one in lineup.entrants]
    return [one.hundredths(losses) for one in lineup.entrants]


def _listed(lineup: Lineup, figures: Sequence[int], basis: Basis) -> SequenceScores:
    """Return one list, best first: ranks and flags read the printed figures of the ranked alone."""
    kind, entrants, count = lineup.kind, lineup.entrants, lineup.ranked
    keys = _keys(lineup, figures, basis.cases)
    places = sorted(range(count), key=keys.__getitem__, reverse=True)  # of equals the first by code points stays first
    ranks = ranks_in_order([keys[place] for place in places])
    flags = hang_flags(ranks, basis.assessment.flags[kind])
    others = sorted(range(count, len(entrants)), key=figures.__getitem__, reverse=True)
    nothing = [None] * len(others)
    shown = [entrants[place] for place in (*places, *others)]
    scores = [in_hundredths(figures[place]) for place in (*places, *others)]
    columns = zip(
        [one.subject for one in shown],
        [one.name for one in shown],
        scores,
        [*ranks, *nothing],
        map(basis.assessment.grade, scores),
        [*flags, *nothing],
        [basis.taken.get((kind, one.subject), ()) for one in shown] if basis.taken else repeat(()),
        [one.segments for one in shown],
        strict=False,
    )
    return SequenceScores(kind, lineup.group, tuple(map(Row._make, columns)))


def _keys(lineup: Lineup, figures: Sequence[int], cases: Mapping[Party, CaseFigures]) -> Sequence[Any]:
    """Return by what the ranked are compared; the figures alone where nobody has a case."""
    found = [cases.get((lineup.kind, one.subject)) for one in lineup.entrants] if cases else []
    if not any(found):
        return figures
    none = CaseFigures()
    return [merit(figure, of or none) for figure, of in zip(figures, found, strict=True)]
