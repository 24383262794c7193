"""The service as a whole, over the wire: a case from report to closing on both platforms, stops and starts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import MACHINE
from bot.clock import MovedClock
from bot.config import load_config
from bot.fakes.dingtalk import Person as Writer
from bot.fakes.wecom import Quoted
from domain.case import State
from store import Store
from tests.bot.requests import bot_request, send
from tests.bot.stage import (
    DINGTALK_GROUP,
    OPS_GROUP,
    WECOM_GROUP,
    Stage,
    fakes,
    quiet,
    serving,
    settle_roster,
    staged,
    write_config,
)
from tests.house import MONDAY_MORNING, picture


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


async def test_a_wecom_case_from_report_to_closing(stage: Stage) -> None:
    say, wecom = stage.to_wecom, stage.wecom
    await say.say("人民路百货大楼门口占道经营", userid="fang", chat_id=WECOM_GROUP, photos=[picture("before")])
    await stage.settled()
    [case] = await stage.cases()
    assert (case.state, case.segment, case.handler, len(case.photos)) == (State.ASSIGNED, "XC001", "zhao", 1)
    receipt = next(post for post in wecom.deliveries if post.chat_id == WECOM_GROUP)
    assert (receipt.way, case.number in receipt.text) == ("reply", True)  # on the report's own response_url
    work = next(post for post in wecom.deliveries if post.userids == ("zhao",))
    assert (work.way, "[收到]" in work.text) == ("card", True)

    await say.tell_app("收到", userid="zhao")
    await stage.settled()
    assert (await stage.cases())[0].state is State.ACKNOWLEDGED

    await say.say("已处理", userid="zhao", chat_id=WECOM_GROUP, photos=[picture("after")], quote=Quoted(receipt.text))
    await stage.settled()
    [case] = await stage.cases()
    assert (case.state, [p.role for p in case.photos]) == (State.RESOLVED, ["before", "after"])

    await say.tell_app(f"{case.short} 通过", userid="zhao")
    await stage.settled()
    assert (await stage.cases())[0].state is State.RESOLVED  # who handled it does not verify it
    await say.tell_app(f"{case.short} 通过", userid="qian")
    await stage.settled()
    assert (await stage.cases())[0].state is State.CLOSED
    await stage.machine.wake()  # both pictures are put into one before the reporter is told
    await stage.settled()
    assert any(post.userids == ("fang",) and "复核通过" in post.text for post in wecom.deliveries)


async def test_a_photo_sent_to_the_app_in_private_joins_the_words_that_follow(stage: Stage) -> None:
    await stage.to_wecom.photo_to_app(picture("lone"), userid="fang")
    await stage.settled()
    await stage.to_wecom.tell_app("建设街第一小学门口垃圾堆放", userid="fang")
    await stage.settled()
    [case] = await stage.cases()
    assert (case.segment, len(case.photos)) == ("XC003", 1)


async def test_a_dingtalk_case_from_report_to_closing(stage: Stage) -> None:
    say, posts = stage.to_dingtalk.say, stage.dingtalk.deliveries
    report = "建设街第一小学门口垃圾堆放"
    pictures = [picture("one"), picture("two")]
    await say(report, person=Writer("feng", "冯"), chat_id=DINGTALK_GROUP, photos=pictures)
    await stage.settled()
    [case] = await stage.cases()
    assert (case.state, case.segment, case.handler, len(case.photos)) == (State.ASSIGNED, "XC003", "sun_li", 2)
    assert (posts[0].way, posts[0].chat_id, case.number in posts[0].text) == ("reply", DINGTALK_GROUP, True)

    await say("收到", person=Writer("sun_li", "孙丽"))
    await stage.settled()
    await say(f"已处理 {case.short}", person=Writer("sun_li", "孙丽"), photos=[picture("done")])
    await stage.settled()
    assert (await stage.cases())[0].state is State.RESOLVED
    await say(f"{case.short} 通过", person=Writer("qian", "钱"))
    await stage.settled()
    assert (await stage.cases())[0].state is State.CLOSED
    assert all(post.way == "reply" for post in posts)


async def downtime_notices(folder: Path, away: timedelta) -> list[list[str]]:
    """Stop the service for a while and start it three times; return what the groups heard at each start."""
    clock = MovedClock(MONDAY_MORNING)
    heard: list[list[str]] = []
    async with fakes(clock) as (wecom, wecom_url, dingtalk, dingtalk_url):
        config = load_config(write_config(folder, wecom_url, dingtalk_url))
        async with serving(config, clock) as (app, _):
            await settle_roster(app[MACHINE].store, clock)
        for _ in range(3):
            clock.advance(away)
            before = len(wecom.deliveries), len(dingtalk.deliveries)
            async with serving(config, clock) as (app, _url):
                await quiet(app[MACHINE].store, clock)
            posts = [f"{post.chat_id} {post.text}" for post in wecom.deliveries[before[0] :]]
            posts += [f"{post.chat_id} {post.text}" for post in dingtalk.deliveries[before[1] :]]
            heard.append(sorted(posts))
            away = timedelta(seconds=5)
    return heard


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        pytest.param(timedelta(seconds=10), [], id="a-restart"),
        pytest.param(timedelta(minutes=7), ["机器人 09:00–09:07 停机，此间上报请重发。"], id="seven-minutes"),
        pytest.param(timedelta(hours=25), ["机器人 6月1日09:00–6月2日10:00 停机，此间上报请重发。"], id="a-day"),
    ],
)
async def test_work_groups_hear_once_that_we_were_down(tmp_path: Path, away: timedelta, expected: list[str]) -> None:
    first, *later = await downtime_notices(tmp_path, away)
    groups = (DINGTALK_GROUP, WECOM_GROUP)
    assert first == [f"{group} {text}" for group in groups for text in expected]
    assert later == [[], []]


async def test_a_stop_works_off_what_was_answered(tmp_path: Path) -> None:
    clock = MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, wecom_url, _dingtalk, dingtalk_url):
        config = load_config(write_config(tmp_path, wecom_url, dingtalk_url))
        async with serving(config, clock) as (app, url):
            await settle_roster(app[MACHINE].store, clock)
            drivers = wecom.driver(wecom_url, bot_url=f"{url}/callback/wecom/bot")
            sent = [drivers.say(f"人民路{n}号占道经营", userid=f"u{n}", chat_id=WECOM_GROUP) for n in range(8)]
            assert [push.status for push in await asyncio.gather(*sent)] == [200] * 8
        async with serving(config, clock) as (app, url):
            store = app[MACHINE].store
            async with store.database.reading() as connection:
                query = "SELECT count(*), sum(done_at IS NOT NULL) FROM inbox"
                assert tuple((await connection.exec_driver_sql(query)).one()) == (8, 8)
            assert await store.ledger.verify() is None


async def test_a_worker_that_falls_over_is_started_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = stage.machine.store.inbox
    waiting, falls = inbox.waiting, [True]

    async def once(limit: int):  # type: ignore[no-untyped-def]
        if falls:
            falls.pop()
            raise OSError("disk full")
        return await waiting(limit)

    monkeypatch.setattr(inbox, "waiting", once)
    await send(stage, bot_request(MONDAY_MORNING))
    await stage.settled()
    assert (len(await stage.cases()), falls, stage.machine.failing) == (1, [], set())


async def test_damage_of_a_large_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def damaged(store: Store) -> None:
        store.damage = "数据库文件已损坏。"

    monkeypatch.setattr(Store, "checked", damaged)
    async with staged(tmp_path) as stage:
        await stage.settled()
        assert [post.text for post in stage.wecom.deliveries if post.chat_id == OPS_GROUP] == ["数据库文件已损坏。"]


@pytest.mark.parametrize(
    ("place", "segment"),
    [
        pytest.param((113.7111, 34.3987), "XC001", id="on a segment"),
        pytest.param((113.9, 34.9), "", id="nowhere near"),
    ],
)
async def test_a_location_message_places_a_report_that_lacks_its_place(
    stage: Stage, place: tuple[float, float], segment: str
) -> None:
    await stage.to_wecom.tell_app("有人占道经营", userid="fang")
    await stage.settled()
    assert (await stage.cases())[0].state is State.UNLOCATED
    await stage.to_wecom.place_to_app(*place, "某处", userid="fang")
    await stage.settled()
    assert (await stage.cases())[0].segment == segment
