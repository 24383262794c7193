"""Printed months and groups, written as shortly as a test can read them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from domain.accountability import load_accountability
from domain.assessment import SequenceKind
from domain.flags import Flag
from domain.funding import load_funding
from domain.month import Month, Quarter
from domain.printed import PrintedMonth, PrintedRow
from domain.quarter import Group, GroupScores, QuarterRules, QuarterScores, score_quarter

UNIT, TOWN, CHIEF = SequenceKind.UNIT, SequenceKind.TOWNSHIP, SequenceKind.SECOND_LEVEL
RULES = QuarterRules(load_funding(), load_accountability())
BLACK = Flag.BLACK


def row(
    subject: str, score: str, flag: Flag | None = None, *, kind: SequenceKind = UNIT, ranked: bool = True
) -> PrintedRow:
    return PrintedRow(kind, None, subject, subject, Decimal(score), 1 if ranked else None, "未设定", flag)


def month(name: str, *rows: PrintedRow) -> PrintedMonth:
    return PrintedMonth(Month.parse(name), rows)


def scored(name: str, scores: Mapping[str, str]) -> PrintedMonth:
    """A month of units; a score written "(90.00)" is listed but not ranked."""
    return month(name, *(row(s, score.strip("()"), ranked=not score.startswith("(")) for s, score in scores.items()))


def quarter_months(name: str, scores: Mapping[str, str]) -> list[PrintedMonth]:
    """Three months in which everybody has the same score."""
    return [scored(str(m), scores) for m in Quarter.parse(name).months]


def group(*subjects: str, fund: str | None = "A", name: str = "甲组", kind: SequenceKind = UNIT) -> Group:
    return Group(name, kind, subjects, fund)


def quarter(
    name: str, history: Sequence[PrintedMonth], *groups: Group, earlier: Mapping[str, Sequence[Group]] | None = None
) -> QuarterScores:
    def groups_of(asked: Quarter) -> Sequence[Group]:
        return (earlier or {}).get(str(asked), groups)

    return score_quarter(Quarter.parse(name), history, groups_of, RULES)


def lines(scores: GroupScores) -> list[str]:
    """Return "subject score rank run measure" of each row."""
    return [f"{r.subject} {r.score} {r.rank} {r.run} {r.place.measure if r.place else '-'}" for r in scores.rows]
