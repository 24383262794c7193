"""申诉, 采纳 / 不采纳, 提请终审, 终审: what those assessed say to a deduction, and what is decided."""

import re
from collections.abc import Sequence
from decimal import Decimal

from domain import authority
from domain.appeal import Appeal, AppealState
from domain.casework import appealing, contestable
from domain.effects import Effects
from domain.errors import Missing, NotAllowed, NotFound, RuleError
from domain.finding import Finding, points_of
from domain.month import Month
from domain.roster import Role
from domain.texts import appealing as texts
from handlers.months import month_within
from handlers.reference import Reference, appeal_meant, finding_against, finding_meant, only_number, prose, reference
from handlers.report import gather_key
from handlers.talk import Talk

_LEFT = re.compile(r"(?:改扣|改为|扣)\s*(\d{1,3}(?:\.\d+)?)\s*分?")
_LEADS = (Role.CHIEF, Role.SECOND_LEVEL, Role.TOWNSHIP_HEAD)  # a duty person's bare photos are evidence


async def run(talk: Talk) -> Effects:
    """申诉 0098 理由 + material."""
    named, reason = _named(talk)
    quoted = None if named else await talk.quoted()
    if named is None and quoted is None and not talk.spoken.rest and not talk.photos:
        return await run_bare(talk)
    if named is None and quoted is None:
        raise Missing(
            "请写扣分的编号和理由，如“申诉 0098 当日为批准的临时疏导点”，并附材料照片。查编号请回“为什么扣分”。"
        )
    finding = await finding_meant(talk, named) if named else await _of_case(talk, quoted.id if quoted else 0)
    gathered = await talk.work.view.gather(talk.platform, talk.chat_id, talk.me)
    photos = tuple({photo.sha256: photo for photo in (*(gathered.photos if gathered else ()), *talk.photos)}.values())
    before = await talk.work.view.inspected.appeal_against(finding.key)
    appeal, effects = await appealing.lodged(talk.work, finding, talk.me, prose(reason), photos)
    if gathered is not None:
        effects.gathers_closed.append((talk.platform, talk.chat_id, talk.me))
        effects.timers_dropped.append(gather_key(talk))
    text = texts.lodged(appeal, talk.work.w) if before is None else texts.supplemented(appeal)
    return effects.merge(talk.say(text))


async def run_bare(talk: Talk) -> Effects:
    """申诉: the office with what it has to decide, others with what they may still object to."""
    if authority.oversees(talk.me, talk.work.roster, talk.work.day):
        return await listed(talk, None)
    every = await talk.work.view.inspected.appeals("")
    mine = sum(one.applicant == talk.me for one in every)
    found = await contestable.open_to(talk.work, talk.me)
    return talk.say(texts.contestable(found, mine, talk.work.w, is_group=talk.is_group))


async def _with_findings(talk: Talk, appeals: Sequence[Appeal]) -> list[tuple[Appeal, Finding | None]]:
    return [(one, await talk.work.view.inspected.finding(one.finding)) for one in appeals]


async def wordless(talk: Talk) -> Appeal | None:
    """Return the sender's appeal of the last minutes that has no material yet, which bare photos belong to, or None."""
    if not talk.has_role(*_LEADS):
        return None
    since = talk.work.now - talk.work.rules.waits.later_photos
    every = await talk.work.view.inspected.appeals("")
    mine = (one for one in every if one.applicant == talk.me and one.is_open and not one.photos)
    return next((one for one in mine if one.lodged_at >= since), None)


async def add_material(talk: Talk, appeal: Appeal) -> Effects:
    """Add bare photos to an appeal."""
    finding = await finding_against(talk, appeal)
    more, effects = await appealing.lodged(talk.work, finding, talk.me, "", talk.photos)
    return effects.merge(talk.say(texts.supplemented(more)))


def _named(talk: Talk) -> tuple[Reference | None, str]:
    named, rest = reference(talk.spoken.rest)
    return (named, rest) if named else (only_number(talk.spoken.rest), "" if only_number(talk.spoken.rest) else rest)


async def _of_case(talk: Talk, case_id: int) -> Finding:
    finding = await talk.work.view.inspected.finding_of_case(case_id)
    if finding is None:
        raise NotFound("该案件没有督查扣分，请核对编号。查编号请回“为什么扣分”。")
    return finding


async def run_accept(talk: Talk) -> Effects:
    """采纳 申007 [改扣0.2] 理由."""
    return await _decide(talk, accepted=True)


