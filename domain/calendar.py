"""Working time (工作时间): which days and hours count, and how to walk along them.

A day works by the first source that knows it: the city's override table, the yearly holiday arrangement of the State
Council with its make-up days (调休, from chinesecalendar), else weekdays that are no statutory holiday
(tables/calendar.toml). The last source cannot know make-up days, so `missing_years` names the years that rest on it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import chinese_calendar

from domain.errors import ConfigError, TableError
from domain.tables import load_toml

Hours = tuple[tuple[time, time], ...]

ZONE = "Asia/Shanghai"
WORK_HOURS: Hours = ((time(8), time(12)), (time(14), time(18)))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_FIRST_ARRANGED: int = min(chinese_calendar.holidays).year
_LAST_ARRANGED: int = max(chinese_calendar.holidays).year
_DECEMBER = 12
_KEPT = 1_024  # ends of limits: the cases of one batch share a few


@dataclass(frozen=True, slots=True)
class StatutoryDays:
    """Holidays fixed by law: `fixed` as (month, day) of every year, `dated` those that follow moon or sun."""

    fixed: frozenset[tuple[int, int]]
    dated: frozenset[date]

    def __contains__(self, day: date) -> bool:
        return (day.month, day.day) in self.fixed or day in self.dated


@dataclass(frozen=True, slots=True)
class _Year:
    """The working spans of one year in the calendar's zone, in microseconds since 1970, ascending and apart."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sums: tuple[int, ...]  # working time from the year's beginning to each end

    @property
    def total(self) -> int:
        return self.sums[-1] if self.sums else 0

    def worked_until(self, tick: int) -> int:
        """Return the working time from the year's beginning to `tick`."""
        index = bisect_right(self.starts, tick) - 1
        if index < 0:
            return 0
        return self.sums[index] - max(0, self.ends[index] - tick)

    def reach(self, amount: int) -> int:
        """Return the first tick by which `amount` has been worked; 0 < amount ≤ total."""
        index = bisect_left(self.sums, amount)
        return self.ends[index] - (self.sums[index] - amount)


