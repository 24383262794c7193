"""The whole service over the wire: both loopback platforms, signed callbacks, real pictures, a clock the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import MACHINE, create_app
from bot.assembly import Machine
from bot.clock import MovedClock
from bot.config import Config, load_config
from bot.fakes.dingtalk import Driver as DingtalkDriver
from bot.fakes.dingtalk import FakeDingtalk, FakeRobot
from bot.fakes.wecom import SAMPLE_APP, SAMPLE_BOT, FakeWecom
from bot.fakes.wecom import Driver as WecomDriver
from bot.listening import bind, listening
from domain.case import Case
from domain.ports import CaseQuery
from domain.roster import Dated, Person
from store import Store
from tests.house import DUTIES, MONDAY_MORNING, PEOPLE, POSTS, SEGMENTS, lay_tables

WECOM_GROUP, DINGTALK_GROUP, OPS_GROUP = "wrEastGate0001", "cidEastGate+0001==", "wrOperators0001"
WEBHOOK_KEYS = {"canary-webhook-key-0451": WECOM_GROUP, "canary-webhook-key-0999": OPS_GROUP}
ROBOT = FakeRobot()

CONFIG = """
[city]
name = "溪城市"
[store]
url = "sqlite+aiosqlite:///data/luzhang.db"
media = "media"
heads = "heads/heads.txt"
[wecom]
api_base = "{wecom}"
[wecom.app]
corp_id = "{app.corp_id}"
agent_id = {app.agent_id}
secret = "{app.secret}"
token = "{app.token}"
aes_key = "{app.aes_key}"
[wecom.bot]
mode = "callback"
bot_id = "{bot.bot_id}"
token = "{bot.token}"
aes_key = "{bot.aes_key}"
[dingtalk]
mode = "http"
client_id = "{robot.client_id}"
client_secret = "{robot.client_secret}"
robot_code = "{robot.robot_code}"
api_base = "{dingtalk}"
oapi_base = "{dingtalk}"
[[chat]]
name = "东关群"
platform = "wecom"
chat_id = "wrEastGate0001"
scope = "东关街道"
webhook_key = "canary-webhook-key-0451"
[[chat]]
name = "东关钉钉群"
platform = "dingtalk"
chat_id = "cidEastGate+0001=="
scope = "东关街道"
[[chat]]
name = "运维群"
platform = "wecom"
chat_id = "wrOperators0001"
purpose = "ops"
webhook_key = "canary-webhook-key-0999"
"""


def write_config(folder: Path, wecom: str = "http://127.0.0.1:9", dingtalk: str = "http://127.0.0.1:9") -> Path:
    path = folder / "config.toml"
    text = CONFIG.format(wecom=wecom, dingtalk=dingtalk, app=SAMPLE_APP, bot=SAMPLE_BOT, robot=ROBOT)
    path.write_text(text, encoding="utf-8")
    return path


@dataclass
class Stage:
    """A running service between two fake platforms. People write by their person id."""

    app: web.Application
    url: str
    clock: MovedClock
    wecom: FakeWecom
    dingtalk: FakeDingtalk
    to_wecom: WecomDriver
    to_dingtalk: DingtalkDriver

    @property
    def machine(self) -> Machine:
        return self.app[MACHINE]

    async def cases(self) -> list[Case]:
        async with self.machine.store.reading(self.clock.now()) as view:
            return (await view.cases(CaseQuery(limit=100)))[::-1]

    async def stored(self) -> int:
        """How many messages ever came into the inbox."""
        async with self.machine.store.database.reading() as connection:
            return int((await connection.exec_driver_sql("SELECT count(*) FROM inbox")).scalar_one())

    async def settled(self) -> None:
        """Wait until everything received is decided and everything due is posted."""
        await quiet(self.machine.store, self.clock)


async def quiet(store: Store, clock: MovedClock) -> None:
    """Wait until no message waits and no post is due or under way."""

    async def is_quiet() -> bool:
        if await store.inbox.depth():
            return False
        async with store.database.reading() as connection:
            query = "SELECT count(*) FROM outbox WHERE ended_at IS NULL AND ready_at <= ?"
            micros = int(clock.now().timestamp() * 1_000_000)
            return int((await connection.exec_driver_sql(query, (micros,))).scalar_one()) == 0

    await until(is_quiet)


async def until(condition: Callable[[], Awaitable[Any]]) -> None:
    """Wait for what other tasks are doing; the limit is reached by what never comes alone, also on a busy machine."""
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - what is waited for lies in a database
            await asyncio.sleep(0.01)


async def settle_roster(store: Store, clock: MovedClock) -> None:
    """Import the small test city, everybody known on both platforms."""
    now = clock.now()
    since = date(2026, 1, 1)
    people = [Person(i, name, unit, (("wecom", i), ("dingtalk", i))) for i, (name, unit) in PEOPLE.items()]
    await store.rosters.import_roster(SEGMENTS, since, now)
    await store.rosters.import_people(people, [Dated(post) for post in POSTS], since, now)
    await store.rosters.import_duty([Dated(duty) for duty in DUTIES], since, now)


@asynccontextmanager
async def fakes(clock: MovedClock) -> AsyncIterator[tuple[FakeWecom, str, FakeDingtalk, str]]:
    wecom = FakeWecom(webhooks=WEBHOOK_KEYS, clock=clock.now)
    dingtalk = FakeDingtalk(ROBOT, clock=clock.now)
    servers = [TestServer(wecom.app()), TestServer(dingtalk.app())]
    for server in servers:
        await server.start_server()
    try:
        yield wecom, f"http://127.0.0.1:{servers[0].port}", dingtalk, f"http://127.0.0.1:{servers[1].port}"
    finally:
        for server in servers:
            await server.close()


@asynccontextmanager
async def serving(config: Config, clock: MovedClock) -> AsyncIterator[tuple[web.Application, str]]:
    await lay_tables(config)
    app = create_app(config, clock)
    async with listening(app, bind("127.0.0.1", 0)) as place:
        yield app, place.url


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    clock = MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, wecom_url, dingtalk, dingtalk_url):
        config = load_config(write_config(folder, wecom_url, dingtalk_url))
        async with serving(config, clock) as (app, url):
            await settle_roster(app[MACHINE].store, clock)
            yield Stage(
                app,
                url,
                clock,
                wecom,
                dingtalk,
                wecom.driver(wecom_url, bot_url=f"{url}/callback/wecom/bot", app_url=f"{url}/callback/wecom/app"),
                DingtalkDriver(dingtalk.state, ROBOT, dingtalk_url, f"{url}/callback/dingtalk/robot"),
            )
