"""The hand that writes to the bot and to the app: encrypts, signs and posts as the platform does.

A callback that is not answered with 200 in time is tried three times in all, with the same id, and then lost. In a
group the hand always names the bot, since nothing else would arrive; a lone picture in a group never does.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from xml.sax.saxutils import escape

import aiohttp
from aiohttp import web
from wechatpy.enterprise.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bot.fakes.wecom.cards import shown, text_of
from bot.fakes.wecom.state import Delivery, State
from bot.platforms.wecom.settings import WecomApp, WecomBot

TRIES = 3
PATIENCE = timedelta(seconds=5)
SOMEBODY = "u1001"


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that somebody quotes."""

    text: str = ""
    photos: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Pushed:
    """One message that was posted to us: the status of every try (0 = no answer) and the last answer."""

    message_id: str
    statuses: tuple[int, ...]
    answer: str = ""

    @property
    def status(self) -> int:
        """Return the status of the last try."""
        return self.statuses[-1]


@dataclass(slots=True)
class Driver:
    """Writes to our callbacks. base: where the fake listens, for media links and reply addresses."""

    state: State
    app: WecomApp
    bot: WecomBot
    base: str
    bot_url: str = ""
    app_url: str = ""
    patience: timedelta = PATIENCE
    pushed: list[Pushed] = field(default_factory=list)

    async def say(
        self,
        text: str = "",
        *,
        userid: str = SOMEBODY,
        chat_id: str = "",
        photos: Sequence[bytes] = (),
        quote: Quoted | None = None,
    ) -> Pushed:
        """Write to the bot: words, pictures or both, into a group or, when `chat_id` is "", privately."""
        return await self.push(self.message(text, userid=userid, chat_id=chat_id, photos=photos, quote=quote))

    def message(
        self,
        text: str = "",
        *,
        userid: str = SOMEBODY,
        chat_id: str = "",
        photos: Sequence[bytes] = (),
        quote: Quoted | None = None,
    ) -> dict[str, object]:
        """Return the payload of such a message; its links and its reply address live from now on."""
        if chat_id and not text:
            raise ValueError("in a group only a message that names the bot arrives")
        words = f"@{self.bot.names[0]} {text}" if chat_id and self.bot.names else text
        quoted = {"quote": self._content(quote.text, quote.photos)} if quote is not None else {}
        reply = f"{self.base}/cgi-bin/aibot/response?response_code={self.state.open_reply(chat_id, userid)}"
        return {**self._head(userid, chat_id), "response_url": reply, **self._content(words, photos), **quoted}

    async def enter(self, *, userid: str = SOMEBODY) -> Pushed:
        """Open the private chat with the bot; a greeting that comes back is noted as delivered."""
        pushed = await self.push(self._event(userid, "", {"eventtype": "enter_chat"}))
        if pushed.status == 200 and pushed.answer:
            self._note_greeting(userid, pushed.answer)
        return pushed

    async def tap(self, key: str, *, userid: str = SOMEBODY, chat_id: str = "", task_id: str = "case-1_1") -> Pushed:
        """Tap a button of a card."""
        card = {"card_type": "button_interaction", "event_key": key, "task_id": task_id}
        pushed = await self.push(
            self._event(userid, chat_id, {"eventtype": "template_card_event", "template_card_event": card})
        )
        if pushed.status == 200 and pushed.answer:
            self._note_redrawn(chat_id, userid, pushed.answer)
        return pushed

    async def push(self, message: Mapping[str, object]) -> Pushed:
        """Post any payload to the bot's callback."""
        ciphertext = _encrypted(self.bot.aes_key, json.dumps(message, ensure_ascii=False), "")
        body = json.dumps({"encrypt": ciphertext}).encode()
        return await self._post(self.bot_url, self.bot.token, ciphertext, body, str(message.get("msgid", "")))

    async def tell_app(self, text: str, *, userid: str = SOMEBODY) -> Pushed:
        """Write words to the app."""
        return await self.push_app(userid, "text", {"Content": text})

    async def photo_to_app(self, photo: bytes, *, userid: str = SOMEBODY) -> Pushed:
        """Send a picture to the app."""
        media_id = self.state.keep_media(photo)
        return await self.push_app(userid, "image", {"PicUrl": f"{self.base}/pic/0", "MediaId": media_id})

    async def place_to_app(self, longitude: float, latitude: float, label: str, *, userid: str = SOMEBODY) -> Pushed:
        """Send a place to the app; the platform's X is the latitude."""
        place = {"Location_X": str(latitude), "Location_Y": str(longitude), "Scale": "15", "Label": label}
        return await self.push_app(userid, "location", {**place, "AppType": "wxwork"})

    async def tap_app(self, key: str, *, userid: str = SOMEBODY, task_id: str = "case-1_1", option: str = "") -> Pushed:
        """Tap a button of one of the app's cards, or choose an option and send it off."""
        code = self.state.app_cards.new_code(task_id)
        kind = "vote_interaction" if option else "button_interaction"
        fields = {"Event": "template_card_event", "EventKey": key, "TaskId": task_id, "CardType": kind}
        chosen = (
            "<SelectedItems><SelectedItem><QuestionKey>choice</QuestionKey><OptionIds>"
            f"<OptionId>{escape(option)}</OptionId></OptionIds></SelectedItem></SelectedItems>"
        )
        return await self.push_app(userid, "event", {**fields, "ResponseCode": code}, chosen if option else "")

    async def push_app(self, userid: str, msgtype: str, fields: Mapping[str, str], more: str = "") -> Pushed:
        """Post any message or event to the app's callback."""
        message_id = "" if msgtype == "event" else str(secrets.randbits(62))
        known = {
            "ToUserName": self.app.corp_id,
            "FromUserName": userid,
            "CreateTime": self._stamp(),
            "MsgType": msgtype,
        }
        rest = {"MsgId": message_id} if message_id else {}
        document = _xml({**known, **fields, **rest, "AgentID": str(self.app.agent_id)})
        document = document.removesuffix("</xml>") + more + "</xml>"
        ciphertext = _encrypted(self.app.aes_key, document, self.app.corp_id)
        envelope = {"ToUserName": self.app.corp_id, "AgentID": str(self.app.agent_id), "Encrypt": ciphertext}
        return await self._post(self.app_url, self.app.token, ciphertext, _xml(envelope).encode(), message_id)

    def _head(self, userid: str, chat_id: str) -> dict[str, object]:
        place = {"chatid": chat_id, "chattype": "group"} if chat_id else {"chattype": "single"}
        return {"msgid": secrets.token_urlsafe(18), "aibotid": self.bot.bot_id, **place, "from": {"userid": userid}}

    def _event(self, userid: str, chat_id: str, event: Mapping[str, object]) -> dict[str, object]:
        return {**self._head(userid, chat_id), "create_time": int(self._stamp()), "msgtype": "event", "event": event}

    def _content(self, text: str, photos: Sequence[bytes]) -> dict[str, object]:
        pictures: list[dict[str, object]] = [{"msgtype": "image", "image": self._picture(photo)} for photo in photos]
        words: list[dict[str, object]] = (
            [{"msgtype": "text", "text": {"content": text}}] if text or not pictures else []
        )
        items = [*words, *pictures]
        return items[0] if len(items) == 1 else {"msgtype": "mixed", "mixed": {"msg_item": items}}

    def _picture(self, photo: bytes) -> dict[str, str]:
        name = self.state.keep_link(photo, base64.b64decode(self.bot.aes_key + "="))
        return {"url": f"{self.base}/media/{name}"}

    def _note_redrawn(self, chat_id: str, userid: str, answer: str) -> None:
        sealed = json.loads(answer)["encrypt"]
        said = json.loads(PrpCrypto(base64.b64decode(self.bot.aes_key + "=")).decrypt(sealed, ""))
        card = said.get("template_card") if said.get("response_type") == "update_template_card" else None
        if self.state.bot_cards.problem(card, is_update=True) == 0:
            people = () if chat_id else (userid,)
            post = Delivery(self.state.clock(), "update", text_of(card), chat_id, people, raw=shown(card))
            self.state.deliveries.append(post)

    def _note_greeting(self, userid: str, answer: str) -> None:
        sealed = json.loads(answer)["encrypt"]
        greeting = json.loads(PrpCrypto(base64.b64decode(self.bot.aes_key + "=")).decrypt(sealed, ""))
        words = greeting["text"]["content"]
        self.state.deliveries.append(Delivery(self.state.clock(), "welcome", words, userids=(userid,), raw=words))

    def _stamp(self) -> str:
        return str(int(self.state.clock().timestamp()))

    async def _post(self, url: str, token: str, ciphertext: str, body: bytes, message_id: str) -> Pushed:
        timestamp, nonce = self._stamp(), secrets.token_urlsafe(8)
        signer = WeChatSigner()
        signer.add_data(token, timestamp, nonce, ciphertext)
        query = {"msg_signature": str(signer.signature), "timestamp": timestamp, "nonce": nonce}
        statuses: list[int] = []
        answer = ""
        while len(statuses) < TRIES and 200 not in statuses:
            status, answer = await _post_once(url, query, body, self.patience)
            statuses.append(status)
        pushed = Pushed(message_id, tuple(statuses), answer)
        self.pushed.append(pushed)
        return pushed


