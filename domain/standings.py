"""A month's ranks from sums by segment, without the list of deductions: the same figures as `domain.scoring` gives.

For a running month, and wherever only ranks and scores are asked for. What has to be read one by one (segments whose
row changed within the month, S48) comes as findings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.assessment import INSPECTED, SequenceKind
from domain.finding import Finding
from domain.holdings import Holder, Stint, holders_of, hundredths_lost, mean_left, stints_of
from domain.month import Month
from domain.ranking import CaseFigures
from domain.roster import Roster
from domain.scores import SequenceScores
from domain.scoring import Settings, deductions_in, lists_of, span_of
from domain.tally import Tally


class _Layout(NamedTuple):
    """A roster's rows within a span of days, and who holds them: kept with the roster, which never changes."""

    stints: Sequence[Stint]
    holders: Mapping[SequenceKind, Sequence[Holder]]
    whole: Mapping[str, int]  # segments with one row over the whole span → its number


@dataclass(frozen=True, slots=True)
class Sums:
    """What ranks are computed from; `findings` are those on the segments that `to_be_listed` names."""

    tallies: Sequence[Tally]
    roster: Roster
    findings: Sequence[Finding] = ()
    cases: Mapping[tuple[SequenceKind, str], CaseFigures] = field(default_factory=dict)
    ratings: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Summed:
    """A holder with what its stints lost, in hundredths, by their number."""

    holder: Holder
    losses: Sequence[int]

    @property
    def kind(self) -> SequenceKind:
        return self.holder.kind

    @property
    def subject(self) -> str:
        return self.holder.subject

    @property
    def name(self) -> str:
        return self.holder.name

    @property
    def days(self) -> int:
        return self.holder.days

    @property
    def difficulty(self) -> str:
        return self.holder.difficulty

    @property
    def figure(self) -> Fraction:
        return mean_left(self.holder.roads, self.losses)

    @property
    def deductions(self) -> tuple[()]:
        return ()

    @property
    def segment_ids(self) -> tuple[str, ...]:
        return self.holder.segment_ids


def to_be_listed(roster: Roster, month: Month, settings: Settings, now: datetime | None = None) -> list[str]:
    """Return the segments whose findings must be given one by one: their row changed within the span."""
    layout = _layout(roster, *_days(month, settings, now))
    return sorted({stint.segment.id for stint in layout.stints} - layout.whole.keys())


def can_be_summed(month: Month, settings: Settings) -> bool:
    """Tell whether sums are enough: one rule book over the whole month."""
    return settings.rules.on(month.first) is settings.rules.on(month.last)


def rank(
    month: Month, sums: Sums, settings: Settings, now: datetime | None = None
) -> tuple[SequenceScores, ...] | None:
    """Return the lists of townships, chiefs and units; of a running month with `now`.

    None when sums are not enough: a segment that no row of the roster holds, or a category without points in the book.
    """
    first, last = _days(month, settings, now)
    layout = _layout(sums.roster, first, last)
    losses = _losses(layout, sums, settings, (first, last))
    if losses is None:
        return None
    given = {kind: [_Summed(holder, losses) for holder in layout.holders[kind]] for kind in INSPECTED}
    assessment, days = settings.assessments.on(month.first), (last - first).days + 1
    return lists_of(given, assessment, sums.cases, sums.ratings, days)[0]


def _losses(layout: _Layout, sums: Sums, settings: Settings, span: tuple[date, date]) -> list[int] | None:
    book, losses, known = settings.rules.on(span[0]), [0] * len(layout.stints), layout.whole
    listed = {stint.segment.id for stint in layout.stints} - known.keys()
    for tally in sums.tallies:
        number = known.get(tally.segment)
        if number is None:
            if tally.segment not in listed:
                return None
            continue
        lost = tally.lost(book)
        if lost is None:
            return None
        losses[number] += lost
    if listed:
        own = [one for one in sums.findings if one.segment in listed]
        for stint in stints_of(sums.roster, *span, deductions_in(own, settings)):
            if stint.segment.id in listed:
                losses[stint.number] = hundredths_lost(stint)
    return losses


def _days(month: Month, settings: Settings, now: datetime | None) -> tuple[date, date]:
    _end, last = span_of(month, settings.zone, now)
    return month.first, last


def _layout(roster: Roster, first: date, last: date) -> _Layout:
    found = roster.memo.get(("layout", first, last))
    if not isinstance(found, _Layout):
        stints = stints_of(roster, first, last, ())
        whole = {s.segment.id: s.number for s in stints if (s.first, s.last) == (first, last)}
        found = _Layout(stints, {kind: holders_of(kind, stints) for kind in INSPECTED}, whole)
        roster.memo.clear()  # the day moves on: one span is enough
        roster.memo["layout", first, last] = found
    return found
