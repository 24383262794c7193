"""Small rosters and findings for one reading at a time."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from domain.assessment import load_assessments
from domain.finding import Finding
from domain.month import Month
from domain.roster import Dated, Roster, Segment
from domain.rulebook import Rule, RuleBook, RuleBooks
from domain.scoring import Evidence, Row, Scores, SequenceScores, Settings, score_month

OCTOBER = Month(2026, 10)
BOOKS = RuleBooks((RuleBook("细则（示例）", date(2026, 1, 1), True, {"luan.stall": Rule(Decimal("0.50"), "一")}),))
SETTINGS = Settings(BOOKS, load_assessments())


def segment(
    id_: str,
    road: str = "人民路",
    town: str = "甲镇",
    unit: str = "",
    l2: str = "p",
    grade: str = "A",
    side: str = "双侧",
) -> Segment:
    """Return a segment; without a unit the township stands for it, as in a roster file."""
    name = {"p": "彭涛", "q": "秦刚", "r": "任红"}.get(l2, l2)
    return Segment(
        id_, road, (), "东街", "西街", side, town, grade, unit or town, "c", "陈", l2, name, "h", "韩", "f", "方"
    )  # fmt: skip


def roster(*segments: Segment | Dated[Segment]) -> Roster:
    return Roster(segments=tuple(s if isinstance(s, Dated) else Dated(s) for s in segments))


def finding(
    segment_id: str, points: str = "1", at: str = "2026-10-05T09:00:00", category: str = "luan.stall", key: str = ""
) -> Finding:
    """Return a finding; `at` is city time unless it names an offset, its key is made from all that it says."""
    instant = datetime.fromisoformat(at if at[-1] == "Z" or "+" in at else f"{at}+08:00")
    name = key or f"{segment_id}|{points}|{instant.isoformat()}|{category}"
    return Finding(name, instant, segment_id, category, Decimal(points or "0"), by_book=not points)


def scores(book: Roster, findings: Sequence[Finding] = (), settings: Settings = SETTINGS) -> Scores:
    return score_month(OCTOBER, Evidence(findings, book), settings)


def table(lists: Iterable[SequenceScores]) -> dict[str, str]:
    """Return subject → "score rank flag", over all lists."""
    return {row.subject: f"{row.score} {row.rank or '-'} {row.flag or '-'}" for listed in lists for row in listed.rows}


def points(row: Row) -> list[str]:
    return [f"{d.segment} {d.points}" for d in row.deductions]
