"""Who must be told what and when, worked out a second time: it imports nothing of the product.

Working time is walked minute by minute over a list of the minutes that work, made from the public holiday list.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import chinese_calendar

from tests.month.plan import ACKNOWLEDGE, CITY, FAIL, FIRST, PASS, RESOLVE, CasePlan, Plan, Row, table

OFFICE = ("office1", "office2")
SLOTS = (time(8, 30), time(10), time(14, 30), time(16, 30))
MINUTE = timedelta(minutes=1)
HOUR, DAY = 60, 8 * 60  # in working minutes


class WorkingMinutes:
    """All working minutes of the season, by their beginning."""

    def __init__(self, first: date, days: int) -> None:
        dates = [first + timedelta(days=n) for n in range(days)]
        self.days = [day for day in dates if chinese_calendar.is_workday(day)]
        spans = ((time(8), time(12)), (time(14), time(18)))
        self._minutes: list[datetime] = []
        for day in self.days:
            for opens, closes in spans:
                at, end = datetime.combine(day, opens, CITY), datetime.combine(day, closes, CITY)
                while at < end:
                    self._minutes.append(at)
                    at += MINUTE

    def after(self, start: datetime, minutes: int) -> datetime:
        """Return the instant by which so many minutes have been worked."""
        return self._minutes[bisect_left(self._minutes, start) + minutes - 1] + MINUTE

    def slots(self) -> Iterator[datetime]:
        return (datetime.combine(day, clock, CITY) for day in self.days for clock in SLOTS)

    def rests(self, at: datetime) -> bool:
        """Tell whether people are left alone."""
        return at.date() not in self.days or not time(7, 30) <= at.time() < time(20)


@dataclass
class Expected:
    """Everything that must have happened once, and nothing else."""

    steps: Counter[tuple[int, str, datetime]] = field(default_factory=Counter)  # (case, step, instant)
    told: Counter[tuple[int, str, str]] = field(default_factory=Counter)  # (case, kind of message, person)
    digests: set[tuple[datetime, str]] = field(default_factory=set)  # (slot, person)


@dataclass(frozen=True)
class Limit:
    """A limit: so many minutes, of working time or around the clock."""

    minutes: int
    runs: bool


@dataclass
class Life:
    """A case between two acts: who must act, and until when."""

    since: datetime
    until: datetime
    ack: datetime | None
    due: datetime
    is_open: bool = True  # the handler must act
    resolved: datetime | None = None


class Replay:
    """Walks through every case's life."""

    def __init__(self, plan: Plan, end: datetime) -> None:
        self.plan, self.end = plan, end
        self.work = WorkingMinutes(FIRST - timedelta(days=3), 75)
        self.slots = [slot for slot in self.work.slots() if slot < end - timedelta(minutes=10)]
        self.segments = plan.segments
        self.rows = {row["category"]: row for row in table("deadlines.toml")["limit"]}
        self.common = table("deadlines.toml")
        self.lives = {case.number: list(self.life(case)) for case in plan.cases}
        self.waits = list(self.overdue_verdicts())

    def handler(self, case: CasePlan) -> str:
        return self.plan.duty.get(case.segment, self.segments[case.segment]["chief_userid"])

    # ---- limits ----------------------------------------------------------------------------------------------

    def limits(self, case: CasePlan) -> tuple[Limit, Limit]:
        if case.hazard:
            row = self.rows[case.category]
            return limit(self.common["hazard"]["ack"]), limit(row.get("hazard", self.common["hazard"]["resolve"]))
        return limit(self.common["ack"][case.severity]), limit(self.rows[case.category][case.severity])

    def reach(self, case: CasePlan, start: datetime, of: Limit) -> datetime:
        if not of.runs:
            return self.work.after(start, of.minutes)
        if not case.hazard and self.work.rests(start):
            start = self.next_slot(start)
        return start + timedelta(minutes=of.minutes)

    def next_slot(self, at: datetime) -> datetime:
        every = list(self.work.slots()) if at >= self.slots[-1] else self.slots
        return every[bisect_right(every, at)]

    # ---- lives -----------------------------------------------------------------------------------------------

    def life(self, case: CasePlan) -> Iterator[Life]:
        ack_limit, limit_of = self.limits(case)
        due, since, is_open = self.reach(case, case.at, limit_of), case.at, True
        # nobody has to take a case later than to settle it
        ack: datetime | None = min(self.reach(case, case.at, ack_limit), due)
        resolved: datetime | None = None
        for act, at in (*case.acts, ("", self.end)):
            yield Life(since, min(at, self.end), ack, due, is_open, resolved)
            if at >= self.end or act == PASS:
                return
            since, ack = at, None
            is_open = act != RESOLVE
            resolved = at if act == RESOLVE else None
            if act == FAIL:
                due = self.reach(case, at, limit_of)

    # ---- what follows ----------------------------------------------------------------------------------------

    def expected(self) -> Expected:
        found = Expected()
        for case in self.plan.cases:
            self.escalate(case, found)
        found.digests = {(slot, who) for slot in self.slots for who in self.hearers(slot)}
        return found

    def escalate(self, case: CasePlan, found: Expected) -> None:
        for life in self.lives[case.number]:
            for level, notice, kind, at in self.steps(case, life):
                if life.since < at <= life.until:
                    name = f"{kind}:{level}{':notice' if notice else ''}"
                    found.steps[case.number, name, at] += 1
                    for what, who in self.people(case, level, notice, kind):
                        found.told[case.number, what, who] += 1

    def steps(self, case: CasePlan, life: Life) -> list[tuple[str, bool, str, datetime]]:
        """Return (level, whether only announced, ladder, instant) of all levels, each where it comes first."""
        if not life.is_open:
            return []
        first: dict[str, tuple[datetime, str]] = {}
        ladders = [("resolve", life.due)]
        if life.ack is not None:
            ladders.insert(0, ("hazard" if case.hazard else "ack", life.ack))
        for kind, due in ladders:
            for level, at in self.levels(kind, due):
                if level not in first or at < first[level][0]:
                    first[level] = at, kind
        steps = [(level, False, kind, at) for level, (at, kind) in first.items()]
        steps += [
            (level, True, kind, at - 10 * MINUTE)
            for level, (at, kind) in first.items()
            if level == "second_level" and kind != "hazard"
        ]
        return steps

    def levels(self, kind: str, due: datetime) -> list[tuple[str, datetime]]:
        if kind == "hazard":
            return [("second_level", due), ("township_head", due + 15 * MINUTE)]
        after = {"second_level": 4 * HOUR, "township_head": DAY, "first_level": 2 * DAY, "office": 3 * DAY}
        return [("limit", due), *((level, self.work.after(due, minutes)) for level, minutes in after.items())]

    def people(self, case: CasePlan, level: str, notice: bool, kind: str) -> list[tuple[str, str]]:
        row, handler = self.segments[case.segment], self.handler(case)
        if notice:
            return [("nudge", handler)]
        if level == "limit":
            return [("overdue", row["chief_userid"])] if row["chief_userid"] != handler else []
        named: dict[str, list[str]] = {
            "second_level": [row["l2_userid"]],
            "township_head": [row["area_head_userid"]],
            "first_level": [row["l1_userid"]],
            "office": list(OFFICE),
        }
        who = list(named[level])
        if kind == "hazard":
            who += [seat(row)] if level == "second_level" else list(OFFICE)
        return [("escalation", person) for person in who]

    # ---- digests ---------------------------------------------------------------------------------------------

    def hearers(self, slot: datetime) -> set[str]:
        """Return who has something to hear at a slot: handlers, in the morning chiefs, the office when it is asked."""
        who = {self.handler(case) for case, life in self.running(slot) if life.is_open and due_soon(life, slot)}
        if slot.time() == SLOTS[0]:
            who |= self.leaders(slot)
        previous = max((s for s in self.slots if s < slot), default=slot - timedelta(days=3))
        rang = any(previous <= at < slot for at in self.waits)
        late = any(life.resolved and self.work.after(life.resolved, 4 * HOUR) <= slot for _, life in self.running(slot))
        return who | (set(OFFICE) if rang and late else set())

    def overdue_verdicts(self) -> Iterator[datetime]:
        """Yield when cases that still waited for a verdict had waited four working hours."""
        for lives in self.lives.values():
            for life in lives:
                if life.resolved and (rings := self.work.after(life.resolved, 4 * HOUR)) <= life.until:
                    yield rings

    def running(self, at: datetime) -> Iterator[tuple[CasePlan, Life]]:
        for case in self.plan.cases:
            for life in self.lives[case.number]:
                if life.since <= at < life.until or (life.until == self.end and life.since <= at):
                    yield case, life
                    break

    def leaders(self, slot: datetime) -> set[str]:
        midnight = datetime.combine(slot.date(), time(), CITY)
        touched = [case for case, _ in self.running(slot)]
        yesterday = midnight - timedelta(days=1)
        touched += [case for case in self.plan.cases if yesterday <= case.at < midnight]
        touched += [
            case for case in self.plan.cases if any(a == PASS and yesterday <= t < midnight for a, t in case.acts)
        ]
        who: set[str] = set()
        for case in touched:
            row = self.segments[case.segment]
            who |= {row["chief_userid"], row["l2_userid"]}
        return who


def seat(row: Row) -> str:
    return f"seat{row['township'][1:-2]}"


def due_soon(life: Life, slot: datetime) -> bool:
    """Tell whether a case stands in its handler's reminder: overdue, not taken in time, or due by tomorrow."""
    if life.due <= slot or (life.ack is not None and life.ack <= slot):
        return True
    return (life.due.date() - slot.date()).days <= 1


def limit(cell: dict[str, object]) -> Limit:
    units = {"working_hours": HOUR, "working_days": DAY, "running_hours": 60, "running_minutes": 1}
    (unit,) = [name for name in cell if name in units]
    return Limit(int(float(str(cell[unit])) * units[unit]), unit.startswith("running"))


def by_case(steps: Iterable[tuple[int, str, datetime]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for case, name, at in sorted(steps, key=lambda s: (s[0], s[2])):
        found[case].append(f"{name} {at:%d %H:%M}")
    return found


__all__ = ["ACKNOWLEDGE", "OFFICE", "Expected", "Replay", "by_case", "seat"]
