"""The morning's word to inspectors: which roads the draw gives them today (督查抽签)."""

import hashlib
from datetime import datetime

from domain.casework import drawing
from domain.casework.work import Work
from domain.draw import Draw
from domain.effects import Effects, LedgerEvent, Notice, ToPerson
from domain.ledger import canonical
from domain.roster import Role
from domain.slots import soon
from domain.texts import inspecting

_RECORDED = "inspection_draw"  # claim of a month's record


async def hints(work: Work, due_at: datetime) -> Effects:
    """Tell each inspector his roads of the day; the month's draw goes on record with its first day."""
    if (
        not work.roster.holders(Role.INSPECTOR, None, work.day)
        or not work.roster.on(work.day)
        or work.rules.day(due_at) != work.day
    ):
        return Effects()
    month = work.rules.month(work.now)
    drawn = await drawing.drawn(work, month)
    visited, segments = await drawing.coverage(work, month)
    effects = await _record(work, drawn)
    for person, stretches in drawing.todays(work, drawn).items():
        if stretches:
            text = inspecting.today(stretches, visited, segments)
            key = f"inspection:{work.day}:{person}"
            at = soon(work.now, person, work.rules.calendar)
            effects.notices.append(Notice(key, ToPerson(person), text, "inspection", not_before=at))
    return effects


async def _record(work: Work, drawn: Draw) -> Effects:
    claim = (_RECORDED, str(drawn.month))
    if await work.view.claimed(*claim):
        return Effects()
    plan = {one.day.isoformat(): [list(s.segments) for s in one.stretches] for one in drawn.days}
    digest = hashlib.sha256(canonical(plan).encode()).hexdigest()
    facts = {"month": str(drawn.month), "seed": drawn.seed, "rounds": drawn.rounds, "plan": digest}
    return Effects(claims=[claim], events=[LedgerEvent("publication", _RECORDED, facts)])
