"""JOBS: every periodic job, when it runs on the city's clocks, and what happens to runs that downtime swallowed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.casework.work import Work
from domain.effects import Effects
from domain.rules import Rules
from schedules import inspections, jobs

_LOOK_AHEAD = 800  # days


class CatchUp(StrEnum):
    """What to do about missed runs."""

    EACH = "each"  # every one, in order: a month's draft
    LATEST = "latest"  # one for all of them: a reminder


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic job: `on` tells which days, `at` the clock times."""

    id: str
    at: tuple[time, ...]
    on: Callable[[date, Rules], bool]
    run: Callable[[Work, datetime], Awaitable[Effects]]
    catch_up: CatchUp = CatchUp.LATEST
    closes_ledger: bool = False  # the ledger's day is closed after it

    def last_at(self, instant: datetime, rules: Rules) -> datetime:
        """Return the last time not after `instant` at which the job was due."""
        day = rules.day(instant)
        for offset in range(_LOOK_AHEAD):
            candidate = day - timedelta(days=offset)
            times = [rules.calendar.at(candidate, clock) for clock in self.at] if self.on(candidate, rules) else []
            if past := [at for at in times if at <= instant]:
                return past[-1]
        raise ValueError(f"job {self.id} was never due")

    def next_after(self, instant: datetime, rules: Rules) -> datetime:
        """Return the first time after `instant` at which the job is due."""
        day = rules.day(instant)
        for offset in range(_LOOK_AHEAD):
            candidate = day + timedelta(days=offset)
            if not self.on(candidate, rules):
                continue
            for clock in self.at:
                at = rules.calendar.at(candidate, clock)
                if at > instant:
                    return at
        raise ValueError(f"job {self.id} is never due")


def _daily(day: date, rules: Rules) -> bool:
    return True


def _with_slots(day: date, rules: Rules) -> bool:
    return rules.slots.has_slots(day, rules.calendar)


def _working(day: date, rules: Rules) -> bool:
    return rules.calendar.is_working_day(day)


def _first(day: date, rules: Rules) -> bool:
    return day.day == rules.plan(rules.month(rules.calendar.at(day, time(12)))).rule.draft_day


def _monday(day: date, rules: Rules) -> bool:
    return day.isoweekday() == 1


def jobs_of(rules: Rules) -> tuple[Job, ...]:
    """Return the table with the city's own slots and draft time."""
    draft_time = rules.scoring.assessments.versions[-1].publication.draft_time
    return (
        Job("ledger_head", (time(0, 5),), _daily, jobs.nothing, CatchUp.LATEST, closes_ledger=True),
        Job("proof", (time(2, 20),), _with_slots, jobs.proof),
        Job("month_draft", (draft_time,), _first, jobs.month_draft, CatchUp.EACH),
        Job("slot", rules.slots.duty, _with_slots, jobs.slot),
        Job("morning", rules.slots.digest, _with_slots, jobs.morning),
        Job("inspections", (time(8, 20),), _working, inspections.hints),
        Job("shelved", (time(9, 5),), _monday, jobs.shelved),
        Job("desk", (time(10, 0),), _with_slots, jobs.desk),
        Job("summary", (rules.summary_at,), _daily, jobs.summary),
    )
