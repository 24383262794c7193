"""Where the buttons of the clock bar lead to."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

from bot.demo.stage import Stage
from domain.errors import NotFound
from domain.month import Month

LONGEST = timedelta(days=10)  # how far 「到下一提醒」 looks
AFTER = timedelta(minutes=3)  # the post has arrived, its time can be read
_DAY = timedelta(days=1)


async def go(stage: Stage, button: str) -> None:
    """Move the clock as a button says. Raises NotFound for a button that there is not, or that leads nowhere now."""
    if button == "next":
        await to_next_post(stage)
        return
    lead = TARGETS.get(button)
    if lead is None:
        raise NotFound("没有这个时间按钮。")
    await stage.move(lead(stage))


async def to_next_post(stage: Stage) -> None:
    """Move until the bot posts something of its own accord."""
    seen = len(stage.chats.entries)
    await stage.move(stage.now + LONGEST, until=lambda: len(stage.chats.entries) > seen)


def _end_of_work(stage: Stage) -> datetime:
    """Return the next end of a working day."""
    calendar = stage.rules.calendar
    local = stage.rules.local(stage.now)
    end: time = calendar.hours[-1][1]
    day = local.date()
    while not calendar.is_working_day(day) or calendar.at(day, end) <= stage.now:
        day += _DAY
    return calendar.at(day, end)


def _month_end(stage: Stage) -> datetime:
    """Return shortly after the running month's draft."""
    month = stage.rules.month(stage.now)
    return stage.rules.plan(month).draft_at(month) + AFTER


def publication(stage: Stage) -> datetime:
    """Return shortly after the last month's announcement is due; while that is not drafted, after the running one's."""
    last = stage.rules.month(stage.now).previous()
    for month in (last, last.next()):
        at = _publication_of(stage, month)
        if at + AFTER > stage.now:
            return at + AFTER
    return _publication_of(stage, last.next()) + AFTER


def _publication_of(stage: Stage, month: Month) -> datetime:
    plan = stage.rules.plan(month)
    return plan.publish_at(stage.rules.day(plan.draft_at(month)))


TARGETS: Mapping[str, Callable[[Stage], datetime]] = {
    "10m": lambda stage: stage.now + timedelta(minutes=10),
    "1h": lambda stage: stage.now + timedelta(hours=1),
    "off": _end_of_work,
    "month": _month_end,
    "publication": publication,
}
