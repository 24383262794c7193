"""Signed callbacks by the thousand: what is good means the same to wechatpy, and nothing that is bent is accepted.

Fast: a few thousand of each. FUZZ_LONG=1: 20,000 good ones and 100,000 bent ones.
"""

import base64
import hashlib
import json
import os
import random
import string
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.fakes.wecom import SAMPLE_APP, SAMPLE_BOT
from bot.platforms.base import Refused
from bot.platforms.wecom.callback import AppCallback, BotCallback

pytestmark = pytest.mark.fuzz

IS_LONG = bool(os.environ.get("FUZZ_LONG"))
GOOD, BENT = (20_000, 100_000) if IS_LONG else (1_500, 6_000)
NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
ALPHABET = string.ascii_letters + string.digits + " ，。路段垃圾未清😀\n\t<>&'\"{}[]\\%\u200b\u202e\x7f"
APP, BOT = AppCallback(SAMPLE_APP), BotCallback(SAMPLE_BOT)


@dataclass(frozen=True)
class Signed:
    """One request and the parts that it was made of."""

    channel: str
    message_id: str
    plain: str
    ciphertext: str
    signature: str
    timestamp: str = STAMP
    nonce: str = "n1"
    corp_id: str = SAMPLE_APP.corp_id

    @property
    def body(self) -> bytes:
        if self.channel == "bot":
            return json.dumps({"encrypt": self.ciphertext}).encode()
        agent = f"<AgentID>{SAMPLE_APP.agent_id}</AgentID>"
        return f"<xml><ToUserName>{self.corp_id}</ToUserName>{agent}<Encrypt>{self.ciphertext}</Encrypt></xml>".encode()

    @property
    def query(self) -> dict[str, str]:
        return {"msg_signature": self.signature, "timestamp": self.timestamp, "nonce": self.nonce}

    def accepted(self, body: bytes | None = None) -> str | None:
        """What our edge makes of it: the decrypted message, None when it is refused; nothing else may happen."""
        callback = BOT if self.channel == "bot" else APP
        try:
            return callback.accept("POST", self.query, {}, self.body if body is None else body, NOW).payload
        except Refused:
            return None


def keys(channel: str) -> tuple[str, str, str]:
    return (
        (SAMPLE_BOT.token, SAMPLE_BOT.aes_key, "")
        if channel == "bot"
        else (SAMPLE_APP.token, SAMPLE_APP.aes_key, SAMPLE_APP.corp_id)
    )


def sign(token: str, timestamp: str, nonce: str, ciphertext: str) -> str:
    signer = WeChatSigner()
    signer.add_data(token, timestamp, nonce, ciphertext)
    return str(signer.signature)


def good(chance: random.Random, number: int) -> Signed:
    """A request as the platform makes it, sealed and signed by wechatpy."""
    channel = chance.choice(("bot", "app"))
    text = "".join(chance.choices(ALPHABET, k=chance.randrange(60)))
    token, aes_key, receiveid = keys(channel)
    message_id = f"{number}" if channel == "app" else f"m-{number}"
    if channel == "bot":
        message = {"msgid": message_id, "aibotid": SAMPLE_BOT.bot_id, "chattype": "single", "from": {"userid": "fang"}}
        plain = json.dumps({**message, "msgtype": "text", "text": {"content": text}}, ensure_ascii=False)
    else:
        plain = (
            f"<xml><ToUserName>{receiveid}</ToUserName><FromUserName>fang</FromUserName><CreateTime>1</CreateTime>"
            f"<MsgType>text</MsgType><Content>{escape(text.replace(chr(0x7F), ''))}</Content><MsgId>{message_id}</MsgId>"
            f"<AgentID>{SAMPLE_APP.agent_id}</AgentID></xml>"
        )
    sealed = PrpCrypto(base64.b64decode(aes_key + "=")).encrypt(plain, receiveid).decode("ascii")
    nonce = "".join(chance.choices(string.ascii_letters + string.digits, k=10))
    return Signed(channel, message_id, plain, sealed, sign(token, STAMP, nonce, sealed), nonce=nonce)


def test_what_is_good_means_the_same_to_wechatpy() -> None:
    chance = random.Random(20261124)
    app = WeChatCrypto(SAMPLE_APP.token, SAMPLE_APP.aes_key, SAMPLE_APP.corp_id)
    bot = PrpCrypto(base64.b64decode(SAMPLE_BOT.aes_key + "="))
    differing = []
    for number in range(GOOD):
        made = good(chance, number)
        if made.channel == "app":
            theirs = app.decrypt_message(made.body, made.signature, made.timestamp, made.nonce)
        else:
            theirs = bot.decrypt(made.ciphertext, "")
        theirs = theirs.decode() if isinstance(theirs, bytes) else theirs
        if not made.plain == theirs == made.accepted():
            differing.append(number)
    assert differing == []


Bend = Callable[[random.Random, Signed, Signed], tuple[Signed, bytes | None]]


