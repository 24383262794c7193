"""What doctor says of the scheme's bodies and lists: leading group, the office's bodies, lists that are not set yet."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.commands.signs import Mark, Sign, few
from domain.casework.work import Work
from domain.frame import UNSET, Frame
from domain.organisation import LeadingGroup, leading_group, office_bodies

SHOWN: Final = 3  # names in one line


async def organised(work: Work) -> list[Sign]:
    """Return a line for each; nothing is an error, for the scheme goes on without."""
    if not work.roster.people:
        return []
    frame = work.rules.frame.on(work.day)
    bodies = office_bodies(work.roster, work.day, frame.bodies, work.rules.city)
    group = leading_group(work.roster, work.day, frame.group)
    return [_led(work, group), *_bodies(list(bodies.items())), *_unset(frame)]


def _led(work: Work, group: LeadingGroup) -> Sign:
    heads = few([work.w.name(person) for person in group.heads], SHOWN)
    if not heads:
        mend = "请在人员表登记总路长（role 写 general），副总路长的 scope 写“副总路长”。"
        return Sign(Mark.WARN, f"领导小组没有组长：问责、奖励和经费由领导小组批准。{mend}")
    if len(group.heads) > 1:
        return Sign(Mark.WARN, f"领导小组组长有{len(group.heads)}人：{heads}。请在副职的 scope 写“副总路长”。")
    deputies = few([work.w.name(person) for person in group.deputies], SHOWN) or "未登记"
    return Sign(Mark.WELL, f"领导小组：组长{heads}，副组长{deputies}，成员{len(group.members)}人")


def _bodies(bodies: Sequence[tuple[str, list[str]]]) -> Iterator[Sign]:
    """Yield which bodies supply nobody, once one does: a city may do without all of them (S20)."""
    lacking = [body for body, people in bodies if not people]
    if lacking and len(lacking) < len(bodies):
        mend = "请在人员表登记（role 写 office，unit 写单位），不设的从 tables.frame 的表里删去。"
        yield Sign(Mark.WARN, f"市路长办兼职副主任：{'、'.join(lacking)}没有登记人员。{mend}")


def _unset(frame: Frame) -> Iterator[Sign]:
    names = [five.name for five in frame.fives if not five.items]
    if names:
        mend = "定下后写进 tables.frame 的表。"
        yield Sign(Mark.WARN, f"{'、'.join(names)}是哪五项没有设定：办结标准里印“{UNSET}”，{mend}")
