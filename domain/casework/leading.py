"""How somebody or something stands in a month: what leaders ask (怎么样), from live figures."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from domain.case import Case, State
from domain.casework import month as months
from domain.casework import quarter as quarters
from domain.casework.work import Work
from domain.month import Month, Quarter
from domain.ports import CaseQuery
from domain.printed import PrintedMonth
from domain.roster import Segment
from domain.standing import Standing
from domain.subjects import Subject, SubjectKind

_NOT_COUNTED = frozenset({State.VOID, State.DECLINED, State.MERGED})
_MOST = 100_000


async def standing_of(work: Work, month: Month, subject: Subject) -> Standing:
    """Return a month's cases of a township, a unit, a department, a road, a segment, a person or the whole city."""
    start, end = month.start(work.rules.zone), month.end(work.rules.zone)
    found = await work.view.cases(CaseQuery(reported_since=start, reported_until=end, limit=_MOST))
    concerns = _concerns(work, subject)
    return _standing(work, [case for case in found if case.state not in _NOT_COUNTED and concerns(case)])


def _concerns(work: Work, subject: Subject) -> Callable[[Case], bool]:
    """Return the test for a case being of a subject."""
    key = subject.key
    if subject.kind is SubjectKind.PARTY and key in work.rules.categories.departments.values():
        return lambda case: key in (case.chain.unit, work.rules.categories.department_name(case.category))
    tests: dict[SubjectKind, Callable[[Case], bool]] = {
        SubjectKind.CITY: lambda _case: True,
        SubjectKind.PARTY: lambda case: key in (case.township, case.chain.unit),
        SubjectKind.ROAD: lambda case: _road(work, case) == key,
        SubjectKind.SEGMENT: lambda case: case.segment == key,
        SubjectKind.PERSON: lambda case: key in _chain(case),
    }
    return tests[subject.kind]


def _chain(case: Case) -> tuple[str, ...]:
    return case.chain.chief, case.chain.second_level, case.chain.township_head, case.chain.first_level


def _standing(work: Work, cases: Iterable[Case]) -> Standing:
    listed = list(cases)
    late = [case for case in listed if _is_late(case, work.now)]
    settled = [case for case in listed if case.resolved_at is not None or _is_late(case, work.now)]
    main, count = next(iter(Counter(case.category for case in listed).most_common(1)), ("", 0))
    roads = Counter(_road(work, case) for case in listed if case.category == main)
    road, road_count = next(iter(roads.most_common(1)), ("", 0))
    return Standing(
        problems=len(listed),
        in_time=len(settled) - len(late),
        settled=len(settled),
        late=len(late),
        late_open=sum(case.resolved_at is None for case in late),
        main=main,
        main_count=count,
        main_road=road,
        main_road_count=road_count,
    )


def _is_late(case: Case, now: datetime) -> bool:
    return case.due is not None and (case.resolved_at or now) > case.due


def _road(work: Work, case: Case) -> str:
    segment = work.roster.segment(case.segment, work.day)
    return segment.road if segment else ""


def segments_of(work: Work, subject: Subject, month: Month) -> list[Segment]:
    """Return the segments that a subject answers for or consists of, on the month's last day so far."""
    listed = work.roster.on(min(work.day, month.last))
    key = subject.key
    tests: dict[SubjectKind, Callable[[Segment], bool]] = {
        SubjectKind.CITY: lambda _segment: True,
        SubjectKind.PARTY: lambda segment: key in (segment.township, segment.unit),
        SubjectKind.ROAD: lambda segment: segment.road == key,
        SubjectKind.SEGMENT: lambda segment: segment.id == key,
        SubjectKind.PERSON: lambda segment: key in _holders(segment),
    }
    return [segment for segment in listed if tests[subject.kind](segment)]


def _holders(segment: Segment) -> tuple[str, ...]:
    return segment.chief, segment.second_level, segment.township_head, segment.first_level


async def visited(work: Work, month: Month, segments: Iterable[Segment]) -> frozenset[str]:
    """Return which of some segments were inspected in a month, clean visits included."""
    start, end = month.start(work.rules.zone), month.end(work.rules.zone)
    found = await work.view.inspected.findings_on([s.id for s in segments], start, end)
    return frozenset(one.segment for one in found)


async def printed_months(work: Work, quarter: Quarter) -> dict[Month, PrintedMonth]:
    """Return a quarter's months that are frozen, as printed, and others as they stand where anything was inspected."""
    kept = {one.month: one for one in await quarters.frozen_months(work, quarter.last)}
    this = work.rules.month(work.now)
    begun = [month for month in quarter.months if month <= this]
    found = {month: kept.get(month) or await _live(work, month) for month in begun}
    return {month: one for month, one in found.items() if one is not None}


async def _live(work: Work, month: Month) -> PrintedMonth | None:
    scores = await months.scores_of(work, month)
    return PrintedMonth.from_json(scores.to_json()) if scores.coverage.visits else None