def _flipped(chance: random.Random, text: str) -> str:
    """The text with one character changed."""
    place = chance.randrange(len(text))
    other = chance.choice([c for c in string.ascii_letters + string.digits if c != text[place]])
    return text[:place] + other + text[place + 1 :]


def _resealed(chance: random.Random, made: Signed, spoil: Callable[[bytes], bytes]) -> Signed:
    """The request with another plaintext, sealed and signed by somebody who knows the keys but not the rules."""
    token, aes_key, receiveid = keys(made.channel)
    cipher = PrpCrypto(base64.b64decode(aes_key + "=")).cipher
    body = made.plain.encode()
    plain = chance.randbytes(16) + len(body).to_bytes(4, "big") + body + receiveid.encode()
    size = 32 - len(plain) % 32
    padded = spoil(plain + bytes([size]) * size)
    sealed = base64.b64encode(cipher.encrypt(padded)).decode("ascii")
    return replace(made, ciphertext=sealed, signature=sign(token, made.timestamp, made.nonce, sealed))


def _bad_padding(chance: random.Random, made: Signed, other: Signed) -> tuple[Signed, None]:
    def spoil(padded: bytes) -> bytes:
        size = padded[-1]
        if size > 1 and chance.random() < 0.5:  # one pad byte that nobody looks at
            place = len(padded) - 1 - chance.randrange(1, size)
            return padded[:place] + bytes([padded[place] ^ 0x55]) + padded[place + 1 :]
        return padded[:-1] + bytes([chance.choice([0, 33, 64, 255])])

    return _resealed(chance, made, spoil), None


def _bad_length(chance: random.Random, made: Signed, other: Signed) -> tuple[Signed, None]:
    wrong = chance.choice([len(made.plain.encode()) + 1, 2**31, 2**32 - 1, 0, chance.getrandbits(32)])
    return _resealed(chance, made, lambda padded: padded[:16] + wrong.to_bytes(4, "big") + padded[20:]), None


def _another_receiver(chance: random.Random, made: Signed, other: Signed) -> tuple[Signed, None]:
    token, aes_key, _ = keys(made.channel)
    sealed = PrpCrypto(base64.b64decode(aes_key + "=")).encrypt(made.plain, "ww9999999999999999").decode("ascii")
    return replace(made, ciphertext=sealed, signature=sign(token, made.timestamp, made.nonce, sealed)), None


def _unsigned(chance: random.Random, made: Signed, other: Signed) -> tuple[Signed, None]:
    joined = "".join(sorted((made.timestamp, made.nonce, made.ciphertext)))  # the token left out
    digest = hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()
    return replace(made, signature=chance.choice([digest, "", made.signature[:-1], made.signature.upper() + "x"])), None


def _spoilt_body(chance: random.Random, made: Signed, other: Signed) -> tuple[Signed, bytes]:
    """Any bytes of the envelope's ciphertext changed, cut out or put in."""
    start = made.body.index(made.ciphertext.encode())
    place = start + chance.randrange(len(made.ciphertext))
    head, tail = made.body[:place], made.body[place:]
    spoilt = chance.choice([head + tail[1:], head + b"A" + tail, head + bytes([tail[0] ^ 1]) + tail[1:], head])
    return made, spoilt


def _stale(chance: random.Random, made: Signed, other: Signed) -> tuple[Signed, None]:
    stamp = str(int(NOW.timestamp()) - 86_401 - chance.randrange(10**6))
    token = keys(made.channel)[0]
    return replace(made, timestamp=stamp, signature=sign(token, stamp, made.nonce, made.ciphertext)), None


BENDS: dict[str, Bend] = {
    "ciphertext": lambda c, m, o: (replace(m, ciphertext=_flipped(c, m.ciphertext)), None),
    "signature": lambda c, m, o: (replace(m, signature=_flipped(c, m.signature)), None),
    "nonce": lambda c, m, o: (replace(m, nonce=_flipped(c, m.nonce)), None),
    "timestamp": lambda c, m, o: (replace(m, timestamp=str(int(m.timestamp) + c.choice([-1, 1, 250]))), None),
    "swapped ciphertext": lambda c, m, o: (replace(m, ciphertext=o.ciphertext), None),
    "another's signature": lambda c, m, o: (replace(m, signature=o.signature), None),
    "the other channel": lambda c, m, o: (replace(m, channel="app" if m.channel == "bot" else "bot"), None),
    "body": _spoilt_body,
    "padding": _bad_padding,
    "length": _bad_length,
    "receiver": _another_receiver,
    "no token": _unsigned,
    "stale": _stale,
}


def test_nothing_that_is_bent_is_accepted() -> None:
    chance = random.Random(4711)
    made = [good(chance, number) for number in range(200)]
    kinds = list(BENDS)
    accepted: Counter[str] = Counter()
    for number in range(BENT):
        kind = kinds[number % len(kinds)]
        one, other = chance.sample(made, 2)
        bent, body = BENDS[kind](chance, one, other)
        accepted[kind] += bent.accepted(body) is not None
    assert {kind: count for kind, count in accepted.items() if count} == {}