def load_statutory_days() -> StatutoryDays:
    """Return the statutory holidays of tables/calendar.toml. Raises TableError when the table cannot be read."""
    table = load_toml("calendar.toml")
    fixed = {(row["month"], day) for row in table["fixed"] for day in row["days"]}
    dated = {day for row in table["dated"] for day in row["dates"]}
    return StatutoryDays(frozenset(fixed), frozenset(dated))


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """A city's working time.

    hours: spans of a working day on the wall clock of `zone`, ascending and apart. overrides: what the city says of
    single days (True = works). complete: years whose arrangement the city has entered in full.
    Instants go in aware, in any zone, and come out in UTC. Raises ConfigError when `hours` are not ascending spans
    or the zone is not known.
    """

    hours: Hours = WORK_HOURS
    zone: str = ZONE
    overrides: Mapping[date, bool] = field(default_factory=dict, hash=False)
    complete: frozenset[int] = frozenset()
    statutory: StatutoryDays = field(default_factory=load_statutory_days)
    tz: ZoneInfo = field(init=False, compare=False, repr=False)
    _years: dict[int, _Year] = field(default_factory=dict, init=False, compare=False, repr=False)
    _ends: dict[tuple[datetime, timedelta], datetime] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        edges = [edge for span in self.hours for edge in span]
        ascending = all(a < b for a, b in self.hours) and edges == sorted(edges)
        if not self.hours or not ascending:
            raise ConfigError("city.work_hours：各时段须先后排列、互不重叠，如 08:00-12:00、14:00-18:00。")
        try:
            object.__setattr__(self, "tz", ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigError(f"city.timezone：没有时区 {self.zone}，一般填 Asia/Shanghai。") from error

    @property
    def working_day(self) -> timedelta:
        """Return the working time of one day: 8 hours by default (1工作日=8工作时)."""
        return sum((_length(span) for span in self.hours), timedelta())

    def local_date(self, instant: datetime) -> date:
        """Return the day of `instant` in the calendar's zone."""
        return instant.astimezone(self.tz).date()

    def at(self, day: date, clock: time) -> datetime:
        """Return the instant (UTC) at which the zone's clocks show `clock` on `day`."""
        return datetime.combine(day, clock, self.tz).astimezone(UTC)

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` works; never an exception, also for years without an arrangement."""
        known = self.overrides.get(day)
        if known is not None:
            return known
        if _is_arranged(day.year):
            is_rest = day.isoweekday() > 5 or day in chinese_calendar.holidays
            return day in chinese_calendar.workdays or not is_rest
        return day.isoweekday() <= 5 and day not in self.statutory

    def missing_years(self, around: date) -> tuple[int, ...]:
        """Return the years, of `around`'s and from 1 December the next, whose holiday arrangement is not known."""
        ahead = 1 if around.month == _DECEMBER else 0
        years = range(around.year, around.year + ahead + 1)
        return tuple(year for year in years if not _is_arranged(year) and year not in self.complete)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after `day`."""
        day += _DAY
        while not self.is_working_day(day):
            day += _DAY
        return day

    def working_days_after(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`, which itself does not count; 0 returns `day`."""
        for _ in range(count):
            day = self.next_working_day(day)
        return day

    def is_working_instant(self, instant: datetime) -> bool:
        """Tell whether `instant` lies in working time; a span's end lies outside."""
        tick = _ticks(instant)
        year = self._year(self.local_date(instant).year)
        index = bisect_right(year.starts, tick) - 1
        return index >= 0 and tick < year.ends[index]

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """Return the instant (UTC) by which `amount` of working time has passed since `start`.

        A limit that is used up as a span ends falls on that end (18:00), not on the next morning. Nothing to add
        moves a `start` outside working time to the next span's beginning. Raises ValueError when `amount` < 0.
        """
        found = self._ends.get((start, amount))
        if found is None:
            if len(self._ends) >= _KEPT:
                self._ends.clear()
            found = self._ends[start, amount] = self._end(start, amount)
        return found

    def _end(self, start: datetime, amount: timedelta) -> datetime:
        if amount < timedelta():
            raise ValueError(f"working time runs forward only: {amount}")
        number = self.local_date(start).year
        year = self._year(number)
        if not amount:
            return self._next_open(number, _ticks(start))
        target = year.worked_until(_ticks(start)) + amount // _TICK
        while target > year.total:
            target -= year.total
            number += 1
            year = self._year(number)
        return _instant(year.reach(target))

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_between(end, start)
        first, last = self.local_date(start).year, self.local_date(end).year
        whole = sum(self._year(number).total for number in range(first, last))
        before = self._year(first).worked_until(_ticks(start))
        return (whole + self._year(last).worked_until(_ticks(end)) - before) * _TICK

    def _next_open(self, number: int, tick: int) -> datetime:
        """Return `tick` if it lies in a span (both edges included), else the next span's beginning."""
        year = self._year(number)
        index = bisect_right(year.starts, tick)
        if index and tick <= year.ends[index - 1]:
            return _instant(tick)
        while index == len(year.starts):
            number, index = number + 1, 0
            year = self._year(number)
        return _instant(year.starts[index])

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = self._spans_of(number)
        return found

    def _spans_of(self, number: int) -> _Year:
        first = date(number, 1, 1)
        days = (first + offset * _DAY for offset in range(366))
        working = [day for day in days if day.year == number and self.is_working_day(day)]
        starts, ends, sums = [], [], []
        free_from, worked = _ticks(self.at(first, time())), 0
        for day, (opening, closing) in product(working, self.hours):
            # a change to summer time (1986–1991) may shorten a span or fold it into the next; spans must stay apart
            start, end = max(_ticks(self.at(day, opening)), free_from), _ticks(self.at(day, closing))
            if start < end:
                free_from, worked = end, worked + end - start
                starts.append(start)
                ends.append(end)
                sums.append(worked)
        return _Year(tuple(starts), tuple(ends), tuple(sums))


def load_calendar(override: Path | None = None, hours: Hours = WORK_HOURS, zone: str = ZONE) -> WorkCalendar:
    """Return the city's calendar; `override` is its own table of days, see tables/calendar.toml for the form.

    Raises TableError naming file, row and field, and ConfigError when `hours` are not ascending spans.
    """
    rows = [] if override is None else load_toml("calendar.toml", override).get("year", [])
    overrides: dict[date, bool] = {}
    complete: set[int] = set()
    for position, row in enumerate(rows, start=1):
        where = f"{override} 第{position}条[[year]]"
        overrides |= _days_of(where, row)
        if row.get("complete", False):
            complete.add(row["year"])
    return WorkCalendar(hours, zone, overrides, frozenset(complete))


def _days_of(where: str, row: Mapping[str, Any]) -> dict[date, bool]:
    unknown = set(row) - {"year", "complete", "rest", "work"}
    if unknown:
        raise TableError(f"{where} {min(unknown)}：没有这个字段，可用 year、complete、rest、work。")
    year = row.get("year")
    if not isinstance(year, int):
        raise TableError(f"{where} year：请填年份，如 2027。")
    days: dict[date, bool] = {}
    for name, works in (("rest", False), ("work", True)):
        for day in row.get(name, ()):
            _check_day(f"{where} {name}", day, year)
            if days.setdefault(day, works) is not works:
                raise TableError(f"{where} {name}：{day} 同时写在 rest 和 work 中，请删去一处。")
    return days


def _check_day(where: str, day: object, year: int) -> None:
    if type(day) is not date:  # a TOML date-time is a date too, to isinstance
        raise TableError(f"{where}：{day} 不是日期，请写成 {year}-10-01，不加引号。")
    if day.year != year:
        raise TableError(f"{where}：{day} 不在{year}年，请改正或另写一条。")


def _is_arranged(year: int) -> bool:
    return _FIRST_ARRANGED <= year <= _LAST_ARRANGED


def _length(span: tuple[time, time]) -> timedelta:
    opening, closing = (datetime.combine(date.min, edge) for edge in span)
    return closing - opening


def _ticks(instant: datetime) -> int:
    return (instant - _EPOCH) // _TICK


def _instant(tick: int) -> datetime:
    return _EPOCH + timedelta(microseconds=tick)
