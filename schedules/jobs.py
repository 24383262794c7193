"""The periodic jobs: slots, digests, the desk's list, the office's summary, the month's draft, the nightly proof."""

from datetime import datetime

from domain import authority
from domain.case import IN_HAND, OPEN_STATES, State
from domain.casework import day as days
from domain.casework import proof as proofs
from domain.casework import publication
from domain.casework.kept import kept
from domain.casework.queue import counts
from domain.casework.work import Work
from domain.effects import Effects, Notice, ToPerson, ToPurpose, Urgency
from domain.ports import CaseQuery
from domain.slots import soon
from domain.texts import command, digests, pictures
from domain.understand import lint
from schedules.digests import item_of, yesterday
from schedules.telling import catch_up, digest, is_late

_MOST = 100_000
_PROOF = "proof"  # what the operators were last told


async def nothing(work: Work, due_at: datetime) -> Effects:
    """Change nothing: the ledger's day is closed by the tick after this run."""
    return Effects()


async def slot(work: Work, due_at: datetime) -> Effects:
    """Give each handler with something due one merged reminder, minutes after the slot."""
    held = await work.view.cases(CaseQuery(states=IN_HAND, limit=_MOST))
    scopes = {case.handler: case.township for case in held if case.handler and item_of(case, work)}
    return Effects(notices=[_reminder(work, due_at, person, scope) for person, scope in sorted(scopes.items())])


async def morning(work: Work, due_at: datetime) -> Effects:
    """Give segment chiefs and second-level chiefs with anything to hear their one message of the day."""
    start, end = yesterday(work)
    touched = await work.view.cases(CaseQuery(states=OPEN_STATES, limit=_MOST))
    touched += await work.view.cases(CaseQuery(reported_since=start, reported_until=end, limit=_MOST))
    touched += await work.view.cases(CaseQuery(closed_since=start, closed_until=end, limit=_MOST))
    scopes: dict[str, str] = {}
    for case in touched:
        scopes |= dict.fromkeys([case.chief, case.chain.chief, case.chain.second_level], case.township)
    return Effects(notices=[_reminder(work, due_at, who, scope) for who, scope in sorted(scopes.items()) if who])


def _reminder(work: Work, due_at: datetime, person: str, scope: str) -> Notice:
    """Return the post of a slot; after downtime the one that stands for all that was missed."""
    return catch_up(work, person, scope) if is_late(work, due_at) else digest(work, due_at, person, scope)


async def desk(work: Work, due_at: datetime) -> Effects:
    """Give each command seat its open work, when there is any, and the office what has no township."""
    effects = Effects()
    for township in work.roster.townships(work.day):
        found = await counts(work, township)
        if any(numbers for _, numbers in found):
            effects.notices += _queue(work, due_at, township, found)
    if photos := await work.view.photos_for_review(_MOST):
        day = work.rules.local(due_at).date().isoformat()
        notice = Notice(f"looks:{day}", ToPurpose("office"), pictures.look_wanted(len(photos)), "looks")
        effects.notices.append(notice)
    unlocated = await work.view.cases(CaseQuery(states=frozenset({State.UNLOCATED}), limit=_MOST))
    nowhere = [case.short for case in unlocated[::-1] if not case.township]
    if nowhere:
        effects.notices += _queue(work, due_at, "", [("待定位", nowhere)])
    return effects


def _queue(work: Work, due_at: datetime, township: str, found: list[tuple[str, list[str]]]) -> list[Notice]:
    text = digests.made_up(command.queue(township, found, work.w), is_late(work, due_at))
    key = f"desk:{work.rules.day(due_at)}:{township}"
    people = authority.desk(township, work.roster, work.day)
    return [
        Notice(f"{key}:{person}", ToPerson(person, township), text, "desk", not_before=_soon(work, person))
        for person in people
    ]


def _soon(work: Work, recipient: str) -> datetime:
    """Return when a post cut now may leave: everybody's robot speaks at :00 and :30."""
    return soon(work.now, recipient, work.rules.calendar)


async def shelved(work: Work, due_at: datetime) -> Effects:
    """Give the office the weekly list of shelved cases."""
    held = await work.view.cases(CaseQuery(states=frozenset({State.SHELVED}), limit=_MOST))
    if not held:
        return Effects()
    text = digests.made_up(digests.shelved(held, work.w), is_late(work, due_at))
    key = f"shelved:{work.rules.day(due_at)}"
    return Effects(notices=[Notice(key, ToPurpose("office"), text, "shelved", not_before=_soon(work, key))])


async def summary(work: Work, due_at: datetime) -> Effects:
    """Give the office chat its daily summary with the ledger's head; a day of rest on which nothing was is passed over."""
    figures = (await days.day_of(work, due_at)).figures
    was_quiet = not (figures.findings or figures.segments_inspected or figures.reported or figures.closed)
    if was_quiet and not work.rules.calendar.is_working_day(work.rules.day(due_at)):
        return Effects()
    text = digests.made_up(digests.summary(figures, work.w), is_late(work, due_at))
    key = days.summary_key(work, due_at)
    made = await kept(work, key)
    notice = Notice(
        key,
        ToPurpose("office"),
        text,
        "summary",
        urgency=Urgency.HAZARD,  # the hour is the office's own: it is not held back on holidays
        photos=made.photos if made else (),
        files=made.files if made else (),
        not_before=_soon(work, key),
    )
    return Effects(notices=[notice])


async def month_draft(work: Work, due_at: datetime) -> Effects:
    """Draft the month before the one in which the run was due."""
    period = work.rules.month(due_at).previous()
    if not work.roster.segments:
        return Effects()
    return await publication.draft(work, period)


async def proof(work: Work, due_at: datetime) -> Effects:
    """Prove roster and routing, and tell the operators what is lacking: when that has changed since it was last told."""
    if not work.roster.segments:
        return Effects()
    found = proofs.problems(work, lint.lines(lint.problems(work.roster.on(work.day))))
    if found == (await work.view.setting(_PROOF) or []):
        return Effects()
    text = digests.proof(found)
    notice = Notice(f"proof:{work.rules.day(due_at)}", ToPurpose("ops"), text, "proof")
    return Effects(settings={_PROOF: found}, notices=[notice])
