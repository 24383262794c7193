"""`luzhang appeal …`: appeals listed and decided by the same rules as in chat."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.commands.scores import read_month
from bot.commands.session import OK, Session, UsageError, acting_person, say, say_json
from domain.appeal import APPEAL_STATE_NAMES, Appeal
from domain.appeal import Verdict as Judgement
from domain.case import id_of
from domain.casework import appealing
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import NotFound
from domain.finding import Finding, points_of
from domain.month import title_of
from domain.texts import appealing as texts
from domain.texts import inspecting

_NUMBER = re.compile(r"(?:申诉)?(?:(20\d\d)-)?申?(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the operator wants recorded."""

    is_accepted: bool
    reason: str
    points: str | None  # what an accepted deduction is left at
    is_final: bool


async def list_appeals(session: Session, period: str | None, *, only_open: bool, as_json: bool) -> int:
    """Print the appeals of a month, or all."""
    month = str(read_month(period)) if period else ""

    async def find(work: Work) -> list[tuple[Appeal, Finding | None]]:
        read = work.view.inspected
        kept = [one for one in await read.appeals(month) if one.is_open or not only_open]
        return [(one, await read.finding(one.finding)) for one in kept]

    found = await session.read(find)
    if as_json:
        say_json([await session.read(lambda work, one=one, of=of: _json(work, one, of)) for one, of in found])  # type: ignore[misc]
        return OK
    say(await session.read(lambda work: _listed(work, found)))
    return OK


async def _listed(work: Work, found: list[tuple[Appeal, Finding | None]]) -> str:
    return texts.listed(found, work.w)


async def show(session: Session, number: str, *, as_json: bool) -> int:
    """Print one appeal with its deduction, material and verdicts."""
    facts = await session.read(lambda work: _shown(work, number))
    if as_json:
        say_json(facts)
        return OK
    say(
        f"{facts['number']} {APPEAL_STATE_NAMES[facts['state']]}｜{title_of(facts['period'])}｜{facts['applicant_name']}：{facts['reason']}"
    )
    say(
        f"扣分：{facts['finding']} {facts['category_name']} {facts['place']} {facts['points']}分（{facts['clause']}）"
        f"｜材料{len(facts['photos'])}份"
    )
    say(f"登记{facts['lodged_at']}，{facts['due_at']}前答复")
    for title, key in (("复核", "review"), ("终审", "final")):
        if verdict := facts[key]:
            say(f"{title}：{'、'.join(verdict['names'])} {verdict['at']} 扣{verdict['points']}分，{verdict['reason']}")
    return OK


async def _shown(work: Work, number: str) -> dict[str, Any]:
    appeal = await _appeal(work, number)
    return await _json(work, appeal, await work.view.inspected.finding(appeal.finding))


async def _appeal(work: Work, number: str) -> Appeal:
    match = _NUMBER.fullmatch(number.strip())
    if match is None:
        raise UsageError(f"“{number}”不是申诉编号，请写成2026-申007。")
    year = int(match[1]) if match[1] else work.rules.local(work.now).year
    appeal = await work.view.inspected.appeal(id_of(year, int(match[2])))
    if appeal is None:
        raise NotFound(f"没有找到申诉{number}，请用 luzhang appeal list 查看编号。")
    return appeal


async def _json(work: Work, appeal: Appeal, finding: Finding | None) -> dict[str, Any]:
    w = work.w
    about: dict[str, Any] = {"finding": appeal.finding, "segment": None, "category": None}
    about |= {"category_name": "", "place": "", "clause": ""}
    if finding is not None:
        about |= {"finding": finding.label, "segment": finding.segment, "category": finding.category}
        about["category_name"] = texts.category(finding, w)
        about["place"] = texts.place(appealing.segment_of(work, finding), finding)
        about["clause"] = inspecting.clause(finding, w)
    return {
        "number": appeal.number,
        "state": appeal.state,
        "period": appeal.month,
        **about,
        "points": f"{appeal.points:.2f}",
        "applicant": appeal.applicant,
        "applicant_name": w.name(appeal.applicant),
        "reason": appeal.reason,
        "photos": [photo.name for photo in appeal.photos],
        "lodged_at": _instant(work, appeal.lodged_at),
        "due_at": _instant(work, appeal.due_at),
        "review": _verdict(work, appeal.review),
        "referral": appeal.referral,
        "final": _verdict(work, appeal.final),
        "awaits_correction": appeal.awaits_correction,
    }


def _instant(work: Work, at: datetime) -> str:
    return work.rules.local(at).isoformat(timespec="minutes")


def _verdict(work: Work, verdict: Judgement | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {
        "persons": list(verdict.persons),
        "names": [work.w.name(person) for person in verdict.persons],
        "at": _instant(work, verdict.at),
        "reason": verdict.reason,
        "points": f"{verdict.points:.2f}",
    }


async def decide(session: Session, number: str, given: str | None, verdict: Verdict) -> int:
    """Record the office's review, or one named person's record of the final word; the applicant is told."""

    async def step(work: Work) -> Effects:
        by = acting_person(work, given)
        appeal = await _appeal(work, number)
        finding = await work.view.inspected.finding(appeal.finding)
        if finding is None:
            raise NotFound(f"{appeal.number}所涉的督查问题已不存在。")
        judged, changed, effects = await _judged(work, appeal, finding, by, verdict)
        if verdict.is_final and judged.final is None:
            say(texts.recorded(judged, work.w))
            return effects
        effects.notices += await appealing.told(work, judged, changed)
        say(texts.decided(judged, work.w))
        return effects

    await session.decide(step)
    return OK


async def _judged(
    work: Work, appeal: Appeal, finding: Finding, by: str, verdict: Verdict
) -> tuple[Appeal, Finding, Effects]:
    if verdict.is_final:
        return await appealing.finalised(work, appeal, finding, by, verdict.reason, accepted=verdict.is_accepted)
    left = points_of(verdict.points) if verdict.points else None
    return await appealing.decided(work, appeal, finding, by, verdict.reason, accepted=verdict.is_accepted, left=left)
