"""Frames of the Stream connection: what the gateway says, and the acknowledgements (platform page, "Frames", "Acks").

A frame is a JSON object whose `data` is JSON text once more. Pages and wire differ in small things (`header` for
`headers`, a number for a text, fields left out), so nothing is required but a type and a topic.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from bot.platforms.dingtalk.payload import JsonObject, load_object, object_at

SYSTEM, CALLBACK, EVENT = "SYSTEM", "CALLBACK", "EVENT"
PING, DISCONNECT = "ping", "disconnect"
ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
EVENT_TAKEN = '{"status":"SUCCESS","message":"ok"}'  # anything else is delivered again
NOTHING = '{"response":null}'


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of the gateway. `data` is the inner JSON text as it came, "" when there was none."""

    type: str
    topic: str
    message_id: str  # "" where the frame has none: then there is nothing to acknowledge
    data: str
    time: str = ""  # ms since 1970, as text


def read(text: str) -> Frame | None:
    """Return the frame written in `text`, None when it is none."""
    try:
        document = load_object(text)
    except ValueError:
        return None
    headers = object_at(document, "headers") or object_at(document, "header")
    frame = Frame(
        type=_word(document, "type"),
        topic=_word(headers, "topic"),
        message_id=_word(headers, "messageId"),
        data=_data(document),
        time=_word(headers, "time"),
    )
    return frame if frame.type and frame.topic else None


def ack(frame: Frame, data: str, status: int = HTTPStatus.OK) -> str:
    """Return the acknowledgement of a frame; `data` is JSON text, the message is the status' own phrase."""
    return json.dumps(
        {
            "code": int(status),
            "headers": {"messageId": frame.message_id, "contentType": "application/json"},
            "message": HTTPStatus(status).phrase,
            "data": data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def subscription(topics: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the `subscriptions` of an opening request from topic → type."""
    return [{"type": kind, "topic": topic} for topic, kind in topics.items()]


def _word(holder: JsonObject, key: str) -> str:
    value = holder.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _data(document: JsonObject) -> str:
    value = document.get("data")
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else ""
