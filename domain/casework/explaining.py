"""Why points were lost (为什么扣分): every plus and minus of a month with its case, photos, clause, and its appeal."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from domain.appeal import Appeal
from domain.assessment import INSPECTED
from domain.case import Case, Origin
from domain.casework import outlook
from domain.casework.appealing import relieved
from domain.casework.work import Work
from domain.finding import ZERO, Finding
from domain.holdings import Deduction
from domain.itemised import Item
from domain.month import Month
from domain.scores import Row, Scores, SequenceScores


async def items_of(
    work: Work, month: Month, deductions: Iterable[Deduction], withdrawn_on: Collection[str] = ()
) -> list[Item]:
    """Return the deductions of a month, and those taken back on some segments, oldest first."""
    stored = await work.view.inspected.findings(month.start(work.rules.zone), month.end(work.rules.zone))
    appeals = {one.finding: one for one in await work.view.inspected.appeals(str(month))}
    taken = {one.finding: one.points for one in deductions}
    wanted = [f for f in stored if f.key in taken or (f.withdrawn and f.category and f.segment in withdrawn_on)]
    return [await _item(work, one, taken.get(one.key, ZERO), appeals.get(one.key)) for one in wanted]


async def item_of(work: Work, finding: Finding) -> Item:
    """Return one finding's deduction as it stands."""
    appeal = await work.view.inspected.appeal_against(finding.key)
    return await _item(work, finding, ZERO if finding.withdrawn else finding.points, appeal)


async def _item(work: Work, finding: Finding, points: Decimal, appeal: Appeal | None) -> Item:
    case = await work.view.case(finding.case) if finding.case else None
    given = appeal.points if appeal else finding.points
    return Item(finding, points, given, len(case.photos_of("before")) if case else 0, _source(case), appeal)


def _source(case: Case | None) -> str:
    if case is None:
        return "督查导入"
    return "督查员" if case.origin is Origin.PATROL else "上报，经认定"


async def if_appeals_win(work: Work, month: Month, items: Iterable[Item]) -> Scores | None:
    """Return the month's figures if every open appeal among the items is accepted, None when there is none."""
    open_ones = [relieved(one.finding, ZERO) for one in items if one.appeal and one.appeal.is_open]
    return await outlook.scores_if(work, month, open_ones) if open_ones else None


def shows_withdrawn(listed: SequenceScores, row: Row) -> tuple[str, ...]:
    """Return the segments on which a line's owner also reads what was taken back."""
    return row.segments if listed.sequence in INSPECTED else ()
