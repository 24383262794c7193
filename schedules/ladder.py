"""The steps of a case's escalation (逐级上报, S38), one at a time; those that downtime swallowed at once, marked late."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain import authority
from domain.case import Case, Event, advance
from domain.casework import delivery, orders
from domain.casework.kept import kept
from domain.casework.work import Work
from domain.effects import Effects, Notice, Timer, Urgency
from domain.escalation import HANDLER, RING, LadderKind, Step
from domain.messages import Document
from domain.roster import Role
from domain.texts import command, handler
from schedules.telling import catch_up, is_late, next_digest

_WHAT = {LadderKind.ACK: "未认领", LadderKind.HAZARD: "紧急未认领", LadderKind.RESOLVE: "超时"}
_LATE = {LadderKind.ACK: "认领超时", LadderKind.HAZARD: "紧急未认领", LadderKind.RESOLVE: "超时"}  # before how long


async def ladder(work: Work, timer: Timer) -> Effects:
    """Take the next step of a case's escalation; nobody is passed over for a message that never reached him."""
    case = await work.view.case(int(timer.subject))
    if case is None:
        return Effects()
    if not _due(work, case):
        return work.ladder(case)
    told = await delivery.of(work, case)
    if delivery.is_under_way(work, case, told):
        return Effects(timers=[replace(timer, due_at=work.now + delivery.GRACE)])
    written = await kept(work, orders.order_key(case))
    case, effects = await delivery.settle(work, case, told)
    if not (due := _due(work, case)):
        return effects.merge(work.ladder(case))
    late = is_late(work, due[0].at)
    taken = due if late else due[:1]
    raised = advance(case, Event.ESCALATE, raised=case.raised + len(taken))
    for step in taken:
        effects.case_event(raised, Event.ESCALATE, step=step.key, due=step.at, system_late=late)
    is_merged = late and not case.is_hazard
    files = written.files if written else ()
    effects.notices += _merged(work, raised, taken) if is_merged else _told(work, raised, taken, files)
    return effects.merge(work.ladder(raised))


def _due(work: Work, case: Case) -> list[Step]:
    return [step for step in work.rules.steps(case)[case.raised :] if step.at <= work.now]


def _told(work: Work, case: Case, steps: Sequence[Step], files: tuple[Document, ...]) -> list[Notice]:
    """Return what people hear of steps; who is concerned by several hears the first one only."""
    notices = {notice.key: notice for step in reversed(steps) for notice in _step(work, case, step, files)}
    return list(notices.values())


def _step(work: Work, case: Case, step: Step, files: tuple[Document, ...]) -> list[Notice]:
    over = case.ack_due if step.kind is not LadderKind.RESOLVE else (case.handler_due or case.due)
    elapsed = work.w.span(work.now - over) if over and work.now > over else ""
    urgency = Urgency.HAZARD if case.is_hazard else Urgency.NORMAL
    if step.announces_handler:
        return work.tell(
            [case.handler], handler.nudge(case, work.w, f"{_LATE[step.kind]}{elapsed}"), "nudge", case, urgency=urgency
        )
    people = _people(work, case, step)
    if step.level == "limit":
        chiefs = [p for p in people if p != case.handler]
        text = handler.overdue(case, work.w, _WHAT[step.kind])
        return [*work.tell(chiefs, text, "overdue", case), next_digest(work, case.handler, case.township)]
    text = command.escalated(case, work.w, f"{_LATE[step.kind]}{elapsed}")
    if step.drafts_order:
        text = f"{text}\n{command.order_draft(case, work.w, elapsed)}"
    notices = work.tell(people, text, "escalation", case, urgency=urgency)
    if step.rings(work.rules.rings):
        notices += work.tell(people, text, RING, case, urgency=Urgency.HAZARD)
    return [replace(notice, files=files) for notice in notices] if step.drafts_order else notices


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


def _merged(work: Work, case: Case, steps: Sequence[Step]) -> list[Notice]:
    """Return one merged message a person in place of everything that downtime swallowed."""
    told = [step for step in steps if not step.announces_handler]
    people = dict.fromkeys(person for step in told for person in _people(work, case, step))
    return [catch_up(work, person, case.township) for person in people]
