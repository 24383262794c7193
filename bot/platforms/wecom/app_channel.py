"""Speaking through the self-built app (自建应用): to a person, to a group that the app itself made, and by changing cards.

What goes to a person is dropped by the platform when it is a repeat of the same body. A group of the app's own (应用群)
takes words and really calls people, pictures and files, but no cards, and nobody's answer comes back from it. Platform
pages: sending app messages, group chats of the app, updating template cards.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.platforms.base import Attachment
from bot.platforms.http import Answer
from bot.platforms.wecom import cards, codes
from bot.platforms.wecom.api import APPCHAT_SEND, MESSAGE_SEND, UPDATE_CARD, AppApi
from bot.platforms.wecom.capabilities import APP_GROUP_PER_MINUTE, PRIVATE_PER_MINUTE, TEXT_BYTES
from bot.platforms.wecom.errors import APP_PATH
from bot.platforms.wecom.media import Carrier
from bot.platforms.wecom.plain import cut, harmless, marked
from domain.messages import Misconfigured, Outgoing, PersonLost, Receipt, Target, Undeliverable, Way

PRIVATE, GROUP, UPDATE = "private", "appchat", "card_update"
MINUTE: Final = timedelta(minutes=1)
DUPLICATE_CHECK_S: Final = 14_400  # the longest the platform offers
_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}", re.ASCII)

Content = Mapping[str, object]


class AppChannel:
    """One app's outbound half. Raises PlatformError.

    groups: chat id → id of the same chat as the app made it. own_link: beginning of our own web addresses, kept as links.
    """

    def __init__(
        self,
        api: AppApi,
        carrier: Carrier,
        clock: Callable[[], datetime],
        *,
        groups: Mapping[str, str] | None = None,
        own_link: str = "",
    ) -> None:
        self._api = api
        self._carrier = carrier
        self._clock = clock
        self._groups = dict(groups or {})
        self._own_link = own_link

    def ways(self, target: Target, *, deduplicates: bool) -> list[Way]:
        """Return the way to a person, or to a group of the app's own."""
        if target.is_group:
            return [self._group_way()] if target.chat_id in self._groups else []
        return [self._way_to(target.userid, PRIVATE, deduplicates=deduplicates)] if target.userid else []

    def updates(self, outgoing: Outgoing) -> list[Way]:
        """Return the way to change a card: by a tap's code at once, by the sender's for the last time."""
        held = codes.codes_of(outgoing.edits)
        is_over = outgoing.card is not None and outgoing.card.is_over
        if held is None or not (held.tap or (held.sent and is_over)):
            return []
        return [self._way_to(outgoing.target.userid, UPDATE)]

    async def tell(self, outgoing: Outgoing) -> Receipt:
        """Send to one person: the card where there is one, in words where it is not taken."""
        _check(outgoing.target.userid)
        complaint = None
        if outgoing.card is not None:
            try:
                return self._with_code(outgoing, await self._tell(outgoing, cards.message(outgoing.card)))
            except PersonLost:
                raise  # words would not reach them either
            except (Undeliverable, Misconfigured) as error:
                complaint = error
        tail = _tail(outgoing.key)
        text = cut(harmless(outgoing.text, self._own_link), TEXT_BYTES - len(tail.encode())) + tail
        answer = await self._tell(outgoing, {"msgtype": "text", "text": {"content": text}})
        return replace(_arrived(answer), complaint=complaint)

    async def update(self, outgoing: Outgoing) -> Receipt:
        """Change a card that stands."""
        held = codes.codes_of(outgoing.edits)
        code, rest = held.spent() if held is not None else ("", None)
        if outgoing.card is None or held is None or not code:
            raise Undeliverable("没有可用的卡片更新码")
        payload = {
            "userids": [held.userid],
            "agentid": self._api.app.agent_id,
            "response_code": code,
            "template_card": cards.template_card(outgoing.card),
        }
        await self._api.post(UPDATE_CARD, payload)
        return Receipt(card=rest.data() if rest else "", card_until=self._clock() + codes.LIFE if rest else None)

    async def carry(self, outgoing: Outgoing) -> Receipt:
        """Bring one picture or file to a person."""
        userid = outgoing.target.userid
        _check(userid)

        async def send(content: dict[str, object]) -> Answer:
            return await self._api.post(MESSAGE_SEND, {"touser": userid, "agentid": self._api.app.agent_id, **content})

        return _arrived(await self._carrier.by_id("app", outgoing, self._upload, send))

    async def tell_group(self, outgoing: Outgoing) -> Receipt:
        """Post to a group of the app's own, calling whom the post calls."""
        content: dict[str, object] = {"content": cut(harmless(marked(outgoing), self._own_link), TEXT_BYTES)}
        if called := callable_ids(outgoing.mentions):
            content["mentioned_list"] = called
        return _received(await self._to_group(outgoing, {"msgtype": "text", "text": content}))

    async def carry_to_group(self, outgoing: Outgoing) -> Receipt:
        """Bring one picture or file to a group of the app's own."""

        async def send(content: dict[str, object]) -> Answer:
            return await self._to_group(outgoing, content)

        return _received(await self._carrier.by_id("app", outgoing, self._upload, send))

    async def _to_group(self, outgoing: Outgoing, content: Content) -> Answer:
        chat = self._groups.get(outgoing.target.chat_id)
        if chat is None:
            raise Undeliverable("该群没有配置app_chat_id")
        return await self._api.post(APPCHAT_SEND, {"chatid": chat, **content, "safe": 0})

    async def _tell(self, outgoing: Outgoing, content: Content) -> Answer:
        """Send something to one person, dropped by the platform when it is a repeat."""
        payload = {
            "touser": outgoing.target.userid,
            "agentid": self._api.app.agent_id,
            **content,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_CHECK_S,
        }
        return await self._api.post(MESSAGE_SEND, payload)

    def _with_code(self, outgoing: Outgoing, answer: Answer) -> Receipt:
        """Return the receipt of a card with the code by which it can be changed, once, within three days."""
        code = answer.text("response_code")
        handle = codes.Codes(outgoing.target.userid, sent=code).data() if code else ""
        return replace(_arrived(answer), card=handle, card_until=self._clock() + codes.LIFE if code else None)

    async def _upload(self, attachment: Attachment) -> str:
        return await self._api.with_token(lambda token: self._carrier.upload_for_app(token, attachment))

    def _way_to(self, userid: str, name: str, *, deduplicates: bool = False) -> Way:
        robot = f"wecom.app:{self._api.app.agent_id}:{userid}"
        return Way(robot, name, PRIVATE_PER_MINUTE, MINUTE, deduplicates=deduplicates)

    def _group_way(self) -> Way:
        # one limit for all groups together: somebody who sits in many of them hears every one
        return Way(f"wecom.appchat:{self._api.app.agent_id}", GROUP, APP_GROUP_PER_MINUTE, MINUTE)


