"""督办单: the written order for a case that stayed overdue through every level."""

from datetime import datetime

from domain.case import Case
from domain.messages import Photo
from domain.papers import Form
from domain.texts.papers.naming import DRAFT, day, said, source
from domain.texts.wording import Wording

MOST_PHOTOS = 4


def order(case: Case, w: Wording, head: str) -> Form:
    """Return the order, marked 代拟稿: who signs and seals it is for people; the reporter is not named."""
    due = case.handler_due or case.due
    fields = {
        "标记": DRAFT,
        "发文机关": w.rules.imprint.office,
        "编号": f"督〔{case.number.partition('-')[0]}〕{case.short}号（案件{case.number}）",
        "主送": f"{w.unit(case)}（路段长{w.name(case.chain.chief)}，承办人{w.name(case.handler)}）",
        "交办依据": f"{w.rules.city}路长制实施方案，逐级督办",
        "问题": f"{w.category(case)}。{said(case.text)}",
        "位置": f"{w.segment(case)}　{said(case.place)}".strip(),
        "责任单位": f"{w.unit(case)}；二级路长{w.name(case.chain.second_level)}；辖区{case.township}",
        "整改要求": f"{w.closing(case).rstrip('。')}，并附整改后照片。",
        "时限": _limit(case, w, due),
        "日期": day(w.rules.day(w.now)),
        "依据": source([w.rules.scoring.rules.on(w.rules.day(w.now)).name], head),
    }
    photos = tuple(Photo(p.sha256, p.ext, 0) for p in case.photos_of("before")[:MOST_PHOTOS])
    return Form(f"督办单{case.number}.docx", tuple(fields.items()), photos, w.rules.day(w.now))


def _limit(case: Case, w: Wording, due: datetime | None) -> str:
    first = f"{_when(case.first_assigned_at, w)}交办" if case.first_assigned_at else ""
    if due is None:
        return first
    late = f"，已超时{w.span(w.now - due)}" if due < w.now else ""
    return "，".join(part for part in (first, f"原定{_when(due, w)}办结{late}") if part) + "。收到本单后24小时内回复。"


def _when(instant: datetime, w: Wording) -> str:
    local = w.rules.local(instant)
    return f"{local.month}月{local.day}日{local:%H:%M}"
