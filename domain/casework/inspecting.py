"""An inspector's walk (督查, S41): begun on a road, findings and clean visits on the way, ended by a word or the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from domain import authority
from domain.case import State
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, Timer
from domain.errors import Missing, NotAllowed, NotFound, WrongState
from domain.finding import ZERO, Finding, finding_key
from domain.ports import CaseQuery
from domain.roster import Segment
from domain.walk import Walk

KIND = "walk"  # of the timer that ends it
_MOST_UNPLACED = 100


@dataclass(frozen=True, slots=True)
class WalkFigures:
    """What a walk came to."""

    walk: Walk
    problems: int
    fixed: int  # of them, put right on the spot (立行立改)
    points: Decimal
    until: datetime
    unseen: tuple[str, ...]  # segments of the road without a record
    unplaced: tuple[str, ...]  # short numbers of cases that are no findings before somebody says where


def require_inspector(work: Work, person: str) -> None:
    """Raise NotAllowed unless the person inspects for the city office (S42)."""
    if not authority.is_inspector(person, work.roster, work.day):
        raise NotAllowed("督查由市路长办的督查员进行。发现问题请直接发“位置+问题+照片”上报。")


def segments_of(work: Work, words: str) -> list[Segment]:
    """Return the segments of a road that is named, by its name, a byname or a segment's id. Raises Missing, NotFound."""
    segments = work.roster.on(work.day)
    townships = [t for t in words.split() if any(s.township == t for s in segments)]  # 人民路 东关街道
    wanted = " ".join(word for word in words.split() if word not in townships)
    if not wanted:
        raise Missing("请写路名，如“开始督查 人民路”。")
    if townships:
        segments = [s for s in segments if s.township in townships]
    found = [s for s in segments if wanted.upper() == s.id.upper()]
    found = found or [s for s in segments if wanted in (s.road, *s.road_aliases)]
    if found:
        return found
    near = dict.fromkeys(s.road for s in segments if s.road in wanted or wanted in s.road)
    if len(near) == 1:
        return [s for s in segments if s.road in near]
    hint = f"，可能是：{'、'.join(list(near)[:5])}" if near else "，请核对花名册中的路名"
    raise NotFound(f"没有道路“{wanted}”{hint}。")


async def begun(work: Work, person: str, words: str) -> tuple[Walk, Effects]:
    """Return the walk that begins on a named road; a running one must be ended first."""
    require_inspector(work, person)
    segments = segments_of(work, words)
    running = await work.view.inspected.walk(person)
    if running is not None:
        raise WrongState(f"{running.road}督查正在进行，请先回“结束督查”。")
    walk = Walk(person, segments[0].road, tuple(s.id for s in segments), work.now)
    tomorrow = work.rules.calendar.at(work.day + timedelta(days=1), time())
    effects = Effects(walks=[walk], timers=[Timer(f"{KIND}:{person}", KIND, person, tomorrow)])
    effects.events.append(_event("walk_begun", person, segments=list(walk.segments)))
    return walk, effects


async def ended(work: Work, person: str) -> tuple[WalkFigures, Effects]:
    """Return what a person's walk came to, now over. Raises WrongState when there is none."""
    walk = await work.view.inspected.walk(person)
    if walk is None:
        require_inspector(work, person)
        raise WrongState("没有正在进行的督查。开始请回“开始督查 路名”。")
    figures = await figures_of(work, walk)
    effects = Effects(walks_ended=[person], timers_dropped=[f"{KIND}:{person}"])
    effects.events.append(_event("walk_ended", person, problems=figures.problems, points=f"{figures.points:.2f}"))
    return figures, effects


async def figures_of(work: Work, walk: Walk) -> WalkFigures:
    """Return what a walk has come to so far."""
    found = await work.view.inspected.findings(walk.started_at, work.now + timedelta(microseconds=1))
    mine = [one for one in found if one.inspector == walk.person]
    counted = [one for one in mine if one.is_counted]
    seen = {one.segment for one in mine}
    cases = [await work.view.case(one.case) for one in counted if one.case]
    unlocated = CaseQuery(
        reporter=walk.person, reported_since=walk.started_at, states=frozenset({State.UNLOCATED}), limit=_MOST_UNPLACED
    )
    waiting = [case for case in await work.view.cases(unlocated) if case.inspector]
    return WalkFigures(
        walk=walk,
        problems=len(counted),
        fixed=sum(case is not None and case.resolved_at is not None for case in cases),
        points=sum((one.points for one in counted), ZERO),
        until=work.now,
        unseen=tuple(s for s in walk.segments if s not in seen),
        unplaced=tuple(case.short for case in reversed(waiting)),
    )


async def clean(work: Work, person: str, segments: Sequence[Segment]) -> tuple[list[Finding], Effects]:
    """Return a visit that found nothing (无问题) for each segment on which the person found nothing today."""
    require_inspector(work, person)
    today = await _seen_today(work, person, work.day)
    fresh = [
        Finding(finding_key(work.now, segment.id, "", None, person, ""), work.now, segment.id, "", ZERO, person)
        for segment in segments
        if segment.id not in today
    ]
    if not fresh:
        raise WrongState("这些路段今天已有督查记录，不再记为无问题。")
    effects = Effects(findings=fresh)
    effects.events.append(_event("clean_visit", person, segments=[one.segment for one in fresh]))
    return fresh, effects


async def _seen_today(work: Work, person: str, day: date) -> set[str]:
    start = work.rules.calendar.at(day, time())
    found = await work.view.inspected.findings(start, work.now + timedelta(microseconds=1))
    return {one.segment for one in found if one.inspector == person}


def _event(kind: str, person: str, **facts: object) -> LedgerEvent:
    return LedgerEvent("inspection", kind, facts, {"inspector": person})
