"""Appeals (申诉): lodged once per deduction in the objection window, reviewed by the office, a final word beyond (S92)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from domain import authority
from domain.appeal import APPEAL_STATE_NAMES, Appeal, AppealState, Proposal, Verdict
from domain.casework import month as months
from domain.casework import outlook
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, Notice, Timer, ToPerson, ToPurpose
from domain.errors import Missing, NotAllowed, RuleError, WrongState
from domain.finding import APPEAL, ZERO, Finding
from domain.lines import figure_of, rows_of
from domain.messages import Photo
from domain.month import Month
from domain.period import STAGE_NAMES, Stage
from domain.roster import Post, Segment
from domain.texts import appealing as texts
from domain.texts import leadership, publishing

KIND = "appeal"  # of the timer that reminds the reviewers
ANSWER_DAYS = 3  # working days for the review, and for asking for the final word after it
REMIND_AT = time(9, 10)


def segment_of(work: Work, finding: Finding) -> Segment | None:
    """Return the segment of a finding as it stood on the day of the inspection."""
    return work.roster.segment(finding.segment, work.rules.day(finding.found_at))


def assessed(work: Work, finding: Finding) -> list[str]:
    """Return who answered for the segment on the day of the inspection: chief, second-level chief, township head."""
    segment = segment_of(work, finding)
    people = [segment.chief, segment.second_level, segment.township_head] if segment else []
    return [person for person in dict.fromkeys(people) if person]


def is_party(work: Work, finding: Finding, person: str) -> bool:
    """Tell whether a person is assessed by a finding, of a unit that is, or found it: who may not review it."""
    segment = segment_of(work, finding)
    units = {segment.unit, segment.township} if segment else set()
    mine = {work.roster.person(person).unit, *(post.unit for post in work.roster.posts_of(person, work.day))}
    return person == finding.inspector or person in assessed(work, finding) or bool(units & mine - {""})


def reviewers(work: Work, finding: Finding) -> list[str]:
    """Return the office's people who are not a party."""
    return [person for person in authority.office(work.roster, work.day) if not is_party(work, finding, person)]


async def lodged(work: Work, finding: Finding, by: str, reason: str, photos: Sequence[Photo]) -> tuple[Appeal, Effects]:
    """Return the appeal against a deduction (申诉). Raises NotAllowed, Missing, WrongState saying why it cannot be."""
    _require_assessed(work, finding, by)
    if not (finding.is_counted and finding.points):
        raise WrongState(f"{finding.label}没有扣分，无需申诉。")
    before = await work.view.inspected.appeal_against(finding.key)
    if before is not None:
        return _supplemented(before, by, photos)
    if not reason:
        raise Missing(f"请写明申诉理由并附材料照片，如“申诉 {finding.label} 当日为批准的临时疏导点”。")
    month = Month.of(finding.found_at, work.rules.zone)
    await _require_window(work, month)
    points = _points(work, finding)
    number = await work.view.inspected.next_appeal(work.rules.local(work.now).year)
    appeal = Appeal(
        number, finding.key, str(month), by, reason, points, work.now, _days_later(work, work.now, ANSWER_DAYS),
        photos=tuple(photos),
    )  # fmt: skip
    effects = _kept(
        appeal, "lodged", {"applicant": by}, {"reason": reason}, finding=finding.key, points=f"{points:.2f}"
    )
    effects.timers.append(Timer(f"{KIND}:{number}", KIND, str(number), appeal.due_at))
    effects.merge(_asked(work, appeal, finding))
    return appeal, effects


def may_object(work: Work, finding: Finding, by: str) -> bool:
    """Tell whether a finding's deduction is a person's to object to: he or his unit answered for the segment."""
    segment = segment_of(work, finding)
    mine = authority.acting_for(by, work.roster, work.day)
    units = {work.roster.person(by).unit, *(post.unit for post in work.roster.posts_of(by, work.day))} - {""}
    return bool(mine & set(assessed(work, finding))) or (segment is not None and segment.unit in units)


def _require_assessed(work: Work, finding: Finding, by: str) -> None:
    if not may_object(work, finding, by):
        raise NotAllowed(f"{finding.label}的申诉由该路段的责任单位、路段长、二级路长或辖区总路长提出。")


async def _require_window(work: Work, month: Month) -> None:
    period = await months.period_of(work, month)
    if period.may_be_appealed(work.now):
        return
    if period.stage is Stage.OBJECTION and period.objections_end is not None:
        raise WrongState(f"{month.number}月考评的申诉期已于{texts.last_day(period.objections_end, work.w)}结束。")
    raise WrongState(f"{month.number}月考评{STAGE_NAMES[period.stage]}，不再受理申诉。")


