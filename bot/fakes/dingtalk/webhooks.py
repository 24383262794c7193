"""Posts by webhook: the session of a message, and a group's own robot with its security and its twenty a minute."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import timedelta

from aiohttp import web

from bot.fakes.dingtalk.answers import BODY_BYTES, OK, Body, api_complaint, errcode, json_of, object_of, text_of
from bot.fakes.dingtalk.state import FakeGroupRobot, State
from bot.fakes.rules import Clock, Limit, SlidingLimit

PER_MINUTE = Limit(20, timedelta(minutes=1), timedelta(minutes=10))
FRESH_MS = 3_600_000


class Webhooks:
    """robots: token → robot. deliver: lets people see (way, words, chat id, user ids, who is called)."""

    def __init__(
        self,
        state: State,
        robots: Mapping[str, FakeGroupRobot],
        clock: Clock,
        deliver: Callable[[str, str, str, tuple[str, ...], tuple[str, ...]], str],
    ) -> None:
        self._state = state
        self._robots = dict(robots)
        self._clock = clock
        self._deliver = deliver
        self._limit = SlidingLimit(PER_MINUTE, clock)

    async def by_session(self, request: web.Request) -> Body:
        """Answer in the one conversation that a session webhook reaches, while it lives."""
        session = self._state.sessions.get(request.query.get("session", ""))
        if session is None:
            raise api_complaint(400, "session.notExisted")
        if self._clock() >= session.expires_at:
            raise api_complaint(400, "session.expired")
        if not self._limit.take(f"session:{session.chat_id or session.userid}"):
            raise errcode(130101, "send too fast, exceed 20 times per minute")
        text, mentions = _post(await json_of(request))
        people = (session.userid,) if session.userid else ()
        self._deliver("reply", text, session.chat_id, people, mentions)
        return OK

    async def by_group(self, request: web.Request) -> Body:
        """Post through a group's webhook robot; the same msgUuid again is one post."""
        token = request.query.get("access_token", "")
        robot = self._robots.get(token)
        if robot is None:
            raise errcode(300005, f"token is not exist: {token}")
        if robot.secret and not self._is_signed(request.query, robot.secret):
            raise errcode(310000, f"sign not match: {request.query.get('sign')}")
        body = await json_of(request)
        text, mentions = _post(body)
        if robot.keyword not in text:
            raise errcode(310000, "keywords not in content")
        uuid = text_of(body, "msgUuid")
        if self._state.is_repeat(token, uuid):
            return OK
        if not self._limit.take(token):
            raise errcode(130101, "send too fast, exceed 20 times per minute")
        self._state.remember(token, uuid)
        self._deliver("webhook", text, robot.chat_id, (), mentions)
        return OK

    def _is_signed(self, query: Mapping[str, str], secret: str) -> bool:
        timestamp = query.get("timestamp", "")
        if not timestamp.isdecimal() or abs(self._clock().timestamp() * 1000 - int(timestamp)) > FRESH_MS:
            return False
        digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
        return query.get("sign", "") == base64.b64encode(digest).decode()


def _post(body: Body) -> tuple[str, tuple[str, ...]]:
    """Return the words of a webhook's body, and whom its at block calls: only those whose `@id` stands in the words."""
    kind = text_of(body, "msgtype")
    text = text_of(object_of(body, kind), "content" if kind == "text" else "text")
    if kind not in ("text", "markdown", "actionCard", "link") or not text:
        raise errcode(400105, "unsupported msgtype")
    if len(text.encode()) > BODY_BYTES:
        raise errcode(45002, "message too long")
    listed = object_of(body, "at").get("atUserIds")
    called = [user for user in listed if isinstance(user, str)] if isinstance(listed, list) else []
    return text, tuple(user for user in called if f"@{user}" in text)
