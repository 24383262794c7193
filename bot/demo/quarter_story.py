"""「演示一个季度」: three months of inspections, an appeal that moves a flag, a third black flag in a row, the money."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time
from typing import TypeVar

from bot.demo import city, clockwork
from bot.demo.plot import Plot, Step, Tale, Unexpected
from domain.assessment import SequenceKind
from domain.case import State
from domain.casework import accountability, month
from domain.casework.work import Work
from domain.finding import Finding
from domain.flags import Flag
from domain.month import Month
from domain.proposals import ProposalKind

START = datetime(2026, 4, 13, 8, 40, tzinfo=city.ZONE)  # a Monday of the quarter's first month
OFFICE, LEADERS = "group-office", "group-leaders"
FIRST_APPROVER = city.APPROVERS[0]
_INSPECTOR, _ROAD = "sunlei", "人民路"
_THIRD_TIME, _APPELLANT = "市烟草专卖局", "市粮食和储备局"

T = TypeVar("T")


async def _walk(plot: Plot) -> None:
    await plot.say(_INSPECTOR, _INSPECTOR, f"开始督查 {_ROAD}")
    await plot.wait(minutes=6)
    await plot.say(_INSPECTOR, _INSPECTOR, "百货大楼门口 流动摊 -0.5", photo="stall")
    await plot.wait(minutes=9)
    await plot.say(_INSPECTOR, _INSPECTOR, "结束督查")
    plot.heard(_INSPECTOR, "督查小结")


async def _mend(plot: Plot) -> None:
    await plot.wait(minutes=20)
    case = await plot.reported(_INSPECTOR)
    await plot.say(case.handler, case.handler, photo="stall-after")
    await plot.wait(minutes=12)
    await plot.say(_INSPECTOR, _INSPECTOR, f"{case.short} 通过")
    await plot.in_state(case.id, State.CLOSED)


async def _publish(plot: Plot) -> None:
    await plot.stage.move(clockwork.publication(plot.stage))
    plot.made("bulletin", "月通报")
    plot.heard(LEADERS, "月通报")


async def _second_time(plot: Plot) -> None:
    await _publish(plot)
    await plot.wait(hours=2)
    plot.made("warning", f"给{_THIRD_TIME}的预警")


async def _draft(plot: Plot) -> None:
    plot.look(OFFICE)
    await plot.stage.move(clockwork.TARGETS["month"](plot.stage))
    plot.made("draft", "月度草稿")
    await _hangs_black(plot, _APPELLANT, expected=True)


async def _appeal(plot: Plot) -> None:
    await plot.stage.move(plot.morning(time(9, 10)))
    finding = await _dearest(plot, _APPELLANT)
    segment = plot.stage.roster.segment(finding.segment, plot.stage.rules.day(finding.found_at))
    if segment is None:
        raise Unexpected(f"花名册里没有{finding.segment}。")
    await plot.say(segment.chief, segment.chief, "为什么扣分")
    plot.heard(segment.chief, "扣分明细")
    await plot.wait(minutes=5)
    text = f"申诉 {finding.label} 当日为批准的临时疏导点"
    await plot.say(segment.chief, segment.chief, text, photo="stall")
    plot.heard(segment.chief, "申诉登记")


async def _accept(plot: Plot) -> None:
    await plot.wait(hours=2)
    await plot.say(FIRST_APPROVER, FIRST_APPROVER, "申诉列表")
    await plot.say(FIRST_APPROVER, FIRST_APPROVER, "采纳 申001 确有批准文件")
    await _hangs_black(plot, _APPELLANT, expected=False)


async def _inquiry(plot: Plot) -> None:
    await plot.wait(hours=2)
    found = [p for p in await _read(plot, accountability.all_proposals) if p.kind is ProposalKind.INQUIRY]
    mine = next((p for p in found if p.name == _THIRD_TIME), None)
    if mine is None:
        raise Unexpected(f"没有对{_THIRD_TIME}的问责建议。")
    await _approve(plot, mine.id)


async def _money(plot: Plot) -> None:
    funds = [p for p in await _read(plot, accountability.all_proposals) if p.kind is ProposalKind.FUND]
    if not funds:
        raise Unexpected("没有季度经费建议。")
    await _approve(plot, funds[0].id)
    plot.look(OFFICE)


async def _approve(plot: Plot, proposal: str) -> None:
    """Let the office read a proposal, and the leading group's head and deputy approve it."""
    await plot.say(FIRST_APPROVER, FIRST_APPROVER, f"问责 {proposal}")
    for person in city.LEADING:
        await plot.wait(minutes=3)
        await plot.say(person, person, f"批准问责 {proposal}")
    after = await _read(plot, lambda work: accountability.find(work, proposal))
    if not after.is_approved:
        raise Unexpected(f"{proposal}应已批准。")


async def _hangs_black(plot: Plot, unit: str, *, expected: bool) -> None:
    """Raise Unexpected unless a unit hangs the black flag of the month before, or doesn't, as expected."""
    scores = await _read(plot, lambda work: month.scores_of(work, _last_month(plot)))
    rows = [row for listed in scores.of(SequenceKind.UNIT) for row in listed.rows if row.subject == unit]
    if not rows or (rows[0].flag is Flag.BLACK) is not expected:
        raise Unexpected(f"{unit}此时应{'' if expected else '不'}挂黑旗。")


async def _dearest(plot: Plot, unit: str) -> Finding:
    """Return the finding of the month before that cost a unit most."""
    zone, last = plot.stage.rules.zone, _last_month(plot)
    found = await _read(plot, lambda work: work.view.findings(last.start(zone), last.end(zone)))
    day = plot.stage.rules.day(plot.stage.now)
    segments = {segment.id for segment in plot.stage.roster.on(day) if segment.unit == unit}
    mine = [finding for finding in found if finding.segment in segments and finding.is_counted]
    if not mine:
        raise Unexpected(f"{unit}没有扣分。")
    return max(mine, key=lambda finding: finding.points)


def _last_month(plot: Plot) -> Month:
    return plot.stage.rules.month(plot.stage.now).previous()


async def _read(plot: Plot, step: Callable[[Work], Awaitable[T]]) -> T:
    async with plot.stage.store.reading(plot.stage.now) as view:
        return await step(Work(view, plot.stage.rules))


_STEPS = (
    Step("边走边督查", "督查员私聊说“开始督查”，发照片和分值；即时立案、拟扣分。", _walk),
    Step("立行立改", "轮值当场整改发图，督查员复核通过；扣分照记。", _mend),
    Step("四月通报", "月底起草，申诉期满自动通报到领导群。", _publish),
    Step("五月通报与预警", "市烟草专卖局连续第二次挂黑旗，离问责差一次，私下先预警。", _second_time),
    Step("六月草稿", "市粮食和储备局列在黑旗里，申诉期开始。", _draft),
    Step("查扣分、提申诉", "路段长问“为什么扣分”，对扣分最重的一处附材料申诉。", _appeal),
    Step("复核采纳", "市路长办采纳，分数和名次当场重算，黑旗随之易主。", _accept),
    Step("六月通报", "申诉办结才通报，申诉结果写在通报里。", _publish),
    Step("连续三次黑旗", "问责只是建议，列明依据；两位具名人员批准后才执行。", _inquiry),
    Step("二季度经费", "三个月平均、整3分一档，逐步列算式；批准前不公布。", _money),
)

QUARTER = Tale("quarter", "一个季度", START, ("findings-april.csv", "findings-may.csv", "findings.csv"), _STEPS)
