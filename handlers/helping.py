"""帮助, made from the command table: what this person, in this role, can say."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.effects import Effects
from domain.roster import Role
from domain.texts import reporter
from handlers.talk import Talk

INTRO = "直接发“位置+问题+照片”即可上报，如“人民路文化路口 垃圾未清”。"


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line of the help: for whom, and what to say."""

    line: str
    roles: frozenset[Role] | None  # None = everybody


def text(lines: Sequence[HelpLine], roles: frozenset[Role]) -> str:
    """Return the help of a person with these roles."""
    shown = [h.line for h in lines if h.line and (h.roles is None or h.roles & roles)]
    return "\n".join([INTRO, *shown])


def short() -> str:
    """Return the help for a group: two lines, the rest in private."""
    return f"{INTRO}\n承办常用：收到、已处理+照片、非我路段 原因、延期 原因 时间。全部口令请私聊我回复“帮助”。"


async def run_privacy(talk: Talk) -> Effects:
    """隐私: who sees what, and for how long."""
    return talk.say(reporter.PRIVACY_FULL)
