"""Patrols (巡查) and meetings (例会) of the chiefs: what each post owes in a month, and what was recorded (S23–S29, S39).

A quota asks for one record in every cycle; a record on any day of the cycle fulfils it. What the scheme leaves open:

- A half month is the 1st to the 15th, or the rest. A week is Monday to Sunday and belongs to the month in which it ends,
  so the last days of a month may belong to the next month's first week.
- A cycle is asked of who held the post, whatever its scope, on every one of its days: when a post changes hands within a
  cycle, it is asked of neither.
- A day that the duty calendar leaves out is not asked for; longer cycles don't follow that calendar.
- A cycle without a record is excused when leave covers all its days, open until its last day is over, else missed.

Records are what people say of themselves: no photo is asked for, nothing is scored by them (S42).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from domain.errors import TableError
from domain.month import Month
from domain.roster import Role, Roster
from domain.rulebook import field_of
from domain.versions import Versions, load_versions

TABLE = "patrols.toml"

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_HALF = 15  # the last day of a first half month
Named = TypeVar("Named", bound=StrEnum)


class PatrolKind(StrEnum):
    """What was done; the value is stored and never renamed."""

    PATROL = "patrol"  # 巡查
    MEETING = "meeting"  # 例会 (S25)


class Cycle(StrEnum):
    """How often once is."""

    MONTH = "month"
    HALF_MONTH = "half_month"
    WEEK = "week"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Patrol:
    """One record: that a person patrolled, or held a meeting, on a day."""

    person: str
    kind: PatrolKind
    day: date
    place: str = ""
    note: str = ""

    @property
    def key(self) -> tuple[str, PatrolKind, date, str]:
        """Return what makes two records one; the later note stands."""
        return self.person, self.kind, self.day, self.place


@dataclass(frozen=True, slots=True)
class Reason:
    """What a person says of the month's shortfall (S39); a later one replaces it."""

    person: str
    month: Month
    text: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What one post owes: one record of a kind in every cycle."""

    role: Role
    kind: PatrolKind
    every: Cycle
    source: str  # S-number


@dataclass(frozen=True, slots=True)
class Quotas:
    """One version of the table."""

    name: str
    since: date
    rows: tuple[Quota, ...]
    only_working_days: bool  # daily cycles leave out the days that don't work

    def roles(self, kind: PatrolKind) -> list[Role]:
        """Return the posts that owe a kind, in the order of the table."""
        return [row.role for row in self.rows if row.kind is kind]


def owed(quotas: Versions[Quotas], roster: Roster, person: str, kind: PatrolKind, day: date) -> list[Quota]:
    """Return what a person owes of a kind by the posts held on a day."""
    roles = {post.role for post in roster.posts_of(person, day)}
    return [row for row in quotas.on(day.replace(day=1)).rows if row.role in roles and row.kind is kind]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Yield every day in order."""
        return (self.first + n * _DAY for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class Count:
    """How one person's month stands to one quota; every cycle that is asked for is in exactly one of the four."""

    quota: Quota
    person: str
    done: tuple[Span, ...]
    excused: tuple[Span, ...]  # on leave (请假)
    open: tuple[Span, ...]  # not over yet
    missed: tuple[Span, ...]

    @property
    def gaps(self) -> list[Span]:
        """Return what was missed, days that follow each other as one."""
        is_daily = self.quota.every is Cycle.DAY
        return joined(span.first for span in self.missed) if is_daily else list(self.missed)

    @property
    def owed(self) -> int:
        """Return how many cycles are asked for."""
        return len(self.done) + len(self.excused) + len(self.open) + len(self.missed)


def joined(days: Iterable[date]) -> list[Span]:
    """Return days, in order, as spans without a gap."""
    spans: list[Span] = []
    for day in days:
        if spans and spans[-1].last + _DAY == day:
            spans[-1] = Span(spans[-1].first, day)
        else:
            spans.append(Span(day, day))
    return spans


def cycles(every: Cycle, month: Month) -> list[Span]:
    """Return the cycles that belong to a month, in order; a week may begin in the month before."""
    first, last = month.first, month.last
    if every is Cycle.MONTH:
        return [Span(first, last)]
    if every is Cycle.HALF_MONTH:
        middle = first.replace(day=_HALF)
        return [Span(first, middle), Span(middle + _DAY, last)]
    if every is Cycle.DAY:
        return [Span(day, day) for day in month.days()]
    return [Span(day - _WEEK + _DAY, day) for day in month.days() if day.isoweekday() == 7]


def reach(month: Month) -> Span:
    """Return all the days whose records a month's cycles may need."""
    return Span(month.first - _WEEK + _DAY, month.last)


def counts(
    month: Month,
    quotas: Quotas,
    roster: Roster,
    records: Iterable[Patrol],
    *,
    today: date,
    is_working_day: Callable[[date], bool],
    person: str = "",
) -> list[Count]:
    """Return every holder's month, or one person's, as it stands on `today`, in the order of quotas, then of the roster.

    records: any order, of any persons and days. Who held a post on some days only is in the list too, perhaps owing
    nothing.
    """
    recorded: dict[tuple[str, PatrolKind], set[date]] = defaultdict(set)
    for record in records:
        recorded[record.person, record.kind].add(record.day)
    found = []
    for quota in quotas.rows:
        asked = cycles(quota.every, month)
        if quota.every is Cycle.DAY and quotas.only_working_days:
            asked = [span for span in asked if is_working_day(span.first)]
        for holder, held in _held(roster, quota.role, month, person).items():
            mine = [span for span in asked if held.issuperset(span.days())]
            found.append(_count(quota, holder, mine, recorded[holder, quota.kind], roster, today))
    return found


def _count(
    quota: Quota, person: str, asked: Iterable[Span], days: Collection[date], roster: Roster, today: date
) -> Count:
    sorted_out: dict[str, list[Span]] = {"done": [], "excused": [], "open": [], "missed": []}
    for span in asked:
        if any(day in days for day in span.days()):
            sorted_out["done"].append(span)
        elif all(roster.leave_of(person, day) for day in span.days()):
            sorted_out["excused"].append(span)
        else:
            sorted_out["open" if span.last >= today else "missed"].append(span)
    return Count(quota, person, **{name: tuple(spans) for name, spans in sorted_out.items()})


def _held(roster: Roster, role: Role, month: Month, person: str) -> Mapping[str, set[date]]:
    """Return the days on which each person, or the one, held a post, of those who held it in the month at all."""
    span = reach(month)
    found: dict[str, set[date]] = defaultdict(set)
    for row in roster.posts:
        if row.value.role is role and person in ("", row.value.person):
            first = max(row.since or span.first, span.first)
            last = min(row.until - _DAY if row.until else span.last, span.last)
            found[row.value.person].update(Span(first, last).days())
    return {holder: days for holder, days in found.items() if any(day >= month.first for day in days)}


def leave_days(roster: Roster, person: str, month: Month) -> int:
    """Return on how many days of a month a person is on leave."""
    return sum(roster.leave_of(person, day) is not None for day in month.days())


def is_recordable(day: date, today: date) -> bool:
    """Tell whether a record may still be made for a day: not before it, and until the end of the month after."""
    month = Month.on(day)
    return day <= today and Month.on(today) in (month, month.next())


def load_quotas(override: Path | None = None) -> Versions[Quotas]:
    """Return the quotas. Raises TableError, naming file, version and field, for a missing or impossible value."""
    return load_versions(TABLE, _version, override)


def _version(where: str, row: dict[str, Any]) -> Quotas:
    days = field_of(f"{where} daily", field_of(where, row, "daily", dict), "days", str)
    if days not in ("all", "working"):
        raise TableError(f"{where} daily：days只能是all或working，不能是{days}。")
    rows = tuple(
        _quota(f"{where} quota 第{n}条", one) for n, one in enumerate(field_of(where, row, "quota", list), start=1)
    )
    if len({(one.role, one.kind) for one in rows}) < len(rows):
        raise TableError(f"{where} quota：同一职务的同一事项写了两条，请删去一条。")
    return Quotas(
        name=field_of(where, row, "name", str),
        since=field_of(where, row, "since", date),
        rows=rows,
        only_working_days=days == "working",
    )


def _quota(where: str, row: Any) -> Quota:
    return Quota(
        role=_one_of(Role, where, row, "role"),
        kind=_one_of(PatrolKind, where, row, "kind"),
        every=_one_of(Cycle, where, row, "every"),
        source=field_of(where, row, "source", str),
    )


def _one_of(kind: type[Named], where: str, row: Any, name: str) -> Named:
    text = field_of(where, row, name, str)
    if text not in list(kind):
        raise TableError(f"{where}：{name}不能是{text}，可用：{'、'.join(kind)}。")
    return kind(text)
