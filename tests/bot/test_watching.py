"""The disk, the database's own writes and the watchdog outside: each trouble is told once, and its end."""

import asyncio
import shutil
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.exc import SQLAlchemyError

from bot import tls
from bot.app import WATCHING
from bot.disk import DiskWatch, WriteWatch
from bot.heartbeat import Heartbeat
from domain.errors import ConfigError
from store import Store
from tests.bot.stage import OPS_GROUP, WECOM_GROUP, Stage, staged

GB = 1 << 30
CANARY = "canary-ping-0451"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


class Told:
    """Who is told, and a database that may refuse."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, str]] = []
        self.shouts: list[str] = []
        self.is_full = False

    async def tell(self, key: str, text: str) -> None:
        if self.is_full:
            raise sqlite3.OperationalError("database or disk is full")
        self.notices.append((key, text))

    async def shout(self, text: str) -> None:
        self.shouts.append(text)


async def test_a_disk_that_fills_up_is_told_once_and_its_end_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    watch = DiskWatch([tmp_path / "not" / "yet"], told.tell, told.shout)
    for number, free in enumerate((9 * GB, GB // 2, GB // 4, GB + 1, 3 * GB, 3 * GB, GB // 2)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: Usage(0, 0, free))
        await watch.look(str(number))
    assert [key for key, _ in told.notices] == ["disk:low:1", "disk:well:4", "disk:low:6"]
    assert f"磁盘 {tmp_path} 只剩0.5GB" in told.notices[0][1]
    assert told.shouts == []


async def test_an_alarm_that_cannot_be_stored_is_shouted_once_and_stored_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, 5 << 20))
    watch = DiskWatch([tmp_path], told.tell, told.shout)
    told.is_full = True
    for _ in range(3):
        await watch.look("a")
    assert (len(told.shouts), "只剩5MB" in told.shouts[0]) == (1, True)
    told.is_full = False
    await watch.look("b")
    assert [key for key, _ in told.notices] == ["disk:low:b"]


async def test_a_database_that_takes_nothing_is_told_at_the_third_failure() -> None:
    told = Told()
    watch = WriteWatch(told.tell, told.shout)
    for number, failures in enumerate((1, 2, 0, 1, 2, 3, 9, 0, 0)):
        await watch.look(failures, str(number))
    assert (len(told.shouts), [key for key, _ in told.notices]) == (1, ["store:well:7"])


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


async def test_a_full_database_refuses_in_the_open_and_goes_on_by_itself(stage: Stage) -> None:
    watching = stage.app[WATCHING]

    async def said(place: str) -> int:
        return (await stage.to_wecom.say(f"{place}占道经营", userid="fang", chat_id=WECOM_GROUP)).status

    def heard(words: str) -> int:
        return sum(words in p.text for p in stage.wecom.deliveries if p.chat_id == OPS_GROUP)

    assert await said("人民路百货大楼门口") == 200
    await stage.settled()
    statuses = [200]
    while statuses[-1] == 200:  # what the work itself lets go of is used up too
        await fill_up(stage.machine.store)
        statuses.append(await said("建设街第一小学门口" + "，" * 2000))
        assert len(statuses) < 20
    assert statuses[-1] == 503, "what is not stored is not taken"
    for _ in range(2):
        with suppress(SQLAlchemyError):
            await watching.beat()
    assert heard("数据库写不进去") == 1, "three tries of the platform were refused"
    stored, known = await stage.stored(), len(await stage.cases())
    assert (stored, known >= 1) == (len(statuses) - 1, True), "what was taken is there, and reading goes on"
    await limit(stage.machine.store, 1_000_000)
    assert await said("建设街第一小学门口") == 200
    await watching.beat()
    await stage.settled()
    assert [await stage.stored() - stored, heard("数据库写不进去"), heard("数据库已恢复写入。")] == [1, 1, 1]
    assert await stage.machine.store.inbox.depth() == 0, "what waited for room is done"


async def limit(store: Store, pages: int) -> None:
    """Let the file grow to so many pages, whoever writes: decisions and intake have a connection each."""
    async with store.database.writing() as connection:
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        thread, intake = store.intake._thread, store.intake._connection
        assert thread is not None
        assert intake is not None
        await asyncio.wrap_future(thread.submit(intake.execute, f"PRAGMA max_page_count = {pages}"))


async def fill_up(store: Store) -> None:
    """Leave the file no page to grow by, and none free inside."""
    database = store.database
    async with database.reading() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    await limit(store, pages)
    for size in (100_000, 10_000, 3_000, 500):
        while True:
            try:
                async with database.writing() as connection:
                    await connection.exec_driver_sql(
                        "INSERT INTO setting (name, value) VALUES (hex(randomblob(8)), hex(zeroblob(?)))", (size // 2,)
                    )
            except SQLAlchemyError:
                break


class Watchdog:
    """Somebody else's watchdog."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.status = 200

    async def serve(self) -> TestServer:
        async def take(request: web.Request) -> web.Response:
            self.calls.append(request.path)
            return web.Response(status=self.status)

        app = web.Application()
        app.router.add_get("/{path:.*}", take)
        server = TestServer(app)
        await server.start_server()
        return server


async def test_the_watchdog_is_called_while_all_is_well_and_its_address_is_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    dog, health = Watchdog(), [True]

    async def is_well() -> bool:
        return health[0]

    server = await dog.serve()
    heart = Heartbeat(f"http://127.0.0.1:{server.port}/{CANARY}", is_well)
    assert await heart.beat() is True
    health[0] = False
    assert await heart.beat() is False
    health[0], dog.status = True, 500
    assert [await heart.beat(), await heart.beat()] == [False, False]
    await server.close()
    assert await heart.beat() is False
    assert dog.calls == [f"/{CANARY}"] * 3
    ours = [record for record in caplog.records if record.name == "bot.heartbeat"]
    assert [vars(record)["action"] for record in ours] == ["heartbeat_withheld", "heartbeat_failed"]
    assert not [record for record in ours if CANARY in str(vars(record))]


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    assert tls.context(None) is None
    with pytest.raises(ConfigError, match="不是PEM格式的证书"):
        tls.context(file)


def test_our_own_authority_is_trusted_beside_the_systems(tmp_path: Path) -> None:
    system = ssl.create_default_context()
    file = Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    trusted = tls.context(file)
    assert trusted is not None
    assert trusted.verify_mode is ssl.CERT_REQUIRED
    assert trusted.cert_store_stats()["x509_ca"] >= system.cert_store_stats()["x509_ca"]