def callable_ids(mentions: tuple[str, ...]) -> list[str]:
    """Return the user ids to call; never everybody, never something that is no user id."""
    return [userid for userid in mentions if _USERID.fullmatch(userid) and userid.casefold() != "all"]


def _check(userid: str) -> None:
    if not _USERID.fullmatch(userid):
        raise Undeliverable("成员账号有误，请核对人员表")


def _arrived(answer: Answer) -> Receipt:
    """Return the receipt of a private post. Raises Undeliverable when it will not reach its reader."""
    if answer.names("invaliduser"):
        raise PersonLost(f"收件人无效，请核对其是否离职，并到{APP_PATH}→可见范围添加")
    if answer.names("unlicenseduser"):
        raise PersonLost("收件人没有接口许可，请到管理后台→应用管理→接口许可分配")
    return _received(answer)


def _received(answer: Answer) -> Receipt:
    return Receipt(answer.text("msgid"))


def _tail(key: str) -> str:
    """Return eight invisible characters made of the post's key.

    The platform's duplicate check compares what is said, not which post says it: without this, an honest second answer
    with the same words (a question asked twice within hours) would be dropped like a repeat.
    """
    bits = hashlib.sha256(key.encode()).digest()[0]
    return "".join("\u200b" if bits >> place & 1 else "\u200c" for place in range(8))
