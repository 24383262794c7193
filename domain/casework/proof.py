"""The nightly proof: every segment × category × hour reaches a reachable person, and the roster has no gaps."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from domain import authority
from domain.assign import Assigned, assign
from domain.casework.work import Work
from domain.roster import Roster, Segment

WEEK = 7


def problems(work: Work, warnings: Iterable[str]) -> list[str]:
    """Return, in Chinese, all that would keep a case from its person in the coming week; empty = proved.

    Who handles depends on the segment, the day and, for the helping department, the category; the hour plays no part
    in the built-in rules beyond the day, so a week of days covers all hours.
    """
    days = [work.day + timedelta(days=n) for n in range(WEEK)]
    segments = work.roster.on(work.day)
    found: list[str] = []
    if not segments:
        found.append("花名册没有路段，请运行 luzhang import roster。")
    unreachable: dict[str, list[str]] = {}
    for segment in segments:
        assigned = [assign(segment, work.roster, day) for day in days]
        found += _segment_gaps(segment, days, assigned)
        for person in _needed(segment, work.roster, days, assigned):
            if not is_reachable(person, segment, work):
                unreachable.setdefault(person, []).append(segment.id)
    for person, where in unreachable.items():
        name = work.roster.person(person).name
        found.append(f"{name}（{person}）没有绑定平台账号且无群可代为通知，涉及路段{_few(where)}。")
    found += _departments(work)
    found += _desks(work)
    found += warnings
    missing = work.rules.calendar.missing_years(work.day)
    found += [f"{year}年节假日安排尚未导入，暂按周末和法定日推算。" for year in missing]
    return found


def _segment_gaps(segment: Segment, days: Sequence[date], assigned: Sequence[Assigned]) -> list[str]:
    lacking = [day for day, found in zip(days, assigned, strict=True) if found.needs_choice]
    if lacking:
        return [f"路段{segment.id}在{_few([d.isoformat() for d in lacking])}无人承办（路段长请假且无轮值）。"]
    return []


def _needed(segment: Segment, roster: Roster, days: Sequence[date], assigned: Sequence[Assigned]) -> set[str]:
    people = {segment.chief, segment.second_level, segment.township_head, segment.first_level}
    for day, found in zip(days, assigned, strict=True):
        people |= {found.handler, *roster.duty(segment.id, day)}
    return people - {""}


def is_reachable(person: str, segment: Segment, work: Work) -> bool:
    """Tell whether a person has an account, or a work group of the township that hears for them."""
    if work.roster.person(person).accounts:
        return True
    return any(room.purpose == "work" and room.scope in ("", segment.township) for room in work.view.rooms)


def _departments(work: Work) -> list[str]:
    known = work.rules.categories.departments
    return [
        f"类别{row.name}的协办单位“{row.department}”没有名称，请在类别表中补上。"
        for row in work.rules.categories.rows
        if row.department not in known
    ]


def _desks(work: Work) -> list[str]:
    return [
        f"{township}没有指挥席、专干，市路长办也无人，无定位的案件无人接收。"
        for township in work.roster.townships(work.day)
        if not authority.desk(township, work.roster, work.day)
    ]


def _few(items: Sequence[str]) -> str:
    return "、".join(items[:3]) + (f"等{len(items)}个" if len(items) > 3 else "")
