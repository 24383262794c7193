"""The outbound half of WeCom: how a post leaves, and how a picture comes in.

First an answer to the message that the post answers. Then, with a long connection, the bot speaks of its own accord
(`bot_channel`). Then, in a group, its webhook (`webhook_channel`), then the app where the app made the group; to a
person the app (`app_channel`). A group post that calls somebody goes to these first, for the bot calls nobody. Platform
pages: AI bot reply address, fetching media.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from yarl import URL

from bot.platforms.base import Attachments
from bot.platforms.http import FileHosts, Web
from bot.platforms.wecom import cards
from bot.platforms.wecom.api import AppApi, json_object
from bot.platforms.wecom.app_channel import GROUP, PRIVATE, UPDATE, AppChannel, callable_ids
from bot.platforms.wecom.bot_channel import LAST_REPLY, PUSH, REPLY, BotChannel
from bot.platforms.wecom.capabilities import (
    CAPABILITIES,
    REPLIES_PER_MINUTE,
    REPLY_BYTES,
)
from bot.platforms.wecom.crypto import decrypt_media
from bot.platforms.wecom.errors import form_refusal, refuse
from bot.platforms.wecom.media import Carrier
from bot.platforms.wecom.plain import cut, harmless_markdown, with_names
from bot.platforms.wecom.settings import API_BASE, WecomApp, WecomBot
from bot.platforms.wecom.webhook_channel import WEBHOOK, WebhookChannel
from domain.messages import (
    HandleSpent,
    Outgoing,
    PhotoRef,
    Receipt,
    ReplyHandle,
    Target,
    Undeliverable,
    Way,
)

MINUTE = timedelta(minutes=1)
PHOTO_CAP = 20 << 20  # bytes
PADDING = 32  # bytes that the encryption may add
FILE_SUFFIXES = (".myqcloud.com", ".qpic.cn", ".weixin.qq.com")

Sender = Callable[[Outgoing], Awaitable[Receipt]]


class WecomClient:
    """Posts to WeCom and fetches its pictures. Raises PlatformError subclasses alone; no secret stands in their text.

    channel: the bot's long connection, None in callback mode. webhooks: chat id → key of that group's webhook.
    app_groups: chat id → the id under which the app made that group. own_link: beginning of our own web addresses, kept
    as links.
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
        app_groups: Mapping[str, str] | None = None,
        own_link: str = "",
        attachments: Attachments | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._web = web
        self._api = api_base.rstrip("/")
        self._bot = bot
        self._channel = channel
        self._clock = clock
        self._own_link = own_link
        self._hosts = FileHosts(self._api, suffixes=FILE_SUFFIXES)
        self._carrier = Carrier(web, self._api, attachments, clock)
        self._webhooks = WebhookChannel(web, self._api, self._carrier, webhooks or {}, own_link)
        self._app_api = AppApi(web, self._api, app, clock) if app is not None else None
        self._app = self._app_channel(app_groups or {})
        self._senders: dict[str, Sender] = {
            REPLY: self._send_reply,
            WEBHOOK: self._webhooks.tell,
            PUSH: self._push,
            LAST_REPLY: self._answer_last,
        }
        self._carriers: dict[str, Sender] = {
            WEBHOOK: self._webhooks.carry,
            PUSH: self._carry_by_push,
            LAST_REPLY: self._carry_as_answer,
        }
        if self._app is not None:
            self._senders |= {PRIVATE: self._app.tell, GROUP: self._app.tell_group, UPDATE: self._app.update}
            self._carriers |= {PRIVATE: self._app.carry, GROUP: self._app.carry_to_group}

    def _app_channel(self, groups: Mapping[str, str]) -> AppChannel | None:
        if self._app_api is None:
            return None
        return AppChannel(self._app_api, self._carrier, self._clock, groups=groups, own_link=self._own_link)

    def ways(self, outgoing: Outgoing, now: datetime) -> tuple[Way, ...]:
        """Return the ways that could carry this post now, best first; empty when there is none."""
        target = outgoing.target
        if target.platform != CAPABILITIES.platform:
            return ()
        if outgoing.edits:
            return tuple(self._app.updates(outgoing) if self._app is not None else ())
        answers, pushes = self._answers(outgoing, now), self._pushes(outgoing, now)
        others = self._others(target, deduplicates=not outgoing.is_attachment)
        if others and (not self._is_line_live() or (target.is_group and callable_ids(outgoing.mentions))):
            # whoever is called hears it through the webhook or the app; and a dead line is no way while there is another
            pushes, others = others, (pushes if self._is_line_live() else [])
        found = (*answers, *pushes, *others)
        return found or tuple(self._channel.last_resort(outgoing) if self._channel is not None else ())

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
        """Return the ways that need no bot: a group's webhook, then the app."""
        found = self._webhooks.ways(target)
        return found + (self._app.ways(target, deduplicates=deduplicates) if self._app is not None else [])

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
            if self._app_api is None:
                raise Undeliverable("没有配置自建应用")
            return (await self._app_api.media(media_id, PHOTO_CAP)).body
        raise Undeliverable("图片信息不完整，请重新发送")

    async def _send_reply(self, outgoing: Outgoing) -> Receipt:
        if self._channel is not None and outgoing.reply is not None:
            return await self._channel.answer(outgoing, _handle(outgoing.reply.data), self._clock())
        url = self._reply_url(outgoing.reply, outgoing.target) if outgoing.reply is not None else ""
        if not url:
            raise HandleSpent("没有可用的回复地址")
        complaint = None
        if outgoing.card is not None:
            answer = await self._web.call("POST", url, payload=cards.message(outgoing.card))
            if (complaint := form_refusal(answer)) is None:
                refuse(answer, is_reply=True)
                return Receipt(answer.text("msgid"))
        # whether a refused form has used the address up is not printed: then it answers so, and the next way is taken
        text = cut(harmless_markdown(with_names(outgoing), self._own_link), REPLY_BYTES)
        answer = await self._web.call("POST", url, payload={"msgtype": "markdown", "markdown": {"content": text}})
        refuse(answer, is_reply=True)
        return Receipt(answer.text("msgid"), complaint=complaint)

    async def _push(self, outgoing: Outgoing) -> Receipt:
        return await self._living().push(outgoing)

    async def _answer_last(self, outgoing: Outgoing) -> Receipt:
        return await self._living().answer_last(outgoing, self._clock())

    def _living(self) -> BotChannel:
        if self._channel is None:
            raise Undeliverable("没有配置长连接")
        return self._channel

    async def _carry_by_push(self, outgoing: Outgoing) -> Receipt:
        return await self._living().carry(self._carrier, outgoing)

    async def _carry_as_answer(self, outgoing: Outgoing) -> Receipt:
        return await self._living().carry(self._carrier, outgoing, now=self._clock())

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


def _handle(text: str) -> Mapping[str, str]:
    """Return the text fields of an opaque handle; empty when it is none of ours."""
    return {key: value for key, value in json_object(text).items() if isinstance(value, str)}
