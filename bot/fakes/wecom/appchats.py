"""The groups that the self-built app makes: who may be in them, and what is delivered there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.fakes.rules import Clock, Limit, SlidingLimit
from bot.fakes.wecom.answers import Body, Complaint, text_of

BAD_ID, UNKNOWN, BAD_OWNER, BAD_COUNT, BAD_MEMBER, TAKEN, NO_ROOT = 86001, 86003, 86005, 86006, 86007, 86215, 60011
FEWEST, MOST = 2, 2000
NAME = 50  # characters; a longer one is cut
MEMBER_LIMIT = Limit(200, timedelta(minutes=1))  # of posts from one app; the rest is dropped silently
_ID = re.compile(r"[0-9a-zA-Z]{1,32}")


@dataclass(frozen=True, slots=True)
class AppChat:
    """One group."""

    name: str
    owner: str
    people: tuple[str, ...]


@dataclass(slots=True)
class AppChats:
    """members: whom the app sees, None = the whole corporation, which making a group needs."""

    clock: Clock
    members: frozenset[str] | None = None
    chats: dict[str, AppChat] = field(default_factory=dict)
    _limit: SlidingLimit = field(init=False)

    def __post_init__(self) -> None:
        """Begin to count."""
        self._limit = SlidingLimit(MEMBER_LIMIT, self.clock)

    def create(self, body: Body) -> Body:
        """Make a group."""
        if self.members is not None:
            raise Complaint(NO_ROOT, "no privilege to access/modify contact/party/agent")
        chat_id, listed = text_of(body, "chatid"), body.get("userlist")
        people = tuple(dict.fromkeys(map(str, listed))) if isinstance(listed, list) else ()
        if not _ID.fullmatch(chat_id):
            raise Complaint(BAD_ID, "invalid chatid")
        if chat_id in self.chats:
            raise Complaint(TAKEN, "chatid existed")
        if not FEWEST <= len(people) <= MOST:
            raise Complaint(BAD_COUNT, "invalid chat member list size")
        if not all(people):
            raise Complaint(BAD_MEMBER, "invalid member")
        owner = text_of(body, "owner") or people[0]
        if owner not in people:
            raise Complaint(BAD_OWNER, "invalid owner")
        self.chats[chat_id] = AppChat(text_of(body, "name")[:NAME], owner, people)
        return {"errcode": 0, "errmsg": "ok", "chatid": chat_id}

    def get(self, chat_id: str) -> Body:
        """Show a group."""
        chat = self.chat(chat_id)
        info: Mapping[str, object] = {
            "chatid": chat_id,
            "name": chat.name,
            "owner": chat.owner,
            "userlist": list(chat.people),
        }
        return {"errcode": 0, "errmsg": "ok", "chat_info": info}

    def chat(self, chat_id: str) -> AppChat:
        """Return a group. Raises Complaint when this app made none of that id."""
        if not _ID.fullmatch(chat_id):
            raise Complaint(BAD_ID, "invalid chatid")
        if chat_id not in self.chats:
            raise Complaint(UNKNOWN, "chatid not exist")
        return self.chats[chat_id]

    def readers(self, chat_id: str) -> tuple[str, ...]:
        """Return who gets one more post; the sender is told nothing of the others."""
        return tuple(user for user in self.chat(chat_id).people if self._limit.take(user))
