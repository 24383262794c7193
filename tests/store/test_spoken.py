"""Where somebody has spoken, and a robot with two limits."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.messages import Way
from store import Store
from store.attempts import _Window

NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)
WAY = Way("wecom.bot:wrA", "push", 2, timedelta(minutes=1), also=((3, timedelta(hours=1)),))


async def test_places_are_kept_by_platform_and_once(store: Store) -> None:
    for platform, places in [
        ("wecom", ["group:wrA", "group:wra", "person:lisi", "person:lisi"]),
        ("wecom", ["person:lisi"]),
        ("we_com", ["group:other"]),
    ]:
        async with store.deciding(NOW) as view:
            for place in places:
                view.spoke(platform, place)
    assert await store.spoken.places("wecom") == {"group:wrA", "group:wra", "person:lisi"}
    assert await store.spoken.places("dingtalk") == set()


@pytest.mark.parametrize(
    ("minutes_ago", "opens_in"),
    [
        pytest.param([], None, id="nothing sent"),
        pytest.param([0.5, 0.25], 30, id="the minute is full"),
        pytest.param([50, 40, 30], 600, id="the hour is full"),
        pytest.param([50, 0.5, 0.25], 600, id="both are full: the later opening"),
        pytest.param([70, 50, 40], None, id="one is older than an hour"),
    ],
)
def test_every_limit_of_a_robot_holds(minutes_ago: list[float], opens_in: int | None) -> None:
    window = _Window(finished=[NOW - timedelta(minutes=minutes) for minutes in minutes_ago])
    expected = None if opens_in is None else NOW + timedelta(seconds=opens_in)
    assert window.opens_at(WAY, NOW) == expected
