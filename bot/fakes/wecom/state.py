"""What the fake remembers: its tokens, media, reply addresses, repeats, and what it delivered."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wechatpy.crypto.pkcs7 import PKCS7Encoder
from wechatpy.enterprise.crypto import PrpCrypto

from bot.fakes.rules import Clock
from bot.fakes.wecom.cards import Cards

TOKEN_LIFE = timedelta(seconds=7200)
LINK_LIFE = timedelta(minutes=5)  # of an AI bot's media link
MEDIA_LIFE = timedelta(days=3)
REPLY_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post that people see. `mentions` are those who really get called; `links` and `dress` what markup did."""

    at: datetime
    way: str  # "reply", "webhook", "private", "welcome"
    text: str
    chat_id: str = ""
    userids: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    dress: tuple[str, ...] = ()
    message_id: str = ""
    raw: str = field(default="", repr=False)  # the content as it was sent
    attached: str = ""  # sha256 of the picture or file


@dataclass(slots=True)
class ReplyAddress:
    """A response_url: one conversation, one use, one hour."""

    chat_id: str
    userid: str
    until: datetime
    is_used: bool = False


@dataclass(slots=True)
class State:
    """Everything that changes while the fake runs."""

    clock: Clock
    deliveries: list[Delivery] = field(default_factory=list)
    replies: dict[str, ReplyAddress] = field(default_factory=dict, repr=False)
    uploads: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)  # media id → store and name
    app_cards: Cards = field(init=False, repr=False)
    bot_cards: Cards = field(init=False, repr=False)
    _token: tuple[str, datetime] | None = field(default=None, repr=False)
    _dead_tokens: set[str] = field(default_factory=set, repr=False)
    _files: dict[str, tuple[bytes, datetime]] = field(default_factory=dict, repr=False)
    _said: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Keep the cards of the app and of the bot apart."""
        self.app_cards, self.bot_cards = Cards(self.clock), Cards(self.clock)

    def token(self) -> tuple[str, int]:
        """Return the app's token and its seconds of life; asking again within it returns the same token."""
        now = self.clock()
        if self._token is None or now >= self._token[1]:
            self._bury()
            self._token = (secrets.token_urlsafe(64), now + TOKEN_LIFE)
        return self._token[0], int((self._token[1] - now).total_seconds())

    def token_code(self, token: str) -> int:
        """Return 0 for a living token, else the platform's code: 41001 none, 42001 expired, 40014 never given."""
        if not token:
            return 41001
        if self._token is not None and token == self._token[0]:
            return 0 if self.clock() < self._token[1] else 42001
        return 42001 if token in self._dead_tokens else 40014

    def kill_token(self) -> None:
        """Let the token die early."""
        self._bury()
        self._token = None

    def open_reply(self, chat_id: str, userid: str) -> str:
        """Open a reply address for a group, or for a private chat when `chat_id` is ""; return its code."""
        code = secrets.token_urlsafe(24)
        self.replies[code] = ReplyAddress(chat_id, userid, self.clock() + REPLY_LIFE)
        return code

    def keep_link(self, data: bytes, aes_key: bytes) -> str:
        """Keep a picture encrypted as the AI bot's media are; return the name of its link."""
        padded = PKCS7Encoder.encode(data)
        return self._keep(PrpCrypto(aes_key).cipher.encrypt(padded), LINK_LIFE)

    def keep_upload(self, store: str, name: str, data: bytes) -> str:
        """Keep what was uploaded to one of the stores (the app's, or one robot's); return its media id."""
        media_id = self._keep(data, MEDIA_LIFE)
        self.uploads[media_id] = (store, name)
        return media_id

    def uploaded(self, store: str, media_id: str) -> tuple[str, bytes] | None:
        """Return name and bytes of an upload to this store, None when it knows no such id."""
        owner, name = self.uploads.get(media_id, ("", ""))
        data = self.file(media_id) if owner == store else None
        return (name, data) if data is not None else None

    def keep_media(self, data: bytes) -> str:
        """Keep a picture that somebody sent to the app; return its media id."""
        return self._keep(data, MEDIA_LIFE)

    def file(self, name: str) -> bytes | None:
        """Return the file of a link or media id, None when it is wrong or dead."""
        found = self._files.get(name)
        return found[0] if found is not None and self.clock() < found[1] else None

    def repeat(self, userid: str, content: str, interval: timedelta) -> str:
        """Return the id of the same words to the same person within the interval, else "" and remember nothing."""
        found = self._said.get((userid, content))
        return found[0] if found is not None and self.clock() < found[1] + interval else ""

    def remember(self, userid: str, content: str, message_id: str) -> None:
        """Remember what was said to whom."""
        self._said[userid, content] = (message_id, self.clock())

    def _keep(self, data: bytes, life: timedelta) -> str:
        name = secrets.token_urlsafe(24)
        self._files[name] = (data, self.clock() + life)
        return name

    def _bury(self) -> None:
        if self._token is not None:
            self._dead_tokens.add(self._token[0])
