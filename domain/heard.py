"""A message as it stands before the decision: pictures stored, words understood, sender known."""

from dataclasses import dataclass

from domain.messages import Incoming, Photo
from domain.understand import Understanding


@dataclass(frozen=True, slots=True)
class Heard:
    """One message with everything that was done for it before the transaction."""

    incoming: Incoming
    person: str  # person id; "wecom:lisi" for somebody whom no list names
    understanding: Understanding
    photos: tuple[Photo, ...] = ()
    quote_photos: tuple[Photo, ...] = ()
    photo_problems: tuple[str, ...] = ()  # Chinese: why a picture could not be used
    photos_late: int = 0  # pictures that had not arrived when the receipt was due

    @property
    def text(self) -> str:
        """Return the words, without the bot's name."""
        return self.incoming.text


def stranger(platform: str, userid: str) -> str:
    """Return the person id of somebody whom no list names."""
    return f"{platform}:{userid}"
