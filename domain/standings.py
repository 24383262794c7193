"""A month's ranks from sums by segment, without the list of deductions: the same figures as `domain.scoring` gives.

For a running month, and wherever only ranks and scores are asked for. What has to be read one by one (segments whose
row changed within the month, S48) comes as findings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from domain.finding import Finding
from domain.layout import Layout
from domain.listing import Basis, lists_of
from domain.month import Month
from domain.printed import Party
from domain.ranking import CaseFigures
from domain.roster import Roster
from domain.rulebook import RuleBook
from domain.scores import SequenceScores
from domain.scoring import Settings, deductions_in, span_of
from domain.tally import Tally, hundredths


@dataclass(frozen=True, slots=True)
class Sums:
    """What ranks are computed from; `findings` are those on the segments that `to_be_listed` names."""

    tally: Tally
    roster: Roster
    findings: Sequence[Finding] = ()
    cases: Mapping[Party, CaseFigures] = field(default_factory=dict)
    ratings: Mapping[str, Fraction] = field(default_factory=dict)


def to_be_listed(roster: Roster, month: Month, settings: Settings, now: datetime | None = None) -> list[str]:
    """Return the segments whose findings must be given one by one: their row changed within the span."""
    return sorted(_layout(roster, month, settings, now).changed)


def can_be_summed(month: Month, settings: Settings) -> bool:
    """Tell whether sums are enough: one rule book over the whole month."""
    return settings.rules.on(month.first) is settings.rules.on(month.last)


def rank(
    month: Month, sums: Sums, settings: Settings, now: datetime | None = None
) -> tuple[SequenceScores, ...] | None:
    """Return the lists of townships, chiefs and units; of a running month with `now`.

    None when sums are not enough: a segment that no row of the roster holds, or a category without points in the book.
    """
    layout = _layout(sums.roster, month, settings, now)
    lost = _lost(layout, sums, settings, settings.rules.on(month.first))
    if lost is None:
        return None
    return lists_of(layout, lost, Basis(settings.assessments.on(month.first), sums.cases, sums.ratings))[0]


def _lost(layout: Layout, sums: Sums, settings: Settings, book: RuleBook) -> dict[int, int] | None:
    """Return what was lost in each stint that lost anything, in hundredths."""
    lost: dict[int, int] = {}
    whole = layout.whole
    for segment, points in sums.tally.given.items():
        number = whole.get(segment)
        if number is not None:
            lost[number] = points
        elif segment not in layout.segments:
            return None
    for (segment, category), (findings, _points) in sums.tally.booked.items():
        rule = book.rules.get(category)
        if rule is None or segment not in layout.segments:
            return None
        if segment in whole:
            number = whole[segment]
            lost[number] = lost.get(number, 0) + findings * hundredths(rule.points)
    return _with_listed(lost, layout, sums.findings, settings)


def _with_listed(
    lost: dict[int, int], layout: Layout, findings: Sequence[Finding], settings: Settings
) -> dict[int, int] | None:
    """Add what was lost on segments whose row changed, from their findings."""
    for one in deductions_in((f for f in findings if f.segment in layout.changed), settings):
        number = layout.number(one.segment, one.day)
        if number is None:
            return None
        lost[number] = lost.get(number, 0) + hundredths(one.points)
    return lost


def _layout(roster: Roster, month: Month, settings: Settings, now: datetime | None) -> Layout:
    _end, last = span_of(month, settings.zone, now)
    return Layout.of(roster, month.first, last)
