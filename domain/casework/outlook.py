"""Figures as they would be: a month's score with some findings changed; and as they were a month before."""

from collections.abc import Iterable
from dataclasses import replace

from domain.casework import month as months
from domain.casework.work import Work
from domain.finding import Finding, as_scored
from domain.month import Month
from domain.roster import Segment
from domain.scoring import Evidence, Scores, score_month, standing_so_far


async def evidence_if(work: Work, month: Month, changed: Iterable[Finding] = ()) -> Evidence:
    """Return what the month's score would be computed from with findings in another form than the stored one."""
    evidence = await months.evidence_of(work, month)
    new = {one.key: one for one in as_scored(changed)}
    kept = [new.pop(one.key, one) for one in evidence.findings]
    return replace(evidence, findings=[*kept, *new.values()])


async def scores_if(work: Work, month: Month, changed: Iterable[Finding] = ()) -> Scores:
    """Return the month's figures with findings in another form than the one that is stored."""
    evidence = await evidence_if(work, month, changed)
    if work.now < month.end(work.rules.zone):
        return standing_so_far(month, evidence, work.rules.scoring, work.now)
    return score_month(month, evidence, work.rules.scoring)


def road_of(work: Work, segment: Segment, month: Month) -> list[Segment]:
    """Return the segments of a segment's road inside its township: what a road's figure is the mean of (S51a)."""
    day = min(work.day, month.last)
    listed = [s for s in work.roster.on(day) if (s.road, s.township) == (segment.road, segment.township)]
    return listed or [segment]


async def ranks_before(work: Work, month: Month) -> dict[tuple[str, str], int]:
    """Return the ranks of the month before as they were published, by (sequence, subject); empty when it was not."""
    before = await months.period_of(work, month.previous())
    stored = await months.published_figures(work, before)
    return {
        (listed["sequence"], row["subject"]): row["rank"]
        for listed in (stored or {}).get("sequences", ())
        for row in listed["rows"]
        if row["rank"]
    }
