"""The merged messages of the day: slots, the chiefs' morning digest, the desks' list, the office's daily summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.case import Case
from domain.texts.wording import Wording

RECOVERED = "系统已恢复，停机期间的提醒合并如下；停机造成的延误不计入考核。"

_MARKS = "①②③④⑤⑥⑦⑧⑨⑩"


@dataclass(frozen=True, slots=True)
class Item:
    """A case in its handler's reminder: why it stands there, and the how-manieth reminder since its limit this is."""

    case: Case
    note: str
    times: int = 0


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What the daily summary counts."""

    at: datetime  # the end of the day that is summed up
    segments_inspected: int
    findings: int
    reported: int
    closed: int
    open: int
    overdue: tuple[str, ...]  # short numbers
    worst: tuple[tuple[str, int], ...]  # (road, problems)
    unverified: int
    head: str


def own(items: Sequence[Item], w: Wording) -> str:
    """Return a slot's reminder with everything of one handler inside; a repeat says how often it has been said."""
    shown = [f"{_mark(i)}{item.case.short} {item.note}{_again(item.times)}" for i, item in enumerate(items[:10])]
    more = f"……等{len(items)}件" if len(items) > len(shown) else ""
    return f"截至{w.clock(w.now)}，您有{len(items)}件需处理：{' '.join(shown)}{more}"


def _mark(position: int) -> str:
    return _MARKS[position] if position < len(_MARKS) else "·"


def _again(times: int) -> str:
    return f"（仍未办结，第{times}次提醒）" if times > 1 else ""


def chief(cases: Sequence[Case], overdue: Sequence[Case], new: int, closed: int, w: Wording) -> str:
    """Return a chief's one digest of the day."""
    return f"{w.clock(w.now)} 您负责的路段：昨日新发{new}，办结{closed}，在办{len(cases)}{_late(overdue, w)}。"


def second_level(cases: Sequence[Case], overdue: Sequence[Case], new: int, closed: int, w: Wording) -> str:
    """Return a second-level chief's one digest of the day."""
    hint = "回复“催办 超时”可合并提醒。" if overdue else ""
    head = f"{w.clock(w.now)} 您分管的路段：昨日新发{new}，办结{closed}，在办{len(cases)}"
    return f"{head}{_late(overdue, w)}。{hint}"


def _late(overdue: Sequence[Case], w: Wording) -> str:
    if not overdue:
        return ""
    shown = "、".join(f"{case.short} {w.name(case.handler)}" for case in overdue[:5])
    return f"，超时{len(overdue)}（{shown}{'等' if len(overdue) > 5 else ''}）"


def unverified(cases: Sequence[Case], w: Wording) -> str:
    """Return what has waited for verification longer than four working hours."""
    shown = " ".join(f"{_mark(i)}{case.short}{w.category(case)}" for i, case in enumerate(cases[:10]))
    more = f"……等{len(cases)}件" if len(cases) > 10 else ""
    return f"待复核超过4个工作小时{len(cases)}件：{shown}{more}。回复“编号 通过”或“编号 不通过 原因”。"


def summary(figures: DayFigures, w: Wording) -> str:
    """Return the office's 17:30 summary with the ledger's head."""
    lines = [f"{w.day(figures.at)}督查情况：{_inspected(figures)}；{_in_hand(figures)}。"]
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


def _inspected(figures: DayFigures) -> str:
    if not figures.segments_inspected and not figures.findings:
        return "当日无督查记录"
    return f"督查路段{figures.segments_inspected}条，发现问题{figures.findings}处"


def _in_hand(figures: DayFigures) -> str:
    if not (figures.reported or figures.closed or figures.open):
        return "无新上报，无在办件"
    return f"群内上报{figures.reported}件，办结{figures.closed}件，在办{figures.open}件，超时{len(figures.overdue)}件"


def raised(cases: Sequence[Case], w: Wording, *, drafts_order: bool) -> str:
    """Return the overdue cases that reached a level above the road during downtime."""
    shown = "、".join(f"{case.short}{w.category(case)}（{w.name(case.handler)}）" for case in cases[:8])
    more = f"等{len(cases)}件" if len(cases) > 8 else ""
    order = "，均已拟督办单，回复“查 编号”查看" if drafts_order else ""
    return f"提请关注的超时案件{len(cases)}件：{shown}{more}{order}。"


def made_up(text: str, is_late: bool) -> str:
    """Return a text marked 补发 when the system held it up."""
    return f"（补发）{text}" if is_late else text


def shelved(cases: Sequence[Case], w: Wording) -> str:
    """Return the weekly list of shelved cases, with who approved and until when."""
    items = [
        f"{c.number}{w.category(c)}至{w.when(c.shelving.until)}（{'、'.join(w.name(p) for p in c.shelving.approvals)}同意）"
        for c in cases[:15]
        if c.shelving and c.shelving.until
    ]
    return f"本周挂账{len(cases)}件：{'；'.join(items)}。"


def proof(problems: Sequence[str]) -> str:
    """Return what the nightly proof of roster and routing found, or that nothing is left of what was told before."""
    if not problems:
        return "路由自检：此前的问题均已解决。"
    shown = "\n".join(f"{i}. {p}" for i, p in enumerate(problems[:10], 1))
    more = f"\n……共{len(problems)}项，运行 luzhang doctor 查看全部。" if len(problems) > 10 else ""
    return f"路由自检发现{len(problems)}项：\n{shown}{more}"


@dataclass(frozen=True, slots=True)
class Told:
    """A post that becomes a part of a group's list: about a case, or a person's own digest as `text`."""

    kind: str
    person: str
    case: Case | None
    text: str


_KINDS = {"work": "新交办", "unlocated": "待定位", "returned": "待改派"}


def folded(parts: Sequence[Told], w: Wording) -> str:
    """Return one post for many to the same group: cases by what happened to them, then persons' own digests."""
    cases: dict[str, list[str]] = {}
    for part in parts:
        if part.case is not None:
            who = f"（{w.name(part.person)}）" if part.person else ""
            told = f"{part.case.short}{w.category(part.case)}{who}"
            cases.setdefault(_KINDS.get(part.kind, "有新进展"), []).append(told)
    lists = "；".join(f"{what}{len(told)}件：{'、'.join(told)}" for what, told in cases.items())
    lines = [f"过去1小时{lists}。回复“查 编号”看详情。"] if lists else []
    lines += [f"{w.name(part.person)}：{part.text}" for part in parts if part.case is None and part.text]
    return "\n".join(lines)