async def run_reject(talk: Talk) -> Effects:
    """不采纳 申007 理由."""
    return await _decide(talk, accepted=False)


async def _decide(talk: Talk, *, accepted: bool) -> Effects:
    if not authority.is_office(talk.me, talk.work.roster, talk.work.day):
        raise NotAllowed("申诉由市路长办复核。")
    named, rest = reference(talk.spoken.rest)
    appeal = await appeal_meant(talk, named) if named else await _only(talk, AppealState.OPEN)
    finding = await finding_against(talk, appeal)
    left, reason = _left(rest) if accepted else (None, rest)
    judged, changed, effects = await appealing.decided(
        talk.work, appeal, finding, talk.me, prose(reason), accepted=accepted, left=left
    )
    effects.notices += await appealing.told(talk.work, judged, changed)
    return effects.merge(talk.say(texts.decided(judged, talk.work.w)))


def _left(rest: str) -> tuple[Decimal | None, str]:
    match = _LEFT.match(rest)
    if match is None:
        return None, rest
    return points_of(match[1]), rest[match.end() :].strip(" ,，。")


async def _only(talk: Talk, *states: AppealState) -> Appeal:
    waiting = [one for one in await talk.work.view.inspected.appeals("") if one.state in states]
    if len(waiting) == 1:
        return waiting[0]
    if not waiting:
        raise NotFound("没有待办的申诉。")
    raise RuleError(f"待办申诉{len(waiting)}件：{'、'.join(one.short for one in waiting[:8])}，请写编号。")


async def run_refer(talk: Talk) -> Effects:
    """提请终审 申007 理由."""
    named, reason = reference(talk.spoken.rest)
    if named is None:
        raise Missing("请写申诉编号和理由，如“提请终审 申007 另附批准文件”。")
    appeal = await appeal_meant(talk, named)
    finding = await finding_against(talk, appeal)
    asked, effects = await appealing.referred(talk.work, appeal, finding, talk.me, prose(reason))
    return effects.merge(talk.say(texts.referred(asked)))


async def run_final(talk: Talk) -> Effects:
    """终审 申007 [采纳|维持 理由]: two named persons record the leading group's word."""
    if not authority.is_office(talk.me, talk.work.roster, talk.work.day):
        raise NotAllowed("终审由领导小组作出，由市路长办两名具名人员登记。")
    named, rest = reference(f"{talk.spoken.rest} ")
    appeal = await appeal_meant(talk, named) if named else await _only(talk, AppealState.REFERRED)
    finding = await finding_against(talk, appeal)
    accepted, reason = _conclusion(rest)
    judged, changed, effects = await appealing.finalised(
        talk.work, appeal, finding, talk.me, prose(reason), accepted=accepted
    )
    if judged.final is None:
        return effects.merge(talk.say(texts.recorded(judged, talk.work.w)))
    effects.notices += await appealing.told(talk.work, judged, changed)
    return effects.merge(talk.say(texts.decided(judged, talk.work.w)))


def _conclusion(rest: str) -> tuple[bool | None, str]:
    for word, accepted in (("采纳", True), ("维持", False), ("不采纳", False)):
        if rest.startswith(word):
            return accepted, rest.removeprefix(word).strip(" ,，：:。")
    return None, rest


async def run_list(talk: Talk) -> Effects:
    """申诉列表 [5月]: those of a month, or what is open, for who may read everybody's; for others their own."""
    month, _ = month_within(talk.spoken.rest, talk.work)
    return await listed(talk, month)


async def listed(talk: Talk, month: Month | None) -> Effects:
    """Answer with the appeals of a month; without one the office reads what it has to decide, others all of theirs."""
    every = await talk.work.view.inspected.appeals(str(month) if month else "")
    reads_all = authority.oversees(talk.me, talk.work.roster, talk.work.day)
    if reads_all and not talk.is_discreet:
        return talk.say(texts.NOT_HERE)
    if reads_all and month is None:
        waiting = await _with_findings(talk, [one for one in every if one.is_open])
        decides = authority.is_office(talk.me, talk.work.roster, talk.work.day)
        return talk.say(texts.waiting(waiting, talk.work.w, is_group=talk.is_group, decides=decides))
    mine = every if reads_all else [one for one in every if one.applicant == talk.me]
    shown = texts.listed(await _with_findings(talk, mine), talk.work.w, is_group=talk.is_group)
    return talk.say(f"{month.number}月{shown}" if month and mine else shown)
