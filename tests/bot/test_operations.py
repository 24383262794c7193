"""The operators hear of each trouble once and of its end once, also across a restart, and never in a flood."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.housekeeping import Housekeeping, limits_of
from bot.metrics import Metrics
from bot.operations import Operations, Watched, robot_name
from bot.platforms.simulated.platform import CHANNEL, PLATFORM, Said
from domain.messages import (
    Misconfigured,
    Outgoing,
    PlatformUnreachable,
    RateLimited,
    Receipt,
    Target,
    Undeliverable,
    Way,
)
from media.photos import PhotoStore
from store.inbox import InboxRow
from tests.house import GROUP, MONDAY_MORNING, OPS, House, picture

ROBOT = "wecom.webhook:wrEast"
MINUTE = timedelta(minutes=1)


async def started(house: House) -> Operations:
    operations = Operations()
    await operations.start(house.machine)
    return operations


async def told(house: House) -> list[str]:
    """What the operators heard since the last time."""
    before = len(house.all_heard(OPS))
    house.read = len(house.platform.posted)
    await house.machine.settle()
    return house.all_heard(OPS)[before:]


async def test_a_trouble_and_its_end_are_told_once_also_after_a_restart(house: House) -> None:
    operations = await started(house)
    await operations.trouble(ROBOT, PlatformUnreachable("平台暂时无法访问（HTTP 502）"))
    [text] = await told(house)
    assert text.startswith("企业微信09:00起发送失败：平台暂时无法访问（HTTP 502）。")
    await operations.trouble("wecom.app:1000002:zhao", PlatformUnreachable("平台暂时无法访问"))
    again = await started(house)
    await again.trouble(ROBOT, PlatformUnreachable("平台暂时无法访问"))
    assert await told(house) == []
    assert again.troubles() == ("wecom",)

    house.clock.advance(timedelta(minutes=9))
    again.posted(ROBOT)
    again.posted(ROBOT)
    await again.settle()
    assert await told(house) == ["企业微信09:09已恢复，中断约9分钟，正在补发。"]
    assert again.troubles() == ()
    assert (await started(house)).troubles() == ()

    await again.trouble(ROBOT, PlatformUnreachable("平台暂时无法访问"))  # the next one is told anew
    assert len(await told(house)) == 1


async def test_one_wrong_key_is_not_the_whole_platform(house: House) -> None:
    operations = await started(house)
    await operations.trouble(ROBOT, Misconfigured("key无效"))
    await operations.trouble("wecom.app:1000002:zhao", Misconfigured("IP不可信"))
    await operations.trouble("wecom.app:1000002:qian", Misconfigured("IP不可信"))
    assert len(await told(house)) == 2
    operations.posted("wecom.webhook:wrOther")
    assert operations.troubles() == ("wecom.app:1000002", ROBOT)


async def test_a_long_silence_is_told_with_its_end(house: House) -> None:
    operations = await started(house)
    silenced = RateLimited("机器人每分钟最多发20条，超出后最长静默10分钟（钉钉 130101 ）")
    silenced.retry_after = timedelta(minutes=10)
    await operations.trouble("dingtalk.webhook:cidEast", silenced)
    assert await told(house) == [
        "钉钉群Webhook（cidEast）09:00起发送失败：机器人每分钟最多发20条，超出后最长静默10分钟（钉钉 130101 ）。"
        "消息排队等候，09:10自动继续发送，不会丢失。"
    ]
    operations.posted("dingtalk.webhook:cidOther")
    assert operations.troubles() == ("dingtalk.webhook:cidEast",)


async def test_posts_that_can_never_arrive_are_told_once_an_hour(house: House) -> None:
    operations = await started(house)
    for number in range(5):
        await operations.trouble(f"outbox:{number}", Undeliverable("成员不在可见范围"))
    assert len(await told(house)) == 1
    house.clock.advance(timedelta(hours=1))
    await operations.trouble("outbox:9", Undeliverable("成员不在可见范围"))
    assert len(await told(house)) == 1
    assert operations.troubles() == ()


async def test_a_message_given_up_is_told_with_its_id(house: House) -> None:
    operations = await started(house)
    row = InboxRow(7, CHANNEL, PLATFORM, "m-77", "{}", house.clock.now(), 3)
    await operations.parked(row, "ValueError")
    await operations.parked(replace(row, message_id="m-78"), "ValueError")
    [text] = await told(house)
    assert "消息编号m-77，原因：ValueError" in text


async def test_poison_is_parked_once_and_told_while_the_rest_goes_on(house: House) -> None:
    operations = await started(house)
    house.machine.inbox._on_parked = operations.parked
    await house.machine.receive(CHANNEL, PLATFORM, "poison", "no json at all")
    assert "【2026-0001】" in (await house.say("刘芳", "人民路百货大楼门口占道经营", group=GROUP, photo="a"))[0]
    for _ in range(3):
        await house.machine.settle()
    assert [text for text in house.all_heard(OPS) if "poison" in text] != []
    assert await house.store.inbox.depth() == 0


class _Flaky:
    """A client that fails as it is told."""

    capabilities = None

    def __init__(self) -> None:
        self.fails: Callable[[], Receipt] | None = None

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        if self.fails is not None:
            return self.fails()
        return Receipt("1")


async def test_outcomes_are_counted_and_a_success_ends_the_trouble(house: House) -> None:
    operations, metrics, client = await started(house), Metrics(), _Flaky()
    watched = Watched(client, operations, metrics)  # type: ignore[arg-type]
    outgoing, way = Outgoing("k", Target("wecom", "wrEast"), "您好"), Way(ROBOT, "webhook", 20, MINUTE)
    await operations.trouble(ROBOT, Misconfigured("key无效"))
    assert "排队" not in (await told(house))[0]

    def fail() -> Receipt:
        raise Misconfigured("key无效")

    client.fails = fail
    with pytest.raises(Misconfigured):
        await watched.send(outgoing, way)
    assert operations.troubles() == (ROBOT,)
    client.fails = None
    await watched.send(outgoing, way)
    await operations.settle()
    assert operations.troubles() == ()
    page = metrics.render().decode()
    assert 'luzhang_outbox_sent_total{platform="wecom",way="webhook"} 1.0' in page
    assert 'luzhang_outbox_failed_total{error="Misconfigured",platform="wecom",way="webhook"} 1.0' in page


@pytest.mark.parametrize(
    ("robot", "name"),
    [
        pytest.param("wecom.webhook:wrA", "企业微信群Webhook（wrA）", id="webhook"),
        pytest.param("wecom.app:1000002:zhao", "企业微信自建应用（1000002:zhao）", id="app"),
        pytest.param("dingtalk.openapi:ding1", "钉钉群消息接口（ding1）", id="openapi"),
        pytest.param("other", "other", id="unknown"),
    ],
)
def test_a_robot_is_named_as_people_know_it(robot: str, name: str) -> None:
    assert robot_name(robot) == name


async def test_housekeeping_runs_once_a_day_and_keeps_what_is_needed(house: House) -> None:
    photos = PhotoStore(house.config.store.media)
    keeping = Housekeeping(house.machine, photos, limits_of(house.config.privacy))
    await house.say("刘芳", "人民路百货大楼门口占道经营", group=GROUP, photo="kept")
    orphan = await photos.save(picture("orphan"))
    old = Said("old", GROUP, True, "fang", "谢谢")
    await house.machine.receive(CHANNEL, PLATFORM, old.message_id, old.payload())
    await house.machine.settle()
    assert await keeping.run_if_due()  # nothing is old enough yet
    assert len(list(house.config.store.media.iterdir())) == 2
    assert not await keeping.run_if_due()

    house.clock.set(MONDAY_MORNING + timedelta(days=31, hours=-7))  # 02:00
    assert not await keeping.run_if_due()
    house.clock.advance(timedelta(hours=2))
    for file in house.config.store.media.iterdir():
        os.utime(file, (0, 0))
    assert await keeping.run_if_due()
    assert orphan.name not in {file.name for file in house.config.store.media.iterdir()}
    assert len(list(house.config.store.media.iterdir())) == 1
    assert await house.machine.receive(CHANNEL, PLATFORM, old.message_id, old.payload())  # its id is forgotten


@pytest.mark.parametrize(
    ("parted", "words"),
    [(timedelta(days=1, minutes=5), "拨快24小时5分钟"), (-timedelta(hours=1), "拨慢1小时0分钟")],
)
async def test_a_clock_that_jumped_is_told(house: House, parted: timedelta, words: str) -> None:
    operations = await started(house)
    await operations.clock_jumped(parted)
    [text] = await told(house)
    assert text.startswith(f"服务器时钟突然{words}，提醒和逐级上报已暂停")
