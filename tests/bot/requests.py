"""Signed requests made by hand, so that a test can spoil any part of them. The crypto is wechatpy's, not ours."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from wechatpy.enterprise.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bot.fakes.dingtalk import FakeRobot
from bot.fakes.wecom import SAMPLE_APP, SAMPLE_BOT
from tests.bot.stage import DINGTALK_GROUP, ROBOT, WECOM_GROUP, Stage

BOT, APP, DINGTALK = "/callback/wecom/bot", "/callback/wecom/app", "/callback/dingtalk/robot"


@dataclass
class Request:
    path: str
    body: bytes
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"


def sealed(aes_key: str, text: str, receiveid: str = "") -> str:
    return str(PrpCrypto(base64.b64decode(aes_key + "=")).encrypt(text, receiveid).decode("ascii"))


def signature(token: str, timestamp: str, nonce: str, ciphertext: str) -> str:
    signer = WeChatSigner()
    signer.add_data(token, timestamp, nonce, ciphertext)
    return str(signer.signature)


def query(token: str, ciphertext: str, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {"msg_signature": signature(token, stamp, "n1", ciphertext), "timestamp": stamp, "nonce": "n1"}


def bot_request(
    at: datetime,
    msgid: object = "m-1",
    *,
    payload: str | None = None,
    token: str = SAMPLE_BOT.token,
    receiveid: str = "",
) -> Request:
    message = {
        "msgid": msgid,
        "aibotid": SAMPLE_BOT.bot_id,
        "chatid": WECOM_GROUP,
        "chattype": "group",
        "from": {"userid": "fang"},
        "msgtype": "text",
        "text": {"content": "@路长助手 人民路百货大楼门口占道经营"},
    }
    ciphertext = sealed(SAMPLE_BOT.aes_key, json.dumps(message) if payload is None else payload, receiveid)
    return Request(BOT, json.dumps({"encrypt": ciphertext}).encode(), query(token, ciphertext, at))


def app_request(at: datetime, *, corp_id: str = SAMPLE_APP.corp_id, agent_id: int = SAMPLE_APP.agent_id) -> Request:
    document = (
        f"<xml><ToUserName>{corp_id}</ToUserName><FromUserName>fang</FromUserName><CreateTime>1</CreateTime>"
        f"<MsgType>text</MsgType><Content>你好</Content><MsgId>77</MsgId><AgentID>{agent_id}</AgentID></xml>"
    )
    ciphertext = sealed(SAMPLE_APP.aes_key, document, corp_id)
    body = f"<xml><ToUserName>{corp_id}</ToUserName><AgentID>{agent_id}</AgentID><Encrypt>{ciphertext}</Encrypt></xml>"
    return Request(APP, body.encode(), query(SAMPLE_APP.token, ciphertext, at))


def dingtalk_request(at: datetime, *, body: bytes | None = None, robot: FakeRobot = ROBOT, **changes: Any) -> Request:
    message = {
        "msgId": "msg-1",
        "conversationType": "2",
        "conversationId": DINGTALK_GROUP,
        "senderId": "$:x",
        "senderStaffId": "fang",
        "senderNick": "方",
        "msgtype": "text",
        "text": {"content": " 人民路百货大楼门口占道经营"},
        **changes,
    }
    stamp = str(int(at.timestamp() * 1000))
    secret = robot.client_secret
    digest = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    headers = {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    return Request(DINGTALK, json.dumps(message).encode() if body is None else body, headers=headers)


async def send(stage: Stage, request: Request) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            request.method, stage.url + request.path, params=request.query, headers=request.headers, data=request.body
        ) as answer,
    ):
        return answer.status, await answer.read()
