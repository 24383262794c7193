"""为什么扣分: the itemised answer, and the deduction on a case's card."""

from collections.abc import Sequence
from decimal import Decimal

from domain.appeal import Appeal, AppealState
from domain.finding import APPEAL, LATE, VOID
from domain.itemised import Item
from domain.month import Month
from domain.texts.appealing import category, place
from domain.texts.inspecting import clause, points
from domain.texts.wording import Wording

MOST = 15  # items in private
MOST_IN_GROUP = 2

_WITHDRAWN = {VOID: "案件作废", APPEAL: "申诉采纳"}


def heading(name: str, month: Month, score: Decimal, rank: str, status: str, items: Sequence[Item]) -> str:
    """Return whose month it is, the score and rank, and what was taken altogether."""
    taken = [item for item in items if item.points]
    total = sum((item.points for item in taken), Decimal(0))
    lost = f"扣分{len(taken)}处，共{points(total)}分" if taken else "没有扣分"
    return f"{name}{month.number}月{score:.2f}分{rank}（{status}）：{lost}。"


def rows(items: Sequence[Item], w: Wording, *, is_group: bool) -> list[str]:
    """Return a line for each deduction, taken or taken back; in a group the first few."""
    most = MOST_IN_GROUP if is_group else MOST
    lines = [_row(item, w) for item in items[:most]]
    if len(items) > most:
        where = "，全部请私聊查询" if is_group else "，其余请按路段查询，如“为什么扣分 人民路”"
        lines.append(f"……共{len(items)}处{where}。")
    return lines


def _row(item: Item, w: Wording) -> str:
    finding = item.finding
    segment = w.roster.segment(finding.segment, w.rules.day(finding.found_at))
    sign = f"−{points(item.points)}" if item.points or not finding.withdrawn else f"＋{points(item.given)}"
    local = w.rules.local(finding.found_at)
    name = category(finding, w)
    photos = f"照片{item.photos}张" if item.photos else ""
    parts = [
        f"{sign} {finding.label} {name}",
        place(segment, finding),
        f"{local.month}月{local.day}日{local:%H:%M}",
        photos,
        clause(finding, w).removesuffix(name),  # it stands at the line's beginning
        item.source,
    ]
    if note := _note(item):
        parts.append(note)
    return "｜".join(part for part in parts if part)


def _note(item: Item) -> str:
    appeal = item.appeal
    if appeal is not None and appeal.is_open:
        return f"复核中（{appeal.number}）"
    if item.finding.withdrawn:
        if item.finding.withdrawn == LATE:
            return "定稿后才定位，未计入，待更正"
        why = _WITHDRAWN.get(item.finding.withdrawn, "更正")
        return f"{why}{_number(appeal)}，已撤销"
    return _verdict(item, appeal) if appeal else ""


def _verdict(item: Item, appeal: Appeal) -> str:
    if appeal.awaits_correction:
        return f"申诉采纳（{appeal.number}），待更正"
    if appeal.state in (AppealState.REJECTED, AppealState.FINAL_REJECTED):
        return f"申诉未采纳（{appeal.number}）"
    return f"申诉采纳（{appeal.number}），原扣{points(item.given)}分"


def _number(appeal: Appeal | None) -> str:
    return f"（{appeal.number}）" if appeal else ""


def pending(name: str, score: Decimal, rank: str, appeals: Sequence[str]) -> str:
    """Return how a subject would stand if the open appeals succeed."""
    return f"{'、'.join(appeals)}如获采纳：{name}{score:.2f}分{rank}。"


def how_to_appeal(until: str) -> str:
    """Return how to object, and until when."""
    return f"对扣分有异议，请{until}回“申诉 编号 理由”并附材料照片。"


def on_card(item: Item, w: Wording) -> str:
    """Return the line about a case's deduction on its card."""
    note = _note(item)
    taken = f"督查扣分 {points(item.points)}分" if not item.finding.withdrawn else f"督查扣分 {points(item.given)}分"
    return f"{taken}（{clause(item.finding, w)}）" + (f"｜{note}" if note else "")