def _encrypted(aes_key: str, text: str, receiveid: str) -> str:
    sealed: bytes = PrpCrypto(base64.b64decode(aes_key + "=")).encrypt(text, receiveid)
    return sealed.decode("ascii")


def _xml(fields: Mapping[str, str]) -> str:
    return "<xml>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items()) + "</xml>"


async def _post_once(url: str, query: Mapping[str, str], body: bytes, patience: timedelta) -> tuple[int, str]:
    timeout = aiohttp.ClientTimeout(total=patience.total_seconds())
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, params=query, data=body, allow_redirects=False) as response,
        ):
            return response.status, await response.text()
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0, ""


async def order_message(order: bytes, hand: Callable[[str], Driver], live: Driver) -> web.Response:
    """Carry out a written order: `{"url", "channel": "bot"|"app"|"live", "text", "chat_id", "userid", "photos"}`.

    photos: base64. hand: makes the hand that writes to an address; live: writes over the long connection, without url.
    All else may be left out. Answers with the statuses of the tries and the last body; 400 says what is wrong.
    """
    try:
        asked = json.loads(order)
        channel = str(asked.get("channel", "bot"))
        driver = live if channel == "live" else hand(str(asked["url"]))
        photos = [base64.b64decode(photo, validate=True) for photo in asked.get("photos", [])]
        text, chat_id = str(asked.get("text", "")), str(asked.get("chat_id", ""))
        userid = str(asked.get("userid", SOMEBODY))
        if channel == "app":
            pushed = await (
                driver.photo_to_app(photos[0], userid=userid) if photos else driver.tell_app(text, userid=userid)
            )
        else:
            pushed = await driver.say(text, userid=userid, chat_id=chat_id, photos=photos)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    return web.json_response({"message_id": pushed.message_id, "statuses": pushed.statuses, "answer": pushed.answer})
