"""The year's figure: the mean of the printed monthly scores in which a party was ranked, months counted (S79, S97a).

Townships, units and departments bring their share of it into the yearly target assessment (S73).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.assessment import SequenceKind
from domain.flags import Flag
from domain.month import Month
from domain.printed import Party, PrintedMonth, PrintedRow, mean_score
from domain.ranking import half_up

TARGETED = (SequenceKind.TOWNSHIP, SequenceKind.UNIT, SequenceKind.DEPARTMENT)  # in the yearly target assessment (S73)


@dataclass(frozen=True, slots=True)
class YearRow:
    """One party's year."""

    sequence: SequenceKind
    group: str | None  # a second-level chief's difficulty in his latest month
    subject: str
    name: str
    score: Decimal  # two decimals, the printed figure
    months: int
    rank: int
    red: int  # flags of the year
    black: int
    points: Decimal | None  # its share for the yearly target assessment, None where it has none


@dataclass(frozen=True, slots=True)
class YearScores:
    """A year so far: every frozen month counts, and only these."""

    year: int
    months: tuple[Month, ...]
    rows: tuple[YearRow, ...]  # by sequence, list and rank

    def of(self, *kinds: SequenceKind) -> list[YearRow]:
        """Return the rows of some sequences."""
        return [row for row in self.rows if row.sequence in kinds]

    def to_json(self, head: str = "") -> dict[str, Any]:
        """Return the form that other programs read."""
        return {
            "period": str(self.year),
            "head": head,
            "months": [str(month) for month in self.months],
            "rows": [_row_json(row) for row in self.rows],
        }


def score_year(year: int, history: Sequence[PrintedMonth], target_share: Decimal) -> YearScores:
    """Return a year's figures from its frozen months, given in their order."""
    mine = [printed for printed in history if printed.month.year == year]
    found: dict[Party, list[PrintedRow]] = defaultdict(list)
    for printed in mine:
        for party, row in printed.ranked.items():
            found[party].append(row)
    scores = {party: mean_score([row.score for row in rows]) for party, rows in found.items()}
    lists = {party: (party[0], rows[-1].group) for party, rows in found.items()}
    order = list(SequenceKind)
    rows = [
        YearRow(
            sequence=party[0],
            group=lists[party][1],
            subject=party[1],
            name=printed_rows[-1].name,
            score=scores[party],
            months=len(printed_rows),
            rank=1 + sum(scores[o] > scores[party] for o in scores if lists[o] == lists[party]),
            red=sum(row.flag is Flag.RED for row in printed_rows),
            black=sum(row.flag is Flag.BLACK for row in printed_rows),
            points=half_up(Fraction(scores[party]) * Fraction(target_share)) if party[0] in TARGETED else None,
        )
        for party, printed_rows in found.items()
    ]
    rows.sort(key=lambda row: (order.index(row.sequence), row.group or "", row.rank, row.subject))
    return YearScores(year, tuple(printed.month for printed in mine), tuple(rows))


def _row_json(row: YearRow) -> dict[str, Any]:
    return {
        "sequence": row.sequence.value,
        "group": row.group,
        "subject": row.subject,
        "name": row.name,
        "score": f"{row.score:.2f}",
        "months": row.months,
        "rank": row.rank,
        "red": row.red,
        "black": row.black,
        "points": f"{row.points:.2f}" if row.points is not None else None,
    }
