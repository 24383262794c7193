"""The month's score (月度得分) of townships, second-level chiefs and units, from the office's findings (S40–S58).

A segment starts from 100 and loses the points of its findings, not below 0 (S43b). A road inside one township is the
mean of its segments, a township the mean of its roads (S51a); a second-level chief and a unit are the mean of their
segments (S54a, S57a). Means are exact and rounded once (S43d). What becomes of a change of the roster within the month
is said in `domain.holdings`; a subject that held segments on fewer than half of the month's days is listed but not
ranked (S48).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction

from domain.assessment import INSPECTED, Assessment, Assessments, SequenceKind
from domain.composite import list_shops, score_departments
from domain.errors import TableError
from domain.finding import Finding
from domain.flags import Flag, hang_flags
from domain.holdings import Deduction, Held, Stint, holders_of, stints_of
from domain.month import SHANGHAI, Month
from domain.ranking import CaseFigures, competition_ranks, half_up, order
from domain.roster import Roster
from domain.rulebook import RuleBooks
from domain.scores import Coverage, Row, Scores, SequenceScores
from domain.shops import ShopRow

__all__ = ["Coverage", "Evidence", "Row", "Scores", "SequenceScores", "Settings", "score_month", "standing_so_far"]

RATING_UNSET = "评分权重未设定"
RATING_MISSING = "各级路长评分未齐，责任单位暂按督查得分"
GRADE_UNSET = "等级分数线未设定"

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a score is computed by."""

    rules: RuleBooks
    assessments: Assessments
    zone: tzinfo = SHANGHAI
    department_of: Mapping[str, str] = field(default_factory=dict)  # category code → name of the department


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a score is computed from; the order of nothing in it plays a part.

    `cases` break ties (S45b); `ratings` and `department_ratings` are the mean scores, 0–100, that chiefs of every level
    gave to units (S57) and departments (S59); `shops` are those whose names may be read (S62).
    """

    findings: Sequence[Finding]
    roster: Roster
    cases: Mapping[tuple[SequenceKind, str], CaseFigures] = field(default_factory=dict)
    ratings: Mapping[str, Decimal] = field(default_factory=dict)
    department_ratings: Mapping[str, Decimal] = field(default_factory=dict)
    shops: Sequence[ShopRow] = ()


@dataclass(frozen=True, slots=True)
class _Basis:
    """What every list of one month shares."""

    assessment: Assessment
    cases: Mapping[tuple[SequenceKind, str], CaseFigures]
    ratings: Mapping[str, Decimal]  # empty unless they count
    days: int

    def figure(self, holder: Held) -> Fraction:
        weight = self.assessment.rating_weight
        if holder.kind is not SequenceKind.UNIT or weight is None or not self.ratings:
            return holder.figure
        share = Fraction(weight)
        return holder.figure * (1 - share) + Fraction(self.ratings[holder.subject]) * share

    def is_ranked(self, holder: Held) -> bool:
        return holder.days >= self.days * self.assessment.least_share

    def group(self, holder: Held) -> str | None:
        by_difficulty = holder.kind is SequenceKind.SECOND_LEVEL and self.assessment.by_difficulty
        return holder.difficulty if by_difficulty else None


def score_month(month: Month, evidence: Evidence, settings: Settings, until: datetime | None = None) -> Scores:
    """Return the month's figures; with `until`, those of the part of the month before that instant.

    Findings outside the month are left aside, and one that occurs twice counts once. Raises TableError when a finding
    has no segment in the roster on its day, or neither points of its own nor any in the rule book.
    """
    end, last = span_of(month, settings.zone, until)
    assessment = settings.assessments.on(month.first)
    found = _in_month(evidence.findings, month.start(settings.zone), end)
    deductions = deductions_in(found, settings)
    stints = stints_of(evidence.roster, month.first, last, deductions)
    holders = {kind: holders_of(kind, stints) for kind in INSPECTED}
    days = (last - month.first).days + 1
    inspected, remarks = lists_of(holders, assessment, evidence.cases, evidence.ratings, days)
    segments = {stint.segment.id for stint in stints}
    departments = score_departments(
        deductions, segments, settings.department_of, evidence.department_ratings, assessment
    )
    if departments and assessment.rating_weight is None and RATING_UNSET not in remarks:
        remarks = (RATING_UNSET, *remarks)
    others = [departments, list_shops(evidence.shops, assessment)]
    return Scores(
        month=month,
        sequences=(
            *inspected,
            *(listed for listed in others if listed),
        ),
        coverage=_coverage(found, stints),
        problems=_problems(found),
        rules=_versions(assessment, settings.rules, month.first, last),
        remarks=remarks,
    )


def span_of(month: Month, zone: tzinfo, until: datetime | None = None) -> tuple[datetime, date]:
    """Return the end of a month, or of its part before an instant, and the last day of it."""
    end = month.end(zone)
    end = end if until is None else max(month.start(zone) + _INSTANT, min(until, end))
    return end, (end - _INSTANT).astimezone(zone).date()


def deductions_in(findings: Iterable[Finding], settings: Settings) -> list[Deduction]:
    """Return what is taken for findings, clean visits left out. Raises TableError where the book has no points."""
    return [_deduction(f, settings) for f in findings if f.category]


def lists_of(
    held: Mapping[SequenceKind, Sequence[Held]],
    assessment: Assessment,
    cases: Mapping[tuple[SequenceKind, str], CaseFigures],
    ratings: Mapping[str, Decimal],
    days: int,
) -> tuple[tuple[SequenceScores, ...], tuple[str, ...]]:
    """Return the lists of the inspected sequences and what a heading must say of them; `days` is the span's length."""
    counted, remarks = _ratings(held[SequenceKind.UNIT], assessment, ratings)
    basis = _Basis(assessment, cases, counted, days)
    return tuple(listed for kind in INSPECTED for listed in _lists(kind, held[kind], basis)), remarks


