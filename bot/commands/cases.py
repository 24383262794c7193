"""`luzhang case …`: cases listed and handled by the same rules as in chat, also beside a running service."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

from bot.commands.session import OK, Session, UsageError, acting_person, person_of, say, say_json
from domain import authority
from domain.authority import roles_of
from domain.case import OPEN_STATES, STATE_NAMES, Case, Event, Origin, State
from domain.casework import commanding, handling, judging, opening, verifying
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import Missing, NotAllowed, NotFound
from domain.ports import CaseQuery
from domain.roster import Role
from domain.texts import reporter
from store.ledger import Recorded

Step = Callable[[Work, Case, str], Awaitable[tuple[Case, Effects]]]

MOST = 1_000
EVENT_NAMES = {
    "report": "上报", "locate": "定位", "acknowledge": "认领", "resolve": "报处理完毕", "pass": "复核通过",
    "fail": "复核不通过", "return": "退回", "reassign": "改派", "ask_extension": "申请延期", "grant_extension": "批准延期",
    "refuse_extension": "不批准延期", "ask_no_photo": "申请无图办结", "confirm_no_photo": "确认无图",
    "refuse_no_photo": "不确认无图", "dissuade": "劝阻", "ask_shelve": "申请挂账", "approve_shelve": "同意挂账",
    "shelve": "挂账", "resume": "恢复处置", "merge": "并案", "decline": "不予立案", "void": "作废", "reopen": "反弹",
    "raise": "提级", "accept_tier": "接受提级", "hand_back_tier": "交回", "reclassify": "改类", "supplement": "补充",
    "follow": "并入关注", "urge": "催办", "escalate": "逐级上报", "refused": "越权被拒", "doubt": "照片存疑", "withdraw": "上报人撤回", "recalled": "上报消息被撤回", "photo_cleared": "照片放行",
    "photo_kept_back": "照片不外发", "photo_blurred": "照片打码", "photo_unblurred": "取消打码", "photo_seen": "查看原图", "hand_over": "随请假移交", "reporter_seen": "查看上报人姓名", "delivered_late": "通知送达较晚，时限顺延",
    "finding": "记为督查问题", "points": "更正扣分", "withdrawn": "撤销扣分", "finding_category": "扣分改类别", "finding_segment": "扣分改路段",
}  # fmt: skip

_NUMBER = re.compile(r"(?:(20[0-9]{2})-)?([0-9]{1,8})")
# who a reporter is, seen from outside: the first role that fits
_CLASSES = (
    Role.INSPECTOR, Role.OFFICE, Role.SEAT, Role.COORDINATOR, Role.LEADER, Role.GENERAL, Role.FIRST_LEVEL,
    Role.TOWNSHIP_HEAD, Role.SECOND_LEVEL, Role.CHIEF, Role.DUTY, Role.DEPARTMENT,
)  # fmt: skip


async def list_cases(
    session: Session, *, state: str | None, segment: str | None, only_open: bool, limit: int, as_json: bool
) -> int:
    """Print the cases that match, newest first."""
    states = _states(state, only_open=only_open)
    query = CaseQuery(states=states, segment=segment or "", limit=min(limit, MOST))

    async def find(work: Work) -> list[Case]:
        return await work.view.cases(query)

    found = await session.read(find)
    if as_json:
        say_json([await as_object(session, case) for case in found])
        return OK
    for case in found:
        say(await session.read(partial(_line, case)))
    if not found:
        say("没有符合的案件。")
    return OK


def _states(state: str | None, *, only_open: bool) -> frozenset[State] | None:
    if state is None:
        return OPEN_STATES if only_open else None
    named = {name: value for value, name in STATE_NAMES.items()} | {value.value: value for value in State}
    if state not in named:
        raise UsageError(f"--state 没有“{state}”，可用：{'、'.join(STATE_NAMES.values())}。")
    return frozenset({named[state]})


async def _line(case: Case, work: Work) -> str:
    due = f"，{work.w.when(case.due)}前办结" if case.due and case.is_open else ""
    who = f"，承办{work.w.name(case.handler)}" if case.handler else ""
    return f"{case.number} {work.w.state(case)}｜{work.w.category(case)}｜{work.w.segment(case)}{who}{due}"


async def show(session: Session, number: str, *, as_json: bool) -> int:
    """Print one case with its history, and why it was judged so."""
    case = await session.read(lambda work: numbered(work, number))
    why = await session.read(lambda work: judging.why(work, case))
    if as_json:
        say_json({**await as_object(session, case), "why": why.splitlines()[1:]})
    else:
        await _tell(session, case, why)
    return OK


async def _tell(session: Session, case: Case, *more: str) -> None:
    """Print a case for eyes: its line, what else there is to say of it, its history."""
    for line in (await session.read(partial(_line, case)), *more):
        say(line)
    for event in await session.store.ledger.events(f"case:{case.number}"):
        at = session.rules.local(event.at)
        by = event.event.persons.get("by", "")
        name = (await session.store.rosters.load()).person(by).name if by and by != case.reporter else ""
        say(f"  {at:%m-%d %H:%M} {EVENT_NAMES.get(event.event.kind, event.event.kind)}{f'（{name}）' if name else ''}")


async def numbered(work: Work, text: str) -> Case:
    """Return the case of a number such as 2026-0123 or 0123. Raises UsageError, NotFound."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"“{text}”不是案件编号，请写成2026-0123或0123。")
    year = int(match[1]) if match[1] else None
    found = await work.view.numbered(int(match[2]), year, work.rules.local(work.now).year)
    if not found:
        raise NotFound(f"没有找到案件{text}，请核对编号。")
    if len(found) > 1:
        raise NotFound(f"编号{text}有{len(found)}件在办：{'、'.join(case.number for case in found)}，请写全编号。")
    return found[0]


