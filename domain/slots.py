"""Slots (时段): when a message may leave, so that people hear of work a few times a day and not at night.

A slot cuts the content; the post leaves 2–8 minutes later, spread by recipient, because everybody's robot speaks at
:00 and :30 and the platforms slow down then. Urgent notices and answers go at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from domain.calendar import WorkCalendar
from domain.effects import Urgency
from domain.errors import ConfigError

DUTY_SLOTS = (time(8, 30), time(10), time(14, 30), time(16, 30))
DIGEST_SLOTS = (time(8, 30),)  # chiefs: one digest (日报) a day

MANY = 99  # slots; beyond, nobody counts

_SPREAD_MINUTES = range(2, 8)  # whole minutes after the slot; the seconds come on top
_CROWDED_EVERY = 30  # minutes: :00 and :30
_AT_ONCE = frozenset({Urgency.REPLY, Urgency.HAZARD})


@dataclass(frozen=True, slots=True)
class Slots:
    """A city's slots and quiet hours on its own clocks, `quiet_from` ≤ quiet < `quiet_until`, usually over midnight.

    Raises ConfigError when there is no slot, they are not in order, or a slot or its posts fall in quiet hours.
    """

    duty: tuple[time, ...] = DUTY_SLOTS
    digest: tuple[time, ...] = DIGEST_SLOTS
    quiet_from: time = time(20)
    quiet_until: time = time(7, 30)
    quiet_on_holidays: bool = True

    def __post_init__(self) -> None:
        for name, times in (("slots", self.duty), ("digest", self.digest)):
            if not times or list(times) != sorted(set(times)):
                raise ConfigError(f"reminders.{name}：请由早到晚填写时段，不重复，至少一个。")
            for slot in times:
                last = datetime.combine(date.min, slot) + timedelta(minutes=_SPREAD_MINUTES.stop)
                if self._is_quiet_at(slot) or self._is_quiet_at(last.time()):
                    raise ConfigError(f"reminders.{name}：{slot:%H:%M} 落在免打扰时段内，请改早或改晚。")

    def is_quiet(self, now: datetime, calendar: WorkCalendar) -> bool:
        """Tell whether people should be left alone at `now`: quiet hours, and days that don't work."""
        local = now.astimezone(calendar.tz)
        return self._is_quiet_at(local.time()) or not self.has_slots(local.date(), calendar)

    def has_slots(self, day: date, calendar: WorkCalendar) -> bool:
        """Tell whether reminders leave on a day."""
        return not self.quiet_on_holidays or calendar.is_working_day(day)

    def next_slot(self, now: datetime, calendar: WorkCalendar, times: Sequence[time] | None = None) -> datetime:
        """Return the first slot (UTC) strictly after `now`; times: the recipient's own, else those of duty persons."""
        local = now.astimezone(calendar.tz)
        day, chosen = local.date(), self.duty if times is None else times
        if self.has_slots(day, calendar):
            later = [slot for slot in chosen if slot > local.time()]
            if later:
                return calendar.at(day, min(later))
        day += timedelta(days=1)
        while not self.has_slots(day, calendar):
            day += timedelta(days=1)
        return calendar.at(day, min(chosen))

    def deliver_at(
        self,
        now: datetime,
        urgency: Urgency,
        recipient: str,
        calendar: WorkCalendar,
        times: Sequence[time] | None = None,
    ) -> datetime:
        """Return when a notice raised at `now` may leave (UTC).

        Hazards and replies go at once, also at night; a normal notice at once outside quiet hours; everything else a
        few minutes after the recipient's next slot.
        """
        is_normal_by_day = urgency is Urgency.NORMAL and not self.is_quiet(now, calendar)
        if urgency in _AT_ONCE or is_normal_by_day:
            return now.astimezone(UTC)
        slot = self.next_slot(now, calendar, times)
        return slot + spread(slot.astimezone(calendar.tz).minute, recipient)

    def passed(self, since: datetime, until: datetime, calendar: WorkCalendar) -> int:
        """Return how many slots lie after `since` and not after `until`, MANY at most."""
        count, slot = 0, self.next_slot(since, calendar)
        while slot <= until and count < MANY:
            count, slot = count + 1, self.next_slot(slot, calendar)
        return count

    def _is_quiet_at(self, clock: time) -> bool:
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until


def spread(slot_minute: int, recipient: str) -> timedelta:
    """Return how long after a slot at that minute of the hour a recipient's post leaves: 2–8 minutes.

    The same recipient always gets the same wait; the post never leaves within the minutes :00 and :30.
    """
    number = int.from_bytes(sha256(recipient.encode()).digest()[:8])
    minutes = [minute for minute in _SPREAD_MINUTES if (slot_minute + minute) % _CROWDED_EVERY]
    return timedelta(minutes=minutes[number % len(minutes)], seconds=number // len(minutes) % 60)


def soon(now: datetime, recipient: str, calendar: WorkCalendar) -> datetime:
    """Return when a post that missed its slot leaves: 1–8 minutes from now (UTC), again never at :00 or :30."""
    local = now.astimezone(calendar.tz).replace(second=0, microsecond=0)
    return (local + spread(local.minute, recipient)).astimezone(UTC)
