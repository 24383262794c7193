"""The outbound half of WeCom: how a post leaves, and how a picture comes in.

First an answer to the message that the post answers. Then, with a long connection, the bot speaks of its own accord
(`bot_channel`). Then, in a group, its webhook, which alone really calls people; to a person the self-built app, whose
duplicate check drops a repeat of the same body. A group post that calls somebody goes to the webhook first. Platform pages: AI bot reply address, group webhook, sending app messages, fetching media.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from yarl import URL

from bot.platforms.base import Attachment, Attachments
from bot.platforms.http import Answer, File, FileHosts, Web
from bot.platforms.wecom import cards, codes
from bot.platforms.wecom.bot_channel import LAST_REPLY, PUSH, REPLY, BotChannel
from bot.platforms.wecom.capabilities import (
    CAPABILITIES,
    POSTS_PER_MINUTE,
    PRIVATE_PER_MINUTE,
    REPLIES_PER_MINUTE,
    REPLY_BYTES,
    TEXT_BYTES,
)
from bot.platforms.wecom.crypto import decrypt_media
from bot.platforms.wecom.errors import refuse
from bot.platforms.wecom.media import Carrier
from bot.platforms.wecom.plain import cut, harmless, harmless_markdown, marked, with_names
from bot.platforms.wecom.settings import API_BASE, WecomApp, WecomBot
from bot.platforms.wecom.token import TokenKeeper
from domain.messages import (
    HandleSpent,
    Misconfigured,
    Outgoing,
    PhotoRef,
    Receipt,
    ReplyHandle,
    Target,
    TokenDead,
    Undeliverable,
    Way,
)

Result = TypeVar("Result")

UPDATE_CARD = "card_update"
MINUTE = timedelta(minutes=1)
PHOTO_CAP = 20 << 20  # bytes
PADDING = 32  # bytes that the encryption may add
DUPLICATE_CHECK_S = 14_400  # the longest the platform offers
FILE_SUFFIXES = (".myqcloud.com", ".qpic.cn", ".weixin.qq.com")
REPLY_PATH = "/cgi-bin/aibot/response"
_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}", re.ASCII)


class WecomClient:
    """Posts to WeCom and fetches its pictures. Raises PlatformError subclasses alone; no secret stands in their text.

    channel: the bot's long connection, None in callback mode. webhooks: chat id → key of that group's webhook. own_link: beginning of our own web addresses, kept as links.
    """

    capabilities = CAPABILITIES

    def __init__(
        self,
        web: Web,
        *,
        api_base: str = API_BASE,
        app: WecomApp | None = None,
        bot: WecomBot | None = None,
        channel: BotChannel | None = None,
        webhooks: Mapping[str, str] | None = None,
        own_link: str = "",
        attachments: Attachments | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._web = web
        self._api = api_base.rstrip("/")
        self._app = app
        self._bot = bot
        self._channel = channel
        self._clock = clock
        self._webhooks = dict(webhooks or {})
        self._own_link = own_link
        self._tokens = TokenKeeper(web, self._api, app, clock) if app is not None else None
        self._hosts = FileHosts(self._api, suffixes=FILE_SUFFIXES)
        self._senders: Mapping[str, Callable[[Outgoing], Awaitable[Receipt]]] = {
            REPLY: self._send_reply,
            "webhook": self._send_webhook,
            "private": self._send_private,
            PUSH: self._push,
            LAST_REPLY: self._answer_last,
            UPDATE_CARD: self._update_card,
        }
        self._carrier = Carrier(web, self._api, attachments, clock)
        self._carriers: Mapping[str, Callable[[Outgoing], Awaitable[Receipt]]] = {
            "webhook": self._carry_by_webhook,
            "private": self._carry_private,
            PUSH: self._carry_by_push,
            LAST_REPLY: self._carry_as_answer,
        }

    def ways(self, outgoing: Outgoing, now: datetime) -> tuple[Way, ...]:
        """Return the ways that could carry this post now, best first; empty when there is none."""
        target = outgoing.target
        if target.platform != CAPABILITIES.platform:
            return ()
        if outgoing.edits:
            return self._updates(outgoing)
        answers, pushes = self._answers(outgoing, now), self._pushes(outgoing, now)
        others = self._others(target, deduplicates=not outgoing.is_attachment)
        if others and (not self._is_line_live() or (target.is_group and _called(outgoing.mentions))):
            # whoever is called hears it through the webhook alone; and a dead line is no way while there is another
            pushes, others = others, (pushes if self._is_line_live() else [])
        found = (*answers, *pushes, *others)
        return found or tuple(self._channel.last_resort(outgoing) if self._channel is not None else ())

    def _updates(self, outgoing: Outgoing) -> tuple[Way, ...]:
        """Return the way to change a card of the app: by a tap's code at once, by the sender's for the last time."""
        held = codes.codes_of(outgoing.edits)
        is_over = outgoing.card is not None and outgoing.card.is_over
        if self._app is None or held is None or not (held.tap or (held.sent and is_over)):
            return ()
        robot = f"wecom.app:{self._app.agent_id}:{outgoing.target.userid}"
        return (Way(robot, UPDATE_CARD, PRIVATE_PER_MINUTE, MINUTE),)

    def _answers(self, outgoing: Outgoing, now: datetime) -> list[Way]:
        if outgoing.reply is None or outgoing.is_attachment or now >= outgoing.reply.expires_at:
            return []
        if self._channel is not None:
            return self._channel.answers(outgoing, _handle(outgoing.reply.data), now)
        if not self._reply_url(outgoing.reply, outgoing.target):
            return []
        place = outgoing.target.chat_id or outgoing.target.userid
        return [Way(f"wecom.bot:{place}", REPLY, REPLIES_PER_MINUTE, MINUTE)]

    def _pushes(self, outgoing: Outgoing, now: datetime) -> list[Way]:
        return self._channel.pushes(outgoing, now) if self._channel is not None else []

    def _is_line_live(self) -> bool:
        return self._channel is not None and self._channel.is_live

    def _others(self, target: Target, *, deduplicates: bool) -> list[Way]:
        """Return the ways that need no bot: a group's webhook, or the app to a person."""
        if target.is_group:
            is_ours = target.chat_id in self._webhooks
            return [Way(f"wecom.webhook:{target.chat_id}", "webhook", POSTS_PER_MINUTE, MINUTE)] if is_ours else []
        if not target.userid or self._app is None:
            return []
        robot = f"wecom.app:{self._app.agent_id}:{target.userid}"
        return [Way(robot, "private", PRIVATE_PER_MINUTE, MINUTE, deduplicates=deduplicates)]

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        """Post once by this way. Raises PlatformError."""
        sender = (self._carriers if outgoing.is_attachment else self._senders).get(way.name)
        if sender is None:
            raise Undeliverable(f"企业微信没有“{way.name}”这条发送途径")
        return await sender(outgoing)

    async def fetch_photo(self, ref: PhotoRef) -> bytes:
        """Download a picture: an AI bot's link (encrypted, dead after 5 minutes) or a media id.

        Raises PlatformError.
        """
        handle = _handle(ref.handle)
        if url := handle.get("url"):
            key = handle.get("aes_key") or (self._bot.aes_key if self._bot is not None else "")
            file = await self._web.fetch_file(url, self._hosts, PHOTO_CAP + PADDING)
            return await asyncio.to_thread(decrypt_media, file.body, key)
        if media_id := handle.get("media_id"):
            return (await self._with_token(lambda token: self._media(token, media_id))).body
        raise Undeliverable("图片信息不完整，请重新发送")

    async def _send_reply(self, outgoing: Outgoing) -> Receipt:
        if self._channel is not None and outgoing.reply is not None:
            return await self._channel.answer(outgoing, _handle(outgoing.reply.data), self._clock())
        url = self._reply_url(outgoing.reply, outgoing.target) if outgoing.reply is not None else ""
        if not url:
            raise HandleSpent("没有可用的回复地址")
        text = cut(harmless_markdown(with_names(outgoing), self._own_link), REPLY_BYTES)
        answer = await self._web.call("POST", url, payload={"msgtype": "markdown", "markdown": {"content": text}})
        refuse(answer, is_reply=True)
        return Receipt(answer.text("msgid"))

    async def _push(self, outgoing: Outgoing) -> Receipt:
        return await self._living().push(outgoing)

    async def _answer_last(self, outgoing: Outgoing) -> Receipt:
        return await self._living().answer_last(outgoing, self._clock())

    def _living(self) -> BotChannel:
        if self._channel is None:
            raise Undeliverable("没有配置长连接")
        return self._channel

    async def _send_webhook(self, outgoing: Outgoing) -> Receipt:
        key = self._webhooks.get(outgoing.target.chat_id)
        if key is None:
            raise Undeliverable("该群没有配置webhook_key")
        content: dict[str, object] = {"content": cut(harmless(marked(outgoing), self._own_link), TEXT_BYTES)}
        if called := _called(outgoing.mentions):
            content["mentioned_list"] = called
        url = f"{self._api}/cgi-bin/webhook/send"
        answer = await self._web.call("POST", url, query={"key": key}, payload={"msgtype": "text", "text": content})
        refuse(answer)
        return Receipt(answer.text("msgid"))

    async def _send_private(self, outgoing: Outgoing) -> Receipt:
        if self._app is None or not _USERID.fullmatch(outgoing.target.userid):
            raise Undeliverable("没有可私聊该成员的自建应用，或成员账号有误")
        complaint = None
        if outgoing.card is not None:
            try:
                return self._with_code(outgoing, await self._tell(outgoing, cards.message(outgoing.card)))
            except (Undeliverable, Misconfigured) as error:
                complaint = error
        tail = _tail(outgoing.key)
        text = cut(harmless(outgoing.text, self._own_link), TEXT_BYTES - len(tail.encode())) + tail
        answer = await self._tell(outgoing, {"msgtype": "text", "text": {"content": text}})
        return replace(self._arrived(answer), complaint=complaint)

    async def _tell(self, outgoing: Outgoing, content: Mapping[str, object]) -> Answer:
        """Send something to one person, dropped by the platform when it is a repeat. Raises PlatformError."""
        payload = {
            "touser": outgoing.target.userid,
            "agentid": self._app.agent_id if self._app is not None else 0,
            **content,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_CHECK_S,
        }
        return await self._with_token(lambda token: self._message_send(token, payload))

    def _with_code(self, outgoing: Outgoing, answer: Answer) -> Receipt:
        """Return the receipt of a card with the code by which it can be changed, once, within three days."""
        code = answer.text("response_code")
        handle = codes.Codes(outgoing.target.userid, sent=code).data() if code else ""
        return replace(self._arrived(answer), card=handle, card_until=self._clock() + codes.LIFE if code else None)

    async def _update_card(self, outgoing: Outgoing) -> Receipt:
        held = codes.codes_of(outgoing.edits)
        code, rest = held.spent() if held is not None else ("", None)
        if self._app is None or outgoing.card is None or held is None or not code:
            raise Undeliverable("没有可用的卡片更新码")
        payload = {
            "userids": [held.userid],
            "agentid": self._app.agent_id,
            "response_code": code,
            "template_card": cards.template_card(outgoing.card),
        }

        async def update(token: str) -> Answer:
            url = f"{self._api}/cgi-bin/message/update_template_card"
            answer = await self._web.call("POST", url, query={"access_token": token}, payload=payload)
            refuse(answer)
            return answer

        await self._with_token(update)
        return Receipt(card=rest.data() if rest else "", card_until=self._clock() + codes.LIFE if rest else None)

    @staticmethod
    def _arrived(answer: Answer) -> Receipt:
        """Return the receipt of a private post. Raises Undeliverable when it will not reach its reader."""
        if answer.names("invaliduser"):
            raise Undeliverable("收件人无效，请核对其是否离职、是否在应用可见范围内")
        if answer.names("unlicenseduser"):
            raise Undeliverable("收件人没有接口许可，请到管理后台→应用管理→接口许可分配")
        return Receipt(answer.text("msgid"))

    async def _carry_by_webhook(self, outgoing: Outgoing) -> Receipt:
        answer = await self._carrier.by_webhook(outgoing, self._webhooks.get(outgoing.target.chat_id, ""))
        return Receipt(answer.text("msgid"))

    async def _carry_private(self, outgoing: Outgoing) -> Receipt:
        app, userid = self._app, outgoing.target.userid
        if app is None or not _USERID.fullmatch(userid):
            raise Undeliverable("没有可私聊该成员的自建应用，或成员账号有误")

        async def upload(attachment: Attachment) -> str:
            return await self._with_token(lambda token: self._carrier.upload_for_app(token, attachment))

        async def send(content: dict[str, object]) -> Answer:
            payload = {"touser": userid, "agentid": app.agent_id, **content}
            return await self._with_token(lambda token: self._message_send(token, payload))

        return self._arrived(await self._carrier.by_id("app", outgoing, upload, send))

    async def _carry_by_push(self, outgoing: Outgoing) -> Receipt:
        return await self._living().carry(self._carrier, outgoing)

    async def _carry_as_answer(self, outgoing: Outgoing) -> Receipt:
        return await self._living().carry(self._carrier, outgoing, now=self._clock())

    async def _message_send(self, token: str, payload: object) -> Answer:
        url = f"{self._api}/cgi-bin/message/send"
        answer = await self._web.call("POST", url, query={"access_token": token}, payload=payload)
        refuse(answer)
        return answer

    async def _media(self, token: str, media_id: str) -> File:
        """Fetch a media file; the platform reports errors as JSON with status 200."""
        query = {"access_token": token, "media_id": media_id}
        file = await self._web.download(f"{self._api}/cgi-bin/media/get", cap=PHOTO_CAP, query=query)
        said = _json(file.body) if file.body.startswith(b"{") else {}
        if "errcode" in said:
            refuse(Answer(200, said))
        return file

    async def _with_token(self, call: Callable[[str], Awaitable[Result]]) -> Result:
        """Make a call with the app's token; when that died early, once more with a new one."""
        if self._tokens is None:
            raise Undeliverable("没有配置自建应用")
        token = await self._tokens.get()
        try:
            return await call(token)
        except TokenDead:
            self._tokens.drop(token)
        return await call(await self._tokens.get())

    def _reply_url(self, reply: ReplyHandle, target: Target) -> str:
        """Return a reply address that belongs to this chat and to the platform, else ""."""
        handle = _handle(reply.data)
        url, place = handle.get("url", ""), handle.get("chat_id", "")
        # chat ids differ by case alone; user ids come back from some interfaces in lower case
        is_here = place == target.chat_id if target.is_group else place.casefold() == target.userid.casefold()
        return url if place and is_here and self._is_reply_address(url) else ""

    def _is_reply_address(self, url: str) -> bool:
        """Tell whether an address is one of the platform's own: it stood in a message, so it is not taken on trust."""
        try:
            parsed, base = URL(url, encoded=True), URL(self._api)
        except ValueError:
            return False
        is_api = (parsed.scheme, parsed.raw_host, parsed.port) == (base.scheme, base.raw_host, base.port)
        return parsed.user is None and (is_api or self._hosts.allows(parsed))


def _called(mentions: tuple[str, ...]) -> list[str]:
    """Return the user ids to call; never everybody, never something that is no user id."""
    return [userid for userid in mentions if _USERID.fullmatch(userid) and userid.casefold() != "all"]


def _tail(key: str) -> str:
    """Return eight invisible characters made of the post's key.

    The platform's duplicate check compares what is said, not which post says it: without this, an honest second answer
    with the same words (a question asked twice within hours) would be dropped like a repeat.
    """
    bits = hashlib.sha256(key.encode()).digest()[0]
    return "".join("\u200b" if bits >> place & 1 else "\u200c" for place in range(8))


def _handle(text: str) -> Mapping[str, str]:
    """Return the text fields of an opaque handle; empty when it is none of ours."""
    return {key: value for key, value in _json(text).items() if isinstance(value, str)}


def _json(text: str | bytes) -> Mapping[str, object]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
