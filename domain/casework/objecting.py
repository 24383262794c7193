"""The objection window opens: those who lost points hear what the draft says of them and how to object (S92)."""

from decimal import Decimal

from domain.casework.work import Work
from domain.effects import Notice, ToPerson
from domain.lines import deductions_on, rows_of
from domain.month import Month
from domain.period import Period
from domain.roster import Segment
from domain.scores import Scores
from domain.texts import objecting as texts


def notices(work: Work, month: Month, opened: Period, scores: Scores) -> list[Notice]:
    """Return what each chief, second-level chief and township head with a deduction hears, in private, once."""
    lost: dict[str, list[Decimal]] = {}
    scopes: dict[str, Segment] = {}
    segments = {s.value.id for s in work.roster.segments}
    for deduction in deductions_on(scores, segments):
        segment = work.roster.segment(deduction.segment, deduction.day)
        people = (segment.chief, segment.second_level, segment.township_head) if segment else ()
        for person in dict.fromkeys(people):
            if person and segment:
                lost.setdefault(person, []).append(deduction.points)
                scopes.setdefault(person, segment)
    return [_notice(work, month, opened, scores, person, lost[person], scopes[person]) for person in sorted(lost)]


def _notice(
    work: Work, month: Month, opened: Period, scores: Scores, person: str, lost: list[Decimal], segment: Segment
) -> Notice:
    subjects = {person, segment.township if person == segment.township_head else ""}
    subjects |= {segment.unit} if person == segment.chief else set()
    lines = rows_of(scores, subjects - {""})
    text = texts.opened(month, lines, lost, opened.objections_end, work.w)
    return Notice(f"objections:{month}:{person}", ToPerson(person, segment.township), text, "objections")
