"""Daily presence (在岗) of duty staff by the duty list: on which days of a month a segment had nobody (S30, S39).

It is read from the duty list and from leave, never asked of anybody: a day on which nobody is on the list, or everybody
on it is away without a stand-in, is a day without.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.authority import present
from domain.month import Month
from domain.roster import Roster, Segment


@dataclass(frozen=True, slots=True)
class Presence:
    """One segment's month so far."""

    segment: Segment  # as it last stood
    asked: int  # days
    unlisted: tuple[date, ...]  # nobody on the list
    away: tuple[date, ...]  # everybody on the list on leave without a stand-in


def presences(
    month: Month, roster: Roster, *, today: date, only_working_days: bool, is_working_day: Callable[[date], bool]
) -> list[Presence]:
    """Return every segment that the roster had on a day of the month until `today`, by id."""
    days = [day for day in month.days() if day <= today and (not only_working_days or is_working_day(day))]
    rows: dict[str, Segment] = {}
    found: dict[str, tuple[list[date], list[date], list[date]]] = {}
    for day in days:
        for segment in roster.on(day):
            rows[segment.id] = segment
            asked, unlisted, away = found.setdefault(segment.id, ([], [], []))
            asked.append(day)
            listed = roster.duty(segment.id, day)
            if not listed:
                unlisted.append(day)
            elif not any(_present(roster, listed, day)):
                away.append(day)
    return [
        Presence(rows[name], len(asked), tuple(unlisted), tuple(away))
        for name, (asked, unlisted, away) in sorted(found.items())
    ]


def _present(roster: Roster, listed: list[str], day: date) -> Iterator[str]:
    return (present(person, roster, day) for person in listed)
