"""Ready-made requests: signed, for WeCom encrypted too, each with an id of its own."""

import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Iterator
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench import city

CORP = "wwbench0123456789"
AGENT = 1000002
TOKEN = "BenchToken0123456789"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_SECRET = "bench-app-secret"
ROBOT = "dingbench"
WECOM, DINGTALK = "/callback/wecom/app", "/callback/dingtalk/robot"
_KEY = base64.b64decode(AES_KEY + "=")
_CIPHER = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16]))


def wecom(first: int, *, media_id: str = "") -> Iterator[bytes]:
    """Yield requests with text reports, or pictures when `media_id` is given, from the id `first` on."""
    for number, text in zip(itertools.count(first), city.reports(first), strict=False):
        yield wecom_request(wecom_message(number, text, media_id))


def dingtalk(first: int, webhook: str) -> Iterator[bytes]:
    """Yield requests with text reports from private chats; replies would go to `webhook`."""
    for number, text in zip(itertools.count(first), city.reports(first), strict=False):
        yield dingtalk_request(_dingtalk_message(number, text, webhook))


def dingtalk_frames(first: int, count: int) -> Iterator[str]:
    """Yield so many Stream frames with text reports from private chats; frame `number` has the message id `nNUMBER`."""
    for number, text in zip(range(first, first + count), city.reports(first), strict=False):
        headers = {"messageId": f"n{number}", "topic": "/v1.0/im/bot/messages/get", "contentType": "application/json"}
        headers |= {"appId": "a-1", "connectionId": "c-1", "time": str(int(time.time() * 1000))}
        frame = {"specVersion": "1.0", "type": "CALLBACK", "headers": headers}
        yield json.dumps(frame | {"data": _dingtalk_message(number, text, "")}, ensure_ascii=False)


def wecom_frames(first: int, count: int) -> Iterator[str]:
    """Yield so many frames of WeCom's long connection with text reports from private chats, from the id `first` on."""
    for number, text in zip(range(first, first + count), city.reports(first), strict=False):
        body = {"msgid": f"w{number}", "aibotid": "", "chattype": "single", "from": {"userid": f"u{number}"}}
        body |= {"msgtype": "text", "text": {"content": text}}
        frame = {"cmd": "aibot_msg_callback", "headers": {"req_id": f"r{number}"}, "body": body}
        yield json.dumps(frame, ensure_ascii=False)


def wecom_message(number: int, text: str, media_id: str = "") -> str:
    """Return the document inside a callback of the app: a text, or a picture when `media_id` is given."""
    said = (
        f"<MsgType><![CDATA[image]]></MsgType><PicUrl><![CDATA[]]></PicUrl><MediaId><![CDATA[{media_id}{number}]]></MediaId>"
        if media_id
        else f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
    )
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[u{number}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime>{said}<MsgId>{7_000_000_000_000 + number}</MsgId>"
        f"<AgentID>{AGENT}</AgentID></xml>"
    )


def wecom_request(message: str, *, token: str = TOKEN) -> bytes:
    """Return the HTTP request that carries a message of the app."""
    body = message.encode()
    plain = secrets.token_bytes(16) + len(body).to_bytes(4, "big") + body + CORP.encode()
    size = 32 - len(plain) % 32
    encryptor = _CIPHER.encryptor()
    sealed = base64.b64encode(encryptor.update(plain + bytes([size]) * size) + encryptor.finalize()).decode()
    stamp, nonce = str(int(time.time())), secrets.token_hex(5)
    signature = hashlib.sha1("".join(sorted((token, stamp, nonce, sealed))).encode()).hexdigest()
    envelope = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[{AGENT}]]></AgentID>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    ).encode()
    query = f"msg_signature={signature}&timestamp={stamp}&nonce={nonce}"
    return _post(f"{WECOM}?{query}", "text/xml", envelope)


def _dingtalk_message(number: int, text: str, webhook: str) -> str:
    now = int(time.time() * 1000)
    message = {
        "conversationId": f"cid{number}",
        "chatbotCorpId": "dingcorp",
        "chatbotUserId": "$:LWCP_v1:$bot",
        "msgId": f"msg{number}",
        "senderNick": "李巡",
        "isAdmin": False,
        "senderStaffId": f"u{number}",
        "sessionWebhookExpiredTime": now + 5_400_000,
        "createAt": now,
        "senderCorpId": "dingcorp",
        "conversationType": "1",
        "senderId": f"$:LWCP_v1:${number}",
        "sessionWebhook": f"{webhook}?session={number}",
        "text": {"content": text},
        "robotCode": ROBOT,
        "msgtype": "text",
    }
    return json.dumps(message, ensure_ascii=False)


def dingtalk_request(message: str, *, secret: str = APP_SECRET) -> bytes:
    """Return the HTTP request that carries a message to the robot."""
    stamp = str(int(time.time() * 1000))
    digest = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    return _post(DINGTALK, "application/json", message.encode(), f"timestamp: {stamp}\r\nsign: {_base64(digest)}\r\n")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _post(target: str, kind: str, body: bytes, more: str = "") -> bytes:
    head = (
        f"POST {quote(target, safe='/?=&')} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{more}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
