"""The periodic jobs: slots, digests, the desk's list, the office's summary, the month's draft, the nightly proof."""

from collections import Counter
from datetime import datetime, time, timedelta

from domain import authority
from domain.case import IN_HAND, OPEN_STATES, State
from domain.casework import month as months
from domain.casework import proof as proofs
from domain.casework.queue import counts
from domain.casework.work import Work
from domain.effects import Effects, Notice, ToPerson, ToPurpose, Urgency
from domain.ports import CaseQuery
from domain.slots import spread
from domain.texts import command, digests
from domain.texts.digests import DayFigures
from domain.understand import Gazetteer

_WORST_ROADS = 3
_MOST = 100_000


async def nothing(work: Work, due_at: datetime) -> Effects:
    """Change nothing: the ledger's day is closed by the tick after this run."""
    return Effects()


async def slot(work: Work, due_at: datetime) -> Effects:
    """Give each handler with something due one merged reminder, minutes after the slot."""
    end = work.rules.calendar.at(work.day, time()) + timedelta(days=2)
    held = await work.view.cases(CaseQuery(states=IN_HAND, due_before=end, limit=_MOST))
    local = work.rules.local(due_at)
    scopes = {case.handler: case.township for case in held if case.handler}
    return Effects(
        notices=[
            _later(work, f"digest:{local:%Y-%m-%dT%H:%M}:{person}", person, scope, "digest", due_at)
            for person, scope in sorted(scopes.items())
        ]
    )


def _later(work: Work, key: str, person: str, scope: str, kind: str, due_at: datetime) -> Notice:
    """Return a notice that leaves 2–8 minutes after `due_at` and is written then."""
    local = work.rules.local(due_at)
    not_before = max(due_at, work.now) + spread(local.minute, person)
    return Notice(key, ToPerson(person, scope), "", kind, urgency=Urgency.NORMAL, not_before=not_before)


async def chief_digest(work: Work, due_at: datetime) -> Effects:
    """Give segment chiefs and second-level chiefs their one message of the day."""
    day = work.rules.day(due_at)
    effects = Effects()
    seconds = {s.second_level: s.township for s in work.roster.on(work.day)}
    chiefs = {s.chief: s.township for s in work.roster.on(work.day)}
    for person, scope in sorted(seconds.items()):
        effects.notices.append(_later(work, f"second_digest:{day}:{person}", person, scope, "second_digest", due_at))
    for person, scope in sorted(chiefs.items()):
        if person not in seconds:
            effects.notices.append(_later(work, f"chief_digest:{day}:{person}", person, scope, "chief_digest", due_at))
    return effects


async def desk(work: Work, due_at: datetime) -> Effects:
    """Give each command seat its open work, when there is any."""
    effects = Effects()
    day = work.rules.day(due_at)
    for township in work.roster.townships(work.day):
        found = await counts(work, township)
        if not any(numbers for _, numbers in found):
            continue
        text = command.queue(township, found, work.w)
        for person in authority.desk(township, work.roster, work.day):
            key = f"desk:{day}:{township}:{person}"
            effects.notices.append(Notice(key, ToPerson(person, township), text, "desk"))
    return effects


async def shelved(work: Work, due_at: datetime) -> Effects:
    """Give the office the weekly list of shelved cases."""
    held = await work.view.cases(CaseQuery(states=frozenset({State.SHELVED}), limit=_MOST))
    if not held:
        return Effects()
    text = digests.shelved(held, work.w)
    return Effects(notices=[Notice(f"shelved:{work.rules.day(due_at)}", ToPurpose("office"), text, "shelved")])


async def summary(work: Work, due_at: datetime) -> Effects:
    """Give the office chat its daily summary with the ledger's head."""
    text = digests.summary(await day_figures(work, due_at), work.w)
    key = f"summary:{work.rules.day(due_at)}"
    # the hour is the office's own: it is not held back on holidays
    return Effects(notices=[Notice(key, ToPurpose("office"), text, "summary", urgency=Urgency.HAZARD)])


async def day_figures(work: Work, due_at: datetime) -> DayFigures:
    """Return the figures of the city's day up to `due_at`."""
    start = work.rules.calendar.at(work.rules.day(due_at), time())
    findings = await work.view.findings(start, due_at)
    reported = await work.view.cases(CaseQuery(reported_since=start, reported_until=due_at, limit=_MOST))
    closed = await work.view.count(CaseQuery(closed_since=start, closed_until=due_at))
    open_now = await work.view.count(CaseQuery(states=OPEN_STATES))
    overdue = await work.view.cases(CaseQuery(states=IN_HAND, due_before=work.now, limit=_MOST))
    waiting = await work.view.cases(CaseQuery(states=frozenset({State.RESOLVED}), limit=_MOST))
    limit = work.rules.waits.verify
    unverified = sum(
        c.resolved_at is not None and work.rules.calendar.working_between(c.resolved_at, work.now) > limit
        for c in waiting
    )
    roads: Counter[str] = Counter()
    for segment_id in [f.segment for f in findings if f.category] + [c.segment for c in reported if c.segment]:
        segment = work.roster.segment(segment_id, work.day)
        roads[segment.road if segment else segment_id] += 1
    return DayFigures(
        segments_inspected=len({f.segment for f in findings}),
        findings=sum(bool(f.category) for f in findings),
        reported=len(reported),
        closed=closed,
        open=open_now,
        overdue=tuple(case.short for case in overdue),
        worst=tuple(roads.most_common(_WORST_ROADS)),
        unverified=unverified,
        head=await work.view.head(),
    )


async def month_draft(work: Work, due_at: datetime) -> Effects:
    """Draft the month before the one in which the run was due."""
    period = work.rules.month(due_at).previous()
    if not work.roster.segments:
        return Effects()
    return await months.draft(work, period)


async def proof(work: Work, due_at: datetime) -> Effects:
    """Prove roster and routing, and tell the operators what is lacking, once a day and only if something is."""
    if not work.roster.segments:
        return Effects()
    found = proofs.problems(work, Gazetteer.build(work.roster.on(work.day)).lint())
    if not found:
        return Effects()
    text = digests.proof(found)
    return Effects(notices=[Notice(f"proof:{work.rules.day(due_at)}", ToPurpose("ops"), text, "proof")])
