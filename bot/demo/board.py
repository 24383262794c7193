"""The case board (看板): every case with state, limit and, from the ledger, its timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.demo.chat import photo_url
from domain.case import IN_HAND, ORIGIN_NAMES, STATE_NAMES, Case, Event, State
from domain.casework.work import Work
from domain.messages import Photo
from domain.ports import CaseQuery
from domain.roster import Roster
from domain.rules import Rules
from domain.texts import pasting
from domain.texts.wording import Wording
from store import Store

MOST = 500

EVENT_NAMES: Mapping[str, str] = {
    Event.REPORT: "上报交办",
    Event.LOCATE: "定位",
    Event.ACKNOWLEDGE: "认领",
    Event.RESOLVE: "报处理完毕",
    Event.PASS: "复核通过",
    Event.FAIL: "复核不通过",
    Event.RETURN: "退回改派",
    Event.REASSIGN: "改派",
    Event.ASK_EXTENSION: "申请延期",
    Event.GRANT_EXTENSION: "批准延期",
    Event.REFUSE_EXTENSION: "不批准延期",
    Event.ASK_NO_PHOTO: "申请无图办结",
    Event.CONFIRM_NO_PHOTO: "确认无图办结",
    Event.REFUSE_NO_PHOTO: "不确认无图",
    Event.DISSUADE: "教育劝阻",
    Event.ASK_SHELVE: "申请挂账",
    Event.APPROVE_SHELVE: "同意挂账",
    Event.SHELVE: "挂账",
    Event.RESUME: "恢复处置",
    Event.MERGE: "并案",
    Event.DECLINE: "不予立案",
    Event.VOID: "作废",
    Event.REOPEN: "反弹重办",
    Event.RAISE: "提级",
    Event.ACCEPT_TIER: "提级受理",
    Event.HAND_BACK_TIER: "提级交回",
    Event.RECLASSIFY: "改类",
    Event.SUPPLEMENT: "补充",
    Event.FOLLOW: "并入关注",
    Event.URGE: "催办",
    Event.ESCALATE: "逐级上报",
    Event.REFUSED: "越权被拒",
}
PERSON_NAMES: Mapping[str, str] = {"reporter": "上报人", "handler": "承办", "by": "", "person": "", "stand_in": "代行"}
STEP_NAMES: Mapping[str, str] = {
    "limit": "到期，提醒处置人和路段长",
    "handler": "处置人",
    "second_level": "二级路长",
    "township_head": "辖区总路长",
    "first_level": "一级路长",
    "office": "市路长办",
}


async def paste(store: Store, rules: Rules, now: datetime) -> str:
    """Return what is open as a text to paste elsewhere."""
    async with store.reading(now) as view:
        work = Work(view, rules)
        held = await view.cases(CaseQuery(states=IN_HAND, limit=MOST))
        return pasting.unsettled(held, work.w)


async def cases(store: Store, rules: Rules, now: datetime) -> list[dict[str, Any]]:
    """Return all cases as the page reads them, newest first."""
    async with store.reading(now) as view:
        work = Work(view, rules)
        return [_row(case, work) for case in await view.cases(CaseQuery(limit=MOST))]


def _row(case: Case, work: Work) -> dict[str, Any]:
    w = work.w
    limit = case.handler_due or case.due
    is_late = case.state in IN_HAND and limit is not None and limit <= work.now
    return {
        "number": case.number,
        "short": case.short,
        "state": case.state.value,
        "state_name": STATE_NAMES[case.state],
        "category": w.category(case),
        "severity": case.severity,
        "hazard": case.is_hazard,
        "origin": ORIGIN_NAMES[case.origin],
        "segment": w.segment(case),
        "spot": w.spot(case),
        "township": case.township,
        "unit": case.chain.unit,
        "handler": w.name(case.handler) if case.handler else "",
        "reported": w.when(case.reported_at),
        "limit": _limit(case, w, limit, work),
        "late": is_late,
        "photos": [{"url": photo_url(Photo(photo.sha256, photo.ext, 0)), "role": photo.role} for photo in case.photos],
    }


def _limit(case: Case, w: Wording, limit: datetime | None, work: Work) -> str:
    """Return in words how the time stands."""
    if case.state is State.CLOSED and case.closed_at:
        return f"{w.when(case.closed_at)}办结"
    if case.state not in IN_HAND or limit is None:
        return ""
    if limit <= work.now:
        return f"超时{w.span(work.now - limit)}"
    if case.ack_due is not None and case.ack_due <= work.now:
        return f"逾期未认领，{w.when(limit)}前办结"
    return f"{w.when(limit)}前办结"


async def timeline(store: Store, rules: Rules, number: str) -> list[dict[str, Any]]:
    """Return a case's ledger entries, oldest first; empty for a case that there is not."""
    recorded = await store.ledger.events(f"case:{number}")
    roster = await store.rosters.load()
    return [
        {
            "seq": entry.seq,
            "time": f"{rules.local(entry.at):%m-%d %H:%M}",
            "kind": entry.event.kind,
            "name": EVENT_NAMES.get(entry.event.kind, entry.event.kind),
            "people": _people(entry.event.persons, roster),
            "words": _words(entry.event.words),
            "facts": _facts(entry.event.facts),
        }
        for entry in recorded
    ]


def _people(persons: Mapping[str, str], roster: Roster) -> list[str]:
    return [f"{PERSON_NAMES.get(role, role)} {roster.person(who).name}".strip() for role, who in persons.items() if who]


def _words(words: Mapping[str, str]) -> list[str]:
    """Return the free words of an entry, none that stands in another."""
    said = [word for word in words.values() if word]
    return [word for word in said if not any(word != other and word in other for other in said)]


def _facts(facts: Mapping[str, Any]) -> list[str]:
    """Return the facts of an entry that say something to a reader."""
    found = []
    if step := facts.get("step"):
        found.append(_step_name(str(step)))
    if facts.get("late"):
        found.append("晚于认领时限")
    if facts.get("on_time") is not None:
        found.append("按期" if facts["on_time"] else "超期")
    if photos := facts.get("photos"):
        found.append(f"照片{len(photos)}张")
    if facts.get("system_late"):
        found.append("系统延误")
    return found


def _step_name(key: str) -> str:
    """Return the words for an escalation step's key, `resolve:second_level` or `resolve:second_level:notice`."""
    _, level, *notice = [*key.split(":"), ""]
    name = STEP_NAMES.get(level, level)
    return f"预告处置人，将报{name}" if "notice" in notice else name
