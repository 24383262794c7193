"""The waits of single cases and messages: each re-reads the state and does nothing when it no longer applies."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from domain import authority
from domain.case import Case, Event, State, advance
from domain.casework import commanding, month, opening
from domain.casework.work import Work
from domain.effects import Effects, Notice, Timer, ToChat, ToPerson, Urgency
from domain.escalation import HANDLER, LadderKind, Step
from domain.month import Month
from domain.roster import Role
from domain.slots import spread
from domain.texts import command, handler, reporter

TimerFunction = Callable[[Work, Timer], Awaitable[Effects]]

_WHAT = {LadderKind.ACK: "未认领", LadderKind.HAZARD: "紧急未认领", LadderKind.RESOLVE: "超时"}


async def gather(work: Work, timer: Timer) -> Effects:
    """Ask for words to photos that came alone."""
    platform, chat_id, person, place = timer.subject.split("\n")
    waiting = await work.view.gather(platform, chat_id, person)
    if waiting is None:
        return Effects()
    text = reporter.photos_waiting(len(waiting.photos))
    to = ToChat(platform, chat_id, place == "group")
    return Effects(notices=[Notice(f"gather:{waiting.message_id}", to, text, "gather", urgency=Urgency.REPLY)])


async def photos(work: Work, timer: Timer) -> Effects:
    """Tell once of all photos that joined a report."""
    case = await work.view.case(int(timer.subject))
    if case is None:
        return Effects()
    added = sum(photo.received_at > case.reported_at for photo in case.photos_of("before"))
    to = ToChat(case.platform, case.chat_id, case.is_group)
    key = f"photos:{case.id}:{case.version}"
    text = reporter.photos_added(case, added)
    return Effects(notices=[Notice(key, to, text, "photos", case.id, Urgency.REPLY)])


async def locate(work: Work, timer: Timer) -> Effects:
    """Hand a report that nobody placed to the seat's queue."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.UNLOCATED:
        return Effects()
    return opening.queue_for_desk(work, case)


async def duplicate(work: Work, timer: Timer) -> Effects:
    """Treat a possible duplicate that nobody confirmed as a case of its own, marked 疑似重复."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.ASSIGNED:
        return Effects()
    effects = opening.announce(work, case)
    to = ToChat(case.platform, case.chat_id, case.is_group)
    text = reporter.receipt(case, work.w, has_gap=not work.roster.duty(case.segment, work.day))
    key = f"duplicate:{case.id}:receipt"
    effects.notices.append(Notice(key, to, text, "receipt", case.id, Urgency.REPLY))
    return effects


async def ladder(work: Work, timer: Timer) -> Effects:
    """Take the next step of a case's escalation (S38); steps missed in downtime are taken at once, marked late."""
    case = await work.view.case(int(timer.subject))
    if case is None:
        return Effects()
    ahead = work.rules.steps(case)[case.raised :]
    due = [step for step in ahead if step.at <= work.now]
    if not due:
        return work.ladder(case)
    is_late = work.now - due[0].at > work.rules.waits.late
    taken = due if is_late else due[:1]
    raised = advance(case, Event.ESCALATE, raised=case.raised + len(taken))
    effects = Effects()
    for step in taken:
        effects.case_event(raised, Event.ESCALATE, step=step.key, due=step.at, system_late=is_late)
    effects.notices += _catch_up(work, raised, taken) if is_late else _step_notices(work, raised, taken[0])
    return effects.merge(work.ladder(raised))


