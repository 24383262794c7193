"""How a township, a unit or the city stands in a month: what leaders ask (怎么样), from live figures."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from domain.case import Case, State
from domain.casework.work import Work
from domain.month import Month
from domain.ports import CaseQuery
from domain.standing import Standing

_NOT_COUNTED = frozenset({State.VOID, State.DECLINED, State.MERGED})
_MOST = 100_000


async def standing_of(work: Work, month: Month, subject: str) -> Standing:
    """Return the standing of a township or a unit, of the whole city for ""."""
    start, end = month.start(work.rules.zone), month.end(work.rules.zone)
    found = await work.view.cases(CaseQuery(reported_since=start, reported_until=end, limit=_MOST))
    mine = [
        case
        for case in found
        if case.state not in _NOT_COUNTED and (not subject or subject in (case.township, case.chain.unit))
    ]
    return _standing(work, mine)


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
