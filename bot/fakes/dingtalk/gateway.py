"""The Stream gateway of the fake: tickets, connections, pushes, and what becomes of them.

It keeps the platform's rules: a ticket is worth one connection within 90 s; a push goes to one connection chosen at
random; a bot message is never delivered again, an event is until somebody answers SUCCESS; after `disconnect` nothing
more is pushed to that connection, and its TCP is closed after a silence.

In a fault script the endpoints are `/v1.0/gateway/connections/open` and `/connect`, as for every request, and
`/stream/push` before each push: disconnect = the chosen connection is asked to go first, so the push finds another or
nobody; reset = its TCP is cut instead; empty = nothing is pushed; repeat = the same frame twice; delay.
"""

import asyncio
import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
from aiohttp import web

from bot.fakes.dingtalk.state import FakeRobot
from bot.fakes.rules import Clock, Fault, Rules

OPEN = "/v1.0/gateway/connections/open"
CONNECT = "/connect"
PUSH = "/stream/push"
ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
TICKET_LIFE = timedelta(seconds=90)
SYSTEM, CALLBACK, EVENT = "SYSTEM", "CALLBACK", "EVENT"
KINDS = (CALLBACK, EVENT)

Subscriptions = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Timing:
    """Real seconds that the gateway waits."""

    answer: float = 5.0  # for an acknowledgement
    goodbye: float = 10.0  # between `disconnect` and the end of TCP
    again: float = 1.0  # before an event without SUCCESS is delivered again
    events: int = 5  # deliveries of one event at most


@dataclass(frozen=True, slots=True)
class Ack:
    """What a client answered to a frame."""

    code: int
    message: str
    data: str
    headers: Mapping[str, object] = field(default_factory=dict)

    def json(self) -> object:
        """Return `data` decoded. Raises ValueError when it is no JSON."""
        return json.loads(self.data)


@dataclass(frozen=True, slots=True)
class Opened:
    """One request for a connection that was granted."""

    at: datetime
    user_agent: str
    subscriptions: Subscriptions


