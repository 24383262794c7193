"""The fake's end of the long connection: one living connection per bot, and the rules for speaking over it.

    a second subscription kicks the first, which hears `disconnected_event` and is closed
    a req_id answers its own message, on its own connection, for 24 hours; an event's only its welcome or card update
    a push goes only where somebody has written to the bot; answers and pushes share 30 a minute, 1000 an hour per chat

Faults of a script name frames as paths: `/ws/aibot_respond_msg` and so on for what comes in, `/ws/aibot_msg_callback`
and `/ws/aibot_event_callback` for what goes out. Kinds: errcode = that answer; empty = no answer, or a callback that
never comes; repeat = the same twice; delay; reset = the connection breaks; html, wrong_type, huge = a frame of rubbish
instead. `is_carried_out` acts first.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import WSMsgType, web

from bot.fakes.rules import HTML, HUGE, Clock, Fault, Limit, Rules, SlidingLimit
from bot.fakes.wecom.cards import text_of
from bot.fakes.wecom.render import content_of, shown
from bot.fakes.wecom.state import Delivery, State
from bot.fakes.wecom.uploads import Uploads
from bot.platforms.wecom import frames
from bot.platforms.wecom.settings import WecomBot

MINUTE_LIMIT = Limit(30, timedelta(minutes=1))
HOUR_LIMIT = Limit(1000, timedelta(hours=1))
ANSWER_LIFE = timedelta(hours=24)
EVENT_LIFE = timedelta(seconds=5)
LONGEST = 20_480  # bytes of markdown and of a stream
PATH = "/ws"

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation and what a req_id may say there."""

    chat_id: str
    userid: str
    until: datetime
    allowed: frozenset[str]

    @property
    def key(self) -> str:
        """Return the conversation's key."""
        return f"group:{self.chat_id}" if self.chat_id else f"person:{self.userid.casefold()}"


@dataclass(eq=False, slots=True)
class Peer:
    """One open connection."""

    socket: web.WebSocketResponse
    is_subscribed: bool = False
    req_ids: dict[str, Place] = field(default_factory=dict)

    async def tell(self, frame: Body) -> None:
        """Send a frame; a peer that is gone hears nothing."""
        if not self.socket.closed:
            await self.socket.send_str(json.dumps(frame, ensure_ascii=False))

    def abort(self, request_transport: asyncio.BaseTransport | None) -> None:
        """Break the connection without a goodbye."""
        if isinstance(request_transport, asyncio.Transport):
            request_transport.abort()


