"""Stream mode: the app's connection to the gateway, kept up for ever (platform page, "Receiving").

The next connection is opened before the old one is given up, for what the platform cannot deliver in a gap is lost.
Pauses between tries are random below a bound that doubles from 1 s to 60 s, and start anew after a minute of health; a
wrong id or secret is tried again every few minutes, since only a person can mend it.
"""

import asyncio
import logging
import random
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import aiohttp

from bot.platforms.dingtalk.connection import Connection, End, Pace
from bot.platforms.dingtalk.frames import Frame
from bot.platforms.dingtalk.gateway import Gateway
from domain.messages import Misconfigured, PlatformError, PlatformUnreachable

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 1.0  # for the other side's goodbye, once nobody reads any more
FRAME_CAP = 1 << 20  # bytes of one frame


class StreamState(StrEnum):
    """What the stream is doing."""

    LIVE = "live"
    DOWN = "down"  # trying again
    REFUSED = "refused"  # trying again now and then: somebody must mend the app's settings


@dataclass(frozen=True, slots=True)
class Change:
    """The stream's state has changed; `reason` says why in Chinese, "" for the better."""

    state: StreamState
    reason: str = ""


class Stream:
    """Keeps one app connected. `run` it as a task; it ends only by being cancelled, with every socket closed.

    take: stores a frame and returns its acknowledgement; several run at once, started in order.
    on_change: told each change of state, at once. chance: numbers in [0, 1).
    """

    def __init__(
        self,
        gateway: Gateway,
        take: Callable[[Frame], Awaitable[str]],
        *,
        on_change: Callable[[Change], None] = lambda change: None,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        chance: Callable[[], float] = random.random,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._gateway = gateway
        self._take = take
        self._on_change = on_change
        self._pace = pace
        self._chance = chance
        self._session: aiohttp.ClientSession | None = None
        self._current: Connection | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self.state = StreamState.DOWN
        self.connections = 0  # opened so far

    @property
    def silent_for(self) -> timedelta | None:
        """Return how long the living connection has brought no frame, None when there is none."""
        current = self._current
        return timedelta(seconds=current.silent_seconds) if current is not None and current.is_open else None

    async def run(self) -> None:
        """Keep the app connected until cancelled."""
        async with _session(self._tls) as self._session:
            try:
                await self._keep()
            finally:
                await self._leave()

    async def _keep(self) -> None:
        short_lives = 0
        while True:
            connection = await self._connected()
            end = await connection.ended()
            lived = asyncio.get_running_loop().time() - connection.since
            logger.info("stream ended", extra={"action": "stream_ended", "end": end.value, "seconds": round(lived)})
            # A connection that the gateway wants replaced is replaced at once, for the gap costs messages. Only when
            # the one before had a short life as well does somebody seem to be in trouble.
            failures = short_lives
            short_lives = 0 if lived >= self._pace.healthy else short_lives + 1
            if end is End.LOST:
                failures = max(short_lives, 1)
            if end is not End.SILENT:
                self._become(Change(StreamState.DOWN, "连接断开"))
            await asyncio.sleep(self._pace.pause(failures, self._chance()))

    async def _connected(self) -> Connection:
        """Return the next connection, however long it takes; the one before is given up then."""
        failures = 0
        while True:
            try:
                connection = Connection(await self._opened(), self._take, self._pace)
            except PlatformError as error:
                failures += 1
                self._failed(error)
                await asyncio.sleep(self._pause_after(error, failures))
                continue
            self._retire()
            self._current = connection
            self.connections += 1
            logger.info("stream connected", extra={"action": "stream_connected", "number": self.connections})
            self._become(Change(StreamState.LIVE))
            return connection

    async def _opened(self) -> aiohttp.ClientWebSocketResponse:
        """Open a socket. Raises PlatformError; the address holds a ticket and stands in no error."""
        if self._session is None:
            raise RuntimeError("the stream is not running")
        place = await self._gateway.open()
        closing = aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)
        try:
            async with asyncio.timeout(self._pace.open):
                return await self._session.ws_connect(
                    place.url, heartbeat=self._pace.heartbeat, timeout=closing, max_msg_size=FRAME_CAP
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise PlatformUnreachable(f"钉钉网关暂时连不上（{type(error).__name__}）") from None

    def _failed(self, error: PlatformError) -> None:
        fact = {"action": "stream_failed", "error": type(error).__name__, "reason": error.text}
        logger.warning("gateway not reached", extra=fact)
        if isinstance(error, Misconfigured):
            self._become(Change(StreamState.REFUSED, error.text))
        elif self._current is None or not self._current.is_open:
            self._become(Change(StreamState.DOWN, error.text))

    def _pause_after(self, error: PlatformError, failures: int) -> float:
        if isinstance(error, Misconfigured):
            return self._pace.pause_refused(failures, self._chance())
        asked = error.retry_after.total_seconds() if error.retry_after is not None else 0.0
        return max(asked, self._pace.pause(failures, self._chance()))

    def _retire(self) -> None:
        """Give up the current connection, aside."""
        if self._current is None:
            return
        task = asyncio.create_task(self._current.retire(), name="dingtalk-stream-retire")
        self._current = None
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _leave(self) -> None:
        self._retire()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    def _become(self, change: Change) -> None:
        if change.state is not self.state:
            self.state = change.state
            self._on_change(change)


def _session(tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(ssl=tls if tls is not None else True, limit=4, force_close=True)
    return aiohttp.ClientSession(
        connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": "luzhang"}
    )
