"""Appeals (申诉) as applicants, the office and the leading group read them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from domain.appeal import APPEAL_STATE_NAMES, Appeal, AppealState
from domain.finding import Finding
from domain.month import title_of
from domain.roster import Segment
from domain.texts.inspecting import clause, points
from domain.texts.wording import Wording

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


def listed(appeals: Sequence[tuple[Appeal, Finding | None]], w: Wording) -> str:
    """Return the list of appeals, open ones first as they stand."""
    if not appeals:
        return "没有申诉。"
    lines = [f"申诉{len(appeals)}件，未结{sum(a.is_open for a, _ in appeals)}件："]
    for appeal, finding in appeals:
        about = f"{finding.label} {category(finding, w)}" if finding else appeal.finding
        lines.append(
            f"{appeal.number} {APPEAL_STATE_NAMES[appeal.state]}｜{about}｜{points(appeal.points)}分｜"
            f"{w.name(appeal.applicant)}：{appeal.reason[:40]}"
        )
    return "\n".join(lines)
