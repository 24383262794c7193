"""Appeals (申诉) as applicants, the office and the leading group read them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from domain.appeal import APPEAL_STATE_NAMES, Appeal, AppealState
from domain.finding import Finding
from domain.month import title_of
from domain.period import Period
from domain.roster import Segment
from domain.texts.inspecting import clause, points
from domain.texts.wording import Wording

MOST, MOST_IN_GROUP = 12, 2  # lines of a list in private and in a group
MOST_REASON = 40  # characters of it in a list

_INSTANT = timedelta(microseconds=1)


def last_day(end: datetime, w: Wording) -> str:
    """Return the last whole day before an end: 7月6日."""
    return w.day(end - _INSTANT)


def category(finding: Finding, w: Wording) -> str:
    """Return the name of a finding's category."""
    return w.rules.categories.by_code(finding.category).name if finding.category else "巡查无问题"


def place(segment: Segment | None, finding: Finding) -> str:
    """Return the segment's title."""
    return segment.title if segment else finding.segment


def lodged(appeal: Appeal, w: Wording) -> str:
    """Return that an appeal was taken, what it is about, and when it is answered."""
    material = f"、材料{len(appeal.photos)}份" if appeal.photos else "，未附材料，请在答复前发“申诉 编号”并附照片补充"
    return (
        f"申诉已登记（{appeal.number}），涉及扣分{points(appeal.points)}分{material}，转市路长办复核，"
        f"{last_day(appeal.due_at, w)}前答复；期间该扣分标注“复核中”。"
    )


def supplemented(appeal: Appeal) -> str:
    """Return that material was added."""
    return f"申诉{appeal.number}已补充材料，共{len(appeal.photos)}份。"


def to_review(appeal: Appeal, finding: Finding, segment: Segment | None, w: Wording, *, has_reviewer: bool) -> str:
    """Return what the office hears of an appeal, with the words that answer it."""
    how = (
        f"回复“采纳 {appeal.short} 理由”或“不采纳 {appeal.short} 理由”，"
        f"{last_day(appeal.due_at, w)}前答复，由未参与该项督查的人员复核。"
        if has_reviewer
        else f"市路长办人员均与该项督查有关，请报领导小组，两人登记“终审 {appeal.short} 采纳（或维持） 理由”。"
    )
    return f"【{appeal.number}】申诉待复核｜{_about(appeal, finding, segment, w)}。{how}"


def _about(appeal: Appeal, finding: Finding, segment: Segment | None, w: Wording) -> str:
    who = w.titled(appeal.applicant)
    unit = f"{segment.unit} " if segment else ""
    return (
        f"{finding.label}（{category(finding, w)}，{place(segment, finding)}，{w.day(finding.found_at)}）"
        f"扣{points(appeal.points)}分（{clause(finding, w)}）｜{unit}{who}：{appeal.reason}｜材料{len(appeal.photos)}份"
    )


def to_final(appeal: Appeal, finding: Finding, segment: Segment | None, w: Wording) -> str:
    """Return what the office hears when the leading group's word is asked for."""
    refused = appeal.review.reason if appeal.review else ""
    return (
        f"【{appeal.number}】提请终审｜{_about(appeal, finding, segment, w)}｜复核不采纳：{refused}｜提请理由：{appeal.referral}。"
        f"请报领导小组；结论由市路长办两人登记：“终审 {appeal.short} 采纳（或维持） 理由”。"
    )


def result(appeal: Appeal, road: str, score: Decimal, standing: Sequence[str]) -> str:
    """Return what the applicant hears of a decision: what was decided and why, and the figures as they are now."""
    final = appeal.final is not None
    verdict = appeal.final or appeal.review
    head = f"申诉{appeal.number}{'终审' if final else ''}结果："
    reason = verdict.reason if verdict else ""
    figures = "".join(f"，{line}" for line in standing)
    if not appeal.is_won:
        more = "" if final else f"有异议可在3个工作日内回“提请终审 {appeal.short} 理由”。"
        return f"{head}不采纳：{reason}，扣分维持。{road}本月得分{score}{figures}。{more}"
    left = verdict.points if verdict else Decimal(0)
    taken = f"撤销{points(appeal.points)}分" if not left else f"扣分由{points(appeal.points)}分改为{points(left)}分"
    if appeal.awaits_correction:
        return f"{head}采纳，{taken}（{reason}）。该月考评已定稿，将以更正通报计入。"
    return f"{head}采纳，{taken}（{reason}），{road}本月得分更新为{score}{figures}。"


def won_late(appeal: Appeal, finding: Finding) -> str:
    """Return that an appeal was accepted in the end, for whoever has to publish the correction."""
    return f"申诉{appeal.number}终审采纳，{finding.label}的{points(appeal.points)}分尚未撤销"


def decided(appeal: Appeal, w: Wording) -> str:
    """Return that a verdict was recorded and who was told."""
    return f"{appeal.number}已{APPEAL_STATE_NAMES[appeal.state]}，已告知{w.name(appeal.applicant)}。"


def recorded(appeal: Appeal, w: Wording) -> str:
    """Return that the first of two persons recorded the final word."""
    said = "采纳" if appeal.proposal and appeal.proposal.is_accepted else "维持"
    return f"{appeal.number}终审（{said}）已登记，还需另一名具名人员回复“终审 {appeal.short}”确认后生效。"


def referred(appeal: Appeal) -> str:
    """Return that the leading group's word was asked for."""
    return f"{appeal.number}已提请领导小组终审，结果会告知您；期间该扣分仍标注“复核中”。"