class Gateway:
    """Serves one bot over WebSocket. `spoken` holds the conversations in which somebody has written to it."""

    def __init__(self, state: State, bot: WecomBot, rules: Rules, clock: Clock) -> None:
        self._state = state
        self._bot = bot
        self._rules = rules
        self._clock = clock
        self._minute = SlidingLimit(MINUTE_LIMIT, clock)
        self._hour = SlidingLimit(HOUR_LIMIT, clock)
        self._uploads = Uploads(clock)
        self._transports: dict[Peer, asyncio.BaseTransport | None] = {}
        self.live: Peer | None = None
        self.spoken: set[str] = set()
        self.subscriptions = 0
        self.kicks = 0
        self.forgets = False  # the next frames are answered 846609, as if nobody had subscribed

    @property
    def peers(self) -> int:
        """Return how many connections are open."""
        return len(self._transports)

    @property
    def files(self) -> dict[str, bytes]:
        """Return what was uploaded, by media id."""
        return self._uploads.files

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to its end."""
        socket = web.WebSocketResponse(max_msg_size=4 << 20)
        await socket.prepare(request)
        peer = Peer(socket)
        self._transports[peer] = request.transport
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(peer, str(message.data))
        finally:
            self._transports.pop(peer, None)
            if self.live is peer:
                self.live = None
        return socket

    async def deliver(self, message: Body) -> bool:
        """Send a callback to the living connection; False when there is none, or a fault keeps it away."""
        is_event = message.get("msgtype") == "event"
        cmd = frames.EVENT if is_event else frames.MESSAGE
        place = self._place(message)
        if not is_event:
            self.spoken.add(place.key)
        fault = self._rules.take(f"{PATH}/{cmd}", json.dumps(message, ensure_ascii=False).encode())
        peer = self.live
        if peer is None or (fault is not None and fault.kind == "empty"):
            return False
        if fault is not None and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        req_id = frames.new_req_id(cmd)
        peer.req_ids[req_id] = place
        frame = {"cmd": cmd, "headers": {"req_id": req_id}, "body": message}
        for _ in range(2 if fault is not None and fault.kind == "repeat" else 1):
            await peer.tell(frame)
        if fault is not None and fault.kind == "reset":
            self.drop()
        return True

    def drop(self) -> None:
        """Break the living connection without a goodbye."""
        if self.live is not None:
            self.live.abort(self._transports.get(self.live))

    async def close(self) -> None:
        """Close every connection, as a gateway that restarts."""
        for peer in list(self._transports):
            await peer.socket.close()

    def _place(self, message: Body) -> Place:
        sender = message.get("from")
        userid = str(sender.get("userid", "")) if isinstance(sender, dict) else ""
        chat_id = str(message.get("chatid", "")) if message.get("chattype") == "group" else ""
        event = message.get("event")
        if not isinstance(event, dict):
            return Place(chat_id, userid, self._clock() + ANSWER_LIFE, frozenset({frames.RESPOND}))
        allowed = {"enter_chat": frames.WELCOME, "template_card_event": frames.UPDATE}
        answer = allowed.get(str(event.get("eventtype")), "")
        return Place(chat_id, userid, self._clock() + EVENT_LIFE, frozenset({answer}))

    async def _take(self, peer: Peer, text: str) -> None:
        frame = json.loads(text)
        cmd, req_id = str(frame.get("cmd")), str(frame.get("headers", {}).get("req_id", ""))
        body = frame.get("body") or {}
        fault = self._rules.take(f"{PATH}/{cmd}", text.encode())
        if fault is None or fault.kind in ("delay", "repeat"):
            if fault is not None and fault.delay_s:
                await asyncio.sleep(fault.delay_s)
            answer = await self._answer(peer, cmd, req_id, body)
            for _ in range(2 if fault is not None and fault.kind == "repeat" else 1):
                await peer.tell(answer)
            return
        if fault.is_carried_out:
            await self._answer(peer, cmd, req_id, body)
        await self._spoil(peer, req_id, fault)

    async def _spoil(self, peer: Peer, req_id: str, fault: Fault) -> None:
        if fault.kind in ("reset", "status"):
            peer.abort(self._transports.get(peer))
        elif fault.kind == "errcode":
            await peer.tell(_said(req_id, fault.errcode, "scripted"))
        elif fault.kind in ("html", "wrong_type", "huge"):
            rubbish = {"html": HTML, "wrong_type": '["ok",{"errcode":"zero"}]', "huge": "x" * HUGE}
            await peer.socket.send_str(rubbish[fault.kind])

    async def _answer(self, peer: Peer, cmd: str, req_id: str, body: Body) -> Body:
        if cmd == frames.SUBSCRIBE:
            return await self._subscribe(peer, req_id, body)
        if not peer.is_subscribed or self.forgets:
            self.forgets = False
            return _said(req_id, 846609, "not subscribed")
        if cmd == frames.PING:
            return _said(req_id)
        if cmd == frames.SEND:
            return self._push(req_id, body)
        if cmd in (frames.RESPOND, frames.WELCOME, frames.UPDATE):
            return self._respond(peer, cmd, req_id, body)
        found = self._uploads.answer(cmd, body)
        return {"headers": {"req_id": req_id}, **(found or {"errcode": 40008, "errmsg": "unknown cmd"})}

    async def _subscribe(self, peer: Peer, req_id: str, body: Body) -> Body:
        if (body.get("bot_id"), body.get("secret")) != (self._bot.bot_id, self._bot.secret):
            return _said(req_id, 853000, "invalid bot_id or secret")
        self.subscriptions += 1
        earlier, self.live = self.live, peer
        peer.is_subscribed = True
        if earlier is not None and earlier is not peer:
            await self.kick(earlier)
        return _said(req_id)

    async def kick(self, peer: Peer) -> None:
        """Tell a connection that another one takes over, and close it."""
        self.kicks += 1
        event = {
            "msgid": secrets.token_urlsafe(12),
            "create_time": int(self._clock().timestamp()),
            "aibotid": self._bot.bot_id,
            "msgtype": "event",
            "event": {"eventtype": frames.DISCONNECTED},
        }
        await peer.tell({"cmd": frames.EVENT, "headers": {"req_id": frames.new_req_id(frames.EVENT)}, "body": event})
        peer.is_subscribed = False
        await peer.socket.close()

    def _respond(self, peer: Peer, cmd: str, req_id: str, body: Body) -> Body:
        place = peer.req_ids.get(req_id)
        if place is None or cmd not in place.allowed or self._clock() >= place.until:
            return _said(req_id, 846605, "invalid req_id")
        if cmd != frames.RESPOND:
            peer.req_ids.pop(req_id)  # once
        way = {frames.RESPOND: "reply", frames.WELCOME: "welcome", frames.UPDATE: "update"}[cmd]
        return self._say(req_id, place.key, way, body, place.chat_id, "" if place.chat_id else place.userid)

    def _push(self, req_id: str, body: Body) -> Body:
        chat_id, kind = str(body.get("chatid", "")), body.get("chat_type", 0)
        group, person = f"group:{chat_id}", f"person:{chat_id.casefold()}"
        is_group = kind == 2 or (kind not in (1, 2) and group in self.spoken)
        key = group if is_group else person
        if key not in self.spoken:
            return _said(req_id, 93006, "invalid chatid")
        return self._say(req_id, key, "push", body, chat_id if is_group else "", "" if is_group else chat_id)

    def _say(self, req_id: str, key: str, way: str, body: Body, chat_id: str, userid: str) -> Body:
        msgtype = "template_card" if way == "update" else str(body.get("msgtype", ""))
        if msgtype == "template_card":
            problem = self._state.bot_cards.problem(body.get(msgtype), is_update=way == "update")
            if problem:
                return _said(req_id, problem, "invalid card")
        words = _words(msgtype, body, self.files)
        if words is None:
            return _said(req_id, 40008, "invalid message type")
        if not words.strip():
            return _said(req_id, 44004, "empty content")
        if len(words.encode()) > LONGEST:
            return _said(req_id, 45002, "content size out of limit")
        if way != "update" and not (self._minute.take(key) and self._hour.take(key)):
            return _said(req_id, 45009, "api freq out of limit")
        is_card = msgtype == "template_card"
        said = text_of(body.get(msgtype)) if is_card else words
        seen = shown("reply", "markdown" if msgtype == "stream" else msgtype, said)
        people = (userid,) if userid else ()
        holder = body.get(msgtype)
        file = self.files.get(str(holder.get("media_id", ""))) if isinstance(holder, dict) else None
        attached = hashlib.sha256(file).hexdigest() if file is not None else ""
        post = Delivery(
            self._clock(),
            "card" if is_card and way != "update" else way,
            seen.text,
            chat_id,
            people,
            seen.rings,
            seen.links,
            seen.dress,
            req_id,
            words,
            attached,
        )
        self._state.deliveries.append(post)
        return _said(req_id)


def _words(msgtype: str, body: Body, files: Mapping[str, bytes]) -> str | None:
    """Return what people see of a post, None for a form that the line does not take."""
    holder = body.get(msgtype)
    if not isinstance(holder, dict):
        return None
    if msgtype in ("text", "markdown", "stream"):
        return content_of(body, msgtype)
    if msgtype == "template_card":
        return json.dumps(holder, ensure_ascii=False)
    if msgtype in ("image", "file", "voice", "video"):
        return f"[{msgtype}]" if holder.get("media_id") in files else None
    return None


def _said(req_id: str, errcode: int = 0, errmsg: str = "ok") -> Body:
    return {"headers": {"req_id": req_id}, "errcode": errcode, "errmsg": errmsg}
