"""The long connection (长连接) of an AI bot, kept up for ever.

A lost connection is made anew after a random pause of at most 1 s, doubling up to 30 s, so that many bots don't come
back in one wave. Two ends are final until somebody says `resume`: a newer connection of the same bot took over (to come
back would kick it out, and so on for ever), and wrong credentials, five times in a row. Platform page: AI bot, long
connection, rules of the connection.
"""

import asyncio
import contextlib
import logging
import random
import ssl
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import aiohttp

from bot.platforms.http import Answer
from bot.platforms.wecom.connection import Connection, End, Pace, offline
from bot.platforms.wecom.frames import Frame
from bot.platforms.wecom.settings import WecomBot
from domain.messages import Misconfigured, PlatformError

logger = logging.getLogger(__name__)

MOST_REFUSALS = 5
CLOSE_SECONDS = 1.0  # for the other side's goodbye
FRAME_CAP = 4 << 20  # bytes of one inbound frame
HANDLE_LIFE = timedelta(hours=24)
HANDLES_KEPT = 10_000  # chats whose last req_id is remembered


class LineState(StrEnum):
    """What the line is doing; the values are stored."""

    LIVE = "live"
    DOWN = "down"  # trying again
    KICKED = "kicked"  # stopped: another instance took over
    REFUSED = "refused"  # stopped: wrong credentials


