"""为什么 0123: why a case was judged as it was, from what was recorded with it."""

from domain.casework import judging
from domain.effects import Effects
from domain.errors import RuleError
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Tell the reasons of the named or quoted case."""
    cases = await talk.named()
    if not cases:
        raise RuleError("请写案件编号，如“为什么 0123”，或引用该案件的消息。")
    told = [await judging.why(talk.work, case) for case in cases[:3]]
    return talk.say("\n".join(told), about=cases[0])
