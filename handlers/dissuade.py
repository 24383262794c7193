"""劝阻: education or dissuasion on the spot is recorded (S10); the case stays open until the photo."""

from domain.case import Event
from domain.casework import handling
from domain.effects import Effects
from domain.texts import handler
from handlers.choosing import ask_which, chosen
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Record a talk on the named case, or the sender's only one."""
    cases = await chosen(talk, Event.DISSUADE)
    if not cases:
        return talk.say_private("您名下没有在办案件。")
    if len(cases) > 1:
        return ask_which(talk, cases, "dissuade", "请选择")
    talk.subject = cases[0]
    noted, effects = handling.dissuade(talk.work, cases[0], talk.me, talk.spoken.rest)
    return effects.merge(talk.say(handler.dissuaded(noted), about=noted))
