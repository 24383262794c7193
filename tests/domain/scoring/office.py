"""An office in memory: what people do with findings by the product's own steps, and the ledger's export of it."""

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from random import Random
from typing import Any, cast

from domain.appeal import Appeal
from domain.case import Case
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, PeriodState
from domain.finding import Finding, as_scored
from domain.imports.roster import parse_roster
from domain.ledger import canonical
from domain.ports import CaseQuery, View
from domain.roster import Dated, Roster
from domain.rules import Rules
from store.records import imported
from tests.bot.commands.files import roster_lines
from tests.domain.casework.city import City, roster_with, rules
from tests.domain.scoring import oracle

CHANGES = {
    "XC001": {"unit": "市水利局", "l2_userid": "gao", "l2_name": "高明"},
    "XC003": {"township": "河西镇", "road": "工业路"},
}
Files = list[tuple[str, str]]  # first day or "", a roster


@dataclass
class Office(City):
    """Findings, appeals and periods as the steps left them, and every entry of the ledger in its order."""

    found: dict[str, Finding] = field(default_factory=dict)
    lodged: dict[int, Appeal] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    kept_periods: dict[str, PeriodState] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    claims: set[tuple[str, str]] = field(default_factory=set)
    entries: list[str] = field(default_factory=list)
    by: Rules = field(default_factory=rules)

    @property
    def work(self) -> Work:
        return Work(cast(View, self), self.by)

    @property
    def inspected(self) -> "Sheets":
        return Sheets(self)

    async def findings(self, start: datetime, end: datetime) -> list[Finding]:
        return as_scored(await self.inspected.findings(start, end))

    async def cases(self, query: CaseQuery) -> list[Case]:
        return []

    async def setting(self, name: str) -> Any:
        return self.settings.get(name)

    async def period(self, period: str) -> PeriodState | None:
        return self.kept_periods.get(period)

    async def periods(self) -> list[PeriodState]:
        return [self.kept_periods[month] for month in sorted(self.kept_periods)]

    async def claimed(self, job: str, period: str) -> bool:
        return (job, period) in self.claims

    async def head(self) -> str:
        return "abc"

    def take(self, effects: Effects) -> None:
        super().take(effects)
        self.found |= {one.key: one for one in effects.findings}
        self.lodged |= {one.id: one for one in effects.appeals}
        self.settings |= effects.settings
        self.claims |= set(effects.claims)
        self.kept_periods |= {state.period: state for state in effects.periods}
        self.write(effects.events)

    def import_file(self, findings: list[Finding]) -> None:
        fresh = [one for one in findings if one.key not in self.found]
        self.found |= {one.key: one for one in fresh}
        self.write(imported(fresh))

    def write(self, events: list[LedgerEvent]) -> None:
        """Write entries as the store's export has them, without the chain."""
        for event in events:
            payload = json.loads(canonical({"facts": event.facts}))
            line = {"stream": event.stream, "at": self.now.isoformat(), "kind": event.kind, "payload": payload}
            self.entries.append(json.dumps(line, ensure_ascii=False))


@dataclass(frozen=True)
class Sheets:
    """What `View.inspected` reads."""

    office: Office

    async def findings(self, start: datetime, end: datetime) -> list[Finding]:
        found = [one for one in self.office.found.values() if start <= one.found_at < end]
        return sorted(found, key=lambda one: (one.found_at, one.key))

    async def finding(self, key: str) -> Finding | None:
        return self.office.found.get(key)

    async def finding_of_case(self, case_id: int) -> Finding | None:
        return next((one for one in self.office.found.values() if one.case == case_id), None)

    async def appeals(self, month: str) -> list[Appeal]:
        return [one for one in self.office.lodged.values() if one.month == month]

    async def appeal_against(self, finding: str) -> Appeal | None:
        return next((one for one in self.office.lodged.values() if one.finding == finding), None)

    async def next_appeal(self, year: int) -> int:
        return self._next("appeal", year)

    async def next_finding(self, year: int) -> int:
        return self._next("finding", year)

    def _next(self, kind: str, year: int) -> int:
        self.office.numbers[kind] += 1
        return year * 10**8 + self.office.numbers[kind]


def open_office(dice: Random) -> tuple[Office, Files]:
    """Return an office of June, in which two segments change hands on a day that is thrown, and its roster's files."""
    since = date(2026, 6, dice.choice([2, 15, 16, 17, 29]))
    files = [("", "\n".join(roster_lines())), (since.isoformat(), "\n".join(roster_lines(CHANGES)))]
    return Office(roster=_roster(since)), files


@cache
def _roster(since: date) -> Roster:
    before, after = (
        parse_roster("r", list(enumerate(oracle.read("\n".join(roster_lines(changes))), 2)))
        for changes in ({}, CHANGES)
    )
    segments = [Dated(s, None, since) for s in before] + [Dated(s, since) for s in after]
    return replace(roster_with(), segments=tuple(segments))
