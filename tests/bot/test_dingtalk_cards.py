"""DingTalk's cards in the service: a tap is answered with the new face at once, and what happens elsewhere shows."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.app import MACHINE
from bot.clock import MovedClock
from bot.config import load_config
from bot.fakes.dingtalk import Driver, FakeDingtalk
from bot.fakes.dingtalk import Person as Writer
from bot.fakes.wecom import FakeWecom
from bot.platforms.dingtalk.card_callback import sign
from domain.case import Case, State
from domain.ports import CaseQuery
from tests.bot.stage import DINGTALK_GROUP, ROBOT, fakes, quiet, serving, settle_roster, until, write_config
from tests.house import MONDAY_MORNING

REPORT = "人民路百货大楼门口占道经营"


class Stage:
    """A running service whose people are on DingTalk."""

    def __init__(self, app: web.Application, url: str, clock: MovedClock, fake: FakeDingtalk, wecom: FakeWecom) -> None:
        self.app, self.url, self.clock, self.fake, self.wecom = app, url, clock, fake, wecom

    async def report(self, driver: Driver) -> str:
        """Report something; return the thread of the working message's card."""
        await driver.say(REPORT, person=Writer("feng", "冯"), chat_id=DINGTALK_GROUP)

        async def is_shown() -> bool:
            return any("_work-" in name for name in self.fake.cards.shown)

        await until(is_shown)
        await self.settled()
        return next(name for name in self.fake.cards.shown if "_work-" in name)

    async def settled(self) -> None:
        await quiet(self.app[MACHINE].store, self.clock)

    async def case(self) -> Case:
        async with self.app[MACHINE].store.reading(self.clock.now()) as view:
            (found,) = await view.cases(CaseQuery())
            return found

    def title(self, thread: str) -> str:
        return self.fake.cards.shown[thread].variables["title"]


@asynccontextmanager
async def staged(folder: Path, mode: str) -> AsyncIterator[tuple[Stage, Driver]]:
    clock = MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, wecom_url, dingtalk, dingtalk_url):
        path = write_config(folder, wecom_url, dingtalk_url)
        text = path.read_text(encoding="utf-8")
        text = text.replace(
            '[dingtalk]\nmode = "http"', f'[dingtalk]\nmode = "{mode}"\ncard_template_id = "case.schema"'
        )
        text = text.replace('scope = "东关街道"\nwebhook_key', 'scope = "河西镇"\nwebhook_key')
        text = text.replace("[store]", '[server]\npublic_url = "https://lz.example.gov.cn"\n[store]')
        path.write_text(text, encoding="utf-8")
        async with serving(load_config(path), clock) as (app, url):
            await settle_roster(app[MACHINE].store, clock)
            gateway = dingtalk.gateway if mode == "stream" else None
            robot_url = "" if gateway else f"{url}/callback/dingtalk/robot"
            driver = Driver(dingtalk.state, ROBOT, dingtalk_url, robot_url, gateway)
            stage = Stage(app, url, clock, dingtalk, wecom)

            async def is_connected() -> bool:
                return gateway is None or len(gateway.peers) == 1

            await until(is_connected)
            yield stage, driver


def click(thread: str, who: str, key: str) -> dict[str, object]:
    pressed = json.dumps({"cardPrivateData": {"actionIds": [key], "params": {}}})
    return {"type": "actionCallback", "outTrackId": thread, "userId": who, "spaceType": "IM_ROBOT", "content": pressed}


async def test_a_tap_over_stream_is_acknowledged_with_the_new_face(tmp_path: Path) -> None:
    async with staged(tmp_path, "stream") as (stage, driver):
        thread = await stage.report(driver)
        assert stage.title(thread).startswith("待认领【0001】")
        ack = await stage.fake.gateway.click(click(thread, "zhao", "ack"))
        assert ack is not None
        shown: Any = ack.json()
        assert shown["response"]["cardData"]["cardParamMap"]["title"].startswith("处置中·赵强")
        assert (await stage.case()).state is State.ACKNOWLEDGED
        refused = await stage.fake.gateway.click(click(thread, "sun_li", "resolve"))
        assert refused is not None
        assert (await stage.case()).state is State.ACKNOWLEDGED


async def test_a_tap_over_http_too(tmp_path: Path) -> None:
    async with staged(tmp_path, "http") as (stage, driver):
        thread = await stage.report(driver)
        address, key = stage.fake.cards.route or ("", "")
        assert address == "https://lz.example.gov.cn/callback/dingtalk/card"
        stamp = str(int(stage.clock.now().timestamp() * 1000))
        headers = {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": sign(key, stamp)}
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{stage.url}/callback/dingtalk/card", json=click(thread, "zhao", "ack"), headers=headers
            ) as response,
        ):
            assert response.status == 200
            face = await response.json()
        assert face["cardData"]["cardParamMap"]["title"].startswith("处置中·赵强")
        assert (await stage.case()).state is State.ACKNOWLEDGED


async def test_what_happens_elsewhere_is_shown_in_place_and_posts_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path, "stream") as (stage, driver):
        thread = await stage.report(driver)
        await driver.say("收到 0001", person=Writer("zhao", "赵强"), chat_id=DINGTALK_GROUP)

        async def is_turned() -> bool:
            return stage.title(thread).startswith("处置中·赵强")

        await until(is_turned)
        await stage.settled()
        ways = [post.way for post in stage.fake.deliveries if post.message_id == thread]
        assert ways == ["card", "update"]


async def test_operators_hear_the_missing_scope_once_and_the_words_arrive(tmp_path: Path) -> None:
    async with staged(tmp_path, "stream") as (stage, driver):
        stage.fake.cards.is_permitted = False
        for number in range(2):
            await driver.say(f"{REPORT}{number}", person=Writer(f"feng{number}", "冯"), chat_id=DINGTALK_GROUP)

            async def is_told() -> bool:
                return any("1 收到" in post.text for post in stage.fake.deliveries)

            await until(is_told)
            await stage.settled()

        def heard() -> list[str]:
            texts = (post.text.replace("．", ".") for post in stage.wecom.deliveries)  # dots are made harmless
            return [text for text in texts if "Card.Instance.Write" in text]

        async def has_heard() -> bool:
            return bool(heard())

        await until(has_heard)
        await stage.settled()
        told = heard()
        assert len(told) == 1
        assert "文字已照常送达" in told[0]