def _supplemented(before: Appeal, by: str, photos: Sequence[Photo]) -> tuple[Appeal, Effects]:
    """Return an open appeal with further material; nothing else can be said to a deduction twice."""
    if not before.is_open or by != before.applicant or not photos:
        raise WrongState(f"该扣分已有申诉{before.number}（{APPEAL_STATE_NAMES[before.state]}），同一扣分只能申诉一次。")
    held = {photo.sha256 for photo in before.photos}
    added = [photo for photo in photos if photo.sha256 not in held]
    more = replace(before, photos=(*before.photos, *added))
    return more, _kept(more, "material", {"applicant": by}, {}, photos=[photo.sha256 for photo in added])


def _points(work: Work, finding: Finding) -> Decimal:
    if not finding.by_book:
        return finding.points
    points = work.rules.scoring.rules.points(finding.category, work.rules.day(finding.found_at))
    return finding.points if points is None else points


def _days_later(work: Work, start: datetime, count: int) -> datetime:
    """Return the end of the `count`-th working day after the day of `start`."""
    day = work.rules.day(start)
    for _ in range(count):
        day += timedelta(days=1)
        while not work.rules.calendar.is_working_day(day):
            day += timedelta(days=1)
    return work.rules.calendar.at(day + timedelta(days=1), time())


def _asked(work: Work, appeal: Appeal, finding: Finding) -> Effects:
    """Return what the office hears of an appeal; with nobody to review it, that the leading group must."""
    can = reviewers(work, finding)
    text = texts.to_review(appeal, finding, segment_of(work, finding), work.w, has_reviewer=bool(can))
    notice = Notice(f"appeal:{appeal.id}:lodged", ToPurpose("office"), text, "appeal", photos=appeal.photos)
    return Effects(notices=[notice])


async def decided(
    work: Work, appeal: Appeal, finding: Finding, by: str, reason: str, *, accepted: bool, left: Decimal | None = None
) -> tuple[Appeal, Finding, Effects]:
    """Return the appeal after the office's review (采纳, 不采纳): the month's figures follow, the applicant hears them.

    left: what an accepted deduction is left at, None = nothing.
    """
    if appeal.state is not AppealState.OPEN:
        raise WrongState(f"{appeal.number}已{APPEAL_STATE_NAMES[appeal.state]}，无需再复核。")
    if not authority.is_office(by, work.roster, work.day) or is_party(work, finding, by):
        who = "、".join(work.w.name(person) for person in reviewers(work, finding)) or "领导小组"
        raise NotAllowed(f"{appeal.number}由市路长办未参与该项督查、不属被考评单位的人员复核：{who}。")
    if not reason:
        word = "采纳" if accepted else "不采纳"
        raise Missing(f"请写明理由，如“{word} {appeal.short} 批准时段为18:00后”。")
    state = AppealState.ACCEPTED if accepted else AppealState.REJECTED
    points = _after(appeal, accepted, left)
    judged = replace(appeal, state=state, review=Verdict((by,), work.now, reason, points))
    changed, effects = await _settled(work, judged, finding, points)
    facts = {"accepted": accepted, "points": f"{points:.2f}"}
    effects.merge(_kept(judged, "decided", {"by": by}, {"reason": reason}, **facts))
    effects.timers_dropped.append(f"{KIND}:{appeal.id}")
    return judged, changed, effects


def _after(appeal: Appeal, accepted: bool, left: Decimal | None) -> Decimal:
    if not accepted:
        return appeal.points
    points = ZERO if left is None else left
    if points >= appeal.points:
        raise RuleError(
            f"采纳后的扣分须低于原扣的{appeal.points.normalize():f}分；维持请回“不采纳 {appeal.short} 理由”。"
        )
    return points


async def _settled(work: Work, appeal: Appeal, finding: Finding, points: Decimal) -> tuple[Finding, Effects]:
    """Return the finding as the verdict leaves it, unless its month is frozen: then a correction must follow."""
    if points == appeal.points:
        return finding, Effects()
    changed = relieved(finding, points)
    if (await months.period_of(work, Month.parse(appeal.month))).is_frozen:
        return finding, Effects()
    return changed, Effects(findings=[changed])


def relieved(finding: Finding, points: Decimal) -> Finding:
    """Return a finding whose deduction an appeal has lowered to `points`, or taken away."""
    if points == ZERO:
        return replace(finding, withdrawn=APPEAL)
    return replace(finding, points=points, by_book=False)


async def referred(work: Work, appeal: Appeal, finding: Finding, by: str, reason: str) -> tuple[Appeal, Effects]:
    """Return an appeal that was not accepted, put before the leading group (提请终审), once and within three working days."""
    _require_assessed(work, finding, by)
    if appeal.state is not AppealState.REJECTED or appeal.review is None:
        raise WrongState(f"{appeal.number}当前为{APPEAL_STATE_NAMES[appeal.state]}，不能提请终审。")
    if not reason:
        raise Missing(f"请写明理由，如“提请终审 {appeal.short} 另附批准文件”。")
    end = _days_later(work, appeal.review.at, ANSWER_DAYS)
    if work.now >= end:
        raise WrongState(f"{appeal.number}提请终审的期限已于{texts.last_day(end, work.w)}结束。")
    asked = replace(appeal, state=AppealState.REFERRED, referral=reason)
    effects = _kept(asked, "referred", {"applicant": by}, {"reason": reason})
    text = texts.to_final(asked, finding, segment_of(work, finding), work.w)
    effects.notices.append(Notice(f"appeal:{appeal.id}:referred", ToPurpose("office"), text, "appeal"))
    return asked, effects


