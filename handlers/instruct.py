"""领导交办: a leader writes in a leadership group; the township head answers for it, the group hears once when done."""

from dataclasses import replace

from domain.case import Event, Origin
from domain.casework import opening
from domain.effects import Effects
from domain.roster import Role
from domain.texts import command
from handlers.talk import Talk
from handlers.timewords import read_until

_LIKELY = 0.5
_INSTRUCTION = ("请", "要求", "尽快", "务必", "交办", "解决", "整改", "处理", "督办")


def is_instruction(talk: Talk) -> bool:
    """Tell whether a leader wrote an instruction in a leadership group."""
    if talk.purpose != "leadership" or not talk.has_role(Role.LEADER, Role.GENERAL, Role.FIRST_LEVEL, Role.OFFICE):
        return False
    return any(word in talk.heard.text for word in _INSTRUCTION)


async def run(talk: Talk) -> Effects:
    """Open a case of origin 领导交办 with the deadline that was named, and say who answers for it."""
    work, heard = talk.work, talk.heard
    u = heard.understanding
    until = read_until(heard.text, work.now, work.rules.zone).instant
    segment = work.roster.segment(u.segment, work.day) if u.segment else None
    township = segment.township if segment else _township(talk)
    draft = opening.Draft(
        category=_category(talk),
        severity=u.severity or opening.PROMINENT,
        reporter=talk.me,
        text=heard.text,
        place=u.location_text or "",
        origin=Origin.LEADER,
        platform=talk.platform,
        chat_id=talk.chat_id,
        is_group=talk.is_group,
        message_id=heard.incoming.message_id,
        township=township,
        photos=(*heard.photos, *heard.quote_photos),
        evidence=u.evidence,
    )
    case, effects = await opening.open_case(work, draft, segment)
    if until is not None and until > work.now:
        case = replace(case, due=until, handler_due=until if case.handler else None, version=case.version + 1)
        effects.case_event(case, Event.SUPPLEMENT, due=until)
        effects.merge(work.ladder(case))
    effects.merge(opening.announce(work, case) if segment else opening.queue_for_desk(work, case))
    heads = work.roster.holders(Role.TOWNSHIP_HEAD, township, work.day) if township else []
    head = case.chain.township_head or next(iter(heads), "")
    text = command.instructed(case, township or "市路长办", work.w.name(head) if head else "", work.w)
    effects.notices += work.tell([head], command.instruction(case, work.w), "instruction", case) if head else []
    return effects.merge(talk.say(text, about=case))


def _category(talk: Talk) -> str:
    """Return what the instruction is about; an order names a problem without reporting one."""
    u = talk.heard.understanding
    guessed = u.category_candidates[0] if u.category_candidates else ("other", 0.0)
    return u.category or (guessed[0] if guessed[1] >= _LIKELY else "other")


def _township(talk: Talk) -> str:
    named = [
        t
        for t in talk.work.roster.townships(talk.work.day)
        if t in talk.heard.text or t.removesuffix("办事处").removesuffix("街道") in talk.heard.text
    ]
    bare = [t for t in talk.work.roster.townships(talk.work.day) if len(t) > 2 and t[:2] in talk.heard.text]
    candidates = named or bare
    return candidates[0] if len(candidates) == 1 else ""