def standing_so_far(month: Month, evidence: Evidence, settings: Settings, now: datetime) -> Scores:
    """Return the figures of a running month as they stand at `now`; half the month is half of its days so far."""
    return score_month(month, evidence, settings, now)


def _in_month(findings: Iterable[Finding], start: datetime, end: datetime) -> list[Finding]:
    unique = {f.key: f for f in findings if start <= f.found_at < end}
    return sorted(unique.values(), key=lambda f: (f.found_at, f.key))


def _deduction(finding: Finding, settings: Settings) -> Deduction:
    day = finding.found_at.astimezone(settings.zone).date()
    points = settings.rules.points(finding.category, day) if finding.by_book else finding.points
    if points is None:
        book = settings.rules.on(day).name
        raise TableError(
            f"扣分细则“{book}”没有类别{finding.category}的分值，而{day}路段{finding.segment}的督查问题未填扣分。"
        )
    return Deduction(finding.key, finding.found_at, day, finding.segment, finding.category, points)


def _ratings(
    units: Sequence[Held], assessment: Assessment, ratings: Mapping[str, Decimal]
) -> tuple[Mapping[str, Decimal], tuple[str, ...]]:
    """Return the ratings if they count, and what the heading says: without a weight or with a gap none count (S57a)."""
    unset = () if assessment.cutoffs else (GRADE_UNSET,)
    if not units:
        return {}, unset
    if assessment.rating_weight is None:
        return {}, (RATING_UNSET, *unset)
    if not all(unit.subject in ratings for unit in units):
        return {}, (RATING_MISSING, *unset)
    return ratings, unset


def _lists(kind: SequenceKind, holders: Sequence[Held], basis: _Basis) -> list[SequenceScores]:
    groups = sorted({basis.group(holder) for holder in holders}, key=str)
    return [
        SequenceScores(kind, group, _rows([h for h in holders if basis.group(h) == group], basis)) for group in groups
    ]


def _rows(holders: Sequence[Held], basis: _Basis) -> tuple[Row, ...]:
    """Return the rows of one list: ranks and flags read the printed figures of the ranked alone."""
    printed = {holder.subject: half_up(basis.figure(holder)) for holder in holders}
    ranked = [holder for holder in holders if basis.is_ranked(holder)]
    keys = [order(printed[h.subject], basis.cases.get((h.kind, h.subject), CaseFigures())) for h in ranked]
    ranks = competition_ranks(keys)
    flags = hang_flags(ranks, basis.assessment.flags[holders[0].kind])
    places = {h.subject: place for h, place in zip(ranked, zip(ranks, flags, strict=True), strict=True)}
    rows = [_row(h, printed[h.subject], places.get(h.subject, (None, None)), basis.assessment) for h in holders]
    return tuple(sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, -row.score, row.subject)))


def _row(holder: Held, score: Decimal, place: tuple[int | None, Flag | None], assessment: Assessment) -> Row:
    return Row(
        subject=holder.subject,
        name=holder.name,
        score=score,
        rank=place[0],
        grade=assessment.grade(score),
        flag=place[1],
        deductions=holder.deductions,
        segments=holder.segment_ids,
    )


def _coverage(found: Sequence[Finding], stints: Sequence[Stint]) -> Coverage:
    segments = {s.segment.id for s in stints}
    return Coverage(len(segments), len(segments & {f.segment for f in found}), len(found))


def _problems(found: Sequence[Finding]) -> tuple[tuple[str, int], ...]:
    counts = Counter(f.category for f in found if f.category)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _versions(assessment: Assessment, rules: RuleBooks, first: date, last: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys((assessment.name, rules.on(first).name, rules.on(last).name)))
