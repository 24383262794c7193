"""督办单: for which cases one is drafted, and what stands in it."""

import re

from domain.case import IN_HAND, Case
from domain.casework.kept import Sheaf
from domain.casework.work import Work
from domain.errors import NotFound
from domain.papers import Form
from domain.ports import CaseQuery
from domain.texts.papers.order import order

MOST_ORDERS = 30
_NUMBER = re.compile(r"(?:([0-9]{4})-)?([0-9]{1,8})")


async def order_of(work: Work, case: Case) -> Form:
    """Return the order for a case."""
    return order(case, work.w, await work.view.head())


def order_key(case: Case) -> str:
    """Return the key of a case's order at the step it has reached."""
    return f"order:{case.id}:{case.version}"


async def order_sheaf(work: Work, case: Case) -> Sheaf:
    """Return the order that goes with the next step of a case's escalation."""
    return Sheaf(order_key(case), order_key(case), (await order_of(work, case),))


def will_draft(work: Work, case: Case) -> bool:
    """Tell whether a step that is due now drafts an order."""
    return any(step.drafts_order and step.at <= work.now for step in work.rules.steps(case)[case.raised :])


def is_drafted(work: Work, case: Case) -> bool:
    """Tell whether a case stayed overdue so long that an order is drafted for it."""
    return any(step.drafts_order for step in work.rules.steps(case)[: case.raised])


async def due_orders(work: Work) -> list[Form]:
    """Return the orders for all cases in hand that have reached the office, the longest overdue first."""
    held = await work.view.cases(CaseQuery(states=IN_HAND, due_before=work.now, limit=100_000))
    late = sorted((c for c in held if is_drafted(work, c)), key=lambda case: (case.due or work.now, case.id))
    return [await order_of(work, case) for case in late[:MOST_ORDERS]]


async def order_for(work: Work, number: str) -> list[Form]:
    """Return the order for the case of a number, whatever step it has reached. Raises NotFound."""
    match = _NUMBER.fullmatch(number.strip())
    year = int(match[1]) if match and match[1] else None
    found = await work.view.numbered(int(match[2]), year, work.rules.local(work.now).year) if match else []
    if not found:
        raise NotFound(f"没有案件“{number}”，请核对编号。")
    return [await order_of(work, found[0])]
