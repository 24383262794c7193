"""A desk's open work (待办), by kind."""

from domain.case import IN_HAND, Case, State
from domain.casework.work import Work
from domain.ports import CaseQuery


async def counts(work: Work, township: str) -> list[tuple[str, list[str]]]:
    """Return (kind, short numbers) for a township ("" = the city), oldest first."""

    async def of(states: frozenset[State]) -> list[Case]:
        found = await work.view.cases(CaseQuery(states=states, township=township, limit=500))
        return found[::-1]

    held = await of(IN_HAND)
    overdue = [c for c in held if _is_over(c, work)]
    return [
        ("待定位", [c.short for c in await of(frozenset({State.UNLOCATED}))]),
        ("待改派", [c.short for c in await of(frozenset({State.RETURNED}))]),
        ("待复核", [c.short for c in await of(frozenset({State.RESOLVED}))]),
        ("超时", [c.short for c in overdue]),
        ("申请延期", [c.short for c in held if c.extension]),
        ("无图待确认", [c.short for c in held if c.no_photo]),
        ("挂账", [c.short for c in await of(frozenset({State.SHELVED}))]),
    ]


def _is_over(case: Case, work: Work) -> bool:
    due = case.handler_due or case.due
    return due is not None and due < work.now
