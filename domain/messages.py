"""The neutral model of chat: what comes in, what goes out, and what a platform can carry.

Nothing here names a platform's wire format; the platform's own folder under `bot/platforms` translates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import LuzhangError


class Kind(StrEnum):
    """What one inbound message is made of, as the sender's client composed it."""

    TEXT = "text"
    PHOTO = "photo"  # one or more pictures without a word
    MIXED = "mixed"  # pictures and words in one message (图文混排)
    VOICE = "voice"  # speech already turned into text by the platform
    LOCATION = "location"
    CHOICE = "choice"  # a button was tapped
    FILE = "file"
    VIDEO = "video"
    ENTERED = "entered"  # somebody opened the private chat with the bot
    RECALLED = "recalled"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """A picture that the platform holds: `handle` is opaque JSON text that only the platform's folder reads."""

    handle: str


class Look(StrEnum):
    """How a picture of a post is shown; values are stored, never renamed."""

    PHOTO = ""  # somebody's photograph: as it is where cases are handled, as the copy that may leave elsewhere
    MADE = "made"  # drawn by us, a table or before and after: as it is
    COPY = "copy"  # the copy that would leave, with its parts numbered, for whoever decides on it


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that we hold, stored as `<sha256>.<ext>` in the media folder."""

    sha256: str
    ext: str  # jpg, png, webp or heic, from the bytes, never from a name
    size: int  # bytes
    width: int = 0  # pixels; 0 when the header was not read
    height: int = 0
    look: Look = Look.PHOTO

    @property
    def name(self) -> str:
        """Return the file's name in the media folder."""
        return f"{self.sha256}.{self.ext}"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that we made and hold, stored as `<sha256>.<ext>` in the media folder."""

    sha256: str
    ext: str  # docx, xlsx …
    size: int  # bytes
    title: str  # the name people see, with its extension

    @property
    def name(self) -> str:
        """Return the file's name in the media folder."""
        return f"{self.sha256}.{self.ext}"


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that the sender quoted (引用), as far as the platform delivers it."""

    text: str = ""
    message_id: str = ""
    photos: tuple[PhotoRef, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyHandle:
    """A way to answer this one message (response_url, sessionWebhook): opaque JSON text and its end of life."""

    data: str
    expires_at: datetime  # aware UTC
    uses: int  # how often it may be used; 0 = without limit until it expires


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from a person to the bot, in neutral words."""

    platform: str  # "wecom" | "dingtalk": the name space of `sender`
    channel: str  # row of PLATFORMS that received it: "wecom.bot", "wecom.app", "dingtalk.robot"
    message_id: str  # the platform's id: repeated ids have no second effect
    chat_id: str  # case-sensitive; in a private chat the sender's own id
    is_group: bool
    sender: str  # the platform's user id, the only source of identity
    received_at: datetime  # aware UTC, our clock when the edge accepted it
    kind: Kind
    text: str = ""  # the bot's own name removed
    photos: tuple[PhotoRef, ...] = ()
    quote: Quote | None = None
    choice: str = ""  # key of the button that was tapped
    card: str = ""  # thread of the card it stands on
    card_handle: ReplyHandle | None = None  # a way to change that card, which the tap brought
    sender_name: str = ""
    sender_is_outsider: bool = False  # no organisation-wide id: cannot be recognised as a chief
    sent_at: datetime | None = None  # the platform's own time, where it says one
    reply: ReplyHandle | None = None
    coordinates: tuple[float, float] | None = None  # (longitude, latitude), GCJ-02 as phones in China give it
    photo_may_be_missing: bool = False  # the platform drops a photo sent beside this message


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a person may tap, or give by its digit (1-based position)."""

    key: str
    label: str
    says: str = ""  # what a tap says on a channel whose buttons can only speak words for the person


@dataclass(frozen=True, slots=True)
class Card:
    """A case at a glance, with the buttons that are valid now; the platform's folder draws it.

    thread: stands in every tap and is unique for ever (digits, letters, - and _). `rows` are (at most 5 characters, at
    most 26 characters), six at most. `is_over`: whoever holds the card has nothing more to do.
    """

    thread: str
    title: str  # at most 26 characters
    note: str = ""  # at most 30 characters
    rows: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    hint: str = ""  # one line of advice
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where a post goes: a group or one person, by the platform's own ids."""

    platform: str
    chat_id: str = ""  # a group
    userid: str = ""  # a person, in private

    @property
    def is_group(self) -> bool:
        """Tell whether this is a group."""
        return bool(self.chat_id)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One post, as the outbox hands it to a platform. A retry is byte-identical but for `is_resend`."""

    key: str  # idempotency key, unique for ever
    target: Target
    text: str  # Chinese, `\n` between lines, no markup
    choices: tuple[Choice, ...] = ()
    mentions: tuple[str, ...] = ()  # platform user ids to @ where the channel can, "" for who has none
    mention_names: tuple[str, ...] = ()  # the same people by name, one for one, where it cannot
    photos: tuple[Photo, ...] = ()
    files: tuple[Document, ...] = ()
    card: Card | None = None  # the same content as a card, where the channel has one
    edits: str = ""  # handle of a card that stands: it is changed into `card`, and nothing is posted
    reply: ReplyHandle | None = None  # the message this answers, while its handle lives
    is_resend: bool = False  # an earlier try may have arrived: marked 补发 where the channel cannot deduplicate

    rings: bool = False  # to call the person, not to post

    @property
    def is_attachment(self) -> bool:
        """Tell whether this is the part of a post that carries one picture or file and no words."""
        return not self.text and bool(self.photos or self.files)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to carry a post: the robot whose limit it uses up, and that limit."""

    robot: str  # stable id of the limited thing, without secrets: "wecom.webhook:东关群"
    name: str  # "reply" | "webhook" | "private" | "openapi" …
    limit: int  # posts …
    window: timedelta  # … in any window of this length
    deduplicates: bool = False  # the platform drops a byte-identical repeat
    also: tuple[tuple[int, timedelta], ...] = ()  # further limits that hold at the same time, each (posts, window)

    @property
    def limits(self) -> tuple[tuple[int, timedelta], ...]:
        """Return every limit of the robot as (posts, window)."""
        return ((self.limit, self.window), *self.also)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform took the post.

    card: opaque handle by which the card that it shows can be changed later, "" where it cannot. complaint: why it was
    carried in a plainer form than asked.
    """

    platform_message_id: str = ""
    card: str = ""
    card_until: datetime | None = None  # the handle's end of life; None = without
    complaint: "PlatformError | None" = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fact of a platform that people should be told, in Chinese."""

    reason: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one platform lets the bot see and say: frozen data, written once in `capabilities.py` of its folder.

    `group_inbound` and `private_inbound` hold the kinds that arrive; `mention_needed` says that a group message
    reaches the bot only when it names the bot. `unseen` gives the reason, in Chinese, for each kind that does not arrive.
    """

    platform: str
    title: str  # 企业微信, 钉钉
    group_inbound: frozenset[Kind]
    private_inbound: frozenset[Kind]
    mention_needed: bool
    quote_brings_photo: bool
    group_push: str  # "webhook" | "openapi" | "" : how an unprompted group post can go out
    real_mention: bool  # somebody is really called by an @ in a group post
    buttons: bool  # answers by tapping; digits work everywhere
    edits: bool  # a sent post can be changed
    text_bytes: int  # longest text of one post, in UTF-8 bytes
    posts_per_minute: int  # per robot
    file_types: frozenset[str] = frozenset()
    rings: bool = False  # a person can be called so that it cannot be overlooked (钉钉的 DING)
    unseen: Mapping[str, str] = field(default_factory=dict)

    def inbound_refusal(self, kind: Kind, *, is_group: bool, mentions_bot: bool) -> Refusal | None:
        """Return why this platform would not deliver such a message to the bot, or None when it would."""
        if is_group and self.mention_needed and not mentions_bot and kind is not Kind.CHOICE:
            return Refusal(self.unseen["unmentioned"])
        if kind not in (self.group_inbound if is_group else self.private_inbound):
            return Refusal(self.unseen[f"{'group' if is_group else 'private'}:{kind.value}"])
        return None


class PlatformError(LuzhangError):
    """平台拒绝了这条消息。"""

    retry_after: timedelta | None = None


class PlatformUnreachable(PlatformError):
    """平台暂时无法访问：连接在请求发出之前失败，可以重试。"""


class OutcomeUnknown(PlatformError):
    """请求已发出但没有得到答复：可能已送达，重试须标明补发。"""


class RateLimited(PlatformError):
    """平台限流，整个机器人须暂停一段时间。"""


class TokenDead(PlatformError):
    """访问凭证失效，须刷新后重试一次。"""


class Misconfigured(PlatformError):
    """平台侧配置或权限有问题，须由管理员处理，重试无用。"""


class Undeliverable(PlatformError):
    """这条消息永远无法这样送达（人不在、群解散、内容被拒），须换路或放弃。"""


class PersonLost(Undeliverable):
    """平台送不到这个人（已离职、不在可见范围内、没有许可），须由管理员处理；别的路仍可试。"""


class HandleSpent(Undeliverable):
    """回复句柄已用完或过期，须换一条路。"""


@dataclass(frozen=True, slots=True)
class ChatRoom:
    """A bound chat (群) with its purpose in the scheme."""

    name: str
    platform: str
    chat_id: str
    purpose: str  # "work" | "seat" | "office" | "leadership" | "ops"
    scope: str = ""  # a township's name, or "" for the whole city
