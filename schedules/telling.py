"""One message a person and slot: whatever asks for a reminder asks for the same post, which is written when it leaves."""

from datetime import datetime, timedelta

from domain import authority
from domain.casework.work import Work
from domain.effects import Notice, ToPerson
from domain.slots import soon, spread

DIGEST, CATCH_UP = "digest", "catch_up"
NEAR = timedelta(minutes=30)  # a slot so near carries what downtime swallowed

_STAMP = "%Y-%m-%dT%H:%M"


def digest(work: Work, slot: datetime, person: str, scope: str, kind: str = DIGEST) -> Notice:
    """Return a person's post of a slot (日报、时段提醒), held to once by its key; it leaves 2–8 minutes after the slot.

    scope: the township whose group hears it for somebody who cannot be reached.
    """
    local = work.rules.local(slot)
    who = hearer(work, person)
    not_before = slot + spread(local.minute, who)
    return Notice(f"{DIGEST}:{local.strftime(_STAMP)}:{who}", ToPerson(who, scope), "", kind, not_before=not_before)


def next_digest(work: Work, person: str, scope: str, kind: str = DIGEST) -> Notice:
    """Return a person's post of the next slot."""
    return digest(work, work.rules.slots.next_slot(work.now, work.rules.calendar), person, scope, kind)


def catch_up(work: Work, person: str, scope: str) -> Notice:
    """Return the one post that stands for everything a person should have heard while the system was down.

    It leaves in a few minutes, or with a slot when one is near or people are to be left alone.
    """
    rules = work.rules
    slot = rules.slots.next_slot(work.now - rules.waits.late, rules.calendar)
    if rules.slots.is_quiet(work.now, rules.calendar) or slot - work.now <= NEAR:
        return digest(work, slot, person, scope, CATCH_UP)
    who = hearer(work, person)
    key = f"{CATCH_UP}:{rules.local(slot).strftime(_STAMP)}:{who}"
    return Notice(key, ToPerson(who, scope), "", CATCH_UP, not_before=soon(work.now, who, rules.calendar))


def hearer(work: Work, person: str) -> str:
    """Return who hears what is meant for a person today: the stand-in during a leave."""
    return authority.present(person, work.roster, work.day) or person


def slot_of(key: str) -> str:
    """Return the clock time in a post's key: "08:30"."""
    return key.split("T", 1)[1][:5]


def is_late(work: Work, due_at: datetime) -> bool:
    """Tell whether a run was held up by the system."""
    return work.now - due_at > work.rules.waits.late
