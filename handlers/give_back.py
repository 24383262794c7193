"""非我路段 / 退回: the case goes to the desk with its reason; the clock stops meanwhile."""

from domain.case import Event
from domain.casework import handling
from domain.effects import Effects
from domain.texts import handler
from handlers import publishing
from handlers.choosing import ask_which, chosen
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Give back the named case, or the sender's only one."""
    cases = await chosen(talk, Event.RETURN)
    if not cases and (draft := await publishing.run_return(talk)) is not None:
        return draft
    if not cases:
        return talk.say_private("您名下没有在办案件。")
    if len(cases) > 1:
        return ask_which(talk, cases, "give_back", "请选择退回")
    talk.subject = cases[0]
    back, effects = handling.give_back(talk.work, cases[0], talk.me, talk.spoken.rest)
    text = handler.returned(back, f"{back.township}指挥席", talk.spoken.rest)
    return effects.merge(talk.say(text, about=back))
