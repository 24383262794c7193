"""`luzhang inspection plan`: a month's inspections by the draw, which anybody can draw again from the printed head."""

from typing import Any

from bot.commands.scores import read_month
from bot.commands.session import OK, Session, say, say_json
from domain.casework import drawing
from domain.casework.work import Work
from domain.draw import Draw, share
from domain.month import Month
from domain.roster import Role

_WEEKDAYS = "一二三四五六日"


async def plan(session: Session, period: str, *, as_json: bool) -> int:
    """Print the roads of each working day with their inspectors, the seed, and how much was inspected."""
    month = read_month(period)
    found = await session.read(lambda work: _plan(work, month))
    if as_json:
        say_json(found)
        return OK
    say(
        f"{month.title}督查抽签：种子{found['seed']}{'' if found['is_published_head'] else '（月初前没有台账校验值，以月份为种子）'}，"
        f"每路段{found['visits']}次，本月已督查{found['visited']}/{found['segments']}个路段。"
    )
    for day in found["days"]:
        say(f"{day['day']} 周{_WEEKDAYS[day['weekday'] - 1]}：{'；'.join(_road(road) for road in day['roads'])}")
    return OK


def _road(road: dict[str, Any]) -> str:
    who = f" {road['name']}" if road["name"] else ""
    return f"{road['road']}（{road['township']}，{len(road['segments'])}个路段）{who}"


async def _plan(work: Work, month: Month) -> dict[str, Any]:
    drawn = await drawing.drawn(work, month)
    visited, segments = await drawing.coverage(work, month)
    return {
        "period": str(month),
        "seed": drawn.seed,
        "is_published_head": drawn.seed != str(month),
        "visits": drawn.rounds,
        "segments": segments,
        "visited": visited,
        "days": _days(work, drawn),
    }


def _days(work: Work, drawn: Draw) -> list[dict[str, Any]]:
    days = []
    for one in drawn.days:
        inspectors = work.roster.holders(Role.INSPECTOR, None, one.day)
        who = {s: p for p, mine in share(one.stretches, inspectors, drawn.seed, one.day).items() for s in mine}
        roads = [
            {
                "road": s.road,
                "township": s.township,
                "segments": list(s.segments),
                "inspector": who.get(s),
                "name": work.w.name(who[s]) if s in who else "",
            }
            for s in one.stretches
        ]
        days.append({"day": one.day.isoformat(), "weekday": one.day.isoweekday(), "roads": roads})
    return days
