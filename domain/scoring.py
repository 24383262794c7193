"""The month's score (月度得分) of townships, second-level chiefs and units, from the office's findings (S40–S58).

A segment starts from 100 and loses the points of its findings, not below 0 (S43b). A road inside one township is the
mean of its segments, a township the mean of its roads (S51a); a second-level chief and a unit are the mean of their
segments (S54a, S57a). Means are exact and rounded once (S43d). What becomes of a change of the roster within the month
is said in `domain.holdings`; a subject that held segments on fewer than half of the month's days is listed but not
ranked (S48).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from operator import attrgetter

from domain.assessment import Assessment, Assessments
from domain.composite import list_shops, score_departments
from domain.errors import TableError
from domain.finding import Finding
from domain.holdings import Deduction
from domain.layout import Layout
from domain.listing import GRADE_UNSET, RATING_MISSING, RATING_UNSET, Basis, lists_of
from domain.month import SHANGHAI, DayByDay, Month
from domain.printed import Party
from domain.ranking import CaseFigures
from domain.roster import Roster
from domain.rulebook import RuleBooks
from domain.scores import Coverage, Row, Scores, SequenceScores
from domain.shops import ShopRow
from domain.tally import hundredths

__all__ = [
    "GRADE_UNSET",
    "RATING_MISSING",
    "RATING_UNSET",
    "Coverage",
    "Evidence",
    "Row",
    "Scores",
    "SequenceScores",
    "Settings",
    "score_month",
    "standing_so_far",
]

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
    cases: Mapping[Party, CaseFigures] = field(default_factory=dict)
    ratings: Mapping[str, Fraction] = field(default_factory=dict)
    department_ratings: Mapping[str, Fraction] = field(default_factory=dict)
    shops: Sequence[ShopRow] = ()


def score_month(month: Month, evidence: Evidence, settings: Settings, until: datetime | None = None) -> Scores:
    """Return the month's figures; with `until`, those of the part of the month before that instant.

    Findings outside the month are left aside, and one that occurs twice counts once. Raises TableError when a finding
    has no segment in the roster on its day, or neither points of its own nor any in the rule book.
    """
    end, last = span_of(month, settings.zone, until)
    assessment = settings.assessments.on(month.first)
    found = _in_month(evidence.findings, month.start(settings.zone), end)
    deductions = deductions_in(found, settings)
    layout = Layout.of(evidence.roster, month.first, last)
    numbers = _placed(layout, deductions)
    lost: dict[int, int] = defaultdict(int)
    for number, deduction in zip(numbers, deductions, strict=True):
        lost[number] += hundredths(deduction.points)
    taken = _by_party(layout, numbers, deductions)
    inspected, remarks = lists_of(layout, lost, Basis(assessment, evidence.cases, evidence.ratings, taken))
    departments = score_departments(
        deductions, layout.segments, settings.department_of, evidence.department_ratings, assessment
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
        coverage=_coverage(found, layout.segments),
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
    calendar = DayByDay(settings.zone)
    return [_deduction(f, calendar.day(f.found_at), settings) for f in findings if f.category]


def standing_so_far(month: Month, evidence: Evidence, settings: Settings, now: datetime) -> Scores:
    """Return the figures of a running month as they stand at `now`; half the month is half of its days so far."""
    return score_month(month, evidence, settings, now)


def _in_month(findings: Iterable[Finding], start: datetime, end: datetime) -> list[Finding]:
    unique = {f.key: f for f in findings if start <= f.found_at < end}
    return sorted(unique.values(), key=attrgetter("found_at", "key"))


def _deduction(finding: Finding, day: date, settings: Settings) -> Deduction:
    points = settings.rules.points(finding.category, day) if finding.by_book else finding.points
    if points is None:
        book = settings.rules.on(day).name
        raise TableError(
            f"扣分细则“{book}”没有类别{finding.category}的分值，而{day}路段{finding.segment}的督查问题未填扣分。"
        )
    return Deduction(finding.key, finding.found_at, day, finding.segment, finding.category, points)


def _placed(layout: Layout, deductions: Iterable[Deduction]) -> list[int]:
    """Return the number of the stint that each deduction falls on. Raises TableError where the roster has none."""
    found = []
    for one in deductions:
        number = layout.number(one.segment, one.day)
        if number is None:
            raise TableError(f"花名册在{one.day}没有路段{one.segment}，但有该日的督查问题，请先更正花名册。")
        found.append(number)
    return found


def _by_party(
    layout: Layout, numbers: Sequence[int], deductions: Sequence[Deduction]
) -> dict[Party, tuple[Deduction, ...]]:
    """Return the deductions of every row, the oldest first, as they are given."""
    found: dict[Party, tuple[Deduction, ...]] = {}
    for kind, owners in layout.owners.items():
        lists: dict[str, list[Deduction]] = defaultdict(list)
        for number, deduction in zip(numbers, deductions, strict=True):
            lists[owners[number]].append(deduction)
        found |= {(kind, subject): tuple(listed) for subject, listed in lists.items()}
    return found


def _coverage(found: Sequence[Finding], segments: Collection[str]) -> Coverage:
    return Coverage(len(segments), len({f.segment for f in found}.intersection(segments)), len(found))


def _problems(found: Sequence[Finding]) -> tuple[tuple[str, int], ...]:
    counts = Counter(f.category for f in found if f.category)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _versions(assessment: Assessment, rules: RuleBooks, first: date, last: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys((assessment.name, rules.on(first).name, rules.on(last).name)))
