"""Months and quarters of the city's calendar (S46, S97), and how people read and write them.

2026-06 and 2026Q2 are stored and stand in files for machines; people read 2026年6月 and 2026年第二季度, and may write
either.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from domain.errors import RuleError

SHANGHAI = ZoneInfo("Asia/Shanghai")

_MONTH = re.compile("([0-9]{4})(?:-([0-9]{2})|年([0-9]{1,2})月份?)")
_QUARTER = re.compile("([0-9]{4})(?:[Qq]([1-4])|年第?([1-4一二三四])季度)")
_ORDINALS = "一二三四"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, the period that is scored (S46)."""

    year: int
    number: int  # 1–12

    def __post_init__(self) -> None:
        if not (1970 <= self.year <= 9998 and 1 <= self.number <= 12):
            raise RuleError(f"没有{self.year}年{self.number}月这个考评月份，请写成2026-10。")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Return the month written `2026-10` or `2026年10月`; raises RuleError for anything else."""
        match = _MONTH.fullmatch(text)
        if not match:
            raise RuleError(f"“{text}”不是月份，请写成2026-10。")
        return cls(int(match[1]), int(match[2] or match[3]))

    @classmethod
    def of(cls, instant: datetime, zone: tzinfo = SHANGHAI) -> "Month":
        """Return the month an instant belongs to; a month's first instant is its own (S46a)."""
        local = instant.astimezone(zone)
        return cls(local.year, local.month)

    @classmethod
    def on(cls, day: date) -> "Month":
        """Return the month of a day of the city."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def title(self) -> str:
        """Return what people call it: 2026年10月."""
        return f"{self.year}年{self.number}月"

    @property
    def first(self) -> date:
        """Return the first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Return the last day."""
        return self.next().first - timedelta(days=1)

    def next(self) -> "Month":
        """Return the month after."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def previous(self) -> "Month":
        """Return the month before."""
        return Month(self.year - (self.number == 1), self.number - 1 or 12)

    def days(self) -> Iterator[date]:
        """Yield every day in order."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def start(self, zone: tzinfo = SHANGHAI) -> datetime:
        """Return the first instant, in UTC."""
        return datetime(self.year, self.number, 1, tzinfo=zone).astimezone(UTC)

    def end(self, zone: tzinfo = SHANGHAI) -> datetime:
        """Return the instant at which the next month begins, in UTC; it no longer belongs to this one."""
        return self.next().start(zone)

    def holds(self, instant: datetime, zone: tzinfo = SHANGHAI) -> bool:
        """Tell whether an instant belongs to the month."""
        return self.start(zone) <= instant < self.end(zone)


class DayByDay:
    """Dates of many instants, mostly in order: a zone is asked once for each day."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._day = date.min
        self._begin = self._end = datetime.min.replace(tzinfo=UTC)

    def day(self, instant: datetime) -> date:
        """Return the date of an instant in the zone."""
        if not self._begin <= instant < self._end:
            self._day = instant.astimezone(self._zone).date()
            bounds = (datetime.combine(d, time(), self._zone) for d in (self._day, self._day + timedelta(days=1)))
            self._begin, self._end = (bound.astimezone(UTC) for bound in bounds)
        return self._day


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter (S97a)."""

    year: int
    number: int  # 1–4

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Return the quarter written `2026Q3` or `2026年第三季度`; raises RuleError for anything else."""
        match = _QUARTER.fullmatch(text)
        if not match:
            raise RuleError(f"“{text}”不是季度，请写成2026Q3。")
        number = match[2] or match[3]
        return cls(int(match[1]), _ORDINALS.index(number) + 1 if number in _ORDINALS else int(number))

    @classmethod
    def of(cls, month: Month) -> "Quarter":
        """Return the quarter a month belongs to."""
        return cls(month.year, (month.number + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year:04}Q{self.number}"

    @property
    def title(self) -> str:
        """Return what people call it: 2026年第三季度."""
        return f"{self.year}年第{_ORDINALS[self.number - 1]}季度"

    @property
    def months(self) -> tuple[Month, Month, Month]:
        """Return its three months in order."""
        first = 3 * self.number - 2
        return Month(self.year, first), Month(self.year, first + 1), Month(self.year, first + 2)

    @property
    def last(self) -> Month:
        """Return its last month."""
        return self.months[2]

    def next(self) -> "Quarter":
        """Return the quarter after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def previous(self) -> "Quarter":
        """Return the quarter before."""
        return Quarter(self.year - (self.number == 1), self.number - 1 or 4)


def is_quarter(text: str) -> bool:
    """Tell whether a period is meant as a quarter (2026Q3, 2026年第三季度)."""
    return "Q" in text.upper() or "季" in text


def title_of(period: str) -> str:
    """Return what people call a stored period: a month, a quarter or a year; anything else as it is."""
    if _QUARTER.fullmatch(period):
        return Quarter.parse(period).title
    if _MONTH.fullmatch(period):
        return Month.parse(period).title
    return f"{period}年" if re.fullmatch("[0-9]{4}", period) else period


def titles(months: Iterable[Month]) -> str:
    """Return months in a list: 2026年6月、2026年7月."""
    return "、".join(month.title for month in months)
