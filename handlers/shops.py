"""核实评比 [10月]: two persons of the office check the shops' contest before anything names a worst one (S62, S65)."""

from domain.casework import votes
from domain.effects import Effects
from domain.errors import NotAllowed
from domain.roster import Role
from domain.texts import shops as texts
from handlers.publishing import named_month
from handlers.talk import Talk


async def run_verify(talk: Talk) -> Effects:
    """核实评比 [10月]."""
    if not talk.has_role(Role.OFFICE):
        raise NotAllowed("门店评比由市路长办核实。")
    month, _ = named_month(talk)
    contest, effects = await votes.verify_shops(talk.work, month, talk.me)
    names = [talk.work.w.name(person) for person in contest.verified_by]
    return effects.merge(talk.say(texts.verified(contest, names, talk.work.w)))
