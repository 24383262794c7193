"""What comes over the Stream connection: robot messages and card clicks, ready for the inbox.

A robot message is stored as it came, so that HTTP and Stream mode share everything behind the edge.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from bot.platforms.base import Accepted, Refused
from bot.platforms.dingtalk import cards, frames
from bot.platforms.dingtalk.frames import Frame
from bot.platforms.dingtalk.inbound import CHANNEL, parse_message
from bot.platforms.dingtalk.payload import id_at, load_object, message_id, object_at, text_at
from domain.messages import Card, Incoming, Kind, Quote

logger = logging.getLogger(__name__)

CARD_CHANNEL = "dingtalk.card"
CARD_SECONDS = 1.5  # the platform waits 2 s for the answer to a click, the way included
CARD_ANSWER = '{"response":{}}'  # the card itself is changed later, when the click is decided


class Topic(Protocol):
    """One kind of CALLBACK frame."""

    name: str
    channel: str

    def accept(self, frame: Frame) -> Accepted:
        """Return what to store and the acknowledgement's data. Raises Refused for garbage."""
        ...

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming. Raises ValueError on garbage."""
        ...


class RobotMessages:
    """Messages to the robot; the same payload as in HTTP mode. names: as for RobotCallback."""

    name = frames.ROBOT_TOPIC
    channel = CHANNEL

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._names = tuple(name for name in names if name)

    def accept(self, frame: Frame) -> Accepted:
        """Return the message to store. Raises Refused."""
        try:
            return Accepted(message_id(load_object(frame.data)), frame.data, frames.NOTHING.encode())
        except ValueError:
            raise Refused(HTTPStatus.BAD_REQUEST, "not a robot message") from None

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming. Raises ValueError on garbage."""
        return parse_message(payload, received_at, self._names)


class CardClicks:
    """Clicks on cards. A click has no id of its own: card, person, button and the gateway's time make one."""

    name = frames.CARD_TOPIC
    channel = CARD_CHANNEL

    def accept(self, frame: Frame) -> Accepted:
        """Return the click to store. Raises Refused."""
        named, payload = self.tap(frame.data, frame.time)
        return Accepted(named, payload, CARD_ANSWER.encode())

    @staticmethod
    def tap(data: str, time: str) -> tuple[str, str]:
        """Return id and stored form of a click. Raises Refused."""
        try:
            click = load_object(data)
        except ValueError:
            raise Refused(HTTPStatus.BAD_REQUEST, "not a card callback") from None
        parts = (id_at(click, "outTrackId"), id_at(click, "userId"), text_at(click, "content"), time)
        if not parts[0] or not parts[1]:
            raise Refused(HTTPStatus.BAD_REQUEST, "not a card callback")
        named = "card:" + hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:40]
        return named, json.dumps({"id": named, "click": click}, ensure_ascii=False)

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored click into an Incoming whose quote names the card. Raises ValueError on garbage."""
        stored = load_object(payload)
        click = object_at(stored, "click")
        sender, card = id_at(click, "userId"), id_at(click, "outTrackId")
        if not sender or not card:
            raise ValueError("no click")
        is_group = text_at(click, "spaceType") == "IM_GROUP"
        pressed = object_at(object_at(click, "content"), "cardPrivateData")
        actions = pressed.get("actionIds")
        choice = next((a for a in actions if isinstance(a, str)), "") if isinstance(actions, list) else ""
        return Incoming(
            platform="dingtalk",
            channel=CARD_CHANNEL,
            message_id=id_at(stored, "id"),
            chat_id=id_at(click, "spaceId") if is_group else sender,
            is_group=is_group,
            sender=sender,
            received_at=received_at,
            kind=Kind.CHOICE,
            choice=choice[:64],
            card=card,
            quote=Quote(message_id=card),
        )


class Desk:
    """Takes frames for a stream: stores what is to be stored, and words the acknowledgement.

    store: makes a message of a channel durable. Raises Refused when it could not. expect, face: announce a tap before it
    is stored, and give the new face of its card once it is decided, or None.
    """

    def __init__(
        self,
        topics: Sequence[Topic],
        store: Callable[[str, Accepted], Awaitable[None]],
        *,
        expect: Callable[[str], None] = lambda message_id: None,
        face: Callable[[str, float], Awaitable[Card | None]] | None = None,
    ) -> None:
        self._topics = {topic.name: topic for topic in topics}
        self._store = store
        self._expect = expect
        self._face = face

    async def take(self, frame: Frame) -> str:
        """Return the acknowledgement: 200 only for what is durable, or needs no storing."""
        if frame.type == frames.EVENT:
            return frames.ack(frame, frames.EVENT_TAKEN)
        topic = self._topics.get(frame.topic)
        if frame.type != frames.CALLBACK or topic is None:
            return frames.ack(frame, frames.NOTHING, HTTPStatus.NOT_FOUND)
        try:
            accepted = topic.accept(frame)
            if topic.channel == CARD_CHANNEL:
                return frames.ack(frame, await self._tapped(topic, accepted))
            await self._store(topic.channel, accepted)
        except Refused as refused:
            status = HTTPStatus.BAD_REQUEST if refused.status < 500 else HTTPStatus.INTERNAL_SERVER_ERROR
            fact = {"action": "frame_refused", "channel": topic.channel, "code": refused.code, "status": int(status)}
            logger.warning("frame refused", extra=fact)
            return frames.ack(frame, frames.NOTHING, status)
        return frames.ack(frame, accepted.answer.decode())

    async def _tapped(self, topic: Topic, accepted: Accepted) -> str:
        """Return the answer to a tap: the card's new face when it is decided in time, else none for now."""
        end = asyncio.get_running_loop().time() + CARD_SECONDS
        self._expect(accepted.message_id)
        try:
            async with asyncio.timeout_at(end):
                await self._store(topic.channel, accepted)
        except TimeoutError:
            raise Refused(HTTPStatus.GATEWAY_TIMEOUT, "slow store") from None
        left = end - asyncio.get_running_loop().time()
        card = await self._face(accepted.message_id, left) if self._face is not None else None
        return accepted.answer.decode() if card is None else cards.answer(card)
