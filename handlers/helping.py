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


async def run_privacy(talk: Talk) -> Effects:
    """隐私: who sees what, and for how long."""
    return talk.say(reporter.PRIVACY_FULL)
