"""The simulated platform: real inbound payloads through the real inbox, posts kept in a list that a page can read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from domain.messages import (
    Capabilities,
    Card,
    Incoming,
    Kind,
    Outgoing,
    PhotoRef,
    Quote,
    Receipt,
    Refusal,
    Undeliverable,
    Way,
)

PLATFORM = "simulated"
CHANNEL = "simulated"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody typed, sent or tapped on the simulated client."""

    message_id: str
    chat_id: str  # a group; in private the sender's own id
    is_group: bool
    sender: str
    text: str = ""
    photos: tuple[str, ...] = ()  # names of uploads
    quote: str = ""  # text of the quoted message
    quote_photos: tuple[str, ...] = ()
    choice: str = ""
    card: str = ""  # thread of the card whose button was tapped
    sender_name: str = ""
    recalls: str = ""  # id of the message that is taken back
    coordinates: tuple[float, float] | None = None  # GCJ-02

    @property
    def kind(self) -> Kind:
        """Return what a real client would have made of it."""
        if self.recalls:
            return Kind.RECALLED
        if self.coordinates:
            return Kind.LOCATION
        if self.choice:
            return Kind.CHOICE
        if self.photos:
            return Kind.MIXED if self.text else Kind.PHOTO
        return Kind.TEXT

    def payload(self) -> str:
        """Return the stored form."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """A post as it arrived on the simulated client."""

    number: int
    at: datetime
    outgoing: Outgoing
    way: str


class Parser:
    """Reads the stored form back."""

    def __init__(self, worn: Callable[[], Capabilities]) -> None:
        self._worn = worn

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Return the neutral message."""
        raw: Mapping[str, Any] = json.loads(payload)
        said = Said(**{**raw, "photos": tuple(raw["photos"]), "quote_photos": tuple(raw["quote_photos"])})
        has_quote = bool(said.quote or said.quote_photos or said.recalls)
        return Incoming(
            platform=PLATFORM,
            channel=CHANNEL,
            message_id=said.message_id,
            chat_id=said.chat_id,
            is_group=said.is_group,
            sender=said.sender,
            received_at=received_at,
            kind=said.kind,
            text=said.text,
            photos=tuple(PhotoRef(name) for name in said.photos),
            quote=Quote(said.quote, said.recalls, tuple(PhotoRef(n) for n in said.quote_photos)) if has_quote else None,
            coordinates=(said.coordinates[0], said.coordinates[1]) if said.coordinates else None,
            choice=said.choice,
            card=said.card,
            sender_name=said.sender_name,
            photo_may_be_missing=said.is_group and not said.photos and not said.quote_photos and self._drops_photos(),
        )

    def _drops_photos(self) -> bool:
        return Kind.PHOTO not in self._worn().group_inbound


@dataclass
class Simulated:
    """Both halves of the platform. `worn` is the real platform whose rules hold now."""

    worn: Capabilities
    clock: Callable[[], datetime]
    posted: list[Posted] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    listeners: list[Callable[[Posted], None]] = field(default_factory=list)
    turned: list[Callable[[Posted], None]] = field(default_factory=list)  # told of cards that changed

    @property
    def capabilities(self) -> Capabilities:
        """Return the capabilities that the platform wears."""
        return self.worn

    @property
    def parser(self) -> Parser:
        """Return the reader of stored payloads."""
        return Parser(lambda: self.worn)

    def refusal(self, said: Said, *, mentions_bot: bool) -> Refusal | None:
        """Return why the worn platform would not deliver this, or None."""
        return self.worn.inbound_refusal(said.kind, is_group=said.is_group, mentions_bot=mentions_bot)

    def ways(self, outgoing: Outgoing, now: datetime) -> tuple[Way, ...]:
        """Return the one way there is, with the worn platform's limit; none to change a card where nothing changes."""
        if outgoing.edits and not self.worn.edits:
            return ()
        place = outgoing.target.chat_id or outgoing.target.userid
        return (Way(f"simulated:{place}", "simulated", self.worn.posts_per_minute, MINUTE, deduplicates=True),)

    async def send(self, outgoing: Outgoing, way: Way) -> Receipt:
        """Keep the post, or change the card that stands, and tell whoever watches."""
        if outgoing.edits and outgoing.card is not None:
            self.turn(outgoing.card)
            return Receipt(card=outgoing.edits)
        if not self.worn.buttons:
            outgoing = replace(outgoing, card=None)
        post = Posted(len(self.posted) + 1, self.clock(), outgoing, way.name)
        self.posted.append(post)
        for listener in self.listeners:
            listener(post)
        can_change = outgoing.card is not None and self.worn.edits
        return Receipt(f"sim-{post.number}", card=f"sim-{post.number}" if can_change else "")

    def turn(self, card: Card) -> None:
        """Show a card's new face, in place."""
        for place, post in enumerate(self.posted):
            if post.outgoing.card is not None and post.outgoing.card.thread == card.thread:
                turned = self.posted[place] = replace(post, outgoing=replace(post.outgoing, card=card))
                for listener in self.turned:
                    listener(turned)

    async def fetch_photo(self, ref: PhotoRef) -> bytes:
        """Return an upload's bytes."""
        try:
            return self.uploads[ref.handle]
        except KeyError:
            raise Undeliverable("照片已失效") from None

    def upload(self, name: str, data: bytes) -> str:
        """Take an upload and return its handle."""
        self.uploads[name] = data
        return name
