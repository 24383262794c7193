"""The sample city's second quarter on standard output: months, announcement, funding, draw and ledger head, as text.

`python -m tests.domain.reproduce.figures SEED` reads the same files as the demo, their rows in an order that SEED
chooses. Only the standard library is imported, so any Python that we support can print it.
"""

import csv
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from domain.accountability import load_accountability
from domain.assessment import Assessments, SequenceKind, load_assessments
from domain.categories import Categories
from domain.draw import draw
from domain.funding import load_funding
from domain.imports.findings import parse_findings
from domain.imports.roster import parse_roster
from domain.imports.rows import RawRow
from domain.ledger import canonical, head, sealed
from domain.month import Month, Quarter
from domain.printed import PrintedMonth
from domain.quarter import Group, QuarterRules, score_quarter
from domain.ranking import CaseFigures
from domain.roster import Dated, Roster
from domain.rulebook import load_rules
from domain.scores import Scores
from domain.scoring import Evidence, Settings, score_month
from domain.texts.leadership import Bulletin, announcement
from domain.texts.quarterly import shown

CITY = Path(__file__).parents[3] / "bot" / "demo" / "city"
MONTHS = {"2026-04": "findings-april.csv", "2026-05": "findings-may.csv", "2026-06": "findings.csv"}


def main(seed: str) -> str:
    """Return the whole text; `seed` chooses the order of everything whose order must play no part."""
    lots = random.Random(seed)
    categories = Categories.load(None)
    names = {row.code: row.name for row in categories.rows}
    departments = {row.code: row.department for row in categories.rows}
    settings = Settings(load_rules(names), _assessments(), department_of=departments)
    roster = Roster(segments=tuple(Dated(s) for s in parse_roster("roster.csv", _rows("roster.csv", lots))))

    def scored(month: str, file: str) -> Scores:
        rows = _rows(file, lots)
        found = parse_findings(file, rows, roster=roster, categories=names, rules=settings.rules)
        units = sorted({s.unit for s in roster.on(Month.parse(month).first)})
        cases = {(SequenceKind.UNIT, unit): CaseFigures(n % 4, n % 3, 12) for n, unit in enumerate(units)}
        ratings = {unit: 90 - Fraction(n, 7) for n, unit in enumerate(units)}
        offices = dict.fromkeys(departments.values(), Fraction(100, 3))
        return score_month(Month.parse(month), Evidence(found, roster, cases, ratings, offices), settings)

    months = [scored(month, file) for month, file in MONTHS.items()]
    printed = [PrintedMonth.from_json(scores.to_json()) for scores in months]
    quarter = score_quarter(Quarter.parse("2026Q2"), printed, lambda _: _groups(roster), _rules())
    days = [date(2026, 6, n) for n in range(1, 29) if date(2026, 6, n).weekday() < 5]
    plan = draw(Month(2026, 6), [d.value for d in lots.sample(roster.segments, len(roster.segments))], days, "a3f1", 2)
    parts = [
        *(canonical(scores.to_json()) for scores in months),
        announcement(Bulletin(months[-1], "考评办法", names, date(2026, 7, 6), "a3f1", city="溪城市")),
        *shown(quarter),
        canonical(quarter.to_json()),
        *(f"{one.day} {[s.road for s in one.stretches]}" for one in plan.days),
    ]
    return "\n".join([*parts, _head(parts), ""])


def _rows(file: str, lots: random.Random) -> list[RawRow]:
    with (CITY / file).open(encoding="utf-8", newline="") as lines:
        rows = list(enumerate(csv.DictReader(lines), start=2))
    lots.shuffle(rows)
    return rows


def _assessments() -> Assessments:
    """Return the shipped settings with a weight for the ratings, which the scheme leaves blank (S57a)."""
    return Assessments(tuple(replace(one, rating_weight=Decimal("0.3")) for one in load_assessments().versions))


def _groups(roster: Roster) -> Sequence[Group]:
    towns = sorted({d.value.township for d in roster.segments})
    units = sorted({d.value.unit for d in roster.segments} - set(towns))
    return (
        Group("辖区组", SequenceKind.TOWNSHIP, tuple(towns), "A"),
        Group("单位组", SequenceKind.UNIT, tuple(units), "B"),
    )


def _rules() -> QuarterRules:
    return QuarterRules(load_funding(), load_accountability())


def _head(parts: Sequence[str]) -> str:
    at = datetime(2026, 7, 6, 1, 12, tzinfo=UTC)
    entries = [sealed(f"s{n}", 1, at, "period", canonical({"text": part}), "") for n, part in enumerate(parts)]
    return head("", at.date(), [(e.stream, e.seq, e.hash) for e in entries], len(entries)).hash


if __name__ == "__main__":
    sys.stdout.buffer.write(main(sys.argv[1]).encode())