def overdue(appeal: Appeal, w: Wording) -> str:
    """Return the daily reminder of an appeal that should have been answered."""
    step = "终审结论尚未登记" if appeal.state is AppealState.REFERRED else "尚未复核"
    return f"申诉{appeal.number}已过答复时限（{last_day(appeal.due_at, w)}），{step}，未办结前{_month(appeal)}不通报。"


def _month(appeal: Appeal) -> str:
    return f"{title_of(appeal.month)}考评"


def until(period: Period, w: Wording) -> str:
    """Return until when an appeal may be lodged about a month, "" when no longer."""
    if not period.may_be_appealed(w.now):
        return ""
    end = period.objections_end if period.takes_objections(w.now) else None
    return f"在{last_day(end, w)}前" if end else "在异议期结束前"


def contestable(found: Sequence[tuple[Period, Sequence[Finding]]], appealed: int, w: Wording, *, is_group: bool) -> str:
    """Return the deductions that somebody may still object to, until when and how; in a group the first few.

    appealed: how many appeals he has lodged.
    """
    before = f"已提出申诉{appealed}件，进度请回“申诉列表”。" if appealed else ""
    rows = [(finding, period) for period, findings in found for finding in findings]
    if not rows:
        return f"您名下目前没有可申诉的扣分。{before}"
    total = sum((finding.points for finding, _ in rows), Decimal(0))
    shown = rows[: MOST_IN_GROUP if is_group else MOST]
    more = f"，先列{len(shown)}处，其余{'请私聊查询' if is_group else '请回“为什么扣分”'}" if shown != rows else ""
    lines = [f"可申诉的扣分{len(rows)}处，共{points(total)}分{more}："]
    lines += [_contestable(finding, period, w) for finding, period in shown]
    lines.append(f"请回“申诉 {shown[0][0].label} 理由”并附材料照片，同一扣分只能申诉一次。{before}")
    return "\n".join(lines)


def _contestable(finding: Finding, period: Period, w: Wording) -> str:
    segment = w.roster.segment(finding.segment, w.rules.day(finding.found_at))
    about = f"{finding.label} {category(finding, w)}｜{place(segment, finding)}｜{w.day(finding.found_at)}"
    return f"{about}｜扣{points(finding.points)}分｜{until(period, w).removeprefix('在')}"


NOT_HERE = "申诉清单请在市路长办群、领导群或私聊中查询。"


def waiting(appeals: Sequence[tuple[Appeal, Finding | None]], w: Wording, *, is_group: bool, decides: bool) -> str:
    """Return what is open, the first due first: number, points, party, deadline, and for who `decides` how."""
    if not appeals:
        return f"没有未结的申诉。某月全部申诉请回“申诉列表 {w.rules.month(w.now).previous().number}月”。"
    ordered = sorted(appeals, key=lambda pair: (pair[0].due_at, pair[0].id))
    shown = ordered[: MOST_IN_GROUP if is_group else MOST]
    more = f"，先列最早到期的{len(shown)}件" if len(shown) < len(ordered) else ""
    lines = [f"未结申诉{len(ordered)}件{more}："]
    lines += [f"{_about_one(appeal, finding, w)}｜{_stands(appeal, w)}" for appeal, finding in shown]
    how = _how_to_decide([appeal for appeal, _ in shown]) if decides else f"看依据请回“查 {shown[0][0].short}”。"
    return "\n".join([*lines, how])


def _stands(appeal: Appeal, w: Wording) -> str:
    if appeal.proposal is not None:
        said = "采纳" if appeal.proposal.is_accepted else "维持"
        return f"终审（{said}）已由{w.name(appeal.proposal.by)}登记，待另一人确认"
    if appeal.state is AppealState.REFERRED:
        return "待领导小组终审"
    return f"{last_day(appeal.due_at, w)}前答复{'，已超时限' if w.now >= appeal.due_at else ''}"


def _how_to_decide(appeals: Sequence[Appeal]) -> str:
    review = next((one.short for one in appeals if one.state is AppealState.OPEN), "")
    final = next((one.short for one in appeals if one.state is AppealState.REFERRED), "")
    said = [f"复核请回“采纳 {review} 理由”或“不采纳 {review} 理由”"] if review else []
    said += [f"终审登记请回“终审 {final} 采纳（或维持） 理由”"] if final else []
    return f"{'；'.join(said)}。看依据请回“查 {appeals[0].short}”。"


def listed(appeals: Sequence[tuple[Appeal, Finding | None]], w: Wording, *, is_group: bool = False) -> str:
    """Return appeals with what became of each, and how many were accepted; in a group the first few."""
    if not appeals:
        return "没有申诉。"
    every = [appeal for appeal, _ in appeals]
    won, open_ones = sum(one.is_won for one in every), sum(one.is_open for one in every)
    shown = appeals[:MOST_IN_GROUP] if is_group else appeals
    more = f"，先列{len(shown)}件，全部请私聊查询" if len(shown) < len(appeals) else ""
    lines = [f"申诉{len(every)}件，采纳{won}件、未采纳{len(every) - won - open_ones}件、未结{open_ones}件{more}："]
    lines += [
        f"{_about_one(appeal, finding, w)}：{appeal.reason[:MOST_REASON]}｜{APPEAL_STATE_NAMES[appeal.state]}"
        for appeal, finding in shown
    ]
    return "\n".join(lines)


def _about_one(appeal: Appeal, finding: Finding | None, w: Wording) -> str:
    about = f"{finding.label} {category(finding, w)} {points(appeal.points)}分" if finding else appeal.finding
    unit = w.roster.person(appeal.applicant).unit
    return f"{appeal.number}｜{about}｜{f'{unit} ' if unit else ''}{w.name(appeal.applicant)}"
