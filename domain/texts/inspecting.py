"""What inspectors (督查员) read, and how a deduction (扣分) is told of."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from domain.case import Case
from domain.draw import Stretch
from domain.finding import Finding
from domain.texts.wording import Wording
from domain.walk import Walk

_NAMED = 5  # segments without a record; the rest is counted


def points(value: Decimal) -> str:
    """Return 0.5 for 0.50 points."""
    return f"{value.normalize():f}"


def clause(finding: Finding, w: Wording) -> str:
    """Return the clause of the rule book that a deduction is cited from, of the version in force on its day."""
    rule = w.rules.scoring.rules.on(w.rules.day(finding.found_at)).rules.get(finding.category)
    return rule.clause if rule else "细则未列，督查员认定"


def begun(walk: Walk, w: Wording) -> str:
    """Return that a walk has begun."""
    local = w.rules.local(walk.started_at)
    return f"{walk.road}督查开始（{local.hour}:{local:%M}），后续照片默认记入本路。结束请回“结束督查”。"


def found(case: Case, finding: Finding | None, w: Wording) -> str:
    """Return the receipt of a finding: number, problem, segment, points with their clause, who acts until when."""
    due = f"，{w.when(case.due)}前办结" if case.due else ""
    head = f"【{case.number}】已交办｜{w.category(case)}｜{w.segment(case)}"
    if finding is None:
        return f"{head}｜{w.name(case.handler)}{due}。扣分细则未列该类别，请回“分值 0.5”补记扣分。"
    taken = f"拟扣{points(finding.points)}分（{clause(finding, w)}）"
    hint = "扣分不符请回“分值 0.1”。" if finding.by_book else ""
    return f"{head}｜{taken}｜{w.name(case.handler)}{due}。{hint}"


def ended(walk: Walk, problems: int, fixed: int, total: Decimal, lasted: timedelta, summary: str) -> str:
    """Return what a walk came to; `summary`: when the daily summary that counts it is posted, "" when it is past."""
    minutes = max(1, int(lasted.total_seconds() // 60))
    long = f"{minutes}分钟" if minutes < 120 else f"{minutes // 60}小时{minutes % 60}分钟"
    told = f"{summary}计入日督查。" if summary else ""
    return f"{walk.road}督查结束：发现{problems}处，立行立改{fixed}处，拟扣{points(total)}分，用时{long}。{told}"


def ended_by_itself(walk: Walk, problems: int, fixed: int, total: Decimal, w: Wording) -> str:
    """Return that a walk ended with its day, and what it came to."""
    return (
        f"{w.day(walk.started_at)}{walk.road}督查已随当日自动结束：发现{problems}处，立行立改{fixed}处，"
        f"拟扣{points(total)}分。"
    )


def unplaced(numbers: Sequence[str]) -> str:
    """Return that findings wait for their place, and how to give it."""
    more = f"等{len(numbers)}处" if len(numbers) > _NAMED else ""
    return (
        f"待定位{len(numbers)}处，定位后计入：{'、'.join(numbers[:_NAMED])}{more}。请回“定位 {numbers[0]} 路段编号”。"
    )


def unseen(names: Sequence[str], road: str) -> str:
    """Return the hint that segments of the road have no record."""
    more = f"等{len(names)}个" if len(names) > _NAMED else ""
    return f"未记录的路段：{'、'.join(names[:_NAMED])}{more}。走过且无问题请回“无问题 {road}”。"


def clean(names: Sequence[str]) -> str:
    """Return that visits without a problem were recorded."""
    return f"已记为督查无问题：{'、'.join(names)}。"


def revalued(finding: Finding, old: Decimal, w: Wording) -> str:
    """Return that a deduction was corrected."""
    return f"{finding.label}拟扣分已由{points(old)}分改为{points(finding.points)}分（{clause(finding, w)}）。"


def valued(case: Case, value: Decimal) -> str:
    """Return that points were noted for a finding that is not placed yet."""
    return f"{case.number}已记拟扣{points(value)}分，定位后计入。"


def confirmed(case: Case, finding: Finding, w: Wording) -> str:
    """Return that a public report was taken as a finding."""
    return f"{case.number}已认定为督查问题，拟扣{points(finding.points)}分（{clause(finding, w)}），计入{w.segment(case)}。"


def confirmed_to(case: Case, finding: Finding, w: Wording) -> str:
    """Return what those who answer for the segment hear of it."""
    return (
        f"{case.number}（{w.category(case)}，{w.segment(case)}）经核实认定为督查问题，拟扣{points(finding.points)}分"
        f"（{clause(finding, w)}）。有异议请回“申诉 {case.short} 原因”。"
    )


def today(stretches: Sequence[Stretch], visited: int, segments: int) -> str:
    """Return what an inspector hears in the morning: his roads by the draw, how to begin, the month's coverage."""
    listed = " ".join(f"{position} {stretch(one)}" for position, one in enumerate(stretches, 1))
    return f"今日督查（抽签）：{listed}。开始请回“开始督查 {stretches[0].road}”。本月已督查{visited}/{segments}个路段。"


PLAN_IN_PRIVATE = "督查安排不在群内公布，请私聊查询。"


def nothing_today(visited: int, segments: int) -> str:
    """Return that the draw gives somebody no road today."""
    return f"抽签没有安排您今日的督查路段。本月已督查{visited}/{segments}个路段。自选道路请回“开始督查 路名”。"


def stretch(one: Stretch) -> str:
    """Return 人民路（东关街道，2个路段）."""
    return f"{one.road}（{one.township}，{len(one.segments)}个路段）"
