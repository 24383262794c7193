"""Patrols and meetings of the chiefs: recorded by themselves or by their liaison, counted for a month (S23–S29, S39)."""

from collections.abc import Collection
from datetime import date

from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent
from domain.errors import Missing, NotAllowed, NotFound, RuleError
from domain.month import Month
from domain.patrols import Count, Patrol, PatrolKind, Reason, counts, is_recordable, owed, reach
from domain.presence import Presence, presences
from domain.texts import patrols as texts


async def record(work: Work, one: Patrol) -> Effects:
    """Return one's own record kept; nothing where it was known. Raises RuleError, NotAllowed."""
    if not is_recordable(one.day, work.day):
        raise RuleError(f"{texts.not_recordable(one.day, work.day)}。")
    quotas = work.rules.patrols
    if not owed(quotas, work.roster, one.person, one.kind, one.day):
        roles = quotas.on(one.day.replace(day=1)).roles(one.kind)
        raise NotAllowed(texts.not_theirs(one.kind, one.day, roles))
    return await take(work, [one])


async def take(work: Work, records: Collection[Patrol]) -> Effects:
    """Return checked records kept, each with an entry of its month's ledger; those that are known change nothing."""
    if not records:
        return Effects()
    days = [one.day for one in records]
    known = set(await work.view.patrolled.records(min(days), max(days)))
    fresh = [one for one in records if one not in known]
    return Effects(patrols=fresh, events=[_entry(one, "patrol_recorded") for one in fresh])


async def withdraw(work: Work, person: str, kind: PatrolKind, day: date) -> Effects:
    """Return one's own records of a kind and day taken back. Raises RuleError, NotFound."""
    if not is_recordable(day, work.day):
        raise RuleError(f"{texts.not_recordable(day, work.day)}。")
    known = await work.view.patrolled.records(day, day, person)
    gone = [one for one in known if one.kind is kind]
    if not gone:
        raise NotFound(texts.none_to_withdraw(kind, day))
    return Effects(patrols_withdrawn=gone, events=[_entry(one, "patrol_withdrawn") for one in gone])


def _entry(one: Patrol, what: str) -> LedgerEvent:
    words = {name: said for name, said in (("place", one.place), ("note", one.note)) if said}
    facts = {"kind": one.kind.value, "day": one.day.isoformat()}
    return LedgerEvent(f"period:{Month.on(one.day)}", what, facts, {"by": one.person}, words)


async def explain(work: Work, person: str, month: Month, text: str) -> Effects:
    """Return what somebody says of a month's shortfall kept. Raises RuleError, Missing, NotAllowed."""
    if not text:
        raise Missing(texts.how_to_explain())
    this = work.rules.month(work.now)
    if month not in (this, this.previous()):
        raise RuleError(texts.only_recent(month))
    if not await counts_of(work, month, person):
        raise NotAllowed(texts.owes_nothing(month))
    event = LedgerEvent(f"period:{month}", "patrol_reason", {}, {"by": person}, {"reason": text})
    return Effects(patrol_reasons=[Reason(person, month, text)], events=[event])


async def counts_of(work: Work, month: Month, person: str = "") -> list[Count]:
    """Return how a month stands today, of one person or ("") of all."""
    span = reach(month)
    return counts(
        month,
        work.rules.patrols.on(month.first),
        work.roster,
        await work.view.patrolled.records(span.first, span.last, person),
        today=work.day,
        is_working_day=work.rules.calendar.is_working_day,
        person=person,
    )


def presences_of(work: Work, month: Month) -> list[Presence]:
    """Return on which days of a month until today the segments had nobody on duty."""
    calendar, quotas = work.rules.calendar, work.rules.patrols.on(month.first)
    return presences(
        month,
        work.roster,
        today=work.day,
        only_working_days=quotas.only_working_days,
        is_working_day=calendar.is_working_day,
    )
