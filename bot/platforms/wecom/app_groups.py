"""Groups that the self-built app makes (应用群): made under an id of our own choosing, and looked at.

The app must be visible to the whole corporation (根部门). Platform page: 创建群聊会话, 获取群聊会话.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.platforms.wecom.api import APPCHAT_CREATE, APPCHAT_GET, APPCHAT_SEND, AppApi
from bot.platforms.wecom.errors import APP_PATH, OutOfRange
from domain.messages import Misconfigured, Undeliverable

LONGEST_NAME: Final = 50  # characters
ROOT: Final = f"应用的可见范围须是整个企业（根部门）才能建群，请到{APP_PATH}→可见范围设置"


@dataclass(frozen=True, slots=True)
class AppGroup:
    """A group as the platform has it."""

    chat_id: str
    name: str
    people: int


def id_of(name: str, corp_id: str) -> str:
    """Return the id of a group of this name: the same for ever, so that making it again makes no second one."""
    return f"lz{hashlib.sha256(f'{corp_id}:{name}'.encode()).hexdigest()[:28]}"


class AppGroups:
    """The groups of one app. Raises PlatformError."""

    def __init__(self, api: AppApi) -> None:
        self._api = api

    async def look(self, chat_id: str) -> AppGroup:
        """Return a group of this app. Raises Undeliverable when there is none, or another app made it."""
        answer = await self._api.get(APPCHAT_GET, {"chatid": chat_id})
        told = answer.body.get("chat_info")
        info = told if isinstance(told, dict) else {}
        people = info.get("userlist")
        return AppGroup(chat_id, str(info.get("name") or ""), len(people) if isinstance(people, list) else 0)

    async def make(self, name: str, owner: str, people: Sequence[str]) -> tuple[AppGroup, bool]:
        """Make a group, or return the one of this name; and whether it is new. owner and people: user ids."""
        chat_id = id_of(name, self._api.app.corp_id)
        try:
            return await self.look(chat_id), False
        except Undeliverable:
            pass
        asked = {"name": name[:LONGEST_NAME], "owner": owner, "userlist": list(people), "chatid": chat_id}
        try:
            await self._api.post(APPCHAT_CREATE, asked)
        except OutOfRange:
            raise Misconfigured(ROOT) from None
        return AppGroup(chat_id, name, len(people)), True

    async def say(self, chat_id: str, text: str) -> None:
        """Post plain words of ours: some clients show a group only after its first message."""
        await self._api.post(APPCHAT_SEND, {"chatid": chat_id, "msgtype": "text", "text": {"content": text}, "safe": 0})
