"""The chats as people see them: what was said, what the bot posted, and what a real platform would have withheld."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.platforms.simulated.platform import Posted
from domain.messages import Card, Choice, Document, Look, Photo

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Entry:
    """One bubble. `chat` is a group's id or, in private, the person's; an empty `sender` is the bot."""

    number: int
    at: datetime
    chat: str
    sender: str
    text: str
    photos: tuple[str, ...] = ()  # handles of uploads
    kept: tuple[Photo, ...] = ()  # pictures that the bot sent along
    files: tuple[Document, ...] = ()  # documents that it sent along
    choices: tuple[Choice, ...] = ()
    called: tuple[str, ...] = ()  # names of those whom the post calls by @
    quote: int = 0  # number of the quoted bubble
    mentions_bot: bool = False
    withheld: str = ""  # why the worn platform did not hand it to the bot
    card: Card | None = None  # drawn in place of the words, as the worn platform does
    key: str = ""  # a post's idempotency key: which rule, about what, for whom


@dataclass
class Chats:
    """All bubbles in order."""

    entries: list[Entry] = field(default_factory=list)

    def said(self, entry: Entry) -> Entry:
        """Append what a person said."""
        self.entries.append(entry)
        return entry

    def posted(self, post: Posted) -> Entry:
        """Append what the bot posted."""
        out = post.outgoing
        return self.said(
            Entry(
                number=self.next_number,
                at=post.at,
                chat=out.target.chat_id or out.target.userid,
                sender="",
                text=out.text,
                kept=out.photos,
                files=out.files,
                choices=out.choices,
                called=out.mention_names,
                card=out.card,
                key=out.key,
            )
        )

    def turned(self, post: Posted) -> Entry | None:
        """Show the new face of a post's card; return its bubble, None when it is gone."""
        for place, entry in enumerate(self.entries):
            if entry.key == post.outgoing.key:
                self.entries[place] = replace(entry, card=post.outgoing.card)
                return self.entries[place]
        return None

    def document(self, name: str) -> Document | None:
        """Return a document that the bot sent along, by its name in the media folder, None when it sent none such."""
        return next((file for entry in self.entries for file in entry.files if file.name == name), None)

    @property
    def next_number(self) -> int:
        """Return the number of the next bubble, from 1."""
        return len(self.entries) + 1

    def numbered(self, number: int) -> Entry | None:
        """Return a bubble by its number, or None."""
        return self.entries[number - 1] if 0 < number <= len(self.entries) else None

    def since(self, number: int) -> list[Entry]:
        """Return the bubbles after `number`."""
        return self.entries[number:]


def as_json(entry: Entry, zone: ZoneInfo) -> dict[str, Any]:
    """Return a bubble as the page reads it."""
    local = entry.at.astimezone(zone)
    return {
        "number": entry.number,
        "time": f"{local:%H:%M}",
        "day": day_title(local),
        "chat": entry.chat,
        "sender": entry.sender,
        "text": entry.text,
        "photos": [*(f"/api/upload/{name}" for name in entry.photos), *(photo_url(p) for p in entry.kept)],
        "files": [{"title": f.title, "url": f"/api/file/{f.name}", "size": f.size} for f in entry.files],
        "choices": [choice.label for choice in entry.choices] if entry.card is None else [],
        "card": card_json(entry.card) if entry.card is not None else None,
        "called": list(entry.called),
        "quote": entry.quote,
        "mentions": entry.mentions_bot,
        "withheld": entry.withheld,
    }


def all_as_json(entries: Iterable[Entry], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return bubbles as the page reads them, in order."""
    return [as_json(entry, zone) for entry in entries]


def card_json(card: Card) -> dict[str, Any]:
    """Return a card as the page draws it."""
    return {
        "title": card.title,
        "note": card.note,
        "rows": [list(row) for row in card.rows],
        "hint": card.hint,
        "buttons": [{"key": choice.key, "label": choice.label} for choice in card.choices],
        "over": card.is_over,
    }


def day_title(local: datetime) -> str:
    """Return 6月29日 周一."""
    return f"{local.month}月{local.day}日 周{WEEKDAYS[local.weekday()]}"


def photo_url(photo: Photo) -> str:
    """Return where the page finds a kept picture, or the copy of it that would leave."""
    return f"/api/{'numbered' if photo.look is Look.COPY else 'media'}/{photo.name}"
