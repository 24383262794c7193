"""Limits count from delivery: nobody is late for a working message that the system or a platform held back."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.case import Case, State
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent
from domain.ports import Delivery
from domain.texts import handler

KIND = "work"  # of the working message
GRACE = timedelta(minutes=10)  # a message this much behind its time was held back

_RUNNING = frozenset({State.ASSIGNED, State.ACKNOWLEDGED})  # on the limits that the message told of
_CLAIM = "delivery"


async def of(work: Work, case: Case) -> Delivery | None:
    """Return what became of the working message of a case, None when there was none."""
    return await work.view.delivery(case.id, KIND)


def is_under_way(work: Work, case: Case, told: Delivery | None) -> bool:
    """Tell whether the handler of a case has not got the working message yet, though its time has passed."""
    if case.state is not State.ASSIGNED:
        return False  # who acknowledged a case knows of it
    return told is not None and told.is_waiting and work.now - told.due_at > GRACE


async def settle(work: Work, case: Case, told: Delivery | None) -> tuple[Case, Effects]:
    """Return the case with its limits moved on by a late delivery, once for each message; else as it is.

    The record goes to the ledger, and the handler hears the new limits.
    """
    if told is None or case.state not in _RUNNING or not is_late(told):
        return case, Effects()
    if await work.view.claimed(_CLAIM, told.key):
        return case, Effects()
    moved = _moved(work, case, told)
    facts = {"planned": told.due_at, "sent": told.sent_at, "ack_due": moved.ack_due, "due": moved.due}
    effects = Effects(cases=[moved], claims=[(_CLAIM, told.key)])
    effects.events.append(LedgerEvent(f"case:{case.number}", "delivered_late", facts))
    effects.notices += work.tell([case.handler], handler.delivered_late(moved, work.w), "delayed", moved)
    return moved, effects.merge(work.ladder(moved))


def is_late(told: Delivery) -> bool:
    """Tell whether a message left so late that its reader must not pay for it."""
    return told.sent_at is not None and told.sent_at - told.due_at > GRACE


def _moved(work: Work, case: Case, told: Delivery) -> Case:
    limit = work.rules.limits.row(case.category, case.severity, is_hazard=case.is_hazard)
    sent = told.sent_at or told.due_at
    lost = work.rules.calendar.working_between(told.due_at, sent)

    def later(at: datetime | None, is_running: bool) -> datetime | None:
        if at is None or is_running:
            return at and at + (sent - told.due_at)
        return work.rules.calendar.add_working(at, lost) if lost else at

    return replace(
        case,
        ack_due=later(case.ack_due, limit.ack.is_running),
        due=later(case.due, limit.resolve.is_running),
        handler_due=later(case.handler_due, limit.resolve.is_running),
        version=case.version + 1,
    )