async def act(session: Session, number: str, given: str | None, word: str, step: Step, *, as_json: bool) -> int:
    """Carry out one step on a case and print the case. Raises RuleError; a refused attempt is recorded."""
    refused: NotAllowed | None = None
    async with session.store.deciding(session.now) as view:
        work = Work(view, session.rules)
        case, by = await numbered(work, number), acting_person(work, given)
        try:
            case, effects = await step(work, case, by)
            view.apply(effects)
        except NotAllowed as refusal:
            refused = refusal
            view.apply(handling.refused_attempt(case, by, word))
    if refused is not None:
        raise refused
    if as_json:
        say_json(await as_object(session, case))
    else:
        await _tell(session, case)
    return OK


def assigning(person: str | None, segment: str | None) -> Step:
    """Return the step 改派 (to a person), or 定位 (to a segment) for a case that has no place."""

    async def step(work: Work, case: Case, by: str) -> tuple[Case, Effects]:
        if segment is not None:
            return await _located(work, case, by, segment)
        if person is None:
            raise Missing("请写接办人（--to 人员编号或姓名），或给未定位的案件写路段（--segment）。")
        return commanding.reassign(work, case, by, person_of(work.roster, person))

    return step


async def _located(work: Work, case: Case, by: str, wanted: str) -> tuple[Case, Effects]:
    found = work.roster.segment(wanted, work.day)
    if found is None:
        raise NotFound(f"没有路段“{wanted}”，请核对花名册中的路段编号。")
    authority.require(by, case, Event.LOCATE, work.roster, work.day)
    placed, effects = await opening.locate(work, case, found, by)
    effects.timers_dropped.append(f"locate:{case.id}")
    text = reporter.receipt(placed, work.w, has_gap=placed.handler == placed.chain.chief)
    effects.notices += work.tell([case.reporter], text, "located", placed)
    return placed, effects


async def closing(work: Work, case: Case, by: str) -> tuple[Case, Effects]:
    """Pass a case that was reported as done (复核通过)."""
    return verifying.passed(work, case, by)


def reopening(reason: str) -> Step:
    """Return the step by which a closed case comes back (反弹)."""

    async def step(work: Work, case: Case, by: str) -> tuple[Case, Effects]:
        return verifying.reopened(work, case, by, reason, ())

    return step


async def as_object(session: Session, case: Case) -> dict[str, Any]:
    """Return a case under the keys of the command's contract; nobody learns from it who reported."""
    events = await session.store.ledger.events(f"case:{case.number}")
    classes = await session.read(lambda work: _reporter_class(work, case))

    def local(instant: datetime | None) -> str | None:
        return session.rules.local(instant).isoformat(timespec="seconds") if instant else None

    return {
        "number": case.number,
        "state": case.state.value,
        "category": case.category,
        "also": list(case.also),
        "severity": case.severity,
        "segment": case.segment or None,
        "responsible": case.chief or case.chain.chief or None,
        "handler": case.handler or None,
        "reporter_class": classes,
        "reported_at": local(case.reported_at),
        "deadline": local(case.due),
        "photos": [{"name": p.name, "role": p.role, "received_at": local(p.received_at)} for p in case.photos],
        "events": [_event(event, case, local) for event in events],
    }


def _event(entry: Recorded, case: Case, local: Callable[[datetime | None], str | None]) -> dict[str, Any]:
    by = entry.event.persons.get("by", "")
    shown = by if by and by != case.reporter else None
    facts = dict(entry.event.facts)
    return {"seq": entry.seq, "at": local(entry.at), "event": entry.event.kind, "by": shown, "facts": facts}


async def _reporter_class(work: Work, case: Case) -> str:
    """Return what kind of source a case has: where it was handed down from, else the reporter's role, else public."""
    if case.origin is not Origin.PUBLIC:
        return case.origin.value
    roles = roles_of(case.reporter, work.roster, work.rules.day(case.reported_at))
    return next((role.value for role in _CLASSES if role in roles), "public")
