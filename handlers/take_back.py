"""撤回: its reporter takes a report back in words, since no platform tells the bot of a message that was recalled."""

from domain.case import Case
from domain.casework import withdrawing
from domain.effects import Effects
from domain.errors import WrongState
from domain.texts import reporter
from handlers.choosing import ensure_open
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Withdraw the sender's own reports, or tell their handlers. Raises RuleError."""
    cases = await talk.named() or await _last(talk)
    if not cases:
        raise WrongState(reporter.WHICH_BACK)
    effects = Effects()
    for case in cases:
        if case.reporter != talk.me:
            raise WrongState(reporter.not_yours_to_take_back(case))
        ensure_open(talk, case)
        if withdrawing.may_withdraw(case):
            ended, done = withdrawing.withdraw(talk.work, case)
            effects.merge(done).merge(talk.say(reporter.taken_back(ended), about=ended))
        else:
            effects.merge(withdrawing.tell(talk.work, case))
            effects.merge(talk.say(reporter.not_taken_back(case, talk.work.w), about=case))
    return effects


async def _last(talk: Talk) -> list[Case]:
    """Return the report that the sender has just made."""
    contact = await talk.work.view.contact(talk.me)
    is_fresh = (
        contact.last_case_at is not None and talk.work.now - contact.last_case_at <= talk.work.rules.waits.later_photos
    )
    case = await talk.work.view.case(contact.last_case) if contact.last_case and is_fresh else None
    return [case] if case is not None and case.reporter == talk.me else []
