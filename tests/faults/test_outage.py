"""The platform misbehaves for hours: nothing is lost, a case's posts keep their order, no robot exceeds its limit.

Fast: two hours by two kinds of fault; FAULTS_LONG=1: six hours of each kind.
"""

import os
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.platforms.simulated.platform import Simulated
from domain.messages import (
    OutcomeUnknown,
    Outgoing,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    Receipt,
    TokenDead,
    Way,
)
from store.schema import outbox
from tests.faults.robots import heard_robots, waiting_robots
from tests.house import GROUP, House

pytestmark = pytest.mark.faults

IS_LONG = bool(os.environ.get("FAULTS_LONG"))
HOURS = 6 if IS_LONG else 2
REPORTS = 12
QUICK = ("unreachable", "no answer")  # hours of nothing else take long to simulate: the others on request
HEALED_WITHIN = timedelta(seconds=90)
PLACES = ("人民路12号门口", "人民医院门口", "第一小学门口")
PROBLEMS = ("垃圾没人捡", "路灯不亮", "小广告贴满了", "车辆乱停")


def limited() -> PlatformError:
    error = RateLimited("限流")
    error.retry_after = timedelta(seconds=60)
    return error


FAULTS: dict[str, Callable[[], PlatformError]] = {
    "unreachable": lambda: PlatformUnreachable("连不上"),
    "no answer": lambda: OutcomeUnknown("没有答复"),
    "rate limited": limited,
    "token dead": lambda: TokenDead("凭证失效"),
    "an error nobody knows": lambda: PlatformError("errcode 99999"),
}


@dataclass
class Faulty:
    """The simulated platform behind a bad line: `broken` says whether a try fails, and how."""

    inner: Simulated
    kind: str
    heals_at: datetime
    chance: random.Random
    share: float = 1.0
    arrives: bool = False  # a failed try may have arrived all the same
    tries: list[tuple[datetime, str]] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        now = self.inner.clock()
        self.tries.append((now, way.robot))
        if now < self.heals_at and self.chance.random() < self.share:
            if self.arrives:
                await self.inner.send(outgoing, way)
            raise FAULTS[self.kind]()
        return await self.inner.send(outgoing, way)


def spoil(house: House, kind: str, share: float) -> Faulty:
    faulty = Faulty(house.platform, kind, house.clock.now() + timedelta(hours=HOURS), random.Random(7), share)
    house.machine.outbox._clients = {"simulated": faulty}  # type: ignore[dict-item]
    return faulty


@pytest.mark.parametrize("share", [pytest.param(1.0, id="down"), pytest.param(0.6, id="flaky")])
@pytest.mark.parametrize("kind", FAULTS)
async def test_nothing_is_lost_in_hours_of_an_outage(house: House, kind: str, share: float) -> None:
    if kind not in QUICK and not IS_LONG:
        pytest.skip("FAULTS_LONG=1 lets the platform fail by every kind of fault")
    faulty = spoil(house, kind, share)
    for number in range(REPORTS):
        place, problem = PLACES[number % 3], PROBLEMS[number // 3]
        await house.say(f"路人{number}", f"{place}{problem}", photo=f"p{number}", group=GROUP)
        await house.say("钱专干", f"催办 {number + 1:04d}")  # what follows may come before what failed is tried again
        await house.advance(minutes=HOURS * 60 / REPORTS - 1)
    await house.until(faulty.heals_at)
    waiting = await waiting_robots(house.store)
    assert waiting or share < 1.0
    await house.advance(seconds=HEALED_WITHIN.total_seconds())
    assert waiting - await heard_robots(house.store, faulty.heals_at) == set(), "no post soon after the healing"
    await house.advance(minutes=30)
    receipts = [text for text in house.all_heard(GROUP) if "已交办" in text]
    assert sorted(text[:11] for text in receipts) == [f"【2026-{n:04d}】" for n in range(1, REPORTS + 1)]
    assert await unsent(house) == []
    check_limits(faulty, house)
    check_order(house)


async def unsent(house: House) -> list[str]:
    """Return the kinds of what still waits; a digest waits for its own hour."""
    async with house.store.database.reading() as connection:
        query = select(outbox.c.kind).where(outbox.c.ended_at.is_(None), outbox.c.kind != "digest")
        return list((await connection.execute(query)).scalars())


def check_limits(faulty: Faulty, house: House) -> None:
    tries: dict[str, list[datetime]] = defaultdict(list)
    for at, robot in faulty.tries:
        tries[robot].append(at)
    limit = house.platform.worn.posts_per_minute
    for robot, instants in tries.items():
        for first, beyond in zip(instants, instants[limit:], strict=False):
            assert beyond - first >= timedelta(minutes=1), f"{robot} made {limit + 1} tries in a minute"


def check_order(house: House) -> None:
    """For each case and reader the working message comes before what follows from it."""
    numbers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for post in house.platform.posted:
        place = post.outgoing.target.chat_id or post.outgoing.target.userid
        numbers[place, post.outgoing.text[:11]].append(post.outgoing.text)
    for (place, number), texts in numbers.items():
        working = [index for index, text in enumerate(texts) if "办结标准" in text]
        assert all(index == 0 for index in working), f"{number} out of order for {place}"


async def test_a_post_that_may_have_arrived_is_marked_when_it_comes_again(house: House) -> None:
    faulty = spoil(house, "no answer", 1.0)
    faulty.heals_at = house.clock.now() + timedelta(seconds=1)
    faulty.arrives = True
    await house.say("刘芳", "人民路12号门口垃圾没人捡", photo="a", group=GROUP)
    await house.advance(minutes=2)
    receipts = [p.outgoing for p in house.platform.posted if p.outgoing.target.chat_id == GROUP]
    assert [(r.text, r.is_resend) for r in receipts] == [(receipts[0].text, False), (receipts[0].text, True)]