async def finalised(
    work: Work, appeal: Appeal, finding: Finding, by: str, reason: str, *, accepted: bool | None
) -> tuple[Appeal, Finding, Effects]:
    """Return the appeal with the leading group's final word, which two named persons of the office record (终审).

    The first records it; the second confirms it (accepted=None) or records the same. Only then does it hold.
    """
    if not authority.is_office(by, work.roster, work.day):
        raise NotAllowed("终审由领导小组作出，由市路长办两名具名人员登记。")
    if appeal.state not in (AppealState.REFERRED, AppealState.OPEN):
        raise WrongState(f"{appeal.number}当前为{APPEAL_STATE_NAMES[appeal.state]}，没有待登记的终审。")
    first = appeal.proposal
    if first is None or first.by == by:
        return _proposed(appeal, finding, by, reason, accepted)
    if accepted is not None and accepted != first.is_accepted:
        said = "采纳" if first.is_accepted else "维持"
        raise WrongState(f"{appeal.number}终审已由{work.w.name(first.by)}登记为{said}，两人登记须一致。")
    state = AppealState.FINAL_ACCEPTED if first.is_accepted else AppealState.FINAL_REJECTED
    points = ZERO if first.is_accepted else appeal.points
    final = Verdict((first.by, by), work.now, first.reason, points)
    is_frozen = (await months.period_of(work, Month.parse(appeal.month))).is_frozen
    judged = replace(appeal, state=state, final=final, awaits_correction=is_frozen and first.is_accepted)
    changed, effects = await _settled(work, judged, finding, points)
    effects.merge(
        _kept(judged, "final", {"first": first.by, "second": by}, {"reason": first.reason}, accepted=first.is_accepted)
    )
    effects.timers_dropped.append(f"{KIND}:{appeal.id}")
    if judged.awaits_correction:
        effects.notices.append(await _correction_due(work, judged, finding))
    return judged, changed, effects


async def _correction_due(work: Work, appeal: Appeal, finding: Finding) -> Notice:
    """Return what the office hears of a final word that came when the month was frozen (S75)."""
    month = Month.parse(appeal.month)
    period = await months.period_of(work, month)
    why = texts.won_late(appeal, finding)
    text = publishing.correction_due(month, why, is_published=period.is_published)
    return Notice(f"appeal:{appeal.id}:correction_due", ToPurpose("office"), text, "correction_due")


def _proposed(
    appeal: Appeal, finding: Finding, by: str, reason: str, accepted: bool | None
) -> tuple[Appeal, Finding, Effects]:
    if accepted is None or not reason:
        raise Missing(f"请写明终审结论和理由，如“终审 {appeal.short} 采纳 理由”或“终审 {appeal.short} 维持 理由”。")
    noted = replace(appeal, proposal=Proposal(by, accepted, reason))
    return noted, finding, _kept(noted, "final_recorded", {"by": by}, {"reason": reason}, accepted=accepted)


async def told(work: Work, appeal: Appeal, finding: Finding) -> list[Notice]:
    """Return what the applicant hears of a decision, with his figures of the month as it leaves them."""
    month = Month.parse(appeal.month)
    scores = await outlook.scores_if(work, month, [finding])
    segment = segment_of(work, finding)
    road = segment.road if segment else finding.segment
    score = figure_of(scores, outlook.road_of(work, segment, month)) if segment else ZERO
    mine = {segment.unit, segment.township} if segment else set()
    subjects = [work.roster.person(appeal.applicant).unit, *(post.scope for post in _posts(work, appeal))]
    own = {appeal.applicant, *(subject for subject in subjects if subject in mine)}
    standing = [leadership.standing(listed, row) for listed, row in rows_of(scores, own)]
    text = texts.result(appeal, road, score, standing)
    return [Notice(f"appeal:{appeal.id}:{appeal.state.value}", ToPerson(appeal.applicant), text, "appeal")]


def _posts(work: Work, appeal: Appeal) -> list[Post]:
    return work.roster.posts_of(appeal.applicant, work.day)


def next_reminder(work: Work) -> datetime:
    """Return when reviewers who are late are reminded next: on the next working day's morning."""
    day = work.day + timedelta(days=1)
    while not work.rules.calendar.is_working_day(day):
        day += timedelta(days=1)
    return work.rules.calendar.at(day, REMIND_AT)


def _kept(appeal: Appeal, kind: str, persons: dict[str, str], words: dict[str, str], **facts: object) -> Effects:
    known = {"state": appeal.state.value, "month": appeal.month, **facts}
    return Effects(appeals=[appeal], events=[LedgerEvent(f"appeal:{appeal.number}", kind, known, persons, words)])
