"""The hand that writes to the bot: over the Stream gateway, or signed as the platform does and posted, once.

Nothing is delivered again: when the bot doesn't answer, the message is lost, as on the platform.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from aiohttp import web

from bot.fakes.dingtalk.gateway import Gateway
from bot.fakes.dingtalk.state import FakeRobot, State

PATIENCE = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes; `userid` is "" for an outsider."""

    userid: str = "u1001"
    name: str = "李巡"

    @property
    def sender_id(self) -> str:
        """Return the encrypted id that every message carries."""
        return f"$:LWCP_v1:${hashlib.sha256(self.name.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Pushed:
    """One message that was sent to the bot, and its answer (over Stream the ack's code); status 0 when none came."""

    at: datetime
    message_id: str
    status: int
    answer: str = ""


class Driver:
    """Writes to one bot. base: where the fake listens, for session webhooks. url: the bot's callback, "" over Stream."""

    def __init__(self, state: State, robot: FakeRobot, base: str, url: str, gateway: Gateway | None = None) -> None:
        self._state = state
        self._robot = robot
        self._base = base
        self._url = url
        self._gateway = gateway
        self.pushed: list[Pushed] = []

    async def say(
        self, text: str = "", *, person: Person = Person(), chat_id: str = "", photos: Sequence[bytes] = ()
    ) -> Pushed:
        """Send words, photos or both: into a group with the robot mentioned, or privately when `chat_id` is ""."""
        return await self.push(self.message(text, person=person, chat_id=chat_id, photos=photos))

    def message(
        self, text: str = "", *, person: Person = Person(), chat_id: str = "", photos: Sequence[bytes] = ()
    ) -> dict[str, object]:
        """Return the payload of such a message; its session and download codes live from now on."""
        return {**self._envelope(person, chat_id), **self._content(text, chat_id, photos)}

    async def push(self, message: Mapping[str, object]) -> Pushed:
        """Send any payload to the bot and note what came back."""
        status, answer = await self._sent(message)
        pushed = Pushed(self._state.clock(), str(message.get("msgId", "")), status, answer)
        self.pushed.append(pushed)
        return pushed

    async def _sent(self, message: Mapping[str, object]) -> tuple[int, str]:
        if self._gateway is not None and not self._url:
            ack = await self._gateway.message(message)
            return (ack.code, ack.data) if ack is not None else (0, "")
        timestamp = str(int(self._state.clock().timestamp() * 1000))
        secret = self._robot.client_secret
        digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
        headers = {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}
        return await _post(self._url, message, headers)

    def _envelope(self, person: Person, chat_id: str) -> dict[str, object]:
        name, end = self._state.open_session(chat_id, person.userid or person.sender_id)
        bot = "$:LWCP_v1:$bot"
        group = {
            "conversationTitle": "东片巡查群",
            "isInAtList": True,
            "atUsers": [{"dingtalkId": bot}],
        }
        return {
            "msgId": f"msg{secrets.token_hex(8)}==",
            "conversationType": "2" if chat_id else "1",
            "conversationId": chat_id or f"cid{person.sender_id[-12:]}==",
            "senderId": person.sender_id,
            "senderNick": person.name,
            **({"senderStaffId": person.userid, "senderCorpId": "dingcorp1"} if person.userid else {}),
            "chatbotUserId": bot,
            "robotCode": self._robot.robot_code,
            "createAt": int(self._state.clock().timestamp() * 1000),
            "sessionWebhook": f"{self._base}/robot/sendBySession?session={name}",
            "sessionWebhookExpiredTime": int(end.timestamp() * 1000),
            **(group if chat_id else {}),
        }

    def _content(self, text: str, chat_id: str, photos: Sequence[bytes]) -> dict[str, object]:
        pictures = [self._picture(photo) for photo in photos]
        if not pictures:
            return {"msgtype": "text", "text": {"content": f" {text}" if chat_id else text}}
        if not text and not chat_id and len(pictures) == 1:
            return {"msgtype": "picture", "content": pictures[0]}
        words: list[dict[str, str]] = [{"text": text}] if text else []
        items = [*words, *({"type": "picture", **picture} for picture in pictures)]
        return {"msgtype": "richText", "content": {"richText": items}}

    def _picture(self, photo: bytes) -> dict[str, str]:
        return {"downloadCode": self._state.keep_picture(photo), "pictureDownloadCode": secrets.token_hex(8)}


async def _post(url: str, message: Mapping[str, object], headers: Mapping[str, str]) -> tuple[int, str]:
    body = json.dumps(message, ensure_ascii=False).encode()
    known = {**headers, "Content-Type": "application/json; charset=utf-8"}
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.post(url, data=body, headers=known) as response,
        ):
            return response.status, await response.text()
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0, ""


async def order_message(
    state: State, robot: FakeRobot, base: str, order: bytes, gateway: Gateway | None = None
) -> web.Response:
    """Carry out a written order: `{"url", "text", "chat_id", "userid", "name", "photos": [base64]}`.

    All may be left out; without url the message goes over the Stream gateway, if a bot is connected. Answers with the bot's status and body; 400 says what is wrong with the order.
    """
    try:
        asked = json.loads(order)
        url, photos = (
            str(asked.get("url", "")),
            [base64.b64decode(photo, validate=True) for photo in asked.get("photos", [])],
        )
        person = Person(str(asked.get("userid", "u1001")), str(asked.get("name", "李巡")))
        text, chat_id = str(asked.get("text", "")), str(asked.get("chat_id", ""))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    if not url and not (gateway and gateway.peers):
        return web.json_response({"error": "no url, and no bot is connected to the gateway"}, status=400)
    pushed = await Driver(state, robot, base, url, gateway).say(text, person=person, chat_id=chat_id, photos=photos)
    return web.json_response({"message_id": pushed.message_id, "status": pushed.status, "answer": pushed.answer})
