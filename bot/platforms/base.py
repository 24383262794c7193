"""What every chat platform provides to the rest of the bot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.errors import LuzhangError
from domain.messages import (
    Capabilities,
    Card,
    Document,
    Incoming,
    Outgoing,
    PersonLost,
    Photo,
    PhotoRef,
    Receipt,
    Target,
    Undeliverable,
    Way,
)


class Refused(LuzhangError):
    """请求未通过校验。"""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status  # HTTP status: 400, 403, 405, 413 …
        self.code = code  # for the log; never shown to the caller


@dataclass(frozen=True, slots=True)
class Accepted:
    """A verified inbound request, ready for the inbox.

    `payload` is the decrypted body as text; `parse` of the same channel turns it into an Incoming later, so the edge
    does no work before it answers. `message_id` is "" for a request that needs no storing (URL verification, polling).
    """

    message_id: str
    payload: str
    answer: bytes = b""  # body of the 200
    content_type: str = "text/plain"
    is_late: bool = False  # older than the freshness window: accepted only while its id is unseen
    # of a tap: makes the body of an answer that shows the card's new face, and how long that answer may take
    redrawn: Callable[[Card], bytes] | None = field(default=None, compare=False)
    redraw_seconds: float = 0.0


class Callback(Protocol):
    """The inbound half of one channel."""

    channel: str
    path: str

    def accept(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Accepted:
        """Verify and decrypt one HTTP request. Raises Refused; never anything else, whatever the bytes."""
        ...

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming; an unknown type becomes Kind.OTHER. Raises ValueError on garbage."""
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or file as it goes out: its bytes and the name people see."""

    name: str
    body: bytes = field(repr=False)
    is_picture: bool


class Attachments(Protocol):
    """Where a client finds the bytes of what a post carries."""

    async def picture(self, photo: Photo, cap: int, target: Target) -> Attachment:
        """Return a picture as JPEG or PNG of at most `cap` bytes, as it may be shown at `target`.

        Raises Undeliverable when it cannot be shown, or not there.
        """
        ...

    async def file(self, document: Document, cap: int) -> Attachment:
        """Return a file of at most `cap` bytes. Raises Undeliverable when it is larger, or gone."""
        ...


async def attachment_of(
    outgoing: Outgoing, source: "Attachments | None", picture_cap: int, file_cap: int
) -> Attachment:
    """Return what a part of a post carries. Raises Undeliverable."""
    if source is None:
        raise Undeliverable("没有图片库，附件未发送")
    if outgoing.photos:
        return await source.picture(outgoing.photos[0], picture_cap, outgoing.target)
    return await source.file(outgoing.files[0], file_cap)


class Client(Protocol):
    """The outbound half of one platform."""

    @property
    def capabilities(self) -> Capabilities:
        """Return what the platform lets the bot see and say."""
        ...

    def ways(self, outgoing: Outgoing, now: datetime) -> tuple[Way, ...]:
        """Return the ways that could carry this post now, best first; empty when the platform has none."""
        ...

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        """Post once by this way. Raises a PlatformError subclass; secrets never stand in its text."""
        ...

    async def fetch_photo(self, ref: PhotoRef) -> bytes:
        """Download a picture at once (links die in minutes), capped at 20 MiB. Raises PlatformError."""
        ...


class NoMember(PersonLost):
    """通讯录中没有这个手机号。"""


class Contacts(Protocol):
    """A platform's list of its organisation's people, asked for one account at a time."""

    @property
    def platform(self) -> str:
        """Return the platform's code."""
        ...

    @property
    def title(self) -> str:
        """Return the platform's Chinese name."""
        ...

    async def userid_of(self, mobile: str) -> str:
        """Return the user id behind a mobile number, which appears in no error and no log.

        Raises NoMember when nobody has it, Undeliverable when this person may not be seen, Misconfigured or another
        PlatformError when no further number need be asked for.
        """
        ...
