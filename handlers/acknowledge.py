"""收到: the handler takes a case; a group gets no answer, a private chat one line."""

from domain.case import Event
from domain.casework import handling
from domain.effects import Effects
from domain.texts import handler
from handlers.choosing import ask_which, chosen
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Acknowledge the named case, or the sender's only one that waits."""
    cases = await chosen(talk, Event.ACKNOWLEDGE)
    if not cases:
        return talk.say_private("您名下没有待认领的案件。")
    if len(cases) > 1 and not talk.spoken.numbers:
        return ask_which(talk, cases, "acknowledge", "请选择认领", with_all=True)
    effects = Effects()
    lines = []
    for case in cases:
        talk.subject = case
        taken, done = handling.acknowledge(talk.work, case, talk.me)
        effects.merge(done)
        lines.append(handler.acknowledged(taken, talk.work.w))
    return effects.merge(talk.say_private("\n".join(lines), about=cases[0]))
