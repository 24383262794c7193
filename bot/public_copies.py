"""Copies of photos for whatever leaves the work group, as the configuration wants them."""

from bot.config import Config
from domain.ports import Clock
from media.photos import PhotoStore
from media.redact import PublicCopies
from store import Store


def copies_of(config: Config, photos: PhotoStore, store: Store, clock: Clock) -> PublicCopies:
    """Return what makes the copies; close it at the end."""
    return PublicCopies(photos, store.photos, clock, blurs=config.privacy.blur, needs_look=config.privacy.review)
