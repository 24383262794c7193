"""Cards that stand in chats: what is known of them, and the edit that a change of their case asks for."""

from dataclasses import dataclass
from datetime import datetime

from domain.messages import Target
from domain.ports import Post

EDIT = "edit"  # kind of an outbox row that changes a card and posts nothing


@dataclass(frozen=True, slots=True)
class Standing:
    """A card in a chat. `handle` is the platform's own; `shown` tells what it shows; `until` None = for good."""

    thread: str
    target: Target
    about: int
    person: str  # to whom it was sent, "" in a group
    handle: str
    shown: str
    until: datetime | None
    sent_at: datetime


def edit_of(thread: str, target: Target, version: int | str, now: datetime) -> Post:
    """Return the edit of a card for a version of its case.

    What the card will show is drawn when the edit leaves, so the latest state wins and an older edit finds nothing to
    do. It stands on no case, for an edit need not wait for posts nor posts for it, and bears no budget.
    """
    key = f"{EDIT}:{thread}:{version}"
    return Post(key, target, "", EDIT, now, urgent=True)


def thread_of(edit: Post) -> str:
    """Return the thread of the card that an edit changes."""
    return edit.key.removeprefix(f"{EDIT}:").partition(":")[0]  # a version may be a message's id, colons and all
