"""A report whose message its sender took back (撤回): withdrawn with a trail while nobody has acted, else only told."""

from domain.case import Case, Event, State, advance
from domain.casework.work import Work
from domain.effects import Effects
from domain.texts import reporter

_UNTOUCHED = frozenset({State.UNLOCATED, State.ASSIGNED})


def may_withdraw(case: Case) -> bool:
    """Tell whether a recalled message takes its case along: not a danger, not a finding, not once somebody acted."""
    is_untouched = case.state in _UNTOUCHED and case.acknowledged_at is None and not case.raised and not case.returns
    is_finding = bool(case.inspector or case.finding)
    return is_untouched and not case.is_hazard and not is_finding and not case.followers


def withdraw(work: Work, case: Case) -> tuple[Case, Effects]:
    """Return the case void at its reporter's wish; record, number and ledger stay."""
    ended = advance(case, Event.WITHDRAW)
    timers = ("ladder", "verify", "locate", "duplicate")
    effects = Effects(timers_dropped=[f"{kind}:{case.id}" for kind in timers])
    effects.case_event(ended, Event.WITHDRAW, persons={"by": case.reporter})
    effects.notices += work.tell([ended.handler], reporter.withdrawn(ended), "withdrawn", ended)
    return ended, effects


def tell(work: Work, case: Case) -> Effects:
    """Return what the handler hears of a message taken back when the case goes on; recorded as well."""
    effects = Effects()
    effects.case_event(case, Event.RECALLED, persons={"by": case.reporter})
    effects.notices += work.tell([case.handler], reporter.recalled(case), "recalled", case)
    return effects
