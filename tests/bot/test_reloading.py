"""Secrets change while the service runs: old signatures hold for an hour, new ones at once, and nothing else moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.app import MACHINE, RELOADER, create_app
from bot.clock import MovedClock
from bot.config import load_config
from bot.fakes.wecom import SAMPLE_APP, SAMPLE_BOT, FakeWecom
from bot.listening import bind, listening
from bot.reloading import DONE, compare, merged
from domain.effects import Effects, Notice, ToPurpose, Urgency
from tests.bot.requests import bot_request
from tests.bot.stage import OPS_GROUP, fakes, quiet, settle_roster, write_config
from tests.house import MONDAY_MORNING

NEW_TOKEN = "canaryNewToken02"


@dataclass
class Stage:
    app: web.Application
    url: str
    clock: MovedClock
    wecom: FakeWecom
    file: Path

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), encoding="utf-8")

    async def reload(self) -> str:
        self.app[RELOADER].signal()
        await self.app[RELOADER].look()
        async with self.app[MACHINE].store.reading(self.clock.now()) as view:
            return str((await view.setting(DONE))["text"])

    async def status(self, message_id: str, token: str) -> int:
        request = bot_request(self.clock.now(), message_id, token=token)
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url + request.path, params=request.query, data=request.body) as answer,
        ):
            return answer.status

    async def told_ops(self, text: str) -> None:
        machine = self.app[MACHINE]
        async with machine.store.deciding(self.clock.now()) as view:
            view.apply(Effects(notices=[Notice(text, ToPurpose("ops"), text, "ops", urgency=Urgency.HAZARD)]))
        machine.outbox.wake()
        await quiet(machine.store, self.clock)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    clock = MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, wecom_url, _dingtalk, dingtalk_url):
        file = write_config(folder, wecom_url, dingtalk_url)
        app = create_app(load_config(file), clock, lambda: load_config(file))
        async with listening(app, bind("127.0.0.1", 0)) as place:
            await settle_roster(app[MACHINE].store, clock)
            yield Stage(app, place.url, clock, wecom, file)


async def test_a_callback_token_rotates_without_a_lost_message(stage: Stage) -> None:
    assert [await stage.status("m1", SAMPLE_BOT.token), await stage.status("m2", NEW_TOKEN)] == [200, 403]
    stage.edit(SAMPLE_BOT.token, NEW_TOKEN)
    assert await stage.reload() == "已更新：wecom.bot.token。"
    assert [await stage.status("m3", SAMPLE_BOT.token), await stage.status("m4", NEW_TOKEN)] == [200, 200]
    assert await stage.status("m5", "some-other-token") == 403
    stage.clock.advance(timedelta(minutes=59))
    assert await stage.status("m6", SAMPLE_BOT.token) == 200
    stage.clock.advance(timedelta(minutes=1))
    assert [await stage.status("m7", SAMPLE_BOT.token), await stage.status("m8", NEW_TOKEN)] == [403, 200]


async def test_a_webhook_and_a_new_group_are_taken_at_once(stage: Stage) -> None:
    stage.wecom._webhooks |= {"canary-key-new": OPS_GROUP, "canary-key-2": "wrSecondOps0001"}
    del stage.wecom._webhooks["canary-webhook-key-0999"]
    more = '\n[[chat]]\nname = "运维二群"\nplatform = "wecom"\nchat_id = "wrSecondOps0001"\npurpose = "ops"\n'
    stage.edit("canary-webhook-key-0999", "canary-key-new")
    stage.edit("[wecom]\n", "[wecom]\n# groups below\n")
    stage.file.write_text(stage.file.read_text("utf-8") + more + 'webhook_key = "canary-key-2"\n', "utf-8")
    assert await stage.reload() == "已更新：chat。"
    await stage.told_ops("换过钥匙了")
    assert sorted(p.chat_id for p in stage.wecom.deliveries if p.text == "换过钥匙了") == [OPS_GROUP, "wrSecondOps0001"]


async def test_what_needs_a_restart_is_named_and_not_taken(stage: Stage) -> None:
    stage.edit('name = "溪城市"', 'name = "新城市"')
    stage.edit(SAMPLE_APP.secret, "canary-app-secret-2")
    text = await stage.reload()
    assert text == "已更新：wecom.app.secret。须重启服务才生效：city.name。"
    assert stage.app[MACHINE].rules.city == "溪城市"
    stage.edit("canary-app-secret-2", "canary-app-secret-3")
    assert (await stage.reload()).startswith("已更新：wecom.app.secret。")


async def test_a_wrong_file_changes_nothing_and_is_told(stage: Stage) -> None:
    stage.edit("[store]", "[stroe]")
    assert "仍按原来的配置运行" in await stage.reload()
    assert await stage.status("m1", SAMPLE_BOT.token) == 200
    await quiet(stage.app[MACHINE].store, stage.clock)
    assert [p.text[:4] for p in stage.wecom.deliveries if p.chat_id == OPS_GROUP] == ["配置有误"]


def test_a_section_that_comes_or_goes_waits_for_a_restart(tmp_path: Path) -> None:
    file = write_config(tmp_path)
    old = load_config(file)
    head, _, rest = file.read_text("utf-8").partition("[wecom.app]")
    file.write_text(head + "[wecom.bot]" + rest.partition("[wecom.bot]")[2], "utf-8")
    new = load_config(file)
    difference = compare(old, new)
    assert difference.live == ()
    assert ("wecom", "app") in difference.later or ("wecom", "app", "secret") in difference.later
    assert merged(old, new, difference) == old
    assert compare(old, old).text == "密钥和群没有变化。"