class Line:
    """Keeps one bot connected. `run` it as a task; it ends only by being cancelled.

    on_callback: takes each callback, in order, with the id of its connection; returns what to wait for before the next
    one is read, None to read on at once. on_state: told each change of state, at once.
    """

    def __init__(
        self,
        bot: WecomBot,
        *,
        on_callback: Callable[[Frame, str], Awaitable[object] | None],
        on_state: Callable[[LineState], None] = lambda state: None,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        chance: Callable[[], float] = random.random,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._bot = bot
        self._on_callback = on_callback
        self._on_state = on_state
        self._pace = pace
        self._chance = chance
        self._session: aiohttp.ClientSession | None = None
        self._connection: Connection | None = None
        self._live = asyncio.Event()
        self._go_on = asyncio.Event()
        self._is_renewing = False
        self._hold = 0.0  # seconds that the gateway asked us to wait
        self._handles: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self.state = LineState.DOWN
        self.connections = 0  # made so far

    @property
    def connection_id(self) -> str:
        """Return the id of the living connection, "" when there is none."""
        return self._connection.id if self._connection is not None and self._live.is_set() else ""

    @property
    def silent_for(self) -> timedelta | None:
        """Return how long the living connection has brought no frame, None when there is none."""
        if self._connection is None or not self._live.is_set():
            return None
        return timedelta(seconds=asyncio.get_running_loop().time() - self._connection.heard_at)

    def use(self, bot: WecomBot) -> None:
        """Take other credentials from the next connection on; a line that was refused tries them at once."""
        self._bot = bot
        if self.state is LineState.REFUSED:
            self.resume()

    def resume(self) -> None:
        """Go on after a final end."""
        self._go_on.set()

    def remember(self, place: str, req_id: str, now: datetime) -> None:
        """Remember the last message of a chat as a way to speak there while this connection lives."""
        self._handles[place] = (req_id, now + HANDLE_LIFE)
        self._handles.move_to_end(place)
        if len(self._handles) > HANDLES_KEPT:
            self._handles.popitem(last=False)

    def last_req_id(self, place: str, now: datetime) -> str:
        """Return the req_id of the last message of a chat that can still be answered, else ""."""
        req_id, until = self._handles.get(place, ("", now))
        return req_id if self._live.is_set() and now < until else ""

    async def ask(self, cmd: str, body: Mapping[str, object], req_id: str = "") -> Answer:
        """Send one frame and return its answer. Raises PlatformError."""
        connection = self._connection
        if connection is None or not self._live.is_set():
            raise offline()
        return await connection.ask(cmd, body, req_id)

    async def renew(self, connection_id: str) -> bool:
        """Drop the connection of that id, since it is not what it seems, and wait for a new one; False if none came."""
        connection = self._connection
        if connection is not None and connection.id == connection_id:
            self._is_renewing = True
            self._live.clear()
            await connection.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.renewal):
                await self._live.wait()
        return self.connection_id not in ("", connection_id)

    async def run(self) -> None:
        """Keep the bot connected until cancelled."""
        failures = refusals = 0
        async with _session(self._tls) as self._session:
            while True:
                lived, end = await self._connect()
                failures = 0 if lived >= self._pace.stable else failures + 1
                refusals = refusals + 1 if end is End.REFUSED else 0
                if end is End.KICKED or refusals >= MOST_REFUSALS:
                    await self._stopped(LineState.KICKED if end is End.KICKED else LineState.REFUSED)
                    failures = refusals = 0
                    continue
                self._become(LineState.DOWN)
                await asyncio.sleep(self._pause(failures))

    def _pause(self, failures: int) -> float:
        if self._is_renewing:
            self._is_renewing = False
            return 0.0
        hold, self._hold = self._hold, 0.0
        return hold + longest_pause(self._pace, failures) * self._chance()

    async def _stopped(self, state: LineState) -> None:
        self._go_on.clear()
        self._become(state)
        logger.error("line stopped", extra={"action": "line_stopped", "state": state.value})
        await self._go_on.wait()
        logger.info("line goes on", extra={"action": "line_resumed"})

    async def _connect(self) -> tuple[float, End]:
        """Make one connection and serve it to its end; return how many seconds it lived, and why it ended."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._pace.open):
                socket = await self._opened()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            logger.warning("gateway not reached", extra={"action": "line_failed", "error": type(error).__name__})
            return 0.0, End.LOST
        connection = Connection(socket, self._pace)
        since = loop.time()
        try:
            end = await self._serve(connection)
        finally:
            self._live.clear()
            self._connection = None
            self._handles.clear()  # req_ids die with their connection
            await connection.close()
        lived = loop.time() - since
        logger.warning("line ended", extra={"action": "line_ended", "end": end.value, "seconds": round(lived)})
        return lived, end

    async def _opened(self) -> aiohttp.ClientWebSocketResponse:
        if self._session is None:
            raise OSError("the line is not running")
        closing = aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)
        return await self._session.ws_connect(self._bot.ws_url, max_msg_size=FRAME_CAP, timeout=closing)

    async def _serve(self, connection: Connection) -> End:
        def take(frame: Frame) -> Awaitable[object] | None:
            return self._on_callback(frame, connection.id)

        listening = asyncio.create_task(connection.listen(take), name="wecom-line-listen")
        pinging: asyncio.Task[None] | None = None
        try:
            try:
                await connection.subscribe(self._bot)
            except PlatformError as error:
                return self._refused(error, listening)
            self._connected(connection)
            pinging = asyncio.create_task(connection.keep_alive(), name="wecom-line-ping")
            await asyncio.wait([listening, pinging], return_when=asyncio.FIRST_COMPLETED)
            return listening.result() if listening.done() else End.LOST
        finally:
            for task in filter(None, (listening, pinging)):
                task.cancel()
            await asyncio.gather(*filter(None, (listening, pinging)), return_exceptions=True)

    def _refused(self, error: PlatformError, listening: asyncio.Task[End]) -> End:
        logger.warning("subscription refused", extra={"action": "line_refused", "error": error.text})
        if isinstance(error, Misconfigured):
            return End.REFUSED
        self._hold = error.retry_after.total_seconds() if error.retry_after is not None else 0.0
        return listening.result() if listening.done() else End.LOST

    def _connected(self, connection: Connection) -> None:
        self.connections += 1
        self._connection = connection
        self._live.set()
        logger.info("line connected", extra={"action": "line_connected", "connection": connection.id})
        self._become(LineState.LIVE)

    def _become(self, state: LineState) -> None:
        if state is not self.state:
            self.state = state
            self._on_state(state)


def longest_pause(pace: Pace, failures: int) -> float:
    """Return the longest pause before a new connection, in seconds, after so many that did not last."""
    return min(pace.longest_pause, pace.first_pause * float(1 << min(max(failures - 1, 0), 16)))


def _session(tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(ssl=tls if tls is not None else True, limit=2, force_close=True)
    return aiohttp.ClientSession(
        connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": "luzhang"}
    )
