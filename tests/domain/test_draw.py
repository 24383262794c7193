"""The draw of a month's inspections: equal exposure, the same for the same seed, levelled days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.draw import draw, share, stretches_of
from domain.errors import RuleError
from domain.month import Month
from domain.roster import Segment
from tests.house import segment

OCTOBER = Month(2026, 10)
DAYS = [OCTOBER.first + timedelta(days=n) for n in range(20)]


def city(roads: list[int]) -> list[Segment]:
    """Roads with so many segments each, in two townships."""
    numbers = iter(range(1, 10_000))
    return [
        segment(next(numbers), f"路{road}", f"{n}街", f"{n + 1}街", township=f"镇{road % 2}")
        for road, count in enumerate(roads)
        for n in range(count)
    ]


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=30),
    st.integers(1, 5),
    st.integers(5, 20),
    st.text("0123456789abcdef", min_size=1, max_size=16),
)
def test_every_segment_comes_as_often_as_every_other(roads: list[int], rounds: int, days: int, seed: str) -> None:
    segments = city(roads)
    drawn = draw(OCTOBER, segments, DAYS[:days], seed, rounds)
    assert drawn.exposure() == {s.id: rounds for s in segments}
    assert drawn == draw(OCTOBER, segments[::-1], DAYS[:days], seed, rounds)
    for one in drawn.days:
        assert len({(s.road, s.township) for s in one.stretches}) == len(one.stretches)


def test_another_seed_is_another_order() -> None:
    segments = city([1] * 40)
    assert draw(OCTOBER, segments, DAYS, "a", 1) != draw(OCTOBER, segments, DAYS, "b", 1)
    assert draw(OCTOBER.next(), segments, DAYS, "a", 1).days != draw(OCTOBER, segments, DAYS, "a", 1).days


def test_rounds_follow_one_another_and_days_are_level() -> None:
    drawn = draw(OCTOBER, city([2] * 40), DAYS, "seed", 2)
    assert [len(one.stretches) for one in drawn.days] == [4] * 20
    first = {s.road for one in drawn.days[:10] for s in one.stretches}
    assert len(first) == 40
    assert drawn.on(date(2026, 11, 1)) == ()


def test_more_rounds_than_days_are_refused() -> None:
    with pytest.raises(RuleError, match="只有2个工作日"):
        draw(OCTOBER, city([1]), DAYS[:2], "seed", 3)


def test_a_days_roads_are_shared_among_its_inspectors() -> None:
    stretches = stretches_of(city([3, 1, 1, 1]))
    shared = share(stretches, ["sun", "li"], "seed", DAYS[0])
    assert sorted(sum(len(s.segments) for s in mine) for mine in shared.values()) == [3, 3]
    assert share(stretches, ["li", "sun"], "seed", DAYS[0]) == shared
    assert share(stretches, [], "seed", DAYS[0]) == {}
