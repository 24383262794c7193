"""Single lines out of a month's figures: of a subject, of some segments, of a road."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from domain.assessment import SequenceKind
from domain.finding import ZERO
from domain.holdings import Deduction
from domain.ranking import half_up, mean
from domain.roster import Segment
from domain.rulebook import FULL_MARKS
from domain.scores import Row, Scores, SequenceScores


def rows_of(scores: Scores, subjects: Iterable[str]) -> list[tuple[SequenceScores, Row]]:
    """Return the lines of some subjects (townships, persons, units), list by list."""
    wanted = set(subjects)
    return [(listed, row) for listed in scores.sequences for row in listed.rows if row.subject in wanted]


def deductions_on(scores: Scores, segments: Iterable[str]) -> list[Deduction]:
    """Return what was taken on some segments, oldest first: each deduction stands in one township's line."""
    wanted = set(segments)
    found = [
        deduction
        for listed in scores.of(SequenceKind.TOWNSHIP)
        for row in listed.rows
        for deduction in row.deductions
        if deduction.segment in wanted
    ]
    return sorted(found, key=lambda one: (one.found_at, one.finding))


def figure_of(scores: Scores, segments: Iterable[Segment]) -> Decimal:
    """Return the printed mean of what is left of each segment's 100 (S43b, S43d)."""
    lost = {segment.id: ZERO for segment in segments}
    for deduction in deductions_on(scores, lost):
        lost[deduction.segment] += deduction.points
    return half_up(mean(Fraction(max(ZERO, FULL_MARKS - points)) for points in lost.values()))
