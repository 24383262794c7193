"""The guard around WeCom's message crypto (加解密), and the key of its media files.

The AES cipher is wechatpy's. Everything a stranger could bend is checked here: the signature in constant time and
before anything is decrypted, strict base64, whole blocks, every pad byte, the length field as unsigned and bounded, and
the receiveid. Platform pages: callback crypto scheme; plaintext = random(16) + uint32 length + message + receiveid.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from wechatpy.enterprise.crypto import PrpCrypto

from bot.platforms.base import Refused
from domain.errors import ConfigError
from domain.messages import Undeliverable

BLOCK = 16  # bytes of an AES block
PAD_BLOCK = 32  # the platform pads to a multiple of this
HEAD = 20  # bytes before the message: random(16) + length(4)
PADS = tuple(bytes([size]) * size for size in range(PAD_BLOCK + 1))
IMAGE_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_CALLBACK_KEY = re.compile(r"[A-Za-z0-9]{43}", re.ASCII)
_MEDIA_KEY = re.compile(r"[A-Za-z0-9+/]{43}=?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted reply and its signature."""

    encrypt: str
    signature: str
    timestamp: str
    nonce: str


class Guard:
    """Checks, decrypts and encrypts for one channel. Its methods raise Refused and nothing else, whatever the input.

    where: the section of the configuration, for the text of a ConfigError.
    receiveid: the corp id for an app, "" for an AI bot.
    """

    def __init__(self, token: str, aes_key: str, receiveid: str, where: str) -> None:
        if not token:
            raise ConfigError(f"[{where}] token 未填写，请从企业微信管理后台的接收消息设置中复制")
        self._token = token
        self._cipher = PrpCrypto(_callback_key(aes_key, where)).cipher
        self._receiveid = receiveid.encode()

    def open(self, signature: str, timestamp: str, nonce: str, ciphertext: str) -> str:
        """Return the message inside a signed ciphertext."""
        expected = self._signature(timestamp, nonce, ciphertext)
        if not hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass")):
            raise Refused(403, "signature")
        return self._decrypt(ciphertext)

    def seal(self, message: str, timestamp: str, nonce: str) -> Sealed:
        """Return the message encrypted and signed, as a passive reply needs it."""
        body = message.encode()
        plain = secrets.token_bytes(16) + len(body).to_bytes(4, "big") + body + self._receiveid
        padded = plain + PADS[PAD_BLOCK - len(plain) % PAD_BLOCK]
        ciphertext = base64.b64encode(self._cipher.encrypt(padded)).decode("ascii")
        return Sealed(ciphertext, self._signature(timestamp, nonce, ciphertext).decode("ascii"), timestamp, nonce)

    def _signature(self, timestamp: str, nonce: str, ciphertext: str) -> bytes:
        joined = "".join(sorted((self._token, timestamp, nonce, ciphertext)))
        # surrogatepass: a query string may hold lone surrogates, and must neither raise nor collide
        return hashlib.sha1(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().encode("ascii")

    def _decrypt(self, ciphertext: str) -> str:
        try:
            raw = binascii.a2b_base64(ciphertext, strict_mode=True)
        except ValueError:
            raise Refused(403, "base64") from None
        if not raw or len(raw) % BLOCK:
            raise Refused(403, "block_length")
        plain = _unpadded(self._cipher.decrypt(raw))
        if plain is None:
            raise Refused(403, "padding")
        end = HEAD + int.from_bytes(plain[16:HEAD], "big")
        if len(plain) < HEAD or end > len(plain):
            raise Refused(403, "length_field")
        if not hmac.compare_digest(plain[end:], self._receiveid):
            raise Refused(403, "receiveid")
        try:
            return plain[HEAD:end].decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(400, "utf8") from None


def decrypt_media(body: bytes, aes_key: str) -> bytes:
    """Return the file inside an AI bot's media download: AES-256-CBC, IV = first half of the key, padded to 32.

    aes_key: 43 base64 characters, the link's own or the bot's EncodingAESKey. Some clients upload pictures whose
    padding does not fit, or that are not encrypted: such a file is kept as it is when it begins like a picture.
    Raises Undeliverable.
    """
    if body.startswith(IMAGE_HEADS):
        return body
    if not _MEDIA_KEY.fullmatch(aes_key) or not body or len(body) % BLOCK:
        raise Undeliverable("图片解密失败，请重新发送")
    plain: bytes = PrpCrypto(base64.b64decode(aes_key.rstrip("=") + "=")).cipher.decrypt(body)
    unpadded = _unpadded(plain)
    if unpadded is not None:
        return unpadded
    if plain.startswith(IMAGE_HEADS):
        return plain
    raise Undeliverable("图片解密失败，请重新发送")


def _unpadded(plain: bytes) -> bytes | None:
    """Return the bytes before the padding, or None when a single pad byte is wrong."""
    size = plain[-1]
    if not 1 <= size <= PAD_BLOCK or not plain.endswith(PADS[size]):
        return None
    return plain[:-size]


def _callback_key(aes_key: str, where: str) -> bytes:
    if not _CALLBACK_KEY.fullmatch(aes_key):
        raise ConfigError(
            f"[{where}] aes_key 应为43位字母和数字，现为{len(aes_key)}位，"
            "请从企业微信管理后台的接收消息设置中重新复制 EncodingAESKey"
        )
    return base64.b64decode(aes_key + "=")  # the platform's keys carry unused low bits, which Python takes
