"""问责 / 批准问责: proposals of penalties and rewards, read and approved by named persons (S80)."""

from domain.casework import accountability
from domain.effects import Effects
from domain.errors import Missing, NotAllowed
from domain.roster import Role
from domain.texts import accountability as texts
from handlers.talk import Talk

APPROVERS = (Role.OFFICE, Role.LEADER, Role.GENERAL)
_CLOSED_ROOMS = ("office",)
_MOST = 20


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
    """批准问责 编号: one named person's approval; with the second it may be carried out."""
    _require(talk)
    if not talk.spoken.rest:
        raise Missing("请写明编号，例如：批准问责 2026Q3-1。")
    proposal, effects = await accountability.approve(talk.work, talk.spoken.rest, [talk.work.w.name(talk.me)])
    return effects.merge(talk.say(texts.line(proposal)))
