"""问责 / 批准问责: proposals of penalties and rewards, read and approved by named persons (S80)."""

import re

from domain.casework import accountability
from domain.effects import Effects
from domain.errors import Missing, NotAllowed
from domain.roster import Role
from domain.texts import accountability as texts
from handlers.talk import Talk

APPROVERS = (Role.OFFICE, Role.LEADER, Role.GENERAL)
_CLOSED_ROOMS = ("office",)
_MOST = 20
_BETWEEN = re.compile("[、，,；;和]")


def _require(talk: Talk) -> None:
    if not talk.has_role(*APPROVERS):
        raise NotAllowed("问责和经费建议由市路长办和领导小组办理。")
    if talk.is_group and talk.purpose not in _CLOSED_ROOMS:
        raise NotAllowed("问责和经费建议批准前不公开，请私聊办理。")


async def run_show(talk: Talk) -> Effects:
    """问责 [编号]: the list, or one proposal with its evidence."""
    _require(talk)
    if talk.spoken.rest:
        return talk.say(texts.shown(await accountability.find(talk.work, talk.spoken.rest)))
    found = await accountability.all_proposals(talk.work)
    if not found:
        return talk.say(texts.nothing())
    more = [f"……共{len(found)}项。"] if len(found) > _MOST else []
    return talk.say("\n".join([*(texts.line(proposal) for proposal in found[:_MOST]), *more]))


async def run_approve(talk: Talk) -> Effects:
    """批准问责 编号, or several: one named person's approval; what has the second may be carried out."""
    _require(talk)
    numbers = _BETWEEN.sub(" ", talk.spoken.rest).split()
    if not numbers:
        raise Missing("请写明编号，例如：批准问责 2026Q3-1。")
    approved, effects = await accountability.approve(talk.work, numbers, [talk.work.w.name(talk.me)], by=talk.me)
    return effects.merge(talk.say("\n".join(map(texts.answered, approved))))
