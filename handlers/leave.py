"""请假 / 销假: a chief or duty person is away, with or without a named stand-in (代行); open cases go along."""

import re
from dataclasses import replace

from domain import authority
from domain.case import IN_HAND
from domain.effects import Effects, LedgerEvent, Notice, ToPerson
from domain.errors import Missing, NotFound, RuleError
from domain.roster import Leave, Role
from domain.texts.wording import calendar_days
from handlers.talk import Talk
from handlers.timewords import read_days

_STAND_IN = re.compile("(?:由|请)?\\s?([\u4e00-\u9fff·]{2,5}?)(?:代行|代理|代班|顶班|代)")


async def run(talk: Talk) -> Effects:
    """请假 6月3日-6月5日 赵强代: register a leave; a stand-in gets the open cases of these days."""
    work = talk.work
    if not authority.roles_of(talk.me, work.roster, work.day):
        raise RuleError("您不在花名册中，无需登记请假。")
    first, last, rest = read_days(talk.spoken.rest, work.day)
    if first is None or last is None:
        raise Missing("请写明日期，如“请假 6月3日-6月5日 赵强代”。")
    if last < first or last < work.day:
        raise RuleError("请假的结束日期早于开始日期或已过去，请重写。")
    stand_in = _stand_in(talk, rest)
    leave = Leave(talk.me, stand_in, first, last)
    effects = Effects(leaves=[leave])
    effects.events.append(
        LedgerEvent(
            "roster",
            "leave",
            {"first": first, "last": last},
            {"person": talk.me, **({"stand_in": stand_in} if stand_in else {})},
        )
    )
    moved = await _hand_over(talk, leave, effects)
    effects.notices += _tell(talk, leave, moved)
    return effects.merge(talk.say(_answer(talk, leave, moved)))


def _stand_in(talk: Talk, rest: str) -> str:
    match = _STAND_IN.search(rest)
    if match is None:
        return ""
    found = talk.work.roster.by_name(match.group(1))
    if len(found) > 1:
        unit = talk.work.roster.person(talk.me).unit
        found = [p for p in found if p.unit == unit]
    if len(found) != 1:
        raise NotFound(f"花名册中没有唯一的“{match.group(1)}”，请核对代行人姓名。")
    if found[0].id == talk.me:
        raise RuleError("代行人不能是您本人。")
    return found[0].id


async def _hand_over(talk: Talk, leave: Leave, effects: Effects) -> int:
    """Move the open cases along when the leave covers today; return how many."""
    if not leave.stand_in or not leave.first <= talk.work.day <= leave.last:
        return 0
    held = await talk.work.view.in_hand(talk.me)
    for case in held:
        if case.state in IN_HAND:
            effects.cases.append(replace(case, handler=leave.stand_in, version=case.version + 1))
            effects.events.append(
                LedgerEvent(
                    f"case:{case.number}", "hand_over", {}, {"from": talk.me, "to": leave.stand_in, "by": talk.me}
                )
            )
    return len(held)


def _tell(talk: Talk, leave: Leave, moved: int) -> list[Notice]:
    work = talk.work
    days = calendar_days(leave.first, leave.last)
    who = work.w.titled(talk.me)
    seconds = {
        s.second_level for s in work.roster.on(work.day) if talk.me in (s.chief, *work.roster.duty(s.id, work.day))
    }
    stand_in = f"，由{work.w.name(leave.stand_in)}代行" if leave.stand_in else "，未指定代行人"
    told = [(p, f"{who}{days}请假{stand_in}。") for p in sorted(seconds - {talk.me, ""})]
    if leave.stand_in:
        carried = f"，{moved}件在办一并转交" if moved else ""
        told.append((leave.stand_in, f"{who}{days}请假，由您代行{carried}。回复“我名下”查看。"))
    message = talk.heard.incoming.message_id
    return [Notice(f"leave:{message}:{person}", ToPerson(person), text, "leave") for person, text in told]


def _answer(talk: Talk, leave: Leave, moved: int) -> str:
    days = calendar_days(leave.first, leave.last)
    if not leave.stand_in:
        return f"已登记：{days}请假，未指定代行人，期间新案件由二级路长指派。回“销假”可提前恢复。"
    posts = [p for p in talk.work.roster.posts_of(talk.me, talk.work.day) if p.role is Role.CHIEF]
    duty = f"{len(posts)}个路段的路段长职责" if posts else "职责"
    carried = f"，{moved}件在办一并转交" if moved else ""
    return f"已登记：{days}由{talk.work.w.name(leave.stand_in)}代行{duty}{carried}。回“销假”可提前恢复。"


async def run_back(talk: Talk) -> Effects:
    """销假: back from today; the leave ends, new cases come to the sender again."""
    leave = talk.work.roster.leave_of(talk.me, talk.work.day)
    if leave is None:
        raise NotFound("您当前没有登记请假。")
    effects = Effects(leaves_ended=[(talk.me, talk.work.day)])
    effects.events.append(LedgerEvent("roster", "leave_ended", {"day": talk.work.day}, {"person": talk.me}))
    if leave.stand_in:
        message = talk.heard.incoming.message_id
        text = f"{talk.work.w.titled(talk.me)}已销假，新案件恢复由其承办；您手上的案件请继续办结或改派。"
        effects.notices.append(Notice(f"leave_end:{message}", ToPerson(leave.stand_in), text, "leave"))
    return effects.merge(talk.say("已销假，今日起新案件恢复由您承办。"))
