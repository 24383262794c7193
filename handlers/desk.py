"""The seat's and the leaders' commands on a case: 定位, 改派, 催办, 不予立案, 作废, 并入, 改类, 提级, 挂账."""

import re

from domain import authority
from domain.authority import Standing
from domain.case import IN_HAND, Case, Event
from domain.casework import commanding, deducting, opening
from domain.effects import Effects
from domain.errors import Missing, NotAllowed, NotFound, RuleError
from domain.messages import Choice
from domain.ports import CaseQuery
from domain.roster import Role, Segment
from domain.texts import command, reporter
from handlers.choosing import ask_which, chosen, ensure_open
from handlers.talk import Talk
from handlers.timewords import read_until

_SEGMENT_ID = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z]{1,6}[A-Za-z0-9_-]{0,56}\d")
_TIER = re.compile("(突出|重大|一般)")


async def _one(talk: Talk, example: str) -> Case:
    named = await talk.named()
    if len(named) != 1:
        raise Missing(f"请写一个案件编号，如“{example}”。")
    ensure_open(talk, named[0])
    return named[0]


async def run_locate(talk: Talk) -> Effects:
    """定位 0124 XZ018: place a case on a segment, by its id or by words of the place."""
    case = await _one(talk, "定位 0124 XZ018")
    authority.require(talk.me, case, Event.LOCATE, talk.work.roster, talk.work.day)
    segment = _segment(talk)
    placed, effects = await opening.locate(talk.work, case, segment, talk.me)
    effects.merge(await deducting.relocated(talk.work, placed, talk.me))
    effects.timers_dropped.append(f"locate:{case.id}")
    effects.notices += talk.work.tell(
        [case.reporter] if case.reporter != talk.me else [],
        reporter.receipt(placed, talk.work.w, has_gap=placed.handler == placed.chain.chief),
        "located",
        placed,
    )
    return effects.merge(talk.say(command.located(placed, talk.work.w), about=placed))


def _segment(talk: Talk) -> Segment:
    match = _SEGMENT_ID.search(talk.spoken.rest)
    wanted = match.group(0).upper() if match else (talk.heard.understanding.segment or "")
    found = talk.work.roster.segment(wanted, talk.work.day)
    if found is None:
        raise NotFound(f"没有路段“{wanted or talk.spoken.rest}”，请核对花名册中的路段编号。")
    return found


async def run_reassign(talk: Talk) -> Effects:
    """改派 0119 周敏: another handler."""
    case = await _one(talk, "改派 0119 周敏")
    person = _person(talk, case, talk.spoken.rest)
    old = talk.work.w.name(case.handler) if case.handler else "待派"
    held, effects = commanding.reassign(talk.work, case, talk.me, person)
    text = command.reassigned(held, talk.work.w, old, talk.work.w.titled(talk.me))
    return effects.merge(talk.say(text, about=held))


def _person(talk: Talk, case: Case, name: str) -> str:
    wanted = re.sub(r"(同志|处理|办理|承办)$", "", name.removeprefix("给").strip())
    if not wanted:
        raise Missing("请写接办人姓名，如“改派 0119 周敏”。")
    found = talk.work.roster.by_name(wanted)
    if len(found) > 1:
        near = [p for p in found if p.unit in (case.chain.unit, case.township)]
        found = near if len(near) == 1 else found
    if not found:
        raise NotFound(f"花名册中没有“{wanted}”，请核对姓名。")
    if len(found) > 1:
        units = "、".join(p.unit or p.id for p in found)
        raise RuleError(f"“{wanted}”有{len(found)}人（{units}），请由管理员先区分姓名。")
    return found[0].id


async def run_urge(talk: Talk) -> Effects:
    """催办 0119: one handler; 催办 超时: everybody overdue in the township, after a preview."""
    named = await talk.named()
    if not named:
        return await _urge_all(talk)
    effects = Effects()
    lines = []
    for case in named:
        talk.subject = case
        effects.merge(commanding.urge(talk.work, case, talk.me))
        lines.append(command.urged(case, talk.work.w))
    return effects.merge(talk.say("\n".join(lines), about=named[0]))


async def _urge_all(talk: Talk) -> Effects:
    if "超时" not in talk.spoken.rest and talk.spoken.rest not in ("", "全部"):
        raise RuleError("请写“催办 0119”或“催办 超时”。")
    overdue = await overdue_under(talk)
    if not overdue:
        return talk.say("没有超时案件，无需催办。")
    people = {case.handler for case in overdue}
    since = talk.work.rules.calendar.at(talk.work.day, talk.work.rules.slots.duty[0])
    reminded = 0
    for person in people:
        if await talk.work.view.sent_today(person, "digest", since):
            reminded += 1
    options = (Choice("yes", "确认"), Choice("no", "取消"))
    question = talk.ask_aside("urge_all", options, cases=[case.id for case in overdue])
    text = command.urge_preview(len(people), len(overdue), reminded, options)
    return Effects(questions=[question], notices=[talk.reply(text, choices=options)])


async def overdue_under(talk: Talk) -> list[Case]:
    """Return the overdue cases that the sender may chase: his townships', or the city's for the office."""
    query = CaseQuery(states=IN_HAND, due_before=talk.work.now, limit=500)
    found = await talk.work.view.cases(query)
    allowed = authority.MAY[Event.URGE]
    return [c for c in found if authority.standings(talk.me, c, talk.work.roster, talk.work.day) & allowed]


async def run_decline(talk: Talk) -> Effects:
    """不予立案 0124 原因."""
    case = await _one(talk, "不予立案 0124 属小区内部道路")
    ended, effects = commanding.decline(talk.work, case, talk.me, talk.spoken.rest)
    return effects.merge(talk.say(command.declined(ended), about=ended))


