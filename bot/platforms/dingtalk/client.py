"""Posts to DingTalk and fetches pictures from it (platform page, "Tokens and media" and "Sending").

A group post goes out by the session webhook while it answers a message, then by the group's own webhook, then by the
OpenAPI, which counts against the organisation's monthly calls and can call nobody with an @.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from yarl import URL

from bot.platforms.base import Attachments
from bot.platforms.dingtalk import cards
from bot.platforms.dingtalk.api import LegacyApi, OpenApi, masked, utc_now
from bot.platforms.dingtalk.callback import sign
from bot.platforms.dingtalk.capabilities import CAPABILITIES, POSTS_PER_MINUTE, TEXT_BYTES
from bot.platforms.dingtalk.errors import CardStands, lost_person, webhook_error
from bot.platforms.dingtalk.handles import Session, picture_code, session_of
from bot.platforms.dingtalk.media import MediaStore
from bot.platforms.dingtalk.settings import CardSettings, DingtalkRobot, GroupWebhook
from bot.platforms.dingtalk.text import compose, is_staff, mentionable
from bot.platforms.http import FileHosts, Web
from domain.messages import (
    Card,
    HandleSpent,
    Misconfigured,
    OutcomeUnknown,
    Outgoing,
    PhotoRef,
    PlatformError,
    Receipt,
    TokenDead,
    Undeliverable,
    Way,
)

GROUP_SEND = "/v1.0/robot/groupMessages/send"
PRIVATE_SEND = "/v1.0/robot/oToMessages/batchSend"
DING_SEND = "/v1.0/robot/ding/send"
RING_IN_APP = 1
DOWNLOAD = "/v1.0/robot/messageFiles/download"
CARD = "/v1.0/card/instances"
CARD_SEND = "/v1.0/card/instances/createAndDeliver"
CARD_REGISTER = "/v1.0/card/callbacks/register"
CARD_PAUSE = timedelta(hours=1)  # without cards after their permission or template was refused
MAX_PHOTO_BYTES = 20 * 1024 * 1024
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
# Two fewer than the platform allows: its minute is measured where our posts arrive, and an excess costs ten minutes.
WEBHOOK_POSTS = POSTS_PER_MINUTE - 2
API_CALLS_PER_SECOND = 20  # of one app to one API, standard edition
LAST_MOMENT = timedelta(seconds=10)  # a session that ends sooner may be over when the post arrives
SESSION_HOSTS = frozenset({"oapi.dingtalk.com", "oapi.dingtalk.io"})


class DingtalkClient:
    """Outbound half of DingTalk. webhooks: chat_id → webhook. link_base: our public address, the only live links.

    on_metered: told of each call that counts against the organisation's month. has_room: whether one that nobody waits
    for may still be made. can_ring: people may be called (DING).
    """

    def __init__(
        self,
        robot: DingtalkRobot,
        webhooks: Mapping[str, GroupWebhook],
        web: Web,
        *,
        clock: Callable[[], datetime] = utc_now,
        link_base: str = "",
        attachments: Attachments | None = None,
        on_metered: Callable[[], None] = lambda: None,
        can_ring: bool = False,
        has_room: Callable[[], bool] = lambda: True,
        card_settings: CardSettings = CardSettings(),  # noqa: B008 - frozen
    ) -> None:
        known = replace(
            CAPABILITIES,
            buttons=bool(card_settings.template) or card_settings.has_links,
            edits=bool(card_settings.template),
        )
        known = replace(known, rings=can_ring)
        self.capabilities = known if webhooks else replace(known, group_push="openapi", real_mention=False)
        self._cards = card_settings
        self._has_room = has_room
        self._no_cards_until: datetime | None = None
        self._is_registered = False
        self._robot = robot
        self._webhooks = dict(webhooks)
        self._web = web
        self._clock = clock
        self._link_base = link_base
        self._api = OpenApi(robot, web, clock, on_metered)
        self._media = MediaStore(LegacyApi(robot, web, clock), attachments, clock)

    def ways(self, outgoing: Outgoing, now: datetime) -> tuple[Way, ...]:
        """Return the ways that could carry this post now, best first; empty when there is none."""
        target = outgoing.target
        if target.platform != self.capabilities.platform:
            return ()
        if outgoing.rings:
            is_open = self._api.has_quota(now) and is_staff(target.userid)
            return (Way(f"dingtalk.ding:{self._robot.code}", "ding", API_CALLS_PER_SECOND, SECOND),) if is_open else ()
        if outgoing.edits:
            may_change = self._cards.template and self._api.has_quota(now) and self._has_room()
            robot = f"dingtalk.card:{self._robot.code}"
            return (Way(robot, "card", API_CALLS_PER_SECOND, SECOND),) if may_change else ()
        if outgoing.photos and outgoing.is_attachment and not self._has_room():
            return ()
        found = []
        speaks = not outgoing.is_attachment  # webhooks carry words alone
        if speaks and self._open_session(outgoing, now) is not None:
            found.append(Way(f"dingtalk.reply:{target.chat_id or target.userid}", "reply", WEBHOOK_POSTS, MINUTE))
        if speaks and target.chat_id in self._webhooks:
            robot = f"dingtalk.webhook:{target.chat_id}"
            found.append(Way(robot, "webhook", WEBHOOK_POSTS, MINUTE, deduplicates=True))
        if self._api.has_quota(now) and (target.is_group or is_staff(target.userid)):
            name = "openapi" if target.is_group else "private"
            found.append(Way(f"dingtalk.{name}:{self._robot.code}", name, API_CALLS_PER_SECOND, SECOND))
        return tuple(found)

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        """Post once by this way. Raises a PlatformError subclass; secrets never stand in its text."""
        if outgoing.edits:
            return await self._change(outgoing)
        if outgoing.card is None or not cards.fits_template(outgoing.card) or not self._shows_cards():
            return await self._say(outgoing, way)
        try:
            return await self._show(outgoing, outgoing.card)
        except (Undeliverable, Misconfigured) as complaint:
            if isinstance(complaint, Misconfigured):
                self._no_cards_until = self._clock() + CARD_PAUSE
            return replace(await self._say(outgoing, way), complaint=complaint)

    def _shows_cards(self) -> bool:
        is_paused = self._no_cards_until is not None and self._clock() < self._no_cards_until
        return bool(self._cards.template) and not is_paused and self._api.has_quota(self._clock()) and self._has_room()

    async def _show(self, outgoing: Outgoing, card: Card) -> Receipt:
        """Create a card and deliver it. Raises PlatformError; one that stands already is as good as sent."""
        await self._register()
        pairs = zip(outgoing.mentions, outgoing.mention_names, strict=False)
        called = {userid: name for userid, name in pairs if is_staff(userid)} if outgoing.target.is_group else {}
        template, over_http = self._cards.template, bool(self._cards.callback)
        body = cards.instance(card, outgoing, template, self._robot.code, called, over_http=over_http)
        handle = Receipt(card.thread, card=json.dumps({"card": card.thread}))
        try:
            answer = await self._api.call(CARD_SEND, body)
        except CardStands:
            return handle
        if problem := cards.undelivered(answer.body):
            raise Undeliverable(f"卡片未送达（{problem}）")
        return handle

    async def _change(self, outgoing: Outgoing) -> Receipt:
        """Change a card that stands. Raises PlatformError."""
        if outgoing.card is None:
            raise Undeliverable("没有卡片内容")
        await self._api.call(CARD, cards.update(outgoing.card), is_repeatable=True, method="PUT")
        return Receipt(outgoing.card.thread, card=outgoing.edits)

    async def _register(self) -> None:
        """Tell the platform where taps go, once for each start, where they come over HTTP."""
        if self._is_registered or not self._cards.callback:
            return
        asked = {
            "callbackRouteKey": cards.ROUTE,
            "callbackUrl": self._cards.callback,
            "apiSecret": cards.secret_of(self._robot.client_secret),
            "forceUpdate": True,
        }
        await self._api.call(CARD_REGISTER, asked, is_repeatable=True)
        self._is_registered = True

    async def _say(self, outgoing: Outgoing, way: Way) -> Receipt:
        """Post once in words by this way. Raises PlatformError."""
        match way.name:
            case "reply":
                return await self._reply(outgoing, way)
            case "webhook":
                return await self._by_webhook(outgoing, way)
            case "openapi" | "private":
                return await self._by_api(outgoing, way)
            case "ding":
                return await self._ding(outgoing, way)
            case _:
                raise Undeliverable(f"钉钉没有这种发送方式：{way.name}")

    async def fetch_photo(self, ref: PhotoRef) -> bytes:
        """Download a picture at once (links die in minutes), capped at 20 MiB. Raises PlatformError."""
        try:
            picture = picture_code(ref)
        except ValueError:
            raise Undeliverable("图片凭证无法识别") from None
        asked = {"downloadCode": picture.download_code, "robotCode": picture.robot_code or self._robot.code}
        answer = await self._api.call(DOWNLOAD, asked, is_repeatable=True)
        hosts = FileHosts(self._robot.api_base, suffixes=("",))  # the storage host varies: any public one
        url = _secured(answer.text("downloadUrl"), hosts)
        return (await self._web.fetch_file(url, hosts, MAX_PHOTO_BYTES)).body

    def _open_session(self, outgoing: Outgoing, now: datetime) -> Session | None:
        """Return the session that answers in exactly the target's conversation, while it lives."""
        if outgoing.reply is None or outgoing.reply.expires_at - LAST_MOMENT <= now:
            return None
        try:
            session = session_of(outgoing.reply)
        except ValueError:
            return None
        target = outgoing.target
        is_there = session.chat_id == target.chat_id and (target.is_group or session.sender == target.userid)
        return session if is_there and self._is_platform(session.webhook) else None

    def _is_platform(self, webhook: str) -> bool:
        """Tell whether an address that a message brought is the platform's: the body of a callback is not signed."""
        try:
            url, base = URL(webhook), URL(self._robot.oapi_base)
            if url.user is not None or url.password is not None:
                return False
            return url.origin() == base.origin() or (
                url.scheme == "https" and url.port == 443 and url.raw_host in SESSION_HOSTS
            )
        except ValueError:
            return False

    async def _reply(self, outgoing: Outgoing, way: Way) -> Receipt:
        session = self._open_session(outgoing, self._clock())
        if session is None:
            raise HandleSpent
        answer = await self._web.call("POST", session.webhook, payload=self._text_body(outgoing, way))
        error = webhook_error(masked(answer.body, (session.webhook, *URL(session.webhook).query.values())))
        if isinstance(error, Misconfigured | TokenDead) or type(error) is PlatformError:
            # Whatever is wrong with a session, the other ways don't suffer from it.
            raise HandleSpent(error.text)
        if error is not None:
            raise error
        return Receipt()

    async def _by_webhook(self, outgoing: Outgoing, way: Way) -> Receipt:
        webhook = self._webhooks.get(outgoing.target.chat_id)
        if webhook is None:
            raise Undeliverable("该群没有配置Webhook")
        query = {"access_token": webhook.token}
        if webhook.secret:
            timestamp = str(int(self._clock().timestamp() * 1000))
            query |= {"timestamp": timestamp, "sign": sign(webhook.secret, timestamp)}
        body = {**self._body(outgoing, way), "msgUuid": _idempotency_key(outgoing.key)}
        answer = await self._web.call("POST", f"{self._robot.oapi_base}/robot/send", query=query, payload=body)
        error = webhook_error(masked(answer.body, tuple(query.values())))
        if isinstance(error, TokenDead):
            raise Misconfigured(f"群Webhook的access_token无效，请更新配置（{error.text}）")
        if error is not None:
            raise error
        return Receipt()

    def _body(self, outgoing: Outgoing, way: Way) -> dict[str, object]:
        """Return a webhook's message: with buttons where the post has choices that speak, else plain words."""
        buttons = self._links(outgoing)
        if not buttons or outgoing.card is None:
            return self._text_body(outgoing, way)
        called = mentionable(outgoing) if outgoing.target.is_group else ()
        text = cards.as_markdown(self._text(outgoing, way, called))
        listed = [{"title": label, "actionURL": address} for label, address in buttons]
        card = {"title": outgoing.card.title, "text": text, "btnOrientation": "0", "btns": listed}
        return {"msgtype": "actionCard", "actionCard": card, "at": {"atUserIds": list(called), "isAtAll": False}}

    def _links(self, outgoing: Outgoing) -> list[tuple[str, str]]:
        return cards.links(outgoing.card) if outgoing.card is not None and self._cards.has_links else []

    def _text_body(self, outgoing: Outgoing, way: Way) -> dict[str, object]:
        called = mentionable(outgoing) if outgoing.target.is_group else ()
        text = self._text(outgoing, way, called)
        return {"msgtype": "text", "text": {"content": text}, "at": {"atUserIds": list(called), "isAtAll": False}}

    def _text(self, outgoing: Outgoing, way: Way, called: Sequence[str]) -> str:
        is_marked = outgoing.is_resend and not way.deduplicates
        return compose(outgoing, size=TEXT_BYTES, called=called, is_marked=is_marked, link_base=self._link_base)

    async def _by_api(self, outgoing: Outgoing, way: Way) -> Receipt:
        target = outgoing.target
        key, param = await self._message(outgoing, way)
        text = json.dumps(param, ensure_ascii=False)
        body: dict[str, object] = {"robotCode": self._robot.code, "msgKey": key, "msgParam": text}
        if target.is_group:
            answer = await self._api.call(GROUP_SEND, {**body, "openConversationId": target.chat_id})
        else:
            answer = await self._api.call(PRIVATE_SEND, {**body, "userIds": [target.userid]})
        if (lost := lost_person(answer.body, target.userid)) is not None:
            raise lost
        if not answer.text("processQueryKey"):
            raise OutcomeUnknown("钉钉未返回消息标识")
        return Receipt(answer.text("processQueryKey"))

    async def _ding(self, outgoing: Outgoing, way: Way) -> Receipt:
        """Call a person inside the app; by SMS or telephone would cost money that nobody has granted."""
        text = self._text(outgoing, way, ())
        body = {"robotCode": self._robot.code, "remindType": RING_IN_APP, "content": text}
        answer = await self._api.call(DING_SEND, {**body, "receiverUserIdList": [outgoing.target.userid]})
        failed = answer.body.get("failedList")
        if isinstance(failed, dict) and any(outgoing.target.userid in users for users in failed.values() if users):
            raise Undeliverable("钉钉没有DING到对方")
        return Receipt(answer.text("openDingId"))

    async def _message(self, outgoing: Outgoing, way: Way) -> tuple[str, dict[str, str]]:
        """Return kind and parameters of a robot message."""
        if outgoing.is_attachment:
            return await self._media.message(outgoing)
        text, buttons = self._text(outgoing, way, ()), self._links(outgoing)
        if outgoing.card is None or not buttons:
            return "sampleText", {"content": text}
        shown = {"title": outgoing.card.title, "text": cards.as_markdown(text)}
        if len(buttons) == 1:
            return "sampleActionCard", {**shown, "singleTitle": buttons[0][0], "singleURL": buttons[0][1]}
        for place, (label, address) in enumerate(buttons, 1):
            shown |= {f"actionTitle{place}": label, f"actionURL{place}": address}
        return f"sampleActionCard{len(buttons)}", shown


def _idempotency_key(key: str) -> str:
    """Return the key as the platform takes it: a long one is replaced by its fingerprint."""
    return key if len(key) <= 64 and key.isascii() else hashlib.sha256(key.encode()).hexdigest()


def _secured(url: str, hosts: FileHosts) -> str:
    """Return a storage link over https: some are handed out over http, and their signature leaves the scheme out."""
    try:
        is_rehearsal = hosts.is_rehearsal(URL(url))
    except ValueError:
        return url
    return url if is_rehearsal or not url.startswith("http://") else "https://" + url.removeprefix("http://")
