"""The merged messages of the day: slots, the chiefs' morning digest, the desks' list, the office's daily summary."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.case import Case
from domain.texts.wording import Wording


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What the daily summary counts."""

    segments_inspected: int
    findings: int
    reported: int
    closed: int
    open: int
    overdue: tuple[str, ...]  # short numbers
    worst: tuple[tuple[str, int], ...]  # (road, problems)
    unverified: int
    head: str


def chief(cases: Sequence[Case], overdue: Sequence[Case], new: int, closed: int, w: Wording) -> str:
    """Return a chief's one digest of the day."""
    late = (
        f"，超时{len(overdue)}（{'、'.join(f'{c.short} {w.name(c.handler)}' for c in overdue[:5])}）" if overdue else ""
    )
    return f"{w.clock(w.now)} 您负责的路段：昨日新发{new}，办结{closed}，在办{len(cases)}{late}。"


def second_level(cases: Sequence[Case], overdue: Sequence[Case], new: int, closed: int, w: Wording) -> str:
    """Return a second-level chief's one digest of the day."""
    late = (
        f"，超时{len(overdue)}（{'、'.join(f'{c.short} {w.name(c.handler)}' for c in overdue[:5])}）" if overdue else ""
    )
    hint = "回复“催办 超时”可合并提醒。" if overdue else ""
    return f"{w.clock(w.now)} 您分管的路段：昨日新发{new}，办结{closed}，在办{len(cases)}{late}。{hint}"


def summary(figures: DayFigures, w: Wording) -> str:
    """Return the office's 17:30 summary with the ledger's head."""
    lines = [
        f"{w.day(w.now)}督查情况：督查路段{figures.segments_inspected}条，发现问题{figures.findings}处；"
        f"群内上报{figures.reported}件，办结{figures.closed}件，在办{figures.open}件，超时{len(figures.overdue)}件。"
    ]
    if figures.worst:
        lines.append("问题较多路段：" + "、".join(f"{road}{count}处" for road, count in figures.worst) + "。")
    if figures.overdue:
        more = "等" if len(figures.overdue) > 10 else ""
        lines.append(f"超时件：{'、'.join(figures.overdue[:10])}{more}。")
    if figures.unverified:
        lines.append(f"待复核超过4个工作小时：{figures.unverified}件，回复“待办”查看。")
    if figures.head:
        lines.append(f"台账校验：{figures.head}")
    return "\n".join(lines)


def catch_up(cases: Sequence[Case], w: Wording) -> str:
    """Return the one message after downtime in place of all that was missed."""
    numbers = "、".join(f"{c.short}{w.category(c)}" for c in cases[:8])
    more = f"等{len(cases)}件" if len(cases) > 8 else ""
    return f"系统恢复：停机期间应提请您关注的超时案件{len(cases)}件：{numbers}{more}。停机期间的提醒延误不计入考核。"


def shelved(cases: Sequence[Case], w: Wording) -> str:
    """Return the weekly list of shelved cases, with who approved and until when."""
    items = [
        f"{c.number}{w.category(c)}至{w.when(c.shelving.until)}（{'、'.join(w.name(p) for p in c.shelving.approvals)}同意）"
        for c in cases[:15]
        if c.shelving and c.shelving.until
    ]
    return f"本周挂账{len(cases)}件：{'；'.join(items)}。"


def proof(problems: Sequence[str]) -> str:
    """Return what the nightly proof of roster and routing found."""
    shown = "\n".join(f"{i}. {p}" for i, p in enumerate(problems[:10], 1))
    more = f"\n……共{len(problems)}项，运行 luzhang doctor 查看全部。" if len(problems) > 10 else ""
    return f"路由自检发现{len(problems)}项：\n{shown}{more}"
