"""Speaking through a group's webhook robot (群机器人, 消息推送): it hears nothing, but really calls people.

A ranking goes out as a real table (`markdown_v2`), which a phone shows better than a long line; in words where that form
is refused, or where somebody is to be called, which it cannot. Platform page: group webhook.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.platforms.http import Answer, Web
from bot.platforms.wecom.app_channel import callable_ids
from bot.platforms.wecom.capabilities import POSTS_PER_MINUTE, TABLE_BYTES, TEXT_BYTES
from bot.platforms.wecom.errors import form_refusal, refuse
from bot.platforms.wecom.media import Carrier
from bot.platforms.wecom.plain import cut, harmless, harmless_markdown, marked
from domain.messages import Outgoing, Receipt, Target, Undeliverable, Way
from domain.texts.tables import HEAD, table_in

WEBHOOK: Final = "webhook"
MINUTE: Final = timedelta(minutes=1)


class WebhookChannel:
    """The groups' webhooks. keys: chat id → key. own_link: beginning of our own web addresses, kept as links."""

    def __init__(self, web: Web, api: str, carrier: Carrier, keys: Mapping[str, str], own_link: str = "") -> None:
        self._web = web
        self._url = f"{api}/cgi-bin/webhook/send"
        self._carrier = carrier
        self._keys = dict(keys)
        self._own_link = own_link

    def ways(self, target: Target) -> list[Way]:
        """Return the way to a group that has a webhook."""
        if target.chat_id not in self._keys:
            return []
        return [Way(f"wecom.webhook:{target.chat_id}", WEBHOOK, POSTS_PER_MINUTE, MINUTE)]

    async def tell(self, outgoing: Outgoing) -> Receipt:
        """Post to the group, calling whom the post calls. Raises PlatformError."""
        if (drawn := self._table(outgoing)) is not None:
            answer = await self._ask(outgoing, {"msgtype": "markdown_v2", "markdown_v2": {"content": drawn}})
            if (complaint := form_refusal(answer)) is None:
                refuse(answer)
                return Receipt(answer.text("msgid"))
            return replace(await self._say(outgoing), complaint=complaint)
        return await self._say(outgoing)

    def _table(self, outgoing: Outgoing) -> str | None:
        """Return a post with its ranking as a table, None without one; nobody can be called in that form."""
        found = table_in(marked(outgoing)) if not callable_ids(outgoing.mentions) else None
        if found is None:
            return None
        lines = ["|".join(("", *(harmless_markdown(cell, self._own_link) for cell in row), "")) for row in found.rows]
        table = "\n".join(("|".join(("", *HEAD, "")), "|".join(("", *("---" for _ in HEAD), "")), *lines))
        words = (found.before, f"{found.title}：", table, found.after)
        parts = [part if part is table else harmless_markdown(part, self._own_link) for part in words if part]
        drawn = "\n\n".join(parts)
        return drawn if len(drawn.encode()) <= TABLE_BYTES else None

    async def _say(self, outgoing: Outgoing) -> Receipt:
        content: dict[str, object] = {"content": cut(harmless(marked(outgoing), self._own_link), TEXT_BYTES)}
        if called := callable_ids(outgoing.mentions):
            content["mentioned_list"] = called
        answer = await self._post(outgoing, {"msgtype": "text", "text": content})
        return Receipt(answer.text("msgid"))

    async def carry(self, outgoing: Outgoing) -> Receipt:
        """Bring one picture or file to the group. Raises PlatformError."""
        answer = await self._carrier.by_webhook(outgoing, self._keys.get(outgoing.target.chat_id, ""))
        return Receipt(answer.text("msgid"))

    async def _post(self, outgoing: Outgoing, payload: Mapping[str, object]) -> Answer:
        answer = await self._ask(outgoing, payload)
        refuse(answer)
        return answer

    async def _ask(self, outgoing: Outgoing, payload: Mapping[str, object]) -> Answer:
        key = self._keys.get(outgoing.target.chat_id)
        if key is None:
            raise Undeliverable("该群没有配置webhook_key")
        return await self._web.call("POST", self._url, query={"key": key}, payload=payload)
