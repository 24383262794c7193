"""Posts of the self-built app to persons: who is reached, repeats that are dropped, cards and the codes that change them."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from bot.fakes.rules import Clock, Limit, SlidingLimit
from bot.fakes.wecom import cards, media
from bot.fakes.wecom.answers import Body, Complaint, words
from bot.fakes.wecom.posting import Posting
from bot.fakes.wecom.state import Delivery, State

MEMBER_LIMIT = Limit(30, timedelta(minutes=1))


class Persons:
    """members: whom the app reaches, None = everybody. refuses_cards: the code with which cards are refused, 0 = none."""

    def __init__(
        self,
        state: State,
        posting: Posting,
        clock: Clock,
        agent_id: int,
        members: frozenset[str] | None,
        refuses_cards: Callable[[], int],
    ) -> None:
        self._state = state
        self._posting = posting
        self._clock = clock
        self._agent_id = agent_id
        self._members = members
        self.refuses_cards = refuses_cards
        self._member_limit = SlidingLimit(MEMBER_LIMIT, clock)

    def send(self, body: Body) -> Body:
        """Send to members; who is not reached is named, and nobody at all is an error."""
        if body.get("agentid") != self._agent_id:
            raise Complaint(301002)
        if body.get("msgtype") == "template_card":
            return self._card(body)
        attached = self._posting.attached("app", body, is_webhook=False)
        msgtype, content = (str(body["msgtype"]), attached.text) if attached else words(body, "private")
        asked = [user for user in str(body.get("touser", "")).split("|") if user]
        known = [user for user in asked if self._members is None or user in self._members]
        if not known:
            raise Complaint(81013, "user & party & tag all invalid")
        interval = _duplicate_interval(body)
        message_id = secrets.token_hex(16)
        for user in known:
            message_id = self._to_person(user, msgtype, content, interval, message_id, attached)
        invalid = "|".join(user.lower() for user in asked if user not in known)
        return {"errcode": 0, "errmsg": "ok", "invaliduser": invalid, "msgid": message_id}

    def update_card(self, body: Body) -> Body:
        """Change a card by a code, which is used up."""
        card, users = body.get("template_card"), body.get("userids")
        if problem := self._state.app_cards.problem(card, is_update=True):
            raise Complaint(problem)
        if not self._state.app_cards.spend(str(body.get("response_code", ""))):
            raise Complaint(cards.BAD_CODE, "response_code used or expired")
        people = tuple(map(str, users)) if isinstance(users, list) else ()
        self._state.deliveries.append(
            Delivery(self._clock(), "update", cards.text_of(card), userids=people, raw=cards.shown(card))
        )
        return {"errcode": 0, "errmsg": "ok", "invaliduser": []}

    def _card(self, body: Body) -> Body:
        """Show a card; the answer brings the code that changes it once."""
        card, user = body.get("template_card"), str(body.get("touser", ""))
        if self._members is not None and user not in self._members:
            raise Complaint(81013, "user & party & tag all invalid")
        interval = _duplicate_interval(body)
        said = cards.shown(card)
        if interval and (earlier := self._state.repeat(user, said, interval)):
            return {"errcode": 0, "errmsg": "ok", "msgid": earlier}
        if problem := self.refuses_cards() or self._state.app_cards.problem(card):
            raise Complaint(problem)
        message_id = secrets.token_hex(16)
        self._state.remember(user, said, message_id)
        self._state.deliveries.append(
            Delivery(self._clock(), "card", cards.text_of(card), userids=(user,), message_id=message_id, raw=said)
        )
        task_id = str(card.get("task_id")) if isinstance(card, dict) else ""
        return {
            "errcode": 0,
            "errmsg": "ok",
            "msgid": message_id,
            "response_code": self._state.app_cards.new_code(task_id),
        }

    def _to_person(
        self,
        user: str,
        msgtype: str,
        content: str,
        interval: timedelta,
        message_id: str,
        attached: media.Shown | None,
    ) -> str:
        """Deliver to one member, unless it is a repeat or one too many; neither is told to the sender."""
        if interval and (earlier := self._state.repeat(user, content, interval)):
            return earlier
        if self._member_limit.take(user):
            self._state.remember(user, content, message_id)
            self._posting.deliver(
                "private", msgtype, content, userids=(user,), message_id=message_id, attached=attached
            )
        return message_id


def _duplicate_interval(body: Body) -> timedelta:
    if body.get("enable_duplicate_check") != 1:
        return timedelta(0)
    seconds = body.get("duplicate_check_interval", 1800)
    if not isinstance(seconds, int) or not 0 <= seconds <= 14_400:
        raise Complaint(40058, "duplicate_check_interval")
    return timedelta(seconds=seconds)
