"""The service over the long connection: `serve`'s application between the fake gateway and a hand that writes to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.app import CONNECTIONS, MACHINE
from bot.clock import MovedClock
from bot.config import load_config
from bot.fakes.wecom import SAMPLE_BOT, FakeWecom, LiveDriver
from bot.platforms.wecom.line import Line
from bot.wecom_line import WecomLine
from domain.case import Case
from domain.ports import CaseQuery
from tests.bot.stage import fakes, quiet, serving, settle_roster, until, write_config
from tests.house import MONDAY_MORNING


@dataclass
class LineStage:
    """A running service whose bot is reached over the long connection."""

    app: web.Application
    clock: MovedClock
    wecom: FakeWecom
    hand: LiveDriver

    @property
    def wecom_line(self) -> WecomLine:
        line = self.app[CONNECTIONS].wecom_line
        assert line is not None
        return line

    @property
    def line(self) -> Line:
        return self.wecom_line.line

    async def live(self) -> None:
        """Wait until the bot is connected."""

        async def is_live() -> bool:
            return bool(self.line.connection_id)

        await until(is_live)

    async def settled(self) -> None:
        """Wait until everything that reached the connection is stored, decided and posted."""
        store, sent = self.app[MACHINE].store, {push.message_id for push in self.hand.pushed if push.status == 200}

        async def is_stored() -> bool:
            async with store.database.reading() as connection:
                return sent <= set((await connection.exec_driver_sql("SELECT message_id FROM inbox")).scalars())

        await until(is_stored)
        await quiet(store, self.clock)

    async def cases(self) -> list[Case]:
        async with self.app[MACHINE].store.reading(self.clock.now()) as view:
            return (await view.cases(CaseQuery(limit=100)))[::-1]


def write_line_config(folder: Path, wecom: str, dingtalk: str, *, with_others: bool = True) -> Path:
    """The stage's configuration with the bot on the long connection; without others, it is all there is of WeCom."""
    path = write_config(folder, wecom, dingtalk)
    text = path.read_text(encoding="utf-8")
    secret, ws_url = SAMPLE_BOT.secret, wecom.replace("http", "ws") + "/ws"
    text = text.replace('mode = "callback"', f'mode = "websocket"\nsecret = "{secret}"\nws_url = "{ws_url}"')
    if not with_others:
        text = "\n".join(line for line in text.splitlines() if not line.startswith("webhook_key"))
        head, _, rest = text.partition("[wecom.app]")
        text = head + "[wecom.bot]" + rest.partition("[wecom.bot]")[2]
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def line_staged(
    folder: Path,
    *,
    with_others: bool = True,
    clock: MovedClock | None = None,
    fake: tuple[FakeWecom, str] | None = None,
) -> AsyncIterator[LineStage]:
    clock = clock or MovedClock(MONDAY_MORNING)
    async with fakes(clock) as (wecom, url, _dingtalk, dingtalk_url):
        config = load_config(write_line_config(folder, url, dingtalk_url, with_others=with_others))
        async with serving(config, clock) as (app, _):
            await settle_roster(app[MACHINE].store, clock)
            stage = LineStage(app, clock, wecom, wecom.live_driver(url))
            await stage.live()
            yield stage