def _step_notices(work: Work, case: Case, step: Step) -> list[Notice]:
    over = case.ack_due if step.kind is not LadderKind.RESOLVE else (case.handler_due or case.due)
    elapsed = work.w.span(work.now - over) if over and work.now > over else ""
    urgency = Urgency.HAZARD if case.is_hazard else Urgency.NORMAL
    if step.announces_handler:
        return work.tell([case.handler], handler.nudge(case, work.w, elapsed), "nudge", case, urgency=urgency)
    people = _people(work, case, step)
    if step.level == "limit":
        chiefs = [p for p in people if p != case.handler]
        text = handler.overdue(case, work.w, _WHAT[step.kind])
        notices = work.tell(chiefs, text, "overdue", case)
        return [*notices, slot_digest(work, case.handler, case.township)]
    text = command.escalated(case, work.w, elapsed, _WHAT[step.kind])
    if step.drafts_order:
        text = f"{text}\n{command.order_draft(case, work.w, elapsed)}"
    return work.tell(people, text, "escalation", case, urgency=urgency)


def slot_digest(work: Work, person: str, scope: str) -> Notice:
    """Return the merged reminder of a person's next slot; it is written from live state when it leaves."""
    slot = work.rules.slots.next_slot(work.now, work.rules.calendar)
    local = work.rules.local(slot)
    return Notice(
        key=f"digest:{local:%Y-%m-%dT%H:%M}:{person}",
        to=ToPerson(person, scope),
        text="",
        kind="digest",
        urgency=Urgency.SLOT,
        not_before=slot + spread(local.minute, person),
    )


def _people(work: Work, case: Case, step: Step) -> list[str]:
    by_role: Mapping[str, list[str]] = {
        HANDLER: [case.handler],
        Role.CHIEF: [case.chief or case.chain.chief],
        Role.SECOND_LEVEL: [case.chain.second_level],
        Role.TOWNSHIP_HEAD: [case.chain.township_head],
        Role.FIRST_LEVEL: [case.chain.first_level],
        Role.OFFICE: work.roster.holders(Role.OFFICE, None, work.day),
        Role.SEAT: authority.desk(case.township, work.roster, work.day),
    }
    found: list[str] = []
    for role in step.roles:
        found += by_role.get(role) or work.roster.holders(Role(role), None, work.day)
    return list(dict.fromkeys(person for person in found if person))


def _catch_up(work: Work, case: Case, steps: list[Step]) -> list[Notice]:
    """Return one merged message a person in place of everything that downtime swallowed."""
    people = dict.fromkeys(p for step in steps if not step.announces_handler for p in _people(work, case, step))
    notices = []
    for person in people:
        if person == case.handler:
            notices.append(slot_digest(work, person, case.township))
            continue
        slot = work.rules.slots.next_slot(work.now, work.rules.calendar)
        key = f"catch_up:{work.rules.local(slot):%Y-%m-%dT%H:%M}:{person}"
        notices.append(Notice(key, ToPerson(person, case.township), "", "catch_up", urgency=Urgency.SLOT))
    return notices


async def verify(work: Work, timer: Timer) -> Effects:
    """Bring a case that nobody verified in four working hours to the office."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.RESOLVED:
        return Effects()
    people = [
        p
        for p in work.roster.holders(Role.OFFICE, None, work.day)
        if not authority.is_barred_from_verifying(p, case, work.roster, work.day)
    ]
    return Effects(notices=work.tell(people, command.verify(case, work.w), "verify_late", case, urgency=Urgency.SLOT))


async def shelve(work: Work, timer: Timer) -> Effects:
    """End a shelving at its date."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.SHELVED:
        return Effects()
    _, effects = commanding.resume(work, case, "")
    return effects


async def publish(work: Work, timer: Timer) -> Effects:
    """Publish a month at its time, or try again on the next working day."""
    period = Month.parse(timer.subject)
    effects = await month.publish(work, period)
    work.view.apply(effects)
    left = await month.period_of(work, period)
    if left.is_frozen or left.publish_at is None:
        return Effects()
    return Effects(timers=[replace(timer, due_at=left.publish_at)])


TIMERS: Mapping[str, TimerFunction] = {
    "gather": gather,
    "photos": photos,
    "locate": locate,
    "duplicate": duplicate,
    "ladder": ladder,
    "verify": verify,
    "shelve": shelve,
    "publish": publish,
}
