"""The city's day: the figures of the 17:30 summary, and the documents that go with it."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, time

from domain.case import IN_HAND, OPEN_STATES, Case, State
from domain.casework.kept import Sheaf
from domain.casework.work import Work
from domain.finding import Finding
from domain.papers import Album, Paper
from domain.ports import CaseQuery, PastState
from domain.texts.digests import DayFigures
from domain.texts.papers import day as texts

MOST = 100_000
_WORST_ROADS = 3
# what may have been open earlier: open now, or ended without being closed
_UNFINISHED = OPEN_STATES | {State.MERGED, State.DECLINED, State.VOID}


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day up to an instant."""

    figures: DayFigures
    findings: list[Finding]
    reported: list[Case]
    closed: list[Case]
    overdue: list[Case]  # at its end, the longest due first


async def day_of(work: Work, until: datetime) -> Day:
    """Return the city's day up to `until`: today as it stands now, a past day as it stood at its end."""
    start = work.rules.calendar.at(work.rules.day(until), time())
    findings = await work.view.findings(start, until)
    is_past = work.rules.day(until) < work.day
    cases = await _then(work, start, until) if is_past else await _now(work, start, until)
    figures = DayFigures(
        at=until,
        segments_inspected=len({f.segment for f in findings}),
        findings=sum(bool(f.category) for f in findings),
        reported=len(cases.reported),
        closed=len(cases.closed),
        open=cases.open,
        overdue=tuple(case.short for case in sorted(cases.overdue, key=lambda case: case.id)),
        worst=_worst(work, [f.segment for f in findings if f.category], cases.reported),
        unverified=cases.unverified,
        head=await work.view.head(),
    )
    overdue = sorted(cases.overdue, key=lambda case: (case.due or work.now, case.id))
    return Day(figures, findings, cases.reported[::-1], cases.closed[::-1], overdue)


@dataclass(frozen=True, slots=True)
class _Cases:
    """A day's cases, newest first: reported and closed on it; open, overdue and waiting for verification at its end."""

    reported: list[Case]
    closed: list[Case]
    open: int
    overdue: list[Case]
    unverified: int


async def _now(work: Work, start: datetime, until: datetime) -> _Cases:
    waiting = await work.view.cases(CaseQuery(states=frozenset({State.RESOLVED}), limit=MOST))
    return _Cases(
        reported=await work.view.cases(CaseQuery(reported_since=start, reported_until=until, limit=MOST)),
        closed=await work.view.cases(CaseQuery(closed_since=start, closed_until=until, limit=MOST)),
        open=await work.view.count(CaseQuery(states=OPEN_STATES)),
        overdue=await work.view.cases(CaseQuery(states=IN_HAND, due_before=work.now, limit=MOST)),
        unverified=sum(_is_waiting(case, work, work.now) for case in waiting),
    )


async def _then(work: Work, start: datetime, until: datetime) -> _Cases:
    """Return a past day's cases as their history tells: what was closed, prolonged or reopened since changes nothing."""
    found: dict[int, Case] = {}
    for query in (
        CaseQuery(states=_UNFINISHED, reported_until=until, limit=MOST),
        CaseQuery(closed_since=start, reported_until=until, limit=MOST),
        CaseQuery(reported_since=start, reported_until=until, limit=MOST),
    ):
        found |= {case.id: case for case in await work.view.cases(query)}
    past = await work.view.standing_at(list(found), until)
    cases = [_as_it_was(found[one], past[one]) for one in sorted(past, reverse=True)]
    return _Cases(
        reported=[case for case in cases if start <= case.reported_at],
        closed=[case for case in cases if case.closed_at and start <= case.closed_at],
        open=sum(case.state in OPEN_STATES for case in cases),
        overdue=[case for case in cases if case.state in IN_HAND and case.due and case.due < until],
        unverified=sum(_is_waiting(case, work, until) for case in cases),
    )


def _as_it_was(case: Case, past: PastState) -> Case:
    closed_at = past.since if past.state is State.CLOSED else None
    resolved_at = past.since if past.state is State.RESOLVED else case.resolved_at
    return replace(case, state=past.state, due=past.due, closed_at=closed_at, resolved_at=resolved_at)


def _worst(work: Work, found: list[str], reported: list[Case]) -> tuple[tuple[str, int], ...]:
    """Return the roads with the most problems."""
    roads: Counter[str] = Counter()
    for segment_id in found + [case.segment for case in reported if case.segment]:
        segment = work.roster.segment(segment_id, work.day)
        roads[segment.road if segment else segment_id] += 1
    return tuple(roads.most_common(_WORST_ROADS))


def is_unverified(case: Case, work: Work) -> bool:
    """Tell whether a case has waited its four working hours for verification."""
    return _is_waiting(case, work, work.now)


def _is_waiting(case: Case, work: Work, at: datetime) -> bool:
    if case.state is not State.RESOLVED or case.resolved_at is None:
        return False
    return work.rules.calendar.working_between(case.resolved_at, at) >= work.rules.waits.verify


def summary_key(work: Work, due_at: datetime) -> str:
    """Return the key of a day's summary and of the documents that go with it."""
    return f"summary:{work.rules.day(due_at)}"


async def day_sheaf(work: Work, due_at: datetime) -> Sheaf:
    """Return what goes with the summary: before and after in one picture, and the sheet where the office wants it."""
    day = await day_of(work, due_at)
    facts = _facts(work, day)
    album = texts.album(facts)
    papers: list[Paper] = [album] if album.pairs else []
    if work.rules.imprint.daily_sheet:
        papers.append(texts.book(facts))
    key = summary_key(work, due_at)
    return Sheaf(key, key, tuple(papers))


def pair_key(case: Case) -> str:
    """Return the key of a closed case's before and after in one picture."""
    return f"pair:{case.id}:{case.version}"


def pair_sheaf(work: Work, case: Case) -> Sheaf:
    """Return a closed case's before and after, side by side."""
    key = pair_key(case)
    return Sheaf(key, key, (Album(f"整改前后{case.number}.jpg", "", (texts.pair(case, work.w),)),))


async def day_report(work: Work, until: datetime) -> list[Paper]:
    """Return all documents of a day: the figures as a picture, before and after, and the sheet."""
    facts = _facts(work, await day_of(work, until))
    album = texts.album(facts)
    return [texts.poster(facts), *([album] if album.pairs else []), texts.book(facts)]


def _facts(work: Work, day: Day) -> texts.DayFacts:
    return texts.DayFacts(
        figures=day.figures,
        findings=day.findings,
        reported=day.reported,
        closed=day.closed,
        overdue=day.overdue,
        w=work.w,
        day=work.rules.day(day.figures.at),
        rule_book=work.rules.scoring.rules.on(work.rules.day(day.figures.at)),
    )
