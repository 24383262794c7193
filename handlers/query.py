"""Questions of people: one case, one's own, who answers for a place, the month's standing so far."""

from datetime import UTC, datetime

from domain import authority
from domain.assign import assign
from domain.case import IN_HAND, OPEN_STATES, Case, State
from domain.casework import explaining
from domain.effects import Effects, LedgerEvent
from domain.errors import NotFound
from domain.ports import CaseQuery
from domain.roster import Role
from domain.texts import command, deductions, reporter
from handlers import asking, leading, showing, why
from handlers.reference import named_within
from handlers.talk import Talk


async def run_case(talk: Talk) -> Effects:
    """查 2026-0123, 查 督0007: one case, or a finding without one; the reporter's name only for seat and office, and each look is recorded."""
    if named := named_within(talk.spoken.rest):
        return await why.run_one(talk, named)
    cases = await talk.named()
    if not cases:
        question = asking.of_words(talk, talk.spoken.rest, is_bare=True) if leading.may_ask(talk) else None
        return await (asking.run(talk, question) if question else run_mine(talk))
    effects = Effects()
    for case in cases[:3]:
        name = ""
        if _may_see_reporter(talk, case):
            name = talk.work.w.name(case.reporter)
            effects.events.append(
                LedgerEvent(f"case:{case.number}", "reporter_seen", {}, {"by": talk.me, "reporter": case.reporter})
            )
        text = command.case_card(case, talk.work.w, show_reporter=name, deduction=await _deduction(talk, case))
        photos = showing.photos_of(talk, case) if len(cases) == 1 else ()
        effects.notices.append(talk.reply(text, about=case, photos=photos))
    return effects


async def _deduction(talk: Talk, case: Case) -> str:
    finding = await talk.work.view.inspected.finding_of_case(case.id) if case.finding else None
    if finding is None:
        return ""
    return deductions.on_card(await explaining.item_of(talk.work, finding), talk.work.w)


def _may_see_reporter(talk: Talk, case: Case) -> bool:
    if talk.is_group:
        return False
    is_desk = talk.me in authority.desk(case.township, talk.work.roster, talk.work.day)
    return is_desk or talk.has_role(Role.OFFICE)


async def run_mine(talk: Talk) -> Effects:
    """我名下还有几件 / 我的上报: what the sender holds; a reporter gets his own reports."""
    held = await talk.work.view.in_hand(talk.me)
    as_chief = await talk.work.view.cases(CaseQuery(responsible=talk.me, states=OPEN_STATES, limit=200))
    mine = {case.id: case for case in [*held, *as_chief]}
    if not mine and not talk.has_role(Role.CHIEF, Role.DUTY):
        query = CaseQuery(reporter=talk.me, limit=5)
        return talk.say(reporter.own_cases(await talk.work.view.cases(query), talk.work.w))
    return talk.say(await _in_hand_text(talk, list(mine.values())))


async def _in_hand_text(talk: Talk, cases: list[Case]) -> str:
    if not cases:
        return f"您名下没有在办案件。{await _month_text(talk)}"
    now, rules = talk.work.now, talk.work.rules
    overdue = [c for c in cases if c.state in IN_HAND and _due(c) < now]
    today = [c for c in cases if c not in overdue and rules.day(_due(c)) == talk.work.day]
    rest = len(cases) - len(overdue) - len(today)
    parts = []
    if overdue:
        parts.append(f"超时{len(overdue)}件（{'、'.join(c.short for c in overdue[:5])}）")
    if today:
        parts.append(f"今日到期{len(today)}件（{'、'.join(c.short for c in today[:5])}）")
    if rest:
        parts.append(f"其余{rest}件")
    return f"您名下在办{len(cases)}件：{'，'.join(parts)}。" + await _month_text(talk)


def _due(case: Case) -> datetime:
    return case.handler_due or case.due or datetime.max.replace(tzinfo=UTC)


async def _month_text(talk: Talk) -> str:
    local = talk.work.rules.local(talk.work.now)
    start = talk.work.rules.calendar.at(local.date().replace(day=1), local.min.time())
    query = CaseQuery(states=frozenset({State.CLOSED}), responsible=talk.me, closed_since=start, limit=1000)
    closed = await talk.work.view.cases(query)
    if not closed:
        return ""
    on_time = sum(1 for c in closed if c.due is None or (c.resolved_at is not None and c.resolved_at <= c.due))
    return f"本月已办结{len(closed)}件，按期率{on_time * 100 / len(closed):.1f}%。"


async def run_owner(talk: Talk) -> Effects:
    """谁负责 / 路长是谁 / 今天谁值班: segment, today's duty person and the chain above."""
    u = talk.heard.understanding
    segment = talk.work.roster.segment(u.segment, talk.work.day) if u.segment else None
    if segment is None:
        names = [talk.work.roster.segment(c[0], talk.work.day) for c in u.segment_candidates[:3]]
        titles = "、".join(s.title for s in names if s is not None)
        raise NotFound(f"请写清路口或门店名{f'，可能是：{titles}' if titles else '，如“人民路文化路口谁负责”'}。")
    owner = assign(segment, talk.work.roster, talk.work.day)
    w = talk.work.w
    duty = f"今日轮值 {w.name(owner.handler)}" if not owner.has_duty_gap else "今日无轮值"
    return talk.say(
        f"{segment.title}：{segment.unit} 路段长{segment.chief_name}，{duty}；"
        f"二级路长{segment.second_level_name}，辖区总路长{segment.township_head_name}，一级路长{segment.first_level_name}。"
        f"责任：{'、'.join(talk.work.rules.frame.on(talk.work.day).duties)}。"
    )
