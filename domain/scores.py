"""A month's figures as they are listed, printed and stored: rows, lists, coverage, and their JSON form (S68)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from domain.assessment import SequenceKind
from domain.flags import Flag, FlagEntry
from domain.holdings import Deduction
from domain.month import Month


class Row(NamedTuple):
    """One subject of a list. `rank` is None for one that is listed but not ranked (S48).

    A bare tuple: hundreds of them are made each time somebody asks how things stand.
    """

    subject: str  # township, second-level chief's person id, unit
    name: str
    score: Decimal  # two decimals, the printed figure
    rank: int | None
    grade: str
    flag: Flag | None
    deductions: tuple[Deduction, ...]  # as found, also beyond a segment's floor
    segments: tuple[str, ...]  # ids


@dataclass(frozen=True, slots=True)
class SequenceScores:
    """One list, best first, those not ranked at its end; `group` is the difficulty for second-level chiefs (S56a)."""

    sequence: SequenceKind
    group: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was inspected: printed beside the scores, never corrected for (S43c)."""

    segments: int
    visited: int  # of them
    visits: int  # findings, clean visits included


@dataclass(frozen=True, slots=True)
class Scores:
    """A month's figures."""

    month: Month
    sequences: tuple[SequenceScores, ...]  # lists without rows are left out
    coverage: Coverage
    problems: tuple[tuple[str, int], ...]  # (category, findings), the most frequent first
    rules: tuple[str, ...]  # versions in force: the settings, then the rule books (S68)
    remarks: tuple[str, ...] = ()  # what a heading must say, such as 评分权重未设定 (S57a)

    def of(self, kind: SequenceKind) -> list[SequenceScores]:
        """Return the lists of one sequence, by group."""
        return [listed for listed in self.sequences if listed.sequence is kind]

    def flag_register(self) -> list[FlagEntry]:
        """Return the month's flags for the register (S68)."""
        return [
            FlagEntry(self.month, s.sequence, s.group, r.subject, r.name, r.score, r.rank, r.grade, r.flag, self.rules)
            for s in self.sequences
            for r in s.rows
            if r.flag and r.rank
        ]

    def to_json(self, head: str = "") -> dict[str, Any]:
        """Return the form that other programs read; `head` is the ledger's printed head."""
        return {"period": str(self.month), "head": head, "sequences": [_list_json(s) for s in self.sequences]}


def _list_json(listed: SequenceScores) -> dict[str, Any]:
    rows = [_row_json(row) for row in listed.rows]
    return {"sequence": listed.sequence.value, "group": listed.group, "rows": rows}


def _row_json(row: Row) -> dict[str, Any]:
    deductions = [
        {"finding": d.finding, "segment": d.segment, "category": d.category, "points": f"{d.points:.2f}"}
        for d in row.deductions
    ]
    return {
        "subject": row.subject,
        "name": row.name,
        "score": f"{row.score:.2f}",
        "rank": row.rank,
        "grade": row.grade,
        "flag": row.flag.value if row.flag else None,
        "deductions": deductions,
    }
