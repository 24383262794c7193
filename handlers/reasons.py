"""为什么 0123: why a case was judged as it was, from what was recorded with it."""

from domain.effects import Effects
from domain.errors import RuleError
from domain.texts import reasons
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Tell the reasons of the named or quoted case."""
    cases = await talk.named()
    if not cases:
        raise RuleError("请写案件编号，如“为什么 0123”，或引用该案件的消息。")
    return talk.say("\n".join(reasons.why(case, talk.work.w) for case in cases[:3]), about=cases[0])
