"""Accountability (问责): what black flags in a row or in a year, and last places quarter after quarter, lead to.

Counts run per sequence (S69). A month in which a party was not ranked neither adds to a streak nor breaks it; the total
is that of the calendar year (S81a). A streak gives an entry when it reaches its length, once; the total at each multiple
(S82a). A second-level chief's entries are personal notices, no inquiry (S83a).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from domain.assessment import SequenceKind
from domain.errors import TableError
from domain.flags import Flag
from domain.month import Month
from domain.printed import Party, PrintedMonth
from domain.rulebook import field_of
from domain.versions import Versions, load_versions

TABLE = "accountability.toml"


class EntryKind(StrEnum):
    """Why an entry arose; the value is stored and never renamed."""

    STREAK = "streak"  # 连续
    TOTAL = "total"  # 累计


@dataclass(frozen=True, slots=True)
class LastPlace:
    """The measure for being last so many quarters running (S84–S86)."""

    run: int
    measure: str
    way: str  # who does what
    is_public: bool = False  # the outcome is made known city-wide (S86)


@dataclass(frozen=True, slots=True)
class AccountabilityRule:
    """One version of the thresholds."""

    name: str
    since: date
    streak: int
    total: int
    measure: str  # for townships and units (S81)
    personal: str  # for second-level chiefs (S83a)
    last: tuple[LastPlace, ...]  # by run, from 1 without a gap
    notice_before: int  # flags before a trigger at which those concerned are warned (S89)
    year_measure: str = "年度问责"  # for serious dereliction by the year's results (S87)
    year_way: str = "由监察机关依规依纪处理"

    def place(self, run: int) -> LastPlace | None:
        """Return the measure for a run of last places, None for no run; further quarters keep the hardest (S85a)."""
        return self.last[min(run, len(self.last)) - 1] if run > 0 else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One trigger: a streak that reached its length, or a total that reached a multiple."""

    month: Month
    kind: EntryKind
    streak: int  # in that month
    year_total: int


@dataclass(slots=True)
class FlagCount:
    """A party's black flags up to the end of a month."""

    sequence: SequenceKind
    subject: str
    name: str = ""
    streak: int = 0
    year_total: int = 0
    year: int = 0  # of the total
    entries: list[Entry] = field(default_factory=list)  # oldest first
    flags: list[Month] = field(default_factory=list)  # every black flag, oldest first

    @property
    def party(self) -> Party:
        """Return whose count it is."""
        return self.sequence, self.subject

    def entries_in(self, months: Iterable[Month]) -> list[Entry]:
        """Return the entries that arose in some months."""
        wanted = set(months)
        return [entry for entry in self.entries if entry.month in wanted]

    def latest_in(self, months: Iterable[Month]) -> Entry | None:
        """Return the latest entry of some months; of two in one month the streak's."""
        found = self.entries_in(months)
        return max(found, key=lambda e: (e.month, e.kind is EntryKind.STREAK), default=None)

    def is_near(self, rule: AccountabilityRule) -> bool:
        """Tell whether the flags of the latest month stand right before a trigger (S89)."""
        before = rule.notice_before
        return self.streak == rule.streak - before or (self.year_total + before) % rule.total == 0

    def _take(self, month: Month, flag: Flag | None, rule: AccountabilityRule) -> None:
        if flag is not Flag.BLACK:
            self.streak = 0
            return
        self.streak += 1
        self.year_total += 1
        self.flags.append(month)
        if self.streak == rule.streak:
            self.entries.append(Entry(month, EntryKind.STREAK, self.streak, self.year_total))
        if self.year_total % rule.total == 0:
            self.entries.append(Entry(month, EntryKind.TOTAL, self.streak, self.year_total))

    def _turn(self, year: int) -> None:
        if year != self.year:
            self.year, self.year_total = year, 0


def count_flags(
    months: Sequence[PrintedMonth], rules: Versions[AccountabilityRule], year: int | None = None
) -> dict[Party, FlagCount]:
    """Return the counts of everybody who was ever ranked, after the last of `months`, given in their order.

    With `year` the totals are those of that year, which may have no month among them.
    """
    counts: dict[Party, FlagCount] = {}
    for printed in months:
        rule = rules.on(printed.month.first)
        for party, row in printed.ranked.items():
            count = counts.setdefault(party, FlagCount(*party))
            count.name = row.name
            count._turn(printed.month.year)
            count._take(printed.month, row.flag, rule)
    if year is not None or months:
        for count in counts.values():
            count._turn(year if year is not None else months[-1].month.year)
    return counts


def load_accountability(override: Path | None = None) -> Versions[AccountabilityRule]:
    """Return the thresholds. Raises TableError, naming file, version and field, for a missing or impossible value."""
    return load_versions(TABLE, _version, override)


def _version(where: str, row: dict[str, Any]) -> AccountabilityRule:
    flags = field_of(where, row, "flags", dict)
    notice = field_of(where, row, "notice", dict)
    rule = AccountabilityRule(
        name=field_of(where, row, "name", str),
        since=field_of(where, row, "since", date),
        streak=field_of(f"{where} flags", flags, "streak", int),
        total=field_of(f"{where} flags", flags, "total", int),
        measure=field_of(f"{where} flags", flags, "measure", str),
        personal=field_of(f"{where} flags", flags, "personal", str),
        last=tuple(_last(f"{where} last 第{n}行", one) for n, one in enumerate(field_of(where, row, "last", list), 1)),
        notice_before=field_of(f"{where} notice", notice, "before", int),
        **_year(f"{where} year", row.get("year", {})),
    )
    if min(rule.streak, rule.total) < 1 or not 0 <= rule.notice_before < min(rule.streak, rule.total):
        raise TableError(f"{where}：streak、total须为正数，before须小于两者，请更正。")
    if [place.run for place in rule.last] != list(range(1, len(rule.last) + 1)) or not rule.last:
        raise TableError(f"{where}：last的run须从1起逐一递增，请更正。")
    return rule


def _year(where: str, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a table says of the year; one written before that could be said leaves the scheme's own words."""
    return {f"year_{name}": field_of(where, row, name, str) for name in ("measure", "way") if name in row}


def _last(where: str, row: Mapping[str, Any]) -> LastPlace:
    return LastPlace(
        run=field_of(where, row, "run", int),
        measure=field_of(where, row, "measure", str),
        way=field_of(where, row, "way", str),
        is_public=field_of(where, row, "public", bool) if "public" in row else False,
    )
