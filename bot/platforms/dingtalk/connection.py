"""One Stream connection: frames are taken as they come, and acknowledged when they are durable.

A bot message is never delivered again, so reading goes on until the other side has said goodbye, also while this
connection is being replaced.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import aiohttp

from bot.platforms.dingtalk import frames
from bot.platforms.dingtalk.frames import Frame

logger = logging.getLogger(__name__)

IN_FLIGHT = 256  # frames being stored at once; beyond it we stop reading, and the platform's sending waits
_GOODBYE = (1000).to_bytes(2, "big")  # normal closure


class End(StrEnum):
    """Why a connection is to be replaced."""

    LOST = "lost"
    ASKED = "asked"  # the gateway asked for it: nothing more is delivered here
    SILENT = "silent"  # no frame for so long that it may be dead, however well the socket looks


@dataclass(frozen=True, slots=True)
class Pace:
    """How the stream keeps time, in seconds of the loop's clock."""

    open: float = 10.0  # for the connection itself
    heartbeat: float = 20.0  # between our pings of the socket; half of it for the answer
    silence: float = 600.0  # without any frame, the gateway's own pings included
    first_pause: float = 1.0  # the longest first pause before a new connection; doubles each time …
    longest_pause: float = 60.0  # … up to this
    refused_pause: float = 30.0  # the first pause after a refusal that somebody must mend; doubles each time …
    longest_refused_pause: float = 300.0  # … up to this
    healthy: float = 60.0  # a connection that lived so long starts the pauses anew
    linger: float = 5.0  # for frames being stored while a connection is given up
    goodbye: float = 2.0  # for the other side's goodbye

    def pause(self, failures: int, chance: float) -> float:
        """Return the pause after so many failures in a row, none after none; chance in [0, 1)."""
        return chance * _doubled(self.first_pause, failures, self.longest_pause) if failures > 0 else 0.0

    def pause_refused(self, failures: int, chance: float) -> float:
        """Return the pause after so many refusals, never less than half of its bound."""
        return (1 + chance) / 2 * _doubled(self.refused_pause, failures, self.longest_refused_pause)


def _doubled(first: float, failures: int, longest: float) -> float:
    return min(longest, first * 2.0 ** min(failures - 1, 16))


class Connection:
    """An open connection; `listen` runs as a task of its own. take: stores a frame and returns its acknowledgement."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, take: Callable[[Frame], Awaitable[str]], pace: Pace
    ) -> None:
        loop = asyncio.get_running_loop()
        self._socket = socket
        self._take = take
        self._pace = pace
        self._loop = loop
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._taking: set[asyncio.Task[None]] = set()
        self._end: asyncio.Future[End] = loop.create_future()
        self._says_goodbye = False
        self.since = self._heard_at = loop.time()
        self._watchdog = loop.call_later(pace.silence, self._look)
        self._listening = asyncio.create_task(self._listen(), name="dingtalk-stream-listen")

    @property
    def silent_seconds(self) -> float:
        """Return how many seconds no frame has come."""
        return self._loop.time() - self._heard_at

    @property
    def is_open(self) -> bool:
        """Tell whether frames can still come."""
        return not self._listening.done()

    async def ended(self) -> End:
        """Return why this connection is to be replaced, once it is."""
        return await asyncio.shield(self._end)

    async def retire(self) -> None:
        """Let what was taken be acknowledged, say goodbye, and read on until the other side has said it too."""
        await self._settle(self._pace.linger)
        await self._say_goodbye()
        await asyncio.wait([self._listening], timeout=self._pace.goodbye)
        await self._settle(self._pace.linger)
        await self.close()

    async def close(self) -> None:
        """End at once; a frame that is being stored is stored all the same, or not at all."""
        self._watchdog.cancel()
        ours = [self._listening, *self._taking]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)
        await self._socket.close()

    async def _settle(self, patience: float) -> None:
        if self._taking:
            await asyncio.wait(set(self._taking), timeout=patience)

    async def _say_goodbye(self) -> None:
        self._says_goodbye = True
        try:
            async with asyncio.timeout(self._pace.goodbye):
                # not `close`, which would throw away what is still on its way to us
                await self._socket.send_frame(_GOODBYE, aiohttp.WSMsgType.CLOSE)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            logger.debug("no goodbye", extra={"action": "stream_goodbye_failed", "error": type(error).__name__})

    def _look(self) -> None:
        """Say SILENT when nothing was heard for long, else look again when it could be so."""
        idle = self._loop.time() - self._heard_at
        if idle >= self._pace.silence:
            self._finish(End.SILENT)
        else:
            self._watchdog = self._loop.call_later(self._pace.silence - idle, self._look)

    def _finish(self, end: End) -> None:
        if not self._end.done():
            self._end.set_result(end)

    async def _listen(self) -> None:
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                self._heard_at = self._loop.time()
                frame = frames.read(message.data)
                if frame is None:
                    logger.warning("frame not understood", extra={"action": "frame_ignored", "size": len(message.data)})
                elif frame.type == frames.SYSTEM:
                    await self._obey(frame)
                else:
                    await self._begin(frame)
        finally:
            self._watchdog.cancel()
            self._finish(End.LOST)

    async def _obey(self, frame: Frame) -> None:
        if frame.topic == frames.PING:
            await self._send(frames.ack(frame, frame.data))
        elif frame.topic == frames.DISCONNECT:
            self._finish(End.ASKED)

    async def _begin(self, frame: Frame) -> None:
        """Start to take a frame; tasks start in the order of their frames, and so are stored in it."""
        await self._room.acquire()
        task = asyncio.create_task(self._answer(frame), name="dingtalk-stream-frame")
        self._taking.add(task)
        task.add_done_callback(self._answered)

    async def _answer(self, frame: Frame) -> None:
        await self._send(await self._take(frame))

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._room.release()
        self._taking.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("frame not taken", extra={"action": "frame_failed"}, exc_info=error)

    async def _send(self, text: str) -> None:
        """Send an acknowledgement; one that cannot go out changes nothing, the message is ours."""
        if self._says_goodbye:
            return
        try:
            await self._socket.send_str(text)
        except (aiohttp.ClientError, OSError) as error:
            logger.debug("no ack", extra={"action": "ack_failed", "error": type(error).__name__})
