"""Whom the corporation's list of people holds, by mobile number, and what looking up wrong ones costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.fakes.rules import Clock
from bot.fakes.wecom.answers import Body, Complaint, text_of

UNKNOWN, NOBODY, HIDDEN, TOO_OFTEN, BAD = 46004, 60111, 60011, 45009, 60103
LOCK = timedelta(days=1)


@dataclass(slots=True)
class Contacts:
    """mobiles: number → user id. members: whom the app sees, None = everybody. size: members the corporation may have."""

    clock: Clock
    mobiles: Mapping[str, str] = field(default_factory=dict, repr=False)
    members: frozenset[str] | None = None
    size: int = 200
    gone: frozenset[str] = frozenset()  # who has left
    _wrong: int = 0
    _locked_until: datetime | None = None

    def by_mobile(self, body: Body) -> Body:
        """Answer who has a number. More wrong ones than a fifth of the size lock the call for a day."""
        number = text_of(body, "mobile")
        if self._locked_until is not None and self.clock() < self._locked_until:
            raise Complaint(TOO_OFTEN, "api freq out of limit")
        if not 5 <= len(number.encode()) <= 32:
            raise Complaint(BAD, "invalid mobile")
        userid = self.mobiles.get(number)
        if userid is None:
            self._note_wrong()
            raise Complaint(UNKNOWN, f"user no exist {number}")
        if self.members is not None and userid not in self.members:
            raise Complaint(HIDDEN, "no privilege to access/modify contact/party/agent")
        return {"errcode": 0, "errmsg": "ok", "userid": userid}

    def member(self, userid: str) -> Body:
        """Show a member, as far as the app may see them; nobody else's mobile number is ever told."""
        if not userid or userid in self.gone:
            raise Complaint(NOBODY, "userid not found")
        if self.members is not None and userid not in self.members:
            raise Complaint(HIDDEN, "no privilege to access/modify contact/party/agent")
        return {"errcode": 0, "errmsg": "ok", "userid": userid, "name": userid, "department": [1], "status": 1}

    def _note_wrong(self) -> None:
        self._wrong += 1
        if self._wrong * 5 > self.size:
            self._wrong, self._locked_until = 0, self.clock() + LOCK
