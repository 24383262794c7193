"""What the fake remembers: its robots, tokens, sessions, pictures, monthly calls, and what it delivered."""

import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.fakes.rules import Clock

SESSION_LIFE = timedelta(minutes=90)
TOKEN_LIFE = timedelta(seconds=7200)
PICTURE_LIFE = timedelta(minutes=10)  # of a download code; the platform publishes no number
LINK_LIFE = timedelta(minutes=5)  # of the storage link behind it
CITY_ZONE = ZoneInfo("Asia/Shanghai")

_MENTION = re.compile(r"@\S")
_LINK = re.compile(r"\w+://|\bwww\.|\]\s*\(|<\s*a\b|(?<=\w)\.(?:com|cn|net|org|gov|io|top|xyz)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FakeRobot:
    """The app robot. None for groups or staff: everybody is known; otherwise only these ids are."""

    client_id: str = "dingroadchief"
    client_secret: str = field(default="roadchief-app-secret", repr=False)
    robot_code: str = "dingroadchief"
    groups: frozenset[str] | None = None
    staff: frozenset[str] | None = None
    flow_controlled: frozenset[str] = frozenset()
    filtered: frozenset[str] = frozenset()
    monthly_calls: int = 5_000
    mobiles: Mapping[str, str] = field(default_factory=dict, repr=False)  # number → user id
    lacks: frozenset[str] = frozenset()  # permissions that were not granted, by scope name


@dataclass(frozen=True, slots=True)
class FakeGroupRobot:
    """A group's webhook robot with its security: a SEC… secret, a keyword, or neither."""

    chat_id: str
    secret: str = field(default="", repr=False)
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post that people see. `mentions` are those who really get called."""

    at: datetime
    way: str  # "reply", "webhook", "openapi", "private", "ding"
    text: str
    chat_id: str = ""
    userids: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    message_id: str = ""
    attached: str = ""  # sha256 of the picture or file

    @property
    def looks_like_mention(self) -> int:
        """Return how many places a client might take for a mention, whoever wrote them."""
        return len(_MENTION.findall(self.text))

    @property
    def looks_like_link(self) -> int:
        """Return how many places a client might turn into a link."""
        return len(_LINK.findall(self.text))


@dataclass(frozen=True, slots=True)
class Session:
    """A session webhook: one conversation, until it expires. Exactly one of the two ids is set."""

    chat_id: str
    userid: str
    expires_at: datetime


@dataclass(slots=True)
class State:
    """Everything that changes while the fake runs."""

    clock: Clock
    deliveries: list[Delivery] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict, repr=False)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)  # media id → type and bytes
    storage: str | None = None  # where download links lead instead of this fake, for a storage host gone wrong
    _tokens: dict[str, datetime] = field(default_factory=dict, repr=False)
    _pictures: dict[str, tuple[bytes, datetime]] = field(default_factory=dict, repr=False)
    _links: dict[str, tuple[bytes, datetime]] = field(default_factory=dict, repr=False)
    _uuids: set[tuple[str, str]] = field(default_factory=set, repr=False)
    _calls: Counter[tuple[int, int]] = field(default_factory=Counter)

    def token(self) -> tuple[str, int]:
        """Return the app's token and its seconds of life; asking again renews the same token."""
        now = self.clock()
        living = [token for token, until in self._tokens.items() if now < until]
        token = living[0] if living else secrets.token_hex(16)
        self._tokens[token] = now + TOKEN_LIFE
        return token, int(TOKEN_LIFE.total_seconds())

    def knows_token(self, token: str) -> bool:
        """Tell whether this token lives."""
        return self.clock() < self._tokens.get(token, self.clock())

    def kill_tokens(self) -> None:
        """Let every token die early."""
        self._tokens.clear()

    def open_session(self, chat_id: str, userid: str) -> tuple[str, datetime]:
        """Open a session for a group, or for a private chat when `chat_id` is ""; return its name and end."""
        name, end = secrets.token_hex(16), self.clock() + SESSION_LIFE
        self.sessions[name] = Session(chat_id, "" if chat_id else userid, end)
        return name, end

    def keep_picture(self, data: bytes) -> str:
        """Keep a picture that somebody sent; return its download code."""
        code = secrets.token_hex(16)
        self._pictures[code] = (data, self.clock() + PICTURE_LIFE)
        return code

    def link(self, code: str) -> tuple[str, datetime] | None:
        """Turn a download code into a link name and its end; None when the code is wrong or expired."""
        found = self._pictures.get(code)
        if found is None or self.clock() >= found[1]:
            return None
        name, end = secrets.token_hex(16), self.clock() + LINK_LIFE
        self._links[name] = (found[0], end)
        return name, end

    def file(self, name: str) -> bytes | None:
        """Return the file behind a link, None when the link is wrong or expired."""
        found = self._links.get(name)
        return found[0] if found is not None and self.clock() < found[1] else None

    def is_repeat(self, robot: str, uuid: str) -> bool:
        """Tell whether this robot has posted under this msgUuid before; "" never repeats."""
        return bool(uuid) and (robot, uuid) in self._uuids

    def remember(self, robot: str, uuid: str) -> None:
        """Remember a msgUuid that was posted."""
        self._uuids.add((robot, uuid))

    def count_call(self) -> int:
        """Count one metered call and return how many this month, in the city's zone, has seen with it."""
        local = self.clock().astimezone(CITY_ZONE)
        self._calls[local.year, local.month] += 1
        return self._calls[local.year, local.month]
