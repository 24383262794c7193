"""复制为文本: the open cases of the office's or a desk's area as one text to paste elsewhere."""

from domain.case import IN_HAND
from domain.effects import Effects
from domain.ports import CaseQuery
from domain.texts import pasting
from handlers.desk import require_command
from handlers.talk import Talk

_MOST = 100_000


async def run(talk: Talk) -> Effects:
    """Answer with what is open in the sender's area, ready to be pasted."""
    townships = require_command(talk)
    held = await talk.work.view.cases(CaseQuery(states=IN_HAND, limit=_MOST))
    mine = [case for case in held if "" in townships or case.township in townships]
    return talk.say(pasting.unsettled(mine, talk.work.w))
