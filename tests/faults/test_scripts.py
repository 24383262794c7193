"""Six simulated hours of a platform that fails in every way it can, over HTTP, with the service killed on the way.

Nothing is lost, a case's posts keep their order for each reader, no robot exceeds its limit in any minute, and the
first post is out within a minute and a half of the healing. Fast: one run a platform, every fault in its own stretch;
FAULTS_LONG=1: six hours of each.
"""

import os
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from bot.fakes.rules import Fault
from domain.messages import Target
from domain.ports import Post
from tests.faults.rig import GROUPS, LITTLE_PATIENCE, MOST, PATIENCE, Rig, rigged, window
from tests.faults.robots import heard_robots, waiting_robots

pytestmark = pytest.mark.faults

IS_LONG = bool(os.environ.get("FAULTS_LONG"))
HOURS = 6
LEFT_TO_THE_LONG_FORM = {"500", "page"}  # much like 502 and html
NEVER_ANSWERED = {"timeout", "slow"}
MOST_TRIES = 12  # of one robot, besides a few a minute
HEALED = timedelta(seconds=90)
NEWS, DEATHS = 45, 3  # posts for one robot, and how often the service is killed on the way
RESEND = "（补发）"
PLACES = ("百货大楼门口", "人民医院门口", "第一小学门口", "滨河公园门口", "河西市场门口")
PROBLEMS = ("垃圾没人捡", "路灯不亮", "小广告贴满了", "车辆乱停", "井盖翘起来了", "污水冒出来了")
EVERYWHERE = {
    "429": Fault("status", status=429),
    "500": Fault("status", status=500),
    "502": Fault("status", status=502),
    "timeout": Fault("timeout", delay_s=0.1),
    "reset": Fault("reset"),
    "html": Fault("html", status=502),
    "page": Fault("html"),
    "empty": Fault("empty"),
    "wrong type": Fault("wrong_type"),
    "huge": Fault("huge"),
    "half an answer": Fault("slow", delay_s=0.1),
    "dead token": Fault("expired_token"),
}
SCRIPTS = {
    "wecom": EVERYWHERE
    | {
        "45009": Fault("errcode", errcode=45009),
        "45033": Fault("errcode", errcode=45033),
        "busy": Fault("errcode", errcode=-1),
    },
    "dingtalk": EVERYWHERE
    | {
        "130101": Fault("errcode", "/robot/*", errcode=130101),
        "throttled": Fault("errcode", status=403, code="Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"),
        "busy": Fault("errcode", status=503, code="ServiceBusy"),
    },
}
# a dead token costs nothing; a muted robot stays silent for the ten minutes that the platform asks for
SLOW_TO_HEAL = {"130101": timedelta(minutes=10, seconds=90)}


@pytest.mark.parametrize("platform", SCRIPTS)
@pytest.mark.skipif(IS_LONG, reason="the long form runs")
async def test_every_fault_in_turn(tmp_path: Path, platform: str) -> None:
    async with rigged(tmp_path, platform) as rig:
        script = {name: fault for name, fault in SCRIPTS[platform].items() if name not in LEFT_TO_THE_LONG_FORM}
        slot = timedelta(hours=HOURS) / len(script)
        for number, (name, fault) in enumerate(script.items()):
            begin = rig.clock.now()
            await outage(rig, name, fault, slot / 6, reports=2, is_killed=number % 4 == 1)
            await rig.until(begin + slot)
        await check(rig)


@pytest.mark.parametrize(
    ("platform", "name"), [pytest.param(p, n, id=f"{p}-{n}") for p, faults in SCRIPTS.items() for n in faults]
)
@pytest.mark.skipif(not IS_LONG, reason="FAULTS_LONG=1 runs six hours of each fault")
async def test_six_hours_of_a_fault(tmp_path: Path, platform: str, name: str) -> None:
    async with rigged(tmp_path, platform) as rig:
        await outage(rig, name, SCRIPTS[platform][name], timedelta(hours=HOURS), reports=12, is_killed=True)
        await rig.advance(timedelta(hours=1))
        await check(rig)


