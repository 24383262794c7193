"""What the WeCom tests share: the sample bot and app, their payloads, and the platform's side of the crypto.

The platform's side is wechatpy's, so that both sides can't share a mistake of ours.
"""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wechatpy.enterprise.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bot.platforms.wecom.settings import WecomApp, WecomBot

PAYLOADS = Path(__file__).parents[3] / "payloads" / "wecom"
VECTORS: dict[str, Any] = json.loads((PAYLOADS / "crypto-vectors.json").read_text(encoding="utf-8"))
APP = WecomApp(
    "ww1234567890abcdef", 1000002, "app-secret", "luzhangTok3n01", "Qw3rTy8uIoPaSdFgHjKlZxCvBnM0987654321AbCdEf"
)
BOT = WecomBot("aibotTokenXYZ", "Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6L", "AIB01", ("路长助手", "路长"))
NOW = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)  # 1767225720
STAMP = "1767225720"

Query = dict[str, str]


def sign(token: str, timestamp: str, nonce: str, ciphertext: str) -> str:
    signer = WeChatSigner()
    signer.add_data(token, timestamp, nonce, ciphertext)
    return str(signer.signature)


def encrypt(aes_key: str, text: str, receiveid: str) -> str:
    sealed: bytes = PrpCrypto(base64.b64decode(aes_key + "=")).encrypt(text, receiveid)
    return sealed.decode("ascii")


def signed(token: str, ciphertext: str, timestamp: str = STAMP, nonce: str = "n0nce") -> Query:
    signature = sign(token, timestamp, nonce, ciphertext)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


def bot_request(payload: str, timestamp: str = STAMP) -> tuple[Query, bytes]:
    ciphertext = encrypt(BOT.aes_key, payload, "")
    return signed(BOT.token, ciphertext, timestamp), json.dumps({"encrypt": ciphertext}).encode()


def app_request(payload: str, timestamp: str = STAMP) -> tuple[Query, bytes]:
    ciphertext = encrypt(APP.aes_key, payload, APP.corp_id)
    return signed(APP.token, ciphertext, timestamp), app_envelope(ciphertext)


def app_envelope(ciphertext: str, corp_id: str = APP.corp_id, agent_id: int = APP.agent_id) -> bytes:
    return (
        f"<xml><ToUserName><![CDATA[{corp_id}]]></ToUserName><AgentID><![CDATA[{agent_id}]]></AgentID>"
        f"<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
    ).encode()


def bot_payload(name: str) -> str:
    return (PAYLOADS / "bot" / f"{name}.json").read_text(encoding="utf-8")


def app_payload(name: str) -> str:
    return (PAYLOADS / "app" / f"{name}.xml").read_text(encoding="utf-8").strip()
