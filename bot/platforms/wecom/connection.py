"""One connection to the gateway, from its subscription to its end.

Every frame of ours is answered under its req_id within five seconds; per req_id one frame is under way at a time. A
frame whose answer stays away spoils its req_id, since a late answer could not be told from the next one's.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from weakref import WeakValueDictionary

import aiohttp

from bot.platforms.http import Answer
from bot.platforms.wecom import frames
from bot.platforms.wecom.errors import error_of
from bot.platforms.wecom.frames import Frame
from bot.platforms.wecom.settings import WecomBot
from domain.messages import HandleSpent, OutcomeUnknown, PlatformUnreachable

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0  # for the answer to a frame
OFFLINE_PAUSE = timedelta(seconds=5)  # until a post is tried again that found no connection
MISSED_PINGS = 2


class End(Enum):
    """Why a connection ended."""

    LOST = "lost"
    KICKED = "kicked"  # a newer connection of the same bot took over
    REFUSED = "refused"  # the bot's id or secret is wrong


@dataclass(frozen=True, slots=True)
class Pace:
    """How the line keeps time, in seconds of the loop's clock."""

    ping: float = 30.0
    answer: float = ANSWER_SECONDS
    open: float = 10.0  # for the connection itself
    first_pause: float = 1.0  # the longest first pause before a new connection; doubles each time …
    longest_pause: float = 30.0  # … up to this
    stable: float = 30.0  # a connection that lived so long starts the pauses anew
    renewal: float = 8.0  # how long a post waits for a connection that it had renewed


class Connection:
    """A subscribed connection. `id` names it: a req_id is worth nothing on another one."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, pace: Pace) -> None:
        self.id = secrets.token_hex(8)
        self._socket = socket
        self._pace = pace
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._spoilt: set[str] = set()
        self._unanswered_pings = 0
        self.is_open = True
        self.heard_at = asyncio.get_running_loop().time()  # the last frame

    async def ask(self, cmd: str, body: Mapping[str, object] | None, req_id: str = "") -> Answer:
        """Send one frame and return its answer, whatever its code.

        req_id: that of the callback which the frame answers; "" = one of our own. Raises PlatformUnreachable when
        nothing was sent, OutcomeUnknown when no answer came, HandleSpent for a req_id that cannot be used again.
        """
        named = req_id or frames.new_req_id(cmd)
        turn = self._turns.setdefault(named, asyncio.Lock())
        async with turn:
            if named in self._spoilt:
                raise HandleSpent("回复句柄已不可用")
            return (await self._ask(cmd, body, named)).answer

    async def _ask(self, cmd: str, body: Mapping[str, object] | None, req_id: str) -> Frame:
        if not self.is_open:
            raise offline()
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._answers[req_id] = answer
        try:
            async with asyncio.timeout(self._pace.answer):
                await self._socket.send_str(frames.write(cmd, req_id, body))
                return await answer
        except TimeoutError:
            self._spoilt.add(req_id)
            raise OutcomeUnknown("企业微信长连接没有答复") from None
        except (aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknown(f"企业微信长连接在发送时断开（{type(error).__name__}）") from None
        finally:
            self._answers.pop(req_id, None)

    async def subscribe(self, bot: WecomBot) -> None:
        """Name the bot, once per connection; call `listen` beside it. Raises PlatformError."""
        answer = await self.ask(frames.SUBSCRIBE, {"bot_id": bot.bot_id, "secret": bot.secret})
        if code := answer.number("errcode", default=-1):
            raise error_of(code)

    async def listen(self, on_callback: Callable[[Frame], Awaitable[object] | None]) -> End:
        """Take frames until the connection ends; return why it did.

        on_callback: returns what to wait for before the next frame is read, None to read on at once.
        """
        now = asyncio.get_running_loop().time
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                self.heard_at = now()
                frame = frames.read(message.data)
                if frame is None:
                    logger.warning("frame not understood", extra={"action": "frame_ignored", "size": len(message.data)})
                elif frame.is_kick:
                    return End.KICKED
                elif frame.cmd:
                    if (pause := on_callback(frame)) is not None:
                        await pause
                else:
                    self._take_answer(frame)
        finally:
            self._ended()
        return End.LOST

    def _take_answer(self, frame: Frame) -> None:
        if frame.req_id.startswith(f"{frames.PING}_"):
            self._unanswered_pings = 0
            return
        waiting = self._answers.get(frame.req_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)

    async def keep_alive(self) -> None:
        """Ping for ever; return when two pings in a row were not answered or none can be sent."""
        while self.is_open:
            await asyncio.sleep(self._pace.ping)
            if self._unanswered_pings >= MISSED_PINGS:
                logger.warning("gateway silent", extra={"action": "gateway_silent"})
                return
            self._unanswered_pings += 1
            try:
                async with asyncio.timeout(self._pace.answer):
                    await self._socket.send_str(frames.write(frames.PING, frames.new_req_id(frames.PING)))
            except (TimeoutError, aiohttp.ClientError, OSError):
                return

    async def close(self) -> None:
        """End the connection; who waits for an answer learns that none will come."""
        self._ended()
        await self._socket.close()

    def _ended(self) -> None:
        self.is_open = False
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(OutcomeUnknown("企业微信长连接在答复之前断开"))


def offline() -> PlatformUnreachable:
    """Return the error of a post that found no connection."""
    error = PlatformUnreachable("企业微信长连接未连通，恢复后自动发送")
    error.retry_after = OFFLINE_PAUSE
    return error