async def run_void(talk: Talk) -> Effects:
    """作废 0140 误报: the record stays."""
    named = await talk.named()
    if len(named) != 1:
        raise Missing("请写一个案件编号，如“作废 0140 误报”。")
    ended, effects = commanding.void(talk.work, named[0], talk.me, talk.spoken.rest)
    effects.merge(await deducting.voided(talk.work, ended))
    return effects.merge(talk.say(command.voided(ended), about=ended))


async def run_merge(talk: Talk) -> Effects:
    """并入 0125 0119: the first joins the second."""
    named = await talk.named()
    if len(named) != 2:
        raise Missing("请写两个编号，如“并入 0125 0119”（0125并入0119）。")
    case, other = named
    talk.subject = case
    ensure_open(talk, case)
    ended, effects = commanding.merge(talk.work, case, other, talk.me)
    return effects.merge(talk.say(command.merged(ended, other), about=ended))


async def run_reclassify(talk: Talk) -> Effects:
    """改类 0123 井盖破损: by a category's name."""
    case = await _one(talk, "改类 0123 占道经营")
    wanted = talk.spoken.rest.removeprefix("为").strip()
    code = category_named(talk, wanted)
    moved, effects = commanding.reclassify(talk.work, case, talk.me, code)
    effects.merge(await deducting.recategorised(talk.work, moved, talk.me))
    return effects.merge(talk.say(reporter.category_chosen(moved, talk.work.w), about=moved))


def category_named(talk: Talk, wanted: str) -> str:
    """Return the code of the category whose name is given or contains the words. Raises NotFound with near names."""
    rows = talk.work.rules.categories.rows
    exact = [row.code for row in rows if wanted in (row.name, row.code)]
    near = exact or [row.code for row in rows if wanted and (wanted in row.name or wanted in row.words)]
    if len(near) == 1:
        return near[0]
    guess = [c for c, _ in talk.heard.understanding.category_candidates]
    names = "、".join(talk.work.rules.categories.by_code(c).name for c in (near or guess)[:3])
    raise NotFound(f"没有唯一的类别“{wanted}”，可写：{names}。")


async def run_raise(talk: Talk) -> Effects:
    """提级 0123 重大 原因."""
    cases = await chosen(talk, Event.RAISE)
    match = _TIER.search(talk.spoken.rest)
    if match is None:
        raise Missing("请写明级别和原因，如“提级 0123 突出 需多部门配合”。")
    if len(cases) != 1:
        return ask_which(talk, cases, "raise", "请选择提级") if cases else talk.say("请写案件编号。")
    reason = talk.spoken.rest.replace(match.group(1), "", 1).strip(" 为至，,。")
    talk.subject = cases[0]
    raised, effects = commanding.raise_tier(talk.work, cases[0], talk.me, match.group(1), reason)
    text = command.tier_raised(raised, talk.work.w, talk.work.w.titled(talk.me), reason)
    return effects.merge(talk.say(text, about=raised))


async def run_tier(talk: Talk) -> Effects:
    """接受 / 交回 0123: the level that must own a prominent or major case."""
    case = await _one(talk, f"{talk.spoken.word} 0123")
    accepted = talk.spoken.word.startswith("接受")
    held, effects = commanding.decide_tier(talk.work, case, talk.me, talk.spoken.rest, accepted=accepted)
    who = talk.work.w.titled(talk.me)
    text = (
        command.tier_accepted(held, talk.work.w, who)
        if accepted
        else command.tier_handed_back(held, talk.work.w, who, talk.spoken.rest)
    )
    return effects.merge(talk.say(text, about=held))


async def run_shelve(talk: Talk) -> Effects:
    """挂账 0119 12月31日 原因."""
    case = await _one(talk, "挂账 0119 12月31日 管线迁改未完成")
    until = read_until(talk.spoken.rest, talk.work.now, talk.work.rules.zone)
    asked, effects = commanding.ask_shelving(talk.work, case, talk.me, until.rest, until.instant)
    return effects.merge(talk.say(f"{asked.number}挂账申请已登记，须两人同意后生效。", about=asked))


async def run_approve_shelving(talk: Talk) -> Effects:
    """同意挂账 0119."""
    case = await _one(talk, "同意挂账 0119")
    held, effects = commanding.approve_shelving(talk.work, case, talk.me)
    text = (
        command.shelved(held, talk.work.w)
        if held.state.value == "shelved"
        else command.shelving_noted(held, talk.work.w)
    )
    return effects.merge(talk.say(text, about=held))


async def run_resume(talk: Talk) -> Effects:
    """恢复 0119: end a shelving early."""
    case = await _one(talk, "恢复 0119")
    back, effects = commanding.resume(talk.work, case, talk.me)
    return effects.merge(talk.say(command.resumed(back, talk.work.w), about=back))


def require_command(talk: Talk) -> list[str]:
    """Return the townships whose queue the sender may see ("" = the city). Raises NotAllowed."""
    day, roster = talk.work.day, talk.work.roster
    if talk.has_role(Role.OFFICE, Role.ADMIN):
        return [""]
    mine = [
        p.scope for p in roster.posts_of(talk.me, day) if p.role in (Role.SEAT, Role.COORDINATOR, Role.TOWNSHIP_HEAD)
    ]
    townships = [t for t in roster.townships(day) if t in mine or talk.me in authority.desk(t, roster, day)]
    if not townships:
        raise NotAllowed(
            f"待办由{authority.STANDING_NAMES[Standing.SEAT]}和市路长办查看。您可回复“我名下”查看自己的案件。"
        )
    return townships
