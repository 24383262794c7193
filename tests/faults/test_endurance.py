"""What must not pile up or stand still: the loop beside a slow platform, lost connections, idle callers.

Times are told without what a busy machine adds: as long as a thread of ours is ready to run and has no processor, nobody
stands still. Fast form here; ENDURANCE_LONG=1 for the whole numbers, and for a thousand lost connections: a hundred and
a half are lost beside the lines' own tests.
"""

import asyncio
import gc
import logging
import os
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.fakes.rules import Fault
from tests.bot.platforms.dingtalk.streaming import streaming
from tests.bot.platforms.wecom.line_rig import rigged
from tests.bot.requests import BOT, bot_request
from tests.bot.stage import WECOM_GROUP, Stage, staged
from tests.house import MONDAY_MORNING

pytestmark = pytest.mark.faults

IS_LONG = bool(os.environ.get("ENDURANCE_LONG"))
DISCONNECTS = 1_000
GROWTH = 256 << 10  # bytes that so many disconnects may cost
IDLE = 1_000 if IS_LONG else 300
ANSWERED = 400 if IS_LONG else 40
LAG = 0.05  # seconds that the loop may stand still
ANSWER = 0.3  # seconds for a callback


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


class Stopwatch:
    """Seconds since it was made, without those in which threads of this process waited for a processor."""

    def __init__(self) -> None:
        self._waited = _waited()
        self._began = time.perf_counter()

    def seconds(self) -> float:
        took, now = time.perf_counter() - self._began, _waited()
        return took - sum(max(0, ns - self._waited.get(thread, 0)) for thread, ns in now.items()) / 1e9


def _waited() -> dict[str, int]:
    """Return for each thread of this process the nanoseconds that it was ready to run and did not."""
    found = {}
    for thread in os.listdir("/proc/self/task"):
        with suppress(OSError):  # it has just ended
            found[thread] = int(Path(f"/proc/self/task/{thread}/schedstat").read_bytes().split()[1])
    return found


@asynccontextmanager
async def probed() -> AsyncIterator[list[float]]:
    """Measure, while the block runs, by how much later than asked the loop comes back to a sleeper."""
    lags: list[float] = []

    async def probe() -> None:
        while True:
            watch = Stopwatch()
            await asyncio.sleep(0.005)
            lags.append(watch.seconds() - 0.005)

    gc.collect()
    gc.freeze()  # as the service does: what a thousand other tests left is not looked through meanwhile
    task = asyncio.create_task(probe())
    try:
        yield lags
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        gc.unfreeze()


async def test_a_slow_platform_does_not_hold_up_the_loop(stage: Stage) -> None:
    slow = 0.4
    for rules in (stage.wecom.rules, stage.dingtalk.rules):
        rules.arm(Fault("delay", "*", count=0, delay_s=slow))
    async with probed() as lags:
        for number in range(6):
            said = f"人民路百货大楼门口占道经营{number}"
            assert (await stage.to_wecom.say(said, userid=f"guest{number}", chat_id=WECOM_GROUP)).status == 200
        async with asyncio.timeout(60):
            while stage.wecom.rules.count("*") < 3:  # noqa: ASYNC110 - the service makes it true
                await asyncio.sleep(0.02)
        await asyncio.sleep(slow)
    assert len(lags) > 20
    assert max(lags) <= LAG, f"the loop stood still for {sorted(lags)[-5:]} s"


def sockets() -> int:
    return sum(
        os.readlink(f"/proc/self/fd/{fd}").startswith("socket:") for fd in os.listdir("/proc/self/fd") if _is(fd)
    )


def _is(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")


async def no_growth(before: tuple[int, int], also: Callable[[], bool]) -> None:
    """Wait until tasks and sockets are no more than before; say what is left when they stay."""
    async with asyncio.timeout(10):
        while not also():  # noqa: ASYNC110 - the other end makes it true
            await asyncio.sleep(0.01)
    for _ in range(200):
        gc.collect()
        if len(asyncio.all_tasks()) <= before[0] and sockets() <= before[1]:
            return
        await asyncio.sleep(0.02)
    names = sorted(task.get_name() for task in asyncio.all_tasks())
    raise AssertionError(f"{len(names)} tasks and {sockets()} sockets instead of {before}: {names}")


@pytest.fixture
def memory(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], int]]:
    """Tell how many bytes are in use."""
    caplog.set_level(logging.CRITICAL)  # kept records would count as growth

    def used() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    yield used
    tracemalloc.stop()


@pytest.mark.skipif(not IS_LONG, reason="ENDURANCE_LONG=1 loses a thousand connections")
async def test_lost_wecom_connections_leave_nothing_behind(memory: Callable[[], int]) -> None:
    async with rigged() as rig:
        line = rig.start()
        connection = await rig.live()

        async def lose(times: int) -> int:
            nonlocal connection
            for _ in range(times):
                rig.fake.gateway.drop()
                connection = await rig.live(line, other_than=connection)
            rig.fake.rules.asked.clear()
            return memory()

        used = await lose(100)
        before = len(asyncio.all_tasks()), sockets()
        grown = await lose(DISCONNECTS) - used
        await no_growth(before, lambda: rig.fake.gateway.peers == 1)
        assert line.connections == DISCONNECTS + 101
        assert grown < GROWTH, f"{grown} bytes"


@pytest.mark.skipif(not IS_LONG, reason="ENDURANCE_LONG=1 loses a thousand connections")
async def test_lost_dingtalk_connections_leave_nothing_behind(memory: Callable[[], int]) -> None:
    async with streaming() as found:
        await found.connected()

        async def lose(times: int) -> int:
            for _ in range(times):
                found.fake.gateway.cut(found.peer)
                await found.connected(found.stream.connections + 1)
            found.fake.rules.asked.clear()
            found.fake.gateway.opened.clear()
            return memory()

        used = await lose(100)
        before = len(asyncio.all_tasks()), sockets()
        grown = await lose(DISCONNECTS) - used
        await no_growth(before, lambda: len(found.fake.gateway.peers) == 1)
        assert grown < GROWTH, f"{grown} bytes"


async def test_idle_connections_keep_nobody_waiting(stage: Stage) -> None:
    host, _, port = stage.url.removeprefix("http://").partition(":")
    async with AsyncExitStack() as stack:
        for number in range(IDLE):
            _, writer = await asyncio.open_connection(host, int(port))
            stack.callback(writer.close)
            if number % 3 == 0:
                writer.write(b"POST /callback/wecom/bot HTTP/1.1\r\nHost: x\r\n")  # and no more
        waits = [await answered(host, int(port), f"m-{number}") for number in range(ANSWERED)]
    slow = [wait for wait in waits if wait > ANSWER]
    assert len(slow) <= len(waits) // 100, f"{len(slow)} of {len(waits)} answers took {max(slow):.2f} s and less"
    assert await stage.stored() == len(waits)


async def answered(host: str, port: int, message_id: str) -> float:
    """Send a signed message over a connection of its own; return the seconds that the 200 took."""
    made = bot_request(MONDAY_MORNING, message_id)
    head = f"POST {BOT}?{urlencode(made.query)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(made.body)}\r\n\r\n"
    watch = Stopwatch()
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(head.encode() + made.body)
    line = await reader.readline()
    took = watch.seconds()
    writer.close()
    assert line.startswith(b"HTTP/1.1 200"), line
    return took