@dataclass(eq=False, slots=True)
class Peer:
    """One live connection. `is_told` once it was asked to go: nothing is pushed to it any more."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    subscriptions: Subscriptions
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    is_told: bool = False


class Gateway:
    """The gateway of one app. Its `routes` belong into the application of the fake."""

    def __init__(self, robot: FakeRobot, clock: Clock, rules: Rules, timing: Timing = Timing()) -> None:
        self.timing = timing
        self.opened: list[Opened] = []
        self.acks: dict[str, Ack] = {}  # by message id, the last 10,000
        self._robot = robot
        self._clock = clock
        self._rules = rules
        self._tickets: dict[str, tuple[datetime, Subscriptions]] = {}
        self._peers: list[Peer] = []
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._tasks: set[asyncio.Task[object]] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the two endpoints."""
        return [web.post(OPEN, self._open), web.get(CONNECT, self._connect)]

    @property
    def peers(self) -> Sequence[Peer]:
        """Return the connections that are open, in the order in which they came."""
        return tuple(self._peers)

    async def close(self, _app: web.Application) -> None:
        """Cut every connection and forget what waits."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for peer in self.peers:
            self.cut(peer)

    async def message(self, message: Mapping[str, object]) -> Ack | None:
        """Push a robot message, once; None when nobody took it or nobody answered in time."""
        return await self.push(CALLBACK, ROBOT_TOPIC, message)

    async def click(self, data: Mapping[str, object]) -> Ack | None:
        """Push a card callback, once."""
        return await self.push(CALLBACK, CARD_TOPIC, data)

    async def event(self, event_type: str, data: Mapping[str, object]) -> Ack | None:
        """Push an event until somebody answers SUCCESS; return the last answer."""
        headers = {"eventId": secrets.token_hex(8), "eventType": event_type, "eventCorpId": "dingcorp1"}
        headers |= {"eventBornTime": self._millis(), "eventUnifiedAppId": "app-1"}
        found: Ack | None = None
        for _ in range(self.timing.events):
            found = await self.push(EVENT, "*", data, headers)
            if found is not None and _is_success(found):
                break
            await asyncio.sleep(self.timing.again)
        return found

    async def ping(self, peer: Peer, opaque: str = "op-1") -> Ack | None:
        """Send the gateway's own ping to a connection and return what it answered."""
        return await self._asked(peer, self._frame(peer, SYSTEM, "ping", {"opaque": opaque}))

    async def disconnect(self, peer: Peer, reason: str = "connection is expired") -> None:
        """Ask a connection to go; close its TCP after a silence."""
        peer.is_told = True
        frame = self._frame(peer, SYSTEM, "disconnect", {"reason": reason})
        await _send(peer, frame)

        async def finish() -> None:
            await asyncio.sleep(self.timing.goodbye)
            self.cut(peer)

        self._aside(asyncio.create_task(finish(), name="fake-gateway-goodbye"))

    def cut(self, peer: Peer) -> None:
        """End a connection without a word."""
        if peer.transport is not None:
            peer.transport.abort()

    async def push(
        self, kind: str, topic: str, data: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> Ack | None:
        """Push one frame to one connection that subscribed to it, chosen at random; return its answer."""
        peer = self._chosen(kind, topic)
        fault = self._rules.take(PUSH)
        if peer is not None and fault is not None:
            peer = await self._spoilt(peer, fault, (kind, topic))
        if peer is None:
            return None
        frame = self._frame(peer, kind, topic, data, headers or {})
        if fault is not None and fault.kind == "repeat":
            await _send(peer, frame)
        return await self._asked(peer, frame)

    def _chosen(self, kind: str, topic: str) -> Peer | None:
        fitting = [p for p in self._peers if not p.is_told and (kind, topic) in p.subscriptions]
        return random.choice(fitting) if fitting else None

    async def _spoilt(self, peer: Peer, fault: Fault, wanted: tuple[str, str]) -> Peer | None:
        """Return who gets the push after all."""
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.kind == "disconnect":
            await self.disconnect(peer)
            return self._chosen(*wanted)
        if fault.kind == "reset":
            self.cut(peer)
        return peer if fault.kind in ("delay", "repeat") else None

    async def _asked(self, peer: Peer, frame: Mapping[str, object]) -> Ack | None:
        headers = frame["headers"]
        named = str(headers["messageId"]) if isinstance(headers, dict) else ""
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[named] = answer
        try:
            async with asyncio.timeout(self.timing.answer):
                if not await _send(peer, frame):
                    return None
                return await answer
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(named, None)

    def _frame(
        self,
        peer: Peer,
        kind: str,
        topic: str,
        data: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        known = {"appId": "a-1", "connectionId": peer.id, "contentType": "application/json"}
        known |= {"messageId": secrets.token_hex(8), "time": self._millis(), "topic": topic, **(headers or {})}
        return {"specVersion": "1.0", "type": kind, "headers": known, "data": json.dumps(data, ensure_ascii=False)}

    def _millis(self) -> str:
        return str(int(self._clock().timestamp() * 1000))

    async def _open(self, request: web.Request) -> web.Response:
        try:
            asked = json.loads(await request.read())
            pair = (asked["clientId"], asked["clientSecret"])
            wanted = frozenset((str(s["type"]), str(s["topic"])) for s in asked["subscriptions"])
        except (ValueError, KeyError, TypeError):
            return _complaint(400, "invalidParameter", "clientId, clientSecret and subscriptions are required")
        if pair != (self._robot.client_id, self._robot.client_secret):
            return _complaint(401, "invalidClientIdOrSecret", f"the secret {pair[1]} is wrong")
        if not wanted or any(kind not in KINDS or (kind == EVENT and topic != "*") for kind, topic in wanted):
            return _complaint(400, "invalidParameter.subscriptions", "no such subscription")
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (self._clock() + TICKET_LIFE, wanted)
        self.opened.append(Opened(self._clock(), str(asked.get("ua", "")), wanted))
        scheme = "wss" if request.secure else "ws"
        answer = {"endpoint": f"{scheme}://{request.host}{CONNECT}", "ticket": ticket}
        if "application/json" not in request.headers.get("Accept", ""):
            return web.Response(text=_xml(answer), content_type="application/xml")
        return web.json_response(answer)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        until, wanted = self._tickets.pop(request.query.get("ticket", ""), (self._clock(), frozenset()))
        if self._clock() >= until:
            return _complaint(401, "invalidTicket", "ticket is used, expired or unknown")
        socket = web.WebSocketResponse(max_msg_size=1 << 20, timeout=1.0)
        await socket.prepare(request)
        transport = request.transport if isinstance(request.transport, asyncio.Transport) else None
        peer = Peer(socket, transport, wanted)
        self._peers.append(peer)
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._hear(message.data)
        finally:
            self._peers.remove(peer)
        return socket

    def _hear(self, text: str) -> None:
        try:
            said = json.loads(text)
            headers = said.get("headers", {})
            ack = Ack(int(said.get("code", 0)), str(said.get("message", "")), str(said.get("data", "")), headers)
            named = str(headers.get("messageId", ""))
        except (ValueError, TypeError, AttributeError):
            return
        self.acks[named] = ack
        if len(self.acks) > 10_000:
            self.acks.pop(next(iter(self.acks)))
        waiting = self._waiting.get(named)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)

    def _aside(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _send(peer: Peer, frame: Mapping[str, object]) -> bool:
    try:
        await peer.socket.send_str(json.dumps(frame, ensure_ascii=False))
    except (ConnectionError, RuntimeError):
        return False
    return True


def _is_success(ack: Ack) -> bool:
    try:
        said = ack.json()
    except ValueError:
        return False
    return ack.code == 200 and isinstance(said, dict) and said.get("status") == "SUCCESS"


def _complaint(status: int, code: str, message: str) -> web.Response:
    body = {"code": code, "message": message, "requestid": secrets.token_hex(8)}
    return web.json_response(body, status=status)


def _xml(answer: Mapping[str, str]) -> str:
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in answer.items())
    return f"<openConnectionResponse>{inner}</openConnectionResponse>"
