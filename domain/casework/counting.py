"""What an announcement's counts are made of: the findings of a month, of some categories, on somebody's segments."""

from collections.abc import Collection

from domain.assessment import SequenceKind
from domain.casework.work import Work
from domain.finding import Finding
from domain.holdings import SUBJECT_OF
from domain.month import Month
from domain.roster import Segment
from domain.subjects import Subject, SubjectKind


async def findings_of(work: Work, month: Month, subject: Subject, categories: Collection[str]) -> list[Finding]:
    """Return the problems that inspectors found, oldest first; () = of all categories. Withdrawn ones don't count."""
    found = await work.view.inspected.findings(month.start(work.rules.zone), month.end(work.rules.zone))
    return [
        one
        for one in found
        if one.is_counted and (not categories or one.category in categories) and _is_of(work, one, subject)
    ]


def segment_of(work: Work, finding: Finding) -> Segment | None:
    """Return a finding's segment as it stood on the day of the inspection."""
    return work.roster.segment(finding.segment, work.rules.day(finding.found_at))


def _is_of(work: Work, finding: Finding, subject: Subject) -> bool:
    """Tell whether a finding is of a subject, by who held the segment when it was inspected (S48)."""
    key, segment = subject.key, segment_of(work, finding)
    if subject.kind is SubjectKind.CITY:
        return True
    if subject.kind is SubjectKind.PARTY and key == work.rules.categories.department_name(finding.category):
        return True
    if segment is None:
        return False
    if subject.kind is SubjectKind.PERSON:
        return key in (segment.chief, segment.second_level, segment.township_head, segment.first_level)
    if subject.kind is SubjectKind.PARTY:
        return key in (SUBJECT_OF[SequenceKind.TOWNSHIP](segment), SUBJECT_OF[SequenceKind.UNIT](segment))
    return key in (segment.id, segment.road)


async def unseen(work: Work, month: Month) -> list[Segment]:
    """Return the segments that were not inspected in a month, clean visits counting as inspections."""
    found = await work.view.inspected.findings(month.start(work.rules.zone), month.end(work.rules.zone))
    seen = {one.segment for one in found}
    return [segment for segment in work.roster.on(min(work.day, month.last)) if segment.id not in seen]
