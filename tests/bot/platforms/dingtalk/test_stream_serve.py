"""`luzhang serve` as a process over Stream: it stops cleanly, and what it acknowledged survives its sudden death."""

import asyncio
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import TestServer

from bot.fakes.dingtalk import Driver, FakeDingtalk, Timing
from tests.bot.stage import DINGTALK_GROUP, ROBOT, write_config

ROOT = Path(__file__).parents[4]


@dataclass
class Serving:
    fake: FakeDingtalk
    driver: Driver
    process: asyncio.subprocess.Process
    database: Path

    def stored(self) -> set[str]:
        with closing(sqlite3.connect(self.database)) as connection:
            return {row[0] for row in connection.execute("SELECT message_id FROM inbox")}


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(0.02)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Serving]:
    fake = FakeDingtalk(ROBOT, timing=Timing(answer=3.0))
    async with TestServer(fake.app()) as server:
        base = str(server.make_url("")).rstrip("/")
        config = write_config(folder, dingtalk=base)
        text = config.read_text(encoding="utf-8").replace('mode = "http"', 'mode = "stream"')
        config.write_text(text, encoding="utf-8")
        command = (sys.executable, "-m", "bot", "serve", "--port", "0", "--config", str(config))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)
        driver = Driver(fake.state, ROBOT, base, "", fake.gateway)
        try:
            await until(lambda: fake.gateway.peers)
            yield Serving(fake, driver, process, folder / "data" / "luzhang.db")
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def test_it_answers_and_stops_cleanly(tmp_path: Path) -> None:
    async with serving(tmp_path) as found:
        assert (await found.driver.say("帮助", chat_id=DINGTALK_GROUP)).status == 200
        await until(lambda: found.fake.deliveries)
        assert (found.fake.deliveries[0].way, found.fake.deliveries[0].chat_id) == ("reply", DINGTALK_GROUP)
        found.process.send_signal(signal.SIGTERM)
        _, log = await found.process.communicate()
        assert (found.process.returncode, found.fake.gateway.peers) == (0, ())
        assert ROBOT.client_secret.encode() not in log


async def test_what_was_acknowledged_survives_a_sudden_death(tmp_path: Path) -> None:
    async with serving(tmp_path) as found:
        told = [found.driver.message(f"人民路占道经营{n}", chat_id=DINGTALK_GROUP) for n in range(300)]
        pushes = [asyncio.create_task(found.driver.push(message)) for message in told]
        await until(lambda: len(found.fake.gateway.acks) > 60)
        found.process.kill()
        await found.process.wait()
        taken = {one.message_id for one in await asyncio.gather(*pushes) if one.status == 200}
        assert len(taken) > 60
        assert taken <= found.stored()
