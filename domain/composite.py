"""Sequences 4 and 5: departments by inspected problems and ratings, shops by their panels; neither hangs flags.

A department (职能单位, S59) answers city-wide for the categories that the category table gives it: a segment keeps 100
less the points of those categories, not below 0, and the department is the mean over all segments, combined with its
mean rating by the rating weight. Only rated departments are listed (S60). Shops (S61) come checked by the office alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from domain.assessment import Assessment, SequenceKind
from domain.holdings import Deduction
from domain.layout import FULL_HUNDREDTHS
from domain.ranking import CaseFigures, competition_ranks, half_up, order
from domain.scores import Row, SequenceScores
from domain.shops import ShopRow
from domain.tally import hundredths


def score_departments(
    deductions: Sequence[Deduction],
    segments: Collection[str],
    department_of: Mapping[str, str],
    ratings: Mapping[str, Fraction],
    assessment: Assessment,
) -> SequenceScores | None:
    """Return the departments' list, None while nobody is rated.

    Args:
        deductions: all of the month.
        segments: ids of every segment of the month; not empty where there are deductions.
        department_of: name of the responsible department by category code.
        ratings: exact mean rating by department, 0–100.
    """
    if not ratings or not segments:
        return None
    mine: dict[str, list[Deduction]] = {name: [] for name in ratings}
    for deduction in deductions:
        if (name := department_of.get(deduction.category, "")) in mine:
            mine[name].append(deduction)
    printed = {n: half_up(_composite(found, len(segments), ratings[n], assessment)) for n, found in mine.items()}
    ranks = competition_ranks([order(score, CaseFigures()) for score in printed.values()])
    rows = [
        Row(name, name, score, rank, assessment.grade(score), None, tuple(mine[name]), _segments_of(mine[name]))
        for (name, score), rank in zip(printed.items(), ranks, strict=True)
    ]
    return SequenceScores(
        SequenceKind.DEPARTMENT, None, tuple(sorted(rows, key=lambda row: (row.rank or 0, row.subject)))
    )


def _segments_of(deductions: Sequence[Deduction]) -> tuple[str, ...]:
    return tuple(sorted({deduction.segment for deduction in deductions}))


def _composite(deductions: Sequence[Deduction], segments: int, rating: Fraction, assessment: Assessment) -> Fraction:
    lost: dict[str, int] = defaultdict(int)
    for deduction in deductions:
        lost[deduction.segment] += hundredths(deduction.points)
    taken = sum(min(FULL_HUNDREDTHS, points) for points in lost.values())
    inspected = Fraction(FULL_HUNDREDTHS * segments - taken, 100 * segments)
    if assessment.rating_weight is None:
        return inspected
    share = Fraction(assessment.rating_weight)
    return inspected * (1 - share) + rating * share


def list_shops(shops: Sequence[ShopRow], assessment: Assessment) -> SequenceScores | None:
    """Return the shops' list, None without a checked contest."""
    if not shops:
        return None
    rows = tuple(
        Row(s.shop.subject, s.shop.name, s.score, s.rank, assessment.grade(s.score), None, (), (s.shop.segment,))
        for s in shops
    )
    return SequenceScores(SequenceKind.SHOP, None, rows)
