"""复制为文本: what is still open, ready to be pasted into a group on personal WeChat, where no bot can sit."""

from collections.abc import Sequence

from domain.case import Case
from domain.texts.wording import Wording

MOST = 60  # items; a longer list is nobody's reading


def unsettled(cases: Sequence[Case], w: Wording) -> str:
    """Return the day's list of open cases, the most urgent first: unit, who, number, category, how long.

    Reporters and phone numbers are not in it: it leaves the organisation's own groups.
    """
    today = w.day(w.now)
    if not cases:
        return f"{today}没有未办结案件。"
    ordered = sorted(cases, key=lambda case: (case.handler_due or case.due or w.now, case.id))
    items = [f"{place}.{_item(case, w)}" for place, case in enumerate(ordered[:MOST], 1)]
    more = f"；另有{len(cases) - MOST}件见日督查明细" if len(cases) > MOST else ""
    return f"{today}未办结{len(cases)}件：{'；'.join(items)}{more}。办结后请回报市路长办。"


def _item(case: Case, w: Wording) -> str:
    who = w.name(case.handler) if case.handler else "待定"
    return f"{w.unit(case) or case.township or '待定位'} {who} {case.short}{w.category(case)} {_limit(case, w)}".strip()


def _limit(case: Case, w: Wording) -> str:
    due = case.handler_due or case.due
    if due is None:
        return w.state(case)
    if due <= w.now:
        return f"超{w.span(w.now - due)}"
    days = (w.rules.day(due) - w.rules.day(w.now)).days
    return f"今日{w.clock(due)}到期" if days == 0 else "明日到期" if days == 1 else f"{w.day(due)}到期"
