"""Deductions summed by segment: all that ranks need, however many deductions a month has (S43b, S54)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from domain.finding import Finding
from domain.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class Tally:
    """What counts on one segment in one month, in whole hundredths of a point.

    `category` is "" for points that inspectors gave, whose number nobody asks for (`findings` is 0); else the points
    came from the rule book, for so many findings of that category.
    """

    segment: str
    category: str
    findings: int
    points: int

    def lost(self, book: RuleBook) -> int | None:
        """Return the points under a rule book, in hundredths; None when it has none for the category."""
        if not self.category:
            return self.points
        rule = book.rules.get(self.category)
        return None if rule is None else self.findings * hundredths(rule.points)


def hundredths(points: Decimal) -> int:
    """Return points as whole hundredths. Raises ValueError when they have more than two decimals (S43a)."""
    if points != (whole := points.scaleb(2).to_integral_value()).scaleb(-2):
        raise ValueError(f"points {points} have more than two decimals")
    return int(whole)


def tallied(findings: Iterable[Finding]) -> list[Tally]:
    """Return the sums of findings, in no order; those that don't count are left out."""
    counts: Counter[tuple[str, str]] = Counter()
    points: Counter[tuple[str, str]] = Counter()
    for one in findings:
        if one.is_counted:
            place = one.segment, one.category if one.by_book else ""
            counts[place] += one.by_book
            points[place] += hundredths(one.points)
    return _with_any(Tally(*place, counts[place], points[place]) for place in counts)


def less(tallies: Iterable[Tally], taken: Iterable[Tally]) -> list[Tally]:
    """Return sums with others, which are a part of them, taken out."""
    left = {(one.segment, one.category): one for one in tallies}
    for one in taken:
        place = one.segment, one.category
        whole = left.get(place, Tally(*place, 0, 0))
        left[place] = Tally(*place, whole.findings - one.findings, whole.points - one.points)
    return _with_any(left.values())


def _with_any(tallies: Iterable[Tally]) -> list[Tally]:
    return [one for one in tallies if one.findings or one.points]
