"""The WeCom long connection in the service: what it brings becomes durable first, its outages are told.

Nothing on this line is answered by us before it is stored, and nothing comes twice when it was missed: so a message
that the database does not take now (a full disk) waits here, and after an outage people are asked to send again.
"""

import asyncio
import contextlib
import json
import logging
import ssl
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Final

from bot.arrivals import Arrivals
from bot.assembly import Machine
from bot.line_alarms import LineAlarms
from bot.metrics import Metrics
from bot.platforms.wecom import bot_message, frames
from bot.platforms.wecom.bot_channel import BotChannel, spoken_place
from bot.platforms.wecom.callback import ID_CAP
from bot.platforms.wecom.connection import Pace
from bot.platforms.wecom.fields import clean
from bot.platforms.wecom.frames import Frame
from bot.platforms.wecom.line import Line, LineState
from bot.platforms.wecom.settings import WecomBot
from domain.messages import Incoming, Kind, PlatformError, Target
from domain.ports import Clock
from store.group_commit import STORE_ERRORS
from store.view import SqlView

logger = logging.getLogger(__name__)

PLATFORM: Final = "wecom"
WAITING = 10_000  # messages that wait for the database; beyond it the line is read no further
AT_ONCE = 1_000  # messages to a commit
STORE_PAUSE = 1.0  # seconds before a database that refused is asked again
PACE = Pace()
TAP_SECONDS = 4.0  # of the five in which the platform takes a card's new face
GLANCE = 1.0  # seconds between two looks for the operator's word, while the line is stopped


