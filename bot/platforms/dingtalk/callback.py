"""The robot's HTTP callback: who may post to us, and what we answer (platform page, "Receiving", HTTP mode)."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.platforms.base import Accepted, Refused
from bot.platforms.dingtalk.inbound import parse_message
from bot.platforms.dingtalk.payload import load_object, message_id
from domain.errors import ConfigError
from domain.messages import Incoming

MAX_BODY_BYTES = 64 * 1024
FRESH_MS = 3_600_000  # the platform's own rule: a signature counts for one hour on either side
NO_REPLY = b'{"msgtype":"empty"}'


def sign(secret: str, timestamp: str) -> str:
    """Return the platform's signature of a timestamp in ms: standard base64, not URL-encoded."""
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


class RobotCallback:
    """Inbound half of an app robot. `names` are the names under which the robot stands in its groups."""

    channel = "dingtalk.robot"
    path = "/callback/dingtalk/robot"

    def __init__(self, app_secret: str, names: Sequence[str] = ()) -> None:
        if not app_secret:
            raise ConfigError("dingtalk.client_secret 未填写，无法校验钉钉回调")
        self._secret = app_secret
        self._names = tuple(name for name in names if name)

    def accept(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Accepted:
        """Verify one request and hand back its body. Raises Refused; never anything else, whatever the bytes."""
        if method != "POST":
            raise Refused(405, "method")
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, "body too large")
        check_signature(headers, ("timestamp", "sign"), lambda timestamp: sign(self._secret, timestamp), now)
        try:
            payload = body.decode()
            found = message_id(load_object(payload))
        except ValueError:
            raise Refused(400, "not a robot message") from None
        return Accepted(found, payload, NO_REPLY, "application/json")

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming; an unknown type becomes Kind.OTHER. Raises ValueError on garbage."""
        return parse_message(payload, received_at, self._names)


def check_signature(
    headers: Mapping[str, str], names: tuple[str, str], signed: Callable[[str], str], now: datetime
) -> str:
    """Return the timestamp (ms) of a fresh request whose signature is right. Raises Refused.

    names: of the headers that hold timestamp and signature. signed: the signature that a timestamp must have.
    """
    timestamp = header(headers, names[0])
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 16):
        raise Refused(403, "no timestamp")
    given = header(headers, names[1]).encode(errors="replace")
    if not hmac.compare_digest(given, signed(timestamp).encode()):
        raise Refused(403, "signature")
    if abs(now.timestamp() * 1000 - int(timestamp)) > FRESH_MS:
        raise Refused(403, "stale timestamp")
    return timestamp


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header of whatever case, "" when it is missing."""
    found = headers.get(name)
    if found is not None:
        return found
    # Proxies rewrite the case, and not every Mapping forgives it.
    return next((value for key, value in headers.items() if key.lower() == name), "")
