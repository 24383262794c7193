"""Speaking through a group's webhook robot (群机器人, 消息推送): it hears nothing, but really calls people.

Platform page: group webhook.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.platforms.http import Answer, Web
from bot.platforms.wecom.app_channel import callable_ids
from bot.platforms.wecom.capabilities import POSTS_PER_MINUTE, TEXT_BYTES
from bot.platforms.wecom.errors import refuse
from bot.platforms.wecom.media import Carrier
from bot.platforms.wecom.plain import cut, harmless, marked
from domain.messages import Outgoing, Receipt, Target, Undeliverable, Way

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
        key = self._keys.get(outgoing.target.chat_id)
        if key is None:
            raise Undeliverable("该群没有配置webhook_key")
        answer = await self._web.call("POST", self._url, query={"key": key}, payload=payload)
        refuse(answer)
        return answer
