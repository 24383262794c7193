"""From the self-built app's decrypted XML to an Incoming, through wechatpy's kinds of messages.

Every message here is one person's with the app; there are no groups. Pictures are fetched by media id, never from the
address beside it. Platform pages: message format, event format.
"""

import json
import logging
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from wechatpy.enterprise.events import EVENT_TYPES
from wechatpy.enterprise.messages import MESSAGE_TYPES
from wechatpy.messages import UnknownMessage

from bot.platforms.base import Refused
from bot.platforms.wecom.cards import SUBMIT
from bot.platforms.wecom.codes import LIFE, Codes
from bot.platforms.wecom.fields import clean, event_id, instant, xml_fields
from domain.messages import Incoming, Kind, PhotoRef, ReplyHandle

CHANNEL = "wecom.app"
KINDS: Mapping[str, Kind] = {
    "text": Kind.TEXT,
    "image": Kind.PHOTO,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
}
EVENTS: Mapping[str, Kind] = {"enter_agent": Kind.ENTERED, "template_card_event": Kind.CHOICE}
APP_LIFE = frozenset({"inactive_alert", "close_inactive_agent", "low_active_alert", "low_active"})

logger = logging.getLogger(__name__)


def message_id(message: Mapping[str, str]) -> str | None:
    """Return the id to store a message under, None when there is none; events get one of their own."""
    if message.get("MsgType") != "event":
        return clean(message.get("MsgId")) or None
    sender, at = clean(message.get("FromUserName")), clean(message.get("CreateTime"))
    if not sender or not at:
        return None
    keys = (message.get("EventKey", ""), message.get("TaskId", ""))
    return event_id(sender, at, clean(message.get("Event")), *keys)


def parse(payload: str, received_at: datetime) -> Incoming:
    """Turn a decrypted payload into an Incoming. Raises ValueError when it is no message of a person."""
    fields, message = _parsed(payload)
    sender, named = clean(fields.get("FromUserName")), message_id(fields)
    if not sender or named is None:
        raise ValueError("an app message without sender or id")
    kind = _kind(fields)
    coordinates = _coordinates(message.location) if kind is Kind.LOCATION else None
    return Incoming(
        platform="wecom",
        channel=CHANNEL,
        message_id=named,
        chat_id=sender,
        is_group=False,
        sender=sender,
        received_at=received_at,
        kind=kind,
        text=_text(message, kind),
        photos=_photos(message.media_id) if kind is Kind.PHOTO else (),
        **(_tap(fields, payload, sender, received_at) if kind is Kind.CHOICE else {}),
        sent_at=instant(fields.get("CreateTime")),
        coordinates=coordinates,
    )


def _tap(fields: Mapping[str, str], payload: str, sender: str, at: datetime) -> dict[str, Any]:
    """Return what a tap on a card says: the button or the option, the card, and the code that changes the card once."""
    code = clean(fields.get("ResponseCode"))
    handle = ReplyHandle(Codes(sender, tap=code).data(), at + LIFE, uses=1) if code else None
    option = ElementTree.fromstring(payload).findtext("./SelectedItems/SelectedItem/OptionIds/OptionId")
    key = clean(fields.get("EventKey"))
    return {
        "choice": (clean(option).strip() or key) if key == SUBMIT else key,
        "card": clean(fields.get("TaskId")),
        "card_handle": handle,
    }


def _parsed(payload: str) -> tuple[Mapping[str, str], Any]:
    """Return our own reading of the fields, and wechatpy's message over them; errors become ValueError."""
    try:
        fields = xml_fields(payload.encode())
        if fields["MsgType"].lower() == "event":
            return fields, EVENT_TYPES.get(fields["Event"].lower(), UnknownMessage)(fields)
        return fields, MESSAGE_TYPES.get(fields["MsgType"].lower(), UnknownMessage)(fields)
    except (Refused, KeyError, TypeError, AttributeError) as error:
        raise ValueError("an app payload that is no message") from error


def _kind(fields: Mapping[str, str]) -> Kind:
    kind = fields.get("MsgType", "").lower()
    if kind != "event":
        return KINDS.get(kind, Kind.OTHER)
    event = fields.get("Event", "")
    if event in APP_LIFE:
        logger.warning("the platform may suspend the app for want of use", extra={"action": "app_life", "event": event})
    return EVENTS.get(event, Kind.OTHER)


def _text(message: Any, kind: Kind) -> str:
    """Return what the person wrote, or the place's name that a location carries, or what a voice was heard as."""
    if kind is Kind.TEXT:
        return clean(message.content).strip()
    if kind is Kind.LOCATION:
        return clean(message.label).strip()
    return clean(message.recognition).strip() if kind is Kind.VOICE else ""


def _photos(media_id: object) -> tuple[PhotoRef, ...]:
    named = clean(media_id)
    return (PhotoRef(json.dumps({"media_id": named})),) if named else ()


def _coordinates(place: tuple[object, object]) -> tuple[float, float] | None:
    """Return (longitude, latitude); the platform's X is the latitude. None for figures outside the globe."""
    try:
        latitude, longitude = (float(clean(figure)) for figure in place)
    except ValueError:
        return None
    is_on_globe = math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180
    return (longitude, latitude) if is_on_globe else None