@pytest.mark.parametrize("platform", SCRIPTS)
async def test_no_minute_holds_more_than_the_limit_though_the_service_is_killed(tmp_path: Path, platform: str) -> None:
    async with rigged(tmp_path, platform) as rig:
        await rig.report("百货大楼门口垃圾没人捡")
        await rig.advance(timedelta(minutes=2))
        now, target = rig.clock.now(), Target(platform, chat_id=GROUPS[platform])
        spoken = await rig.store.outbox.log(now - timedelta(hours=1), now)
        session = next((one.post.reply for one in spoken if one.post.reply), "") if platform == "dingtalk" else ""
        posts = [
            Post(f"news:{n}", target, f"通知{n:02d}。", "ops", now, urgent=True, reply=session) for n in range(NEWS)
        ]
        await rig.store.outbox.add(posts, now)
        deaths = 0
        while deaths < DEATHS:
            deaths += await rig.killed()
            await rig.machine.settle()
            at = await rig.machine.next_event()
            assert at is not None
            rig.clock.set(max(at, rig.clock.now() + timedelta(seconds=1)))
        await rig.advance(timedelta(minutes=5))
        assert rig.over_limit() == []
        assert max(rig.busiest_minutes().values()) >= MOST - 2, "the limit was never put to the test"
        told = [text for at, _, text in rig.seen if at >= now]
        assert {text.removeprefix(RESEND) for text in told} >= {post.text for post in posts}
        assert len([text for text in told if text.startswith(RESEND)]) == DEATHS == len(told) - NEWS


async def outage(rig: Rig, name: str, fault: Fault, length: timedelta, *, reports: int, is_killed: bool) -> None:
    """Let the platform fail for a time while people report; it must be told of soon after the healing."""
    begin = rig.clock.now()
    age = (begin - rig.rules._start).total_seconds()
    rig.rules.arm(window(fault, age, age + length.total_seconds()))
    rig.wait_for_answers(LITTLE_PATIENCE if fault.kind in NEVER_ANSWERED else PATIENCE)
    for number in range(reports):
        place, problem = PLACES[rig.reported % len(PLACES)], PROBLEMS[rig.reported // len(PLACES) % len(PROBLEMS)]
        await rig.report(f"{place}{problem}")
        if is_killed and number == reports // 2:
            await rig.killed()
        await rig.advance(length / (reports + 1))
    await rig.until(begin + length)
    rig.wait_for_answers(PATIENCE)
    minutes = length / timedelta(minutes=1)
    assert rig.busiest(begin) <= MOST_TRIES + 3 * minutes, (
        f"{name}: a platform that refuses is asked less and less often"
    )
    healed, waiting = rig.clock.now(), await waiting_robots(rig.store)
    await rig.advance(SLOW_TO_HEAL.get(name, HEALED))
    assert waiting - await heard_robots(rig.store, healed) == set(), f"{name}: no post soon after the healing"


async def check(rig: Rig) -> None:
    numbers = [f"2026-{number:04d}" for number in range(1, rig.reported + 1)]
    receipts = [text for _, place, text in rig.seen if "已交办" in text or "已受理" in text]
    assert [number for number in numbers if not any(number in text for text in receipts)] == []
    assert await rig.unsent() == []
    assert rig.over_limit() == []
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, place, text in rig.told:
        for number in (number for number in numbers if number in text[:80] and place not in GROUPS.values()):
            told[place, number].append(text)
    worked = {key for key, texts in told.items() if any(_is_work(text) for text in texts)}
    assert len({number for _, number in worked}) == len(numbers), "each case has its working message"
    late = [key for key in worked if not _is_work(told[key][0])]
    assert late == [], "the working message comes first"


def _is_work(text: str) -> bool:
    return text.startswith("待认领【") or "办结标准" in text
