"""What a person may still object to (可申诉的扣分): what his segments or his unit lost in months that take appeals (S92)."""

from domain.casework import month as months
from domain.casework.appealing import may_object
from domain.casework.work import Work
from domain.finding import Finding
from domain.month import Month
from domain.period import Period


async def open_to(work: Work, by: str) -> list[tuple[Period, list[Finding]]]:
    """Return the deductions without an appeal that are a person's to object to, month by month, oldest first.

    Of last month and this one: an earlier month's window has closed. Months without any are left out.
    """
    this = work.rules.month(work.now)
    periods = [await months.period_of(work, month) for month in (this.previous(), this)]
    found = [(one, await _of_month(work, one.month, by)) for one in periods if one.may_be_appealed(work.now)]
    return [(period, findings) for period, findings in found if findings]


async def _of_month(work: Work, month: Month, by: str) -> list[Finding]:
    read = work.view.inspected
    appealed = {one.finding for one in await read.appeals(str(month))}
    found = await read.findings(month.start(work.rules.zone), month.end(work.rules.zone))
    taken = [one for one in found if one.is_counted and one.points and one.key not in appealed]
    return [one for one in taken if may_object(work, one, by)]