class WecomLine:
    """The bot's line and the channel over it. `channel` is `wecom.bot`, the same as by callback."""

    channel = bot_message.CHANNEL

    def __init__(
        self,
        bot: WecomBot,
        clock: Clock,
        metrics: Metrics,
        *,
        own_link: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._bot = bot
        self._names = bot_message.name_pattern(bot.names)
        self._clock = clock
        self._metrics = metrics
        self._arrivals: Arrivals[tuple[str, str]] = Arrivals(WAITING, AT_ONCE)
        # id of a tap → connection and req_id by which its card can be changed
        self._taps: dict[str, tuple[str, str]] = {}
        self._states: asyncio.Queue[tuple[LineState, datetime]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._redrawing: set[asyncio.Task[None]] = set()
        self.line = Line(bot, on_callback=self._take, on_state=self._note, pace=PACE, tls=tls)
        self.speaking = BotChannel(self.line, own_link)

    def use(self, bot: WecomBot) -> None:
        """Take other credentials from the next connection on."""
        self._bot = bot
        self.line.use(bot)

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming. Raises ValueError on garbage."""
        return bot_message.parse(payload, received_at, self._names)

    async def load(self, machine: Machine) -> None:
        """Read where the bot may speak of its own accord; before the first post is sent."""
        self.speaking.spoken.add_places(await machine.store.spoken.places(PLATFORM))

    def start(self, machine: Machine, alarms: LineAlarms) -> None:
        """Connect, and stay connected until `stop`."""
        work = {"line": self.line.run(), "intake": self._store_for_ever(machine)}
        work |= {"states": self._tell_for_ever(alarms), "operator": self._listen_to_operator(alarms)}
        self._tasks = [asyncio.create_task(one, name=f"wecom-{name}") for name, one in work.items()]

    async def stop(self) -> None:
        """Take nothing more in, store what has arrived (as long as the database takes it), and disconnect."""
        if not self._tasks:
            return
        line, intake, *others = self._tasks
        for task in (line, *others):
            task.cancel()
        await asyncio.gather(line, *others, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._arrivals.over()
        intake.cancel()
        await asyncio.gather(intake, return_exceptions=True)
        self._tasks = []

    def _take(self, frame: Frame, connection: str) -> Awaitable[object] | None:
        """Take one callback from the line; one that is not for us, or of no known form, is left."""
        if frame.cmd not in (frames.MESSAGE, frames.EVENT):
            return None
        body = frame.body
        message_id = bot_message.message_id(body)
        is_ours = clean(body.get("aibotid")) in ("", self._bot.bot_id)
        if not message_id or len(message_id) > ID_CAP or not is_ours:
            logger.warning("callback left", extra={"action": "callback_left", "cmd": frame.cmd})
            return None
        if frame.cmd == frames.EVENT and bot_message.is_tap(body):
            self._taps[message_id] = (connection, frame.req_id)
        return self._arrivals.add((message_id, bot_message.with_line(frame.text, connection)))

    def heard(self, incoming: Incoming, view: SqlView) -> None:
        """Note, in the commit of what follows from a message, that somebody has spoken in its chat."""
        if incoming.channel != self.channel or incoming.reply is None or incoming.kind is Kind.ENTERED:
            return
        target = Target(PLATFORM, incoming.chat_id) if incoming.is_group else Target(PLATFORM, userid=incoming.sender)
        view.spoke(PLATFORM, spoken_place(target))
        self.speaking.heard(target, json.loads(incoming.reply.data), incoming.received_at)

    async def _store_for_ever(self, machine: Machine) -> None:
        while True:
            await self._stored(machine, await self._arrivals.take())
            self._arrivals.done()

    async def _stored(self, machine: Machine, left: Sequence[tuple[str, str]]) -> None:
        """Store messages, as id and payload; what the database does not take now is tried again until it does."""
        while left:
            taps = [named for named, _payload in left if named in self._taps] if self._taps else []
            for named in taps:
                machine.taps.expect(named)
            results = await machine.receive_all(self.channel, PLATFORM, left)
            self._count(results)
            left = [one for one, result in zip(left, results, strict=True) if isinstance(result, Exception)]
            for named in set(taps).difference(named for named, _payload in left):
                self._redraw(machine, named, *self._taps.pop(named))
            if left:
                await asyncio.sleep(STORE_PAUSE)

    def _count(self, results: Sequence[bool | Exception]) -> None:
        if new := results.count(True):
            self._metrics.received(self.channel, new)
        if known := results.count(False):
            self._metrics.repeated(self.channel, known)
        if errors := [result for result in results if isinstance(result, Exception)]:
            fact = {"action": "callback_not_stored", "channel": self.channel, "count": len(errors)}
            logger.error(
                "messages could not be stored", extra={**fact, "error": type(errors[0]).__name__}, exc_info=errors[0]
            )

    def _redraw(self, machine: Machine, message_id: str, connection: str, req_id: str) -> None:
        """Show a tapped card's new face, aside: what is waited for is the decision, not the reading of the line."""

        async def redraw() -> None:
            face = await machine.taps.face(message_id, TAP_SECONDS)
            if face is None:
                return
            try:
                await self.speaking.redraw(face, connection, req_id)
                await machine.taps.shown(face)
            except PlatformError as error:
                fact = {"action": "card_not_changed", "error": type(error).__name__}
                logger.warning("card not changed in time", extra=fact)
            except STORE_ERRORS:
                logger.exception("card's face not noted", extra={"action": "card_not_noted"})

        task = asyncio.create_task(redraw(), name="wecom-redraw")
        self._redrawing.add(task)
        task.add_done_callback(self._redrawing.discard)

    def _note(self, state: LineState) -> None:
        self._states.put_nowait((state, self._clock.now()))

    async def _tell_for_ever(self, alarms: LineAlarms) -> None:
        while True:
            state, at = await self._states.get()
            while True:
                try:
                    await alarms.changed(state, at)
                    break
                except STORE_ERRORS:
                    logger.exception("state of the line not noted", extra={"action": "line_state_failed"})
                    await asyncio.sleep(STORE_PAUSE)

    async def _listen_to_operator(self, alarms: LineAlarms) -> None:
        while True:
            await asyncio.sleep(GLANCE)
            try:
                if await alarms.look(self.line.state, self.line.silent_for):
                    self.line.resume()
            except STORE_ERRORS:
                logger.exception("operator not heard", extra={"action": "line_operator_failed"})
