"""Deductions summed by segment: all that ranks need, however many deductions a month has (S43b, S54)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from domain.finding import Finding


@dataclass(frozen=True, slots=True)
class Tally:
    """What counts in a span of time, in whole hundredths of a point; what adds up to nothing is left out.

    Points that inspectors gave need no more than their sum; what the rule book gave is kept by category, with the
    number of findings, so that another book can be asked.
    """

    given: Mapping[str, int]  # by segment
    booked: Mapping[tuple[str, str], tuple[int, int]]  # (segment, category) → (findings, points)


@cache
def hundredths(points: Decimal) -> int:
    """Return points as whole hundredths. Raises ValueError when they have more than two decimals (S43a)."""
    if points != (whole := points.scaleb(2).to_integral_value()).scaleb(-2):
        raise ValueError(f"points {points} have more than two decimals")
    return int(whole)


def tallied(findings: Iterable[Finding]) -> Tally:
    """Return the sums of findings; those that don't count are left out."""
    given: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    points: Counter[tuple[str, str]] = Counter()
    for one in findings:
        if one.is_counted and one.by_book:
            found[one.segment, one.category] += 1
            points[one.segment, one.category] += hundredths(one.points)
        elif one.is_counted:
            given[one.segment] += hundredths(one.points)
    return summed(given, {place: (found[place], points[place]) for place in found})


def less(whole: Tally, part: Tally) -> Tally:
    """Return sums with others, which are a part of them, taken out."""
    if not part.given and not part.booked:
        return whole
    given = Counter(whole.given)
    given.subtract(part.given)
    booked = dict(whole.booked)
    for place, (findings, points) in part.booked.items():
        all_findings, all_points = booked.get(place, (0, 0))
        booked[place] = all_findings - findings, all_points - points
    return summed(given, booked)


def summed(given: Mapping[str, int], booked: Mapping[tuple[str, str], tuple[int, int]]) -> Tally:
    """Return sums without those that add up to nothing."""
    return Tally(
        {segment: points for segment, points in given.items() if points},
        {place: sums for place, sums in booked.items() if any(sums)},
    )
