import base64
import random
import string
from typing import Any

import pytest
from wechatpy.enterprise.crypto import PrpCrypto

from bot.platforms.base import Refused
from bot.platforms.wecom.crypto import Guard, decrypt_media
from domain.errors import ConfigError
from domain.messages import Undeliverable
from tests.bot.platforms.wecom.samples import VECTORS, encrypt, sign

KEY = "Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6L"
PNG = b"\x89PNG\r\n\x1a\n"


def named(rows: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in rows]


def opened(row: dict[str, Any]) -> str:
    guard = Guard(row["token"], row["encoding_aes_key"], row["receiveid"], "wecom.app")
    return guard.open(row["signature"], row["timestamp"], row["nonce"], row["ciphertext"])


@pytest.mark.parametrize("row", named(VECTORS["vectors"] + VECTORS["third_party"]))
def test_what_the_platform_sealed_opens(row: dict[str, Any]) -> None:
    assert opened(row) == row["plaintext"]


@pytest.mark.parametrize("row", named(VECTORS["negative"]))
def test_what_is_bent_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        opened(row)
    assert caught.value.status == 403


@pytest.mark.parametrize("row", named(VECTORS["media_vectors"]))
def test_media_opens(row: dict[str, Any]) -> None:
    plain = decrypt_media(base64.b64decode(row["encrypted_base64"]), row["aeskey"])
    assert plain == base64.b64decode(row["plain_base64"])


def test_five_hundred_messages_open_as_with_the_library() -> None:
    rng = random.Random(7)
    letters = string.printable + "人民路井盖🗑️é\u2005"
    for _ in range(500):
        key = base64.b64encode(rng.randbytes(32)).decode().rstrip("=")
        if not key.isalnum():
            continue
        receiveid = rng.choice(("", "ww" + str(rng.random())))
        text = "".join(rng.choices(letters, k=rng.randrange(0, 400)))
        ciphertext = encrypt(key, text, receiveid)
        guard = Guard("token", key, receiveid, "wecom.app")
        assert guard.open(sign("token", "1", "n", ciphertext), "1", "n", ciphertext) == text
        sealed = guard.seal(text, "1", "n")
        assert PrpCrypto(base64.b64decode(key + "=")).decrypt(sealed.encrypt, receiveid) == text
        assert sealed.signature == sign("token", "1", "n", sealed.encrypt)


def test_a_seal_never_repeats_itself() -> None:
    guard = Guard("token", KEY, "", "wecom.bot")
    assert guard.seal("a", "1", "n").encrypt != guard.seal("a", "1", "n").encrypt


def resealed(plain: bytes) -> str:
    """Encrypt bytes that the platform would never pad or lay out like this."""
    sealed: bytes = PrpCrypto(base64.b64decode(KEY + "=")).cipher.encrypt(plain)
    return base64.b64encode(sealed).decode()


LONG = b"r" * 16 + (4).to_bytes(4, "big") + b"text"


@pytest.mark.parametrize(
    ("ciphertext", "code"),
    [
        pytest.param("", "block_length", id="nothing"),
        pytest.param("AAA", "base64", id="not base64"),
        pytest.param("AAAAAAAAAAAAAAAAAAAAAA==\n", "base64", id="a line break"),
        pytest.param("AAAAAAAAAAAAAAAAAAAAAA=\u00bd", "base64", id="not ASCII"),
        pytest.param("-_AAAAAAAAAAAAAAAAAAAA==", "base64", id="the other alphabet"),
        pytest.param("AA==AAAAAAAAAAAAAAAAAA==", "base64", id="padding inside"),
        pytest.param(resealed(b"\x01" * 16), "length_field", id="too short for a head"),
        pytest.param(resealed(LONG + b"x" * 16 + b"\x08" * 8)[:42], "base64", id="cut"),
        pytest.param(resealed(LONG + b"\x08" * 8), None, id="whole"),
        pytest.param(resealed(LONG + b"\x07" + b"\x08" * 7), "padding", id="first pad byte differs"),
        pytest.param(resealed(LONG + b"corp" + b"\x04" * 4), "receiveid", id="a receiveid where none belongs"),
        pytest.param(resealed(b"r" * 16 + b"\xff\xff\xff\xff" + b"\x0c" * 12), "length_field", id="length of 4 GiB"),
        pytest.param(resealed(b"r" * 16 + b"\x00\x00\x00\x02\xc3\x28" + b"\x0a" * 10), "utf8", id="not UTF-8"),
    ],
)
def test_signed_but_bent(ciphertext: str, code: str | None) -> None:
    guard = Guard("token", KEY, "", "wecom.bot")
    signature = sign("token", "1", "n", ciphertext)
    if code is None:
        assert guard.open(signature, "1", "n", ciphertext) == "text"
        return
    with pytest.raises(Refused) as caught:
        guard.open(signature, "1", "n", ciphertext)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("signature", "timestamp", "nonce"),
    [
        pytest.param("", "1", "n", id="empty"),
        pytest.param("签名", "1", "n", id="not ASCII"),
        pytest.param("\ud800", "1", "n", id="half a character"),
        pytest.param("a" * 40, "\ud800", "\udfff", id="half characters in the query"),
    ],
)
def test_odd_signatures_are_refused_not_raised(signature: str, timestamp: str, nonce: str) -> None:
    with pytest.raises(Refused) as caught:
        Guard("token", KEY, "", "wecom.bot").open(signature, timestamp, nonce, "AAAA")
    assert (caught.value.status, caught.value.code) == (403, "signature")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param("", "0位", id="missing"),
        pytest.param(KEY[:-1], "42位", id="one short"),
        pytest.param(KEY + "=", "44位", id="with the padding"),
        pytest.param(KEY[:-1] + "+", "43位字母和数字", id="not alphanumeric"),
        pytest.param(KEY[:-1] + "９", "43位字母和数字", id="full width"),
    ],
)
def test_a_wrong_key_is_told_at_start(key: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Guard("token", key, "", "wecom.bot")
    assert said in caught.value.text
    assert "wecom.bot" in caught.value.text
    assert not key or key not in caught.value.text


def test_a_missing_token_is_told_at_start() -> None:
    with pytest.raises(ConfigError, match="token"):
        Guard("", KEY, "", "wecom.app")


@pytest.mark.parametrize(
    ("body", "key"),
    [
        pytest.param(b"", KEY, id="empty"),
        pytest.param(b"x" * 15, KEY, id="no whole block"),
        pytest.param(b"x" * 32, KEY, id="another key's file"),
        pytest.param(b"x" * 32, "short", id="no key"),
    ],
)
def test_media_that_does_not_open(body: bytes, key: str) -> None:
    with pytest.raises(Undeliverable):
        decrypt_media(body, key)


def test_pictures_with_odd_padding_are_kept() -> None:
    odd = PNG + b"x" * 24
    assert decrypt_media(base64.b64decode(resealed(odd)), KEY) == odd
    assert decrypt_media(PNG + b"not encrypted", KEY) == PNG + b"not encrypted"
