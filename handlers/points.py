"""分值 0.1 and 认定 0123 0.5: the points of a finding, and a public report taken as one (S42, S43)."""

from datetime import time

from domain.case import Case
from domain.casework import deducting, inspecting
from domain.effects import Effects
from domain.errors import Missing, NotFound
from domain.finding import Finding, points_of
from domain.texts import inspecting as texts
from handlers.reference import case_meant, finding_meant, only_number, reference
from handlers.talk import Talk

_EXAMPLE = "请写扣分，如“分值 0.1”，或“分值 0131 0.1”。"


async def run_points(talk: Talk) -> Effects:
    """分值 [0131] 0.1: correct the last finding, or the one that is named or quoted."""
    inspecting.require_inspector(talk.work, talk.me)
    named, rest = reference(talk.spoken.rest)
    words = rest.removesuffix("分").strip()
    if not words:
        raise Missing(_EXAMPLE)
    value = points_of(words)
    quoted = None if named else await talk.quoted()
    case = await case_meant(talk, named) if named and not named.kind else quoted or await _pending(talk)
    if case is not None and case.inspector and not case.finding:
        talk.subject = case
        held, effects = await deducting.valued(talk.work, case, talk.me, value)
        found = next(iter(effects.findings), None)
        text = texts.found(held, found, talk.work.w) if found else texts.valued(held, value)
        return effects.merge(talk.say(text, about=held))
    finding = await finding_meant(talk, named) if named else await _finding(talk, quoted)
    changed, effects = await deducting.revalued(talk.work, finding, talk.me, value)
    return effects.merge(talk.say(texts.revalued(changed, finding.points, talk.work.w), about=case))


async def _pending(talk: Talk) -> Case | None:
    """Return the sender's latest finding of today if it still has no points or no place."""
    contact = await talk.work.view.contact(talk.me)
    case = await talk.work.view.case(contact.last_case) if contact.last_case else None
    is_mine = case is not None and case.inspector == talk.me and not case.finding and case.is_open
    return case if is_mine and case and talk.work.rules.day(case.reported_at) == talk.work.day else None


async def _finding(talk: Talk, quoted: Case | None) -> Finding:
    read = talk.work.view.inspected
    if quoted is not None:
        found = await read.finding_of_case(quoted.id)
        if found is None:
            raise NotFound(f"{quoted.number}没有督查扣分。")
        return found
    start = talk.work.rules.calendar.at(talk.work.day, time())
    found = await read.last_finding(talk.me, start)
    if found is None:
        raise NotFound("您今天还没有督查问题，请写编号，如“分值 0131 0.1”。")
    return found


async def run_confirm(talk: Talk) -> Effects:
    """认定 0123 [0.5]: the office or an inspector takes a public report as a finding."""
    inspecting.require_inspector(talk.work, talk.me)
    named = only_number(talk.spoken.rest)
    rest = "" if named and reference(talk.spoken.rest)[0] is None else reference(talk.spoken.rest)[1]
    case = await case_meant(talk, named) if named and not named.kind else await talk.quoted()
    if case is None:
        raise Missing("请写案件编号，如“认定 0123”或“认定 0123 0.5”。")
    talk.subject = case
    words = rest.removesuffix("分").removeprefix("扣").strip()
    value = points_of(words) if words else None
    held, finding, effects = await deducting.confirmed(talk.work, case, talk.me, value)
    return effects.merge(talk.say(texts.confirmed(held, finding, talk.work.w), about=held))
