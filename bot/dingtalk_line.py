"""DingTalk's Stream connection in the service: what it brings becomes durable before it is acknowledged.

Messages take the same way as over HTTP (`Machine.receive`). The platform never delivers one again, so an outage of more
than 15 seconds is told to the platform's work groups, and one that lasts to the operators.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final

from bot.assembly import Machine
from bot.inbox import Parser
from bot.line_alarms import LineAlarms
from bot.metrics import Metrics
from bot.platforms.base import Accepted, Refused
from bot.platforms.dingtalk.connection import Pace
from bot.platforms.dingtalk.gateway import Gateway
from bot.platforms.dingtalk.settings import DingtalkRobot
from bot.platforms.dingtalk.stream import Change, Stream, StreamState
from bot.platforms.dingtalk.topics import CardClicks, Desk, RobotMessages
from bot.platforms.http import Web
from bot.platforms.wecom.line import LineState
from domain.messages import Card
from domain.ports import Clock
from store.group_commit import STORE_ERRORS

logger = logging.getLogger(__name__)

PLATFORM: Final = "dingtalk"
STORE_PAUSE = 1.0  # seconds before a database that refused is asked again
GLANCE = 1.0  # seconds between two looks whether an outage lasts
_STATES: Final = {
    StreamState.LIVE: LineState.LIVE,
    StreamState.DOWN: LineState.DOWN,
    StreamState.REFUSED: LineState.REFUSED,
}


class StreamAlarms(LineAlarms):
    """Tells of outages; a refusal in the words of the console, where it is mended."""

    reason = ""

    def _stopped(self, state: LineState, since: datetime) -> str:
        at = self._hour(since)
        reason = self.reason.rstrip("。")
        return f"{self._title}{at}起未连通：{reason}。改好后几分钟内自动恢复。影响：{at}起未收到群消息。"


class DingtalkLine:
    """The app's stream. `parsers` read what it stored, by channel."""

    def __init__(
        self,
        robot: DingtalkRobot,
        web: Web,
        clock: Clock,
        metrics: Metrics,
        *,
        names: tuple[str, ...] = (),
        pace: Pace = Pace(),  # noqa: B008 - frozen
        tls: ssl.SSLContext | None = None,
    ) -> None:
        topics = (RobotMessages(names), CardClicks())
        self.parsers: Mapping[str, Parser] = {topic.channel: topic for topic in topics}
        self._clock = clock
        self._metrics = metrics
        self._machine: Machine | None = None
        self._changes: asyncio.Queue[tuple[Change, datetime]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._gateway = Gateway(robot, web, [topic.name for topic in topics])
        self.stream = Stream(
            self._gateway,
            Desk(topics, self._store, expect=self._expect, face=self._face).take,
            on_change=self._note,
            pace=pace,
            tls=tls,
        )

    def use(self, robot: DingtalkRobot) -> None:
        """Take other credentials from the next connection on."""
        self._gateway.use(robot)

    def start(self, machine: Machine, alarms: StreamAlarms) -> None:
        """Connect, and stay connected until `stop`."""
        self._machine = machine
        work = {"stream": self.stream.run(), "states": self._tell_for_ever(alarms), "look": self._look_for_ever(alarms)}
        self._tasks = [asyncio.create_task(one, name=f"dingtalk-{name}") for name, one in work.items()]

    async def stop(self) -> None:
        """Disconnect; what came is stored first."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _store(self, channel: str, accepted: Accepted) -> None:
        """Make a message durable. Raises Refused: the platform hears that it failed, and the sender gets no number."""
        if self._machine is None:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "not started")
        try:
            is_new = await self._machine.receive(channel, PLATFORM, accepted.message_id, accepted.payload)
        except STORE_ERRORS as error:
            fact = {"action": "frame_not_stored", "channel": channel, "message_id": accepted.message_id}
            logger.exception("message could not be stored", extra={**fact, "error": type(error).__name__})
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "store") from error
        (self._metrics.received if is_new else self._metrics.repeated)(channel)

    def _expect(self, message_id: str) -> None:
        if self._machine is not None:
            self._machine.taps.expect(message_id)

    async def _face(self, message_id: str, seconds: float) -> Card | None:
        """Return the new face of a tapped card, noted as shown: the answer that carries it leaves at once."""
        if self._machine is None:
            return None
        face = await self._machine.taps.face(message_id, seconds)
        if face is not None:
            with contextlib.suppress(*STORE_ERRORS):  # an edit shows it once more
                await self._machine.taps.shown(face)
        return face

    def _note(self, change: Change) -> None:
        self._changes.put_nowait((change, self._clock.now()))

    async def _tell_for_ever(self, alarms: StreamAlarms) -> None:
        while True:
            change, at = await self._changes.get()
            alarms.reason = change.reason
            while True:
                try:
                    await alarms.changed(_STATES[change.state], at)
                    break
                except STORE_ERRORS:
                    logger.exception("state of the stream not noted", extra={"action": "stream_state_failed"})
                    await asyncio.sleep(STORE_PAUSE)

    async def _look_for_ever(self, alarms: StreamAlarms) -> None:
        while True:
            await asyncio.sleep(GLANCE)
            try:
                await alarms.look(_STATES[self.stream.state], self.stream.silent_for)
            except STORE_ERRORS:
                logger.exception("outage not told", extra={"action": "stream_state_failed"})
