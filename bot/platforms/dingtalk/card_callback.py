"""Taps on cards over HTTP, for deployments without Stream: who may post to us, and the answer with the new face."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

from bot.platforms.base import Accepted, Refused
from bot.platforms.dingtalk import cards
from bot.platforms.dingtalk.callback import MAX_BODY_BYTES, check_signature
from bot.platforms.dingtalk.topics import CARD_ANSWER, CARD_CHANNEL, CARD_SECONDS, CardClicks
from domain.messages import Card, Incoming

_HEADERS = ("x-ddpaas-signature-timestamp", "x-ddpaas-signature")


def sign(secret: str, timestamp: str) -> str:
    """Return the platform's signature of a timestamp in ms."""
    return base64.b64encode(hmac.digest(secret.encode(), timestamp.encode(), hashlib.sha256)).decode()


class CardCallback:
    """The card half of a robot that is reached over HTTP. client_secret: the app's."""

    channel = CARD_CHANNEL
    path = "/callback/dingtalk/card"

    def __init__(self, client_secret: str) -> None:
        self._secret = cards.secret_of(client_secret)
        self._clicks = CardClicks()

    def accept(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Accepted:
        """Verify one request and hand back the tap. Raises Refused; never anything else, whatever the bytes."""
        if method != "POST":
            raise Refused(405, "method")
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, "body too large")
        timestamp = check_signature(headers, _HEADERS, lambda stamp: sign(self._secret, stamp), now)
        try:
            text = body.decode()
        except ValueError:
            raise Refused(400, "not a card callback") from None
        named, payload = self._clicks.tap(text, timestamp)
        plain = json.dumps(json.loads(CARD_ANSWER)["response"]).encode()
        return Accepted(named, payload, plain, "application/json", False, _answer, CARD_SECONDS)

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored tap into an Incoming. Raises ValueError on garbage."""
        return self._clicks.parse(payload, received_at)


def _answer(card: Card) -> bytes:
    return json.dumps(json.loads(cards.answer(card))["response"], ensure_ascii=False).encode()
