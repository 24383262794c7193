"""The service over DingTalk's Stream: a case from report to closing, outages, and a database that refuses."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot import dingtalk_line
from bot.app import CONNECTIONS, MACHINE, OPERATIONS
from bot.clock import MovedClock
from bot.config import load_config
from bot.dingtalk_line import DingtalkLine
from bot.fakes.dingtalk import Driver, FakeDingtalk
from bot.fakes.dingtalk import Person as Writer
from bot.fakes.rules import Fault
from bot.fakes.wecom import FakeWecom
from bot.line_alarms import state_row
from bot.platforms.dingtalk.connection import Pace
from domain.case import Case, State
from domain.ports import CaseQuery
from tests.bot.stage import (
    DINGTALK_GROUP,
    OPS_GROUP,
    ROBOT,
    WECOM_GROUP,
    fakes,
    quiet,
    serving,
    settle_roster,
    until,
    write_config,
)
from tests.house import MONDAY_MORNING, picture

OPEN = "/v1.0/gateway/connections/open"
PACE = Pace(first_pause=0.02, longest_pause=0.05, refused_pause=0.02, longest_refused_pause=0.05)


@dataclass
class Stage:
    app: web.Application
    url: str
    clock: MovedClock
    wecom: FakeWecom
    dingtalk: FakeDingtalk
    driver: Driver

    @property
    def line(self) -> DingtalkLine:
        found = self.app[CONNECTIONS].dingtalk_line
        assert found is not None
        return found

    async def settled(self) -> None:
        await quiet(self.app[MACHINE].store, self.clock)

    async def cases(self) -> list[Case]:
        async with self.app[MACHINE].store.reading(self.clock.now()) as view:
            return (await view.cases(CaseQuery(limit=100)))[::-1]

    async def connected(self, number: int = 1) -> None:
        await eventually(lambda: self.line.stream.connections >= number and len(self.dingtalk.gateway.peers) == 1)

    async def out(self, minutes: int, *faults: Fault) -> None:
        """Cut the connection and keep the service from another one for so many minutes."""
        number = self.line.stream.connections
        self.dingtalk.rules.arm(*faults or (Fault("status", OPEN, status=503, count=0),))
        before = self.dingtalk.rules.count(OPEN)
        self.dingtalk.gateway.cut(self.dingtalk.gateway.peers[0])
        await eventually(lambda: self.dingtalk.rules.count(OPEN) > before + 1)
        self.clock.advance(timedelta(minutes=minutes))
        if minutes:
            await eventually(lambda: self.heard(OPS_GROUP))
        self.dingtalk.rules.disarm()
        await self.connected(number + 1)
        await until(self.is_noted_live)
        await self.settled()

    async def is_noted_live(self) -> bool:
        """Tell whether the end of the outage is written down, and with it everything told."""
        async with self.app[MACHINE].store.reading(self.clock.now()) as view:
            row = await view.setting(state_row("dingtalk"))
        return bool(row["state"] == "live" and self.app[OPERATIONS].troubles() == ())

    def heard(self, chat_id: str) -> list[str]:
        wecom = [post.text for post in self.wecom.deliveries if post.chat_id == chat_id]
        return wecom + [post.text for post in self.dingtalk.deliveries if post.chat_id == chat_id]


async def eventually(condition: Callable[[], Any]) -> None:
    async def asked() -> Any:
        return condition()

    await until(asked)


@asynccontextmanager
async def staged(folder: Path, secret: str = ROBOT.client_secret) -> AsyncIterator[Stage]:
    clock = MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, wecom_url, dingtalk, dingtalk_url):
        path = write_config(folder, wecom_url, dingtalk_url)
        text = path.read_text(encoding="utf-8").replace('mode = "http"', 'mode = "stream"')
        path.write_text(text.replace(ROBOT.client_secret, secret), encoding="utf-8")
        async with serving(load_config(path), clock) as (app, url):
            await settle_roster(app[MACHINE].store, clock)
            driver = Driver(dingtalk.state, ROBOT, dingtalk_url, "", dingtalk.gateway)
            yield Stage(app, url, clock, wecom, dingtalk, driver)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses worth the name between tries."""
    monkeypatch.setattr("bot.connections.Pace", lambda silence: PACE)
    monkeypatch.setattr(dingtalk_line, "GLANCE", 0.02)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        await running.connected()
        yield running


