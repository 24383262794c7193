"""Deadlines (时限): until when a case must be acknowledged (收到) and resolved (办结), and what "done" means.

Every category × severity has a row in tables/deadlines.toml with its source; a hazard (紧急) has a shorter one that
runs around the clock. The instants are stored with the case, so a later edit of the table moves no running case.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any

from domain.calendar import WorkCalendar
from domain.categories import SEVERITIES
from domain.errors import TableError
from domain.tables import load_toml


class ClockKind(StrEnum):
    """How a limit is counted; the value is the key that carries it in the table."""

    WORKING_HOURS = "working_hours"  # 工作时
    WORKING_DAYS = "working_days"  # 工作日: as many working hours as the calendar's day has, 8 by default
    RUNNING_HOURS = "running_hours"  # 紧急工作时: nights and holidays too
    RUNNING_MINUTES = "running_minutes"


_RUNNING: Mapping[ClockKind, timedelta] = {
    ClockKind.RUNNING_HOURS: timedelta(hours=1),
    ClockKind.RUNNING_MINUTES: timedelta(minutes=1),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time together with the clock that counts it; `amount` > 0 in the clock's unit."""

    clock: ClockKind
    amount: float

    @property
    def is_running(self) -> bool:
        """Tell whether nights and holidays count."""
        return self.clock in _RUNNING

    def after(self, start: datetime, calendar: WorkCalendar) -> datetime:
        """Return the instant (UTC) at which the span that began at `start` is used up."""
        if self.is_running:
            return start.astimezone(UTC) + self.amount * _RUNNING[self.clock]
        unit = timedelta(hours=1) if self.clock is ClockKind.WORKING_HOURS else calendar.working_day
        return calendar.add_working(start, self.amount * unit)


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: limits of a category at a severity, when it counts as done (结案标准), and the source of `resolve`."""

    category: str
    severity: str  # 一般 | 突出 | 重大
    ack: Span
    resolve: Span
    closing: str  # closing standard (结案标准)
    source: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The whole table; `hazards` holds the hazard row of each category, with severity 重大."""

    rows: Mapping[tuple[str, str], Limit]
    hazards: Mapping[str, Limit]

    @classmethod
    def load(cls, categories: Collection[str], override: Path | None = None) -> "Limits":
        """Return the limits for exactly these categories from the built-in table or a city's own.

        Raises TableError naming file, row and field when a category or severity is missing, doubled or unknown, a
        limit is not positive, a clock is unknown, or a closing standard or source is empty.
        """
        return _Parser(str(override or "deadlines.toml")).limits(load_toml("deadlines.toml", override), categories)

    def row(self, category: str, severity: str, *, is_hazard: bool = False) -> Limit:
        """Return the row in force. Raises TableError when the table has none."""
        found = self.hazards.get(category) if is_hazard else self.rows.get((category, severity))
        if found is None:
            raise TableError(f"deadlines.toml：没有分类“{category}”程度“{severity}”的时限，请在表中补上。")
        return found

    def ack_due(self, start: datetime, limit: Limit, calendar: WorkCalendar, *, is_hazard: bool = False) -> datetime:
        """Return the instant (UTC) until which a case assigned at `start` must be acknowledged."""
        return self._in_force(limit, is_hazard).ack.after(start, calendar)

    def due(self, start: datetime, limit: Limit, calendar: WorkCalendar, *, is_hazard: bool = False) -> datetime:
        """Return the instant (UTC) until which a case assigned at `start` must be resolved."""
        return self._in_force(limit, is_hazard).resolve.after(start, calendar)

    def _in_force(self, limit: Limit, is_hazard: bool) -> Limit:
        return self.row(limit.category, limit.severity, is_hazard=True) if is_hazard else limit


@dataclass(frozen=True, slots=True)
class _Parser:
    """Reads the table; every refusal names `file`, the row and the field."""

    file: str

    def limits(self, table: Mapping[str, Any], categories: Collection[str]) -> Limits:
        acks = self._acks(table.get("ack", {}))
        hazard = table.get("hazard", {})
        hazard_ack = self._span(f"{self.file} [hazard] ack", hazard.get("ack"))
        rows: dict[tuple[str, str], Limit] = {}
        hazards: dict[str, Limit] = {}
        for number, raw in enumerate(table.get("limit", ()), start=1):
            where = f"{self.file} 第{number}个[[limit]]（{raw.get('category', '无category')}）"
            category = self._category(where, raw, categories)
            if category in hazards:
                raise TableError(f"{where} category：“{category}”出现了两次，请删去一行。")
            for severity in SEVERITIES:
                rows[category, severity] = self._limit(where, raw, severity, severity, acks[severity])
            own = raw if "hazard" in raw else raw | {"hazard": hazard.get("resolve")}
            hazards[category] = self._limit(where, own, "hazard", SEVERITIES[-1], hazard_ack)
        missing = [code for code in categories if code not in hazards]
        if missing:
            raise TableError(f"{self.file} [[limit]] category：缺少分类 {'、'.join(missing)}，请各补一行。")
        return Limits(rows, hazards)

    def _acks(self, raw: Mapping[str, Any]) -> dict[str, Span]:
        return {severity: self._span(f"{self.file} [ack] {severity}", raw.get(severity)) for severity in SEVERITIES}

    def _category(self, where: str, raw: Mapping[str, Any], categories: Collection[str]) -> str:
        unknown = set(raw) - {"category", "closing", "hazard", *SEVERITIES}
        if unknown:
            raise TableError(f"{where} {min(unknown)}：没有这个字段，可用 category、closing、hazard 和三种程度。")
        category = raw.get("category")
        if not isinstance(category, str) or category not in categories:
            raise TableError(f"{where} category：分类表中没有“{category}”，请改成已有的分类。")
        return category

    def _limit(self, where: str, raw: Mapping[str, Any], field: str, severity: str, ack: Span) -> Limit:
        cell = raw.get(field)
        span = self._span(f"{where} {field}", cell)
        source = self._words(f"{where} {field}.source", cell, "source")
        closing = self._words(f"{where} closing", raw, "closing")
        return Limit(raw["category"], severity, ack, span, closing, source)

    def _span(self, where: str, cell: object) -> Span:
        if not isinstance(cell, dict):
            raise TableError(f"{where}：缺少时限，请写成 {{ working_hours = 4 }} 这样的一项。")
        clocks = [key for key in cell if key != "source"]
        if len(clocks) != 1 or clocks[0] not in set(ClockKind):
            given = "、".join(clocks) or "空"
            raise TableError(f"{where}：计时方式“{given}”无效，只能是以下之一：{'、'.join(ClockKind)}。")
        amount = cell[clocks[0]]
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not is_number or not isfinite(amount) or amount <= 0:
            raise TableError(f"{where}.{clocks[0]}：时限“{amount}”无效，请填大于0的数。")
        return Span(ClockKind(clocks[0]), amount)

    def _words(self, where: str, raw: object, field: str) -> str:
        words = raw.get(field) if isinstance(raw, dict) else None
        if not isinstance(words, str) or not words.strip():
            raise TableError(f"{where}：缺少文字，请填写。")
        return words
