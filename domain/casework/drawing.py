"""The draw of a month's inspections with what the city knows: its roads, working days and the ledger's head."""

from domain.casework.work import Work
from domain.draw import Draw, Stretch, draw, share
from domain.errors import WrongState
from domain.month import Month
from domain.roster import Role


async def drawn(work: Work, month: Month) -> Draw:
    """Return a month's draw, the same whenever it is asked for: roads as of its first day, seed printed before it.

    Raises WrongState for a month that has not begun: its seed is not known yet, and nobody should know the draw.
    """
    if work.day < month.first:
        raise WrongState(f"{month.title}尚未开始：抽签以月初前最后一个台账校验值为种子，月初才能抽取。")
    days = [day for day in month.days() if work.rules.calendar.is_working_day(day)]
    segments = work.roster.on(month.first) or work.roster.on(work.day)
    return draw(month, segments, days, await seed_of(work, month), work.rules.inspections)


def todays(work: Work, drawn: Draw) -> dict[str, list[Stretch]]:
    """Return the roads of each inspector today, by a month's draw."""
    inspectors = work.roster.holders(Role.INSPECTOR, None, work.day)
    return share(drawn.on(work.day), inspectors, drawn.seed, work.day)


async def seed_of(work: Work, month: Month) -> str:
    """Return the seed: the head that closed last before the month; of a ledger without one the month's name."""
    return await work.view.inspected.head_before(month.first) or str(month)


async def coverage(work: Work, month: Month) -> tuple[int, int]:
    """Return how many segments were inspected in the month so far, and how many there are."""
    found = await work.view.findings(month.start(work.rules.zone), month.end(work.rules.zone))
    segments = {segment.id for segment in work.roster.on(max(month.first, min(work.day, month.last)))}
    return len(segments & {one.segment for one in found}), len(segments)