async def test_a_case_from_report_to_closing(stage: Stage) -> None:
    say, posts = stage.driver.say, stage.dingtalk.deliveries
    report, pictures = "建设街第一小学门口垃圾堆放", [picture("one"), picture("two")]
    told = await say(report, person=Writer("feng", "冯"), chat_id=DINGTALK_GROUP, photos=pictures)
    assert (told.status, told.answer) == (200, '{"response":null}')
    await stage.settled()
    [case] = await stage.cases()
    assert (case.state, case.segment, case.handler, len(case.photos)) == (State.ASSIGNED, "XC003", "sun_li", 2)
    assert (posts[0].way, posts[0].chat_id, case.number in posts[0].text) == ("reply", DINGTALK_GROUP, True)

    await say("收到", person=Writer("sun_li", "孙丽"), chat_id=DINGTALK_GROUP)
    await stage.settled()
    assert (await stage.cases())[0].state is State.ACKNOWLEDGED
    await say(f"已处理 {case.short}", person=Writer("sun_li", "孙丽"), photos=[picture("done")])
    await stage.settled()
    assert (await stage.cases())[0].state is State.RESOLVED
    await stage.dingtalk.gateway.disconnect(stage.dingtalk.gateway.peers[0])
    await stage.connected(2)
    await say(f"{case.short} 通过", person=Writer("qian", "钱"))
    await stage.settled()
    [case] = await stage.cases()
    assert (case.state, [p.role for p in case.photos]) == (State.CLOSED, ["before", "before", "after"])
    assert stage.app[OPERATIONS].troubles() == ()


async def test_over_stream_nobody_may_post_to_us(stage: Stage) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stage.url}/callback/dingtalk/robot", json={}) as answer,
    ):
        assert answer.status == 404


async def test_a_message_that_comes_twice_is_one_case(stage: Stage) -> None:
    stage.dingtalk.rules.arm(Fault("repeat", "/stream/push"))
    told = stage.driver.message("建设街第一小学门口垃圾堆放", person=Writer("feng", "冯"), chat_id=DINGTALK_GROUP)
    assert (await stage.driver.push(told)).status == 200
    assert (await stage.driver.push(told)).status == 200
    await stage.settled()
    assert len(await stage.cases()) == 1


async def test_what_the_database_refuses_is_not_acknowledged(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(arrivals: Sequence[object]) -> list[Exception]:
        return [sqlite3.OperationalError("database or disk is full") for _ in arrivals]

    with monkeypatch.context() as patch:
        patch.setattr(stage.app[MACHINE].store.intake, "put_all", full)
        assert (await stage.driver.say("人民路占道经营", chat_id=DINGTALK_GROUP)).status == 500
    assert (await stage.driver.say("人民路占道经营", chat_id=DINGTALK_GROUP)).status == 200


async def test_after_a_gap_the_platform_s_groups_hear_once_to_send_again(stage: Stage) -> None:
    await stage.out(5)
    await eventually(lambda: len(stage.heard(OPS_GROUP)) == 2 and stage.heard(DINGTALK_GROUP))
    [notice] = stage.heard(DINGTALK_GROUP)
    assert notice.startswith("机器人 09:00–09:05 ")
    assert notice.endswith("此间上报请重发。")
    assert stage.heard(WECOM_GROUP) == []
    down, well = stage.heard(OPS_GROUP)
    assert down.startswith("钉钉Stream连接09:00起未连通")
    assert well.startswith("钉钉Stream连接09:05已恢复")
    assert stage.app[OPERATIONS].troubles() == ()


async def test_a_short_gap_is_told_nobody(stage: Stage) -> None:
    await stage.out(0)
    assert (stage.heard(DINGTALK_GROUP), stage.heard(OPS_GROUP)) == ([], [])


async def test_wrong_credentials_are_told_once_with_the_way_to_mend_them(tmp_path: Path) -> None:
    async with staged(tmp_path, secret="another-app-secret") as stage:
        await eventually(lambda: stage.dingtalk.rules.count(OPEN) > 3)
        await stage.settled()
        await eventually(lambda: stage.heard(OPS_GROUP))
        [notice] = stage.heard(OPS_GROUP)
        for part in ("钉钉拒绝建立Stream连接", "应用开发→本应用→凭证与基础信息", "Client Secret", "消息接收模式"):
            assert part in notice
        assert "another-app-secret" not in notice
        assert stage.app[OPERATIONS].troubles() == ("line:dingtalk",)


async def test_a_click_on_a_card_is_answered_within_its_time(stage: Stage) -> None:
    click = {"outTrackId": "rc-1", "userId": "sun_li", "spaceType": "IM_GROUP", "spaceId": DINGTALK_GROUP}
    click["content"] = '{"cardPrivateData":{"actionIds":["ack"]}}'
    ack = await stage.dingtalk.gateway.click(click)
    assert ack is not None
    assert (ack.code, ack.json()) == (200, {"response": {}})
    await stage.settled()


async def test_somebody_without_a_staff_id_may_report_and_hears_once_what_a_command_takes(stage: Stage) -> None:
    unknown = Writer("", "孙丽")

    async def answers(text: str) -> list[str]:
        before = len(stage.dingtalk.deliveries)
        await stage.driver.say(text, person=unknown, chat_id=DINGTALK_GROUP)
        await stage.settled()
        return [post.text for post in stage.dingtalk.deliveries[before:] if post.chat_id == DINGTALK_GROUP]

    assert "已交办" in (await answers("建设街第一小学门口垃圾堆放"))[0]
    [case] = await stage.cases()
    [first] = await answers(f"收到 {case.short}")
    assert first.startswith("未能识别您的员工身份（应用未发布")
    [second] = await answers(f"收到 {case.short}")
    assert "孙丽负责" in second
    assert (await stage.cases())[0].state is State.ASSIGNED
