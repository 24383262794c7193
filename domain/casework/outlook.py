"""Figures as they would be: a month's score with some findings changed, and what one road comes to."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from domain.assessment import SequenceKind
from domain.casework import month as months
from domain.casework.work import Work
from domain.finding import ZERO, Finding, as_scored
from domain.holdings import Deduction
from domain.month import Month
from domain.ranking import half_up, mean
from domain.roster import Segment
from domain.rulebook import FULL_MARKS
from domain.scoring import Row, Scores, SequenceScores, score_month, standing_so_far


async def scores_if(work: Work, month: Month, changed: Iterable[Finding] = ()) -> Scores:
    """Return the month's figures with findings in another form than the one that is stored."""
    evidence = await months.evidence_of(work, month)
    new = {one.key: one for one in as_scored(changed)}
    kept = [new.pop(one.key, one) for one in evidence.findings]
    evidence = replace(evidence, findings=[*kept, *new.values()])
    if work.now < month.end(work.rules.zone):
        return standing_so_far(month, evidence, work.rules.scoring, work.now)
    return score_month(month, evidence, work.rules.scoring)


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


def road_of(work: Work, segment: Segment, month: Month) -> list[Segment]:
    """Return the segments of a segment's road inside its township: what a road's figure is the mean of (S51a)."""
    day = min(work.day, month.last)
    listed = [s for s in work.roster.on(day) if (s.road, s.township) == (segment.road, segment.township)]
    return listed or [segment]


def figure_of(scores: Scores, segments: Iterable[Segment]) -> Decimal:
    """Return the printed mean of what is left of each segment's 100 (S43b, S43d)."""
    lost = {segment.id: ZERO for segment in segments}
    for deduction in deductions_on(scores, lost):
        lost[deduction.segment] += deduction.points
    return half_up(mean(Fraction(max(ZERO, FULL_MARKS - points)) for points in lost.values()))


async def ranks_before(work: Work, month: Month) -> dict[tuple[str, str], int]:
    """Return the ranks of the month before as they were published, by (sequence, subject); empty when it was not."""
    before = await months.period_of(work, month.previous())
    stored = await work.view.setting(f"figures:{month.previous()}:{before.version}") if before.is_published else None
    return {
        (listed["sequence"], row["subject"]): row["rank"]
        for listed in (stored or {}).get("sequences", ())
        for row in listed["rows"]
        if row["rank"]
    }
