"""The inbound half of WeCom: the callbacks of the AI bot (智能机器人) and of the self-built app (自建应用).

Both prove their origin by a signature, carry one encrypted document, and are answered with an empty 200 at once; the
platform tries three times when no answer comes within five seconds, so an id seen before is dropped by the inbox.
A request older than five minutes is taken only as a late retry (its id decides), one older than a day not at all.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.platforms.base import Accepted, Refused
from bot.platforms.wecom import app_message, bot_message
from bot.platforms.wecom.cards import template_card
from bot.platforms.wecom.crypto import Guard
from bot.platforms.wecom.fields import xml_fields
from bot.platforms.wecom.settings import WecomApp, WecomBot
from domain.messages import Card, Incoming

BODY_CAP = 64 << 10  # bytes; the longest honest callback has a few kB
ID_CAP = 128  # characters of an id we store
TAP_SECONDS = 3.5  # of the five in which an answer must come
FRESH = timedelta(seconds=300)
LATEST = timedelta(hours=24)
ENVELOPE: Final = frozenset({"ToUserName", "AgentID", "Encrypt"})


class BotCallback:
    """The AI bot's callback: JSON inside and out, receiveid empty.

    welcome: text that greets whoever opens the private chat with the bot; "" greets nobody.
    """

    channel = "wecom.bot"
    path = "/callback/wecom/bot"

    def __init__(self, bot: WecomBot, welcome: str = "") -> None:
        self._guard = Guard(bot.token, bot.aes_key, "", "wecom.bot")
        self._bot_id = bot.bot_id
        self._names = bot_message.name_pattern(bot.names)
        self._welcome = welcome

    def accept(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Accepted:
        """Verify and decrypt one request. Raises Refused."""
        if method == "GET":
            return _verification(self._guard, query, now)
        payload, is_late = _opened(self._guard, method, query, body, now, _bot_envelope)
        message = _object(payload, 400, "payload")
        if self._bot_id and message.get("aibotid") != self._bot_id:
            raise Refused(403, "aibotid")
        message_id = bot_message.message_id(message)
        if message_id is None or len(message_id) > ID_CAP:
            raise Refused(400, "msgid")
        if is_late and not message_id:
            raise Refused(403, "stale")
        if self._welcome and bot_message.is_entering(message):
            return Accepted(message_id, payload, self._greeting(query, now), "application/json", is_late)
        if bot_message.is_tap(message):
            kind = "application/json"
            return Accepted(
                message_id, payload, b"", kind, is_late, lambda card: self._redrawn(card, query, now), TAP_SECONDS
            )
        return Accepted(message_id, payload, is_late=is_late)

    def _redrawn(self, card: Card, query: Mapping[str, str], now: datetime) -> bytes:
        """Return the answer to a tap that shows the card's new face to everybody who sees it."""
        return self._sealed({"response_type": "update_template_card", "template_card": template_card(card)}, query, now)

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming. Raises ValueError on garbage."""
        return bot_message.parse(payload, received_at, self._names)

    def _greeting(self, query: Mapping[str, str], now: datetime) -> bytes:
        return self._sealed({"msgtype": "text", "text": {"content": self._welcome}}, query, now)

    def _sealed(self, reply: Mapping[str, object], query: Mapping[str, str], now: datetime) -> bytes:
        text = json.dumps(reply, ensure_ascii=False)
        sealed = self._guard.seal(text, str(int(now.timestamp())), _one(query, "nonce"))
        answer = {
            "encrypt": sealed.encrypt,
            "msgsignature": sealed.signature,
            "timestamp": int(sealed.timestamp),
            "nonce": sealed.nonce,
        }
        return json.dumps(answer).encode()


class AppCallback:
    """The self-built app's callback: XML, receiveid = corp id."""

    channel = "wecom.app"
    path = "/callback/wecom/app"

    def __init__(self, app: WecomApp) -> None:
        self._guard = Guard(app.token, app.aes_key, app.corp_id, "wecom.app")
        self._corp_id = app.corp_id
        self._agent_id = str(app.agent_id)

    def accept(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Accepted:
        """Verify and decrypt one request. Raises Refused."""
        if method == "GET":
            return _verification(self._guard, query, now)
        payload, is_late = _opened(self._guard, method, query, body, now, self._envelope)
        message = xml_fields(payload.encode())
        self._check_addressee(message)
        message_id = app_message.message_id(message)
        if message_id is None or len(message_id) > ID_CAP:
            raise Refused(400, "msgid")
        return Accepted(message_id, payload, is_late=is_late)

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming. Raises ValueError on garbage."""
        return app_message.parse(payload, received_at)

    def _envelope(self, body: bytes) -> str:
        outer = xml_fields(body)
        if not outer.keys() <= ENVELOPE or "Encrypt" not in outer:
            raise Refused(400, "envelope")
        self._check_addressee(outer)
        return outer["Encrypt"]

    def _check_addressee(self, document: Mapping[str, str]) -> None:
        """Refuse another corporation's or another app's message; events of the whole corporation name no app."""
        if document.get("ToUserName") != self._corp_id:
            raise Refused(403, "corp")
        if document.get("AgentID", "") not in ("", self._agent_id):
            raise Refused(403, "agent")


def _verification(guard: Guard, query: Mapping[str, str], now: datetime) -> Accepted:
    """Answer the check that the console makes when the callback address is saved: the bare plaintext."""
    echo = _one(query, "echostr")
    if len(echo) > BODY_CAP:
        raise Refused(413, "size")
    plain = guard.open(_one(query, "msg_signature"), _one(query, "timestamp"), _one(query, "nonce"), echo)
    if _is_late(query, now):
        raise Refused(403, "stale")
    return Accepted("", "", plain.encode())


def _opened(
    guard: Guard,
    method: str,
    query: Mapping[str, str],
    body: bytes,
    now: datetime,
    envelope: Callable[[bytes], str],
) -> tuple[str, bool]:
    """Return the decrypted document and whether it comes late. `envelope` finds the ciphertext in the body."""
    if method != "POST":
        raise Refused(405, "method")
    if len(body) > BODY_CAP:
        raise Refused(413, "size")
    signature, timestamp, nonce = (_one(query, name) for name in ("msg_signature", "timestamp", "nonce"))
    payload = guard.open(signature, timestamp, nonce, envelope(body))
    return payload, _is_late(query, now)


def _bot_envelope(body: bytes) -> str:
    outer = _object(body, 400, "envelope")
    ciphertext = outer.get("encrypt")
    if len(outer) != 1 or not isinstance(ciphertext, str):
        raise Refused(400, "envelope")
    return ciphertext


def _object(document: str | bytes, status: int, code: str) -> Mapping[str, object]:
    try:
        parsed = json.loads(document if isinstance(document, str) else document.decode("utf-8"))
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise Refused(status, code)
    return parsed


def _one(query: Mapping[str, str], name: str) -> str:
    value = query.get(name, "")
    if not value:
        raise Refused(400, "query")
    return value


def _is_late(query: Mapping[str, str], now: datetime) -> bool:
    """Tell whether a signed request is a late retry. Raises Refused for one that no retry explains."""
    stamp = _one(query, "timestamp")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        raise Refused(400, "timestamp")
    age = timedelta(seconds=now.timestamp() - int(stamp))
    if age > LATEST or age < -FRESH:
        raise Refused(403, "stale")
    return age > FRESH
