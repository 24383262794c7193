"""How many posts a group bears (群消息预算): above it posts wait, and those that waited go as one line.

Answers, receipts and hazards are not counted and never wait. In a leadership group at most one announcement a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from domain.calendar import WorkCalendar
from domain.ports import Post
from domain.slots import Slots, spread

BULLETIN = "bulletin"  # the kind of post that a leadership group gets once a day

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MERGED_ALREADY = frozenset({"digest", "catch_up"})  # of one person; several persons' fit into one post


@dataclass(frozen=True, slots=True)
class Budget:
    """Posts that a group bears in any hour and on a day of the city, and announcements a day to leaders."""

    per_hour: int = 6
    per_day: int = 30
    announcements_per_day: int = 1


@dataclass(frozen=True, slots=True)
class Room:
    """How many posts may go to a group now; with none, when it is to be asked again."""

    posts: int
    opens_at: datetime


def is_bound(post: Post) -> bool:
    """Tell whether a post counts against its group's budget; with all its parts it counts once."""
    return post.target.is_group and not post.urgent and not post.head


def folds(post: Post) -> bool:
    """Tell whether a post may become a part of a list; announcements and lists stay as they are."""
    return post.about != 0 or post.kind in _MERGED_ALREADY


def room(
    sent: Sequence[datetime], now: datetime, budget: Budget, calendar: WorkCalendar, slots: Slots, recipient: str
) -> Room:
    """Return the room in a group that got bound posts at `sent` (any order, at least those of the day)."""
    midnight = calendar.at(calendar.local_date(now), time())
    in_hour = sorted(at for at in sent if at > now - _HOUR)
    left_today = budget.per_day - sum(at >= midnight for at in sent)
    left = min(budget.per_hour - len(in_hour), left_today)
    if left > 0:
        return Room(left, now)
    opens = midnight + _DAY if left_today <= 0 else in_hour[len(in_hour) - budget.per_hour] + _HOUR
    return Room(0, _awake(opens, calendar, slots, recipient))


def room_for_announcement(
    sent: Sequence[datetime], now: datetime, budget: Budget, calendar: WorkCalendar, slots: Slots, recipient: str
) -> Room:
    """Return the room for announcements in a leadership group that got some at `sent`."""
    midnight = calendar.at(calendar.local_date(now), time())
    left = budget.announcements_per_day - sum(at >= midnight for at in sent)
    return Room(left, now) if left > 0 else Room(0, _awake(midnight + _DAY, calendar, slots, recipient))


def _awake(at: datetime, calendar: WorkCalendar, slots: Slots, recipient: str) -> datetime:
    """Return `at`, or minutes after the next slot when people are to be left alone then."""
    if not slots.is_quiet(at, calendar):
        return at
    slot = slots.next_slot(at, calendar)
    return slot + spread(slot.astimezone(calendar.tz).minute, recipient)
