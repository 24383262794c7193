"""What is cleared away once a night: what has passed its limit, pictures that no row names, ids of old messages."""

import logging
from datetime import time, timedelta

from bot.assembly import Machine
from bot.config import Privacy
from domain.effects import Effects
from media.photos import PhotoStore
from store.depths import forget_papers, photo_names
from store.retention import Limits, Retention

logger = logging.getLogger(__name__)

DONE_ON = "housekeeping"  # setting: the last day on which it was done (ISO 8601)
NOT_BEFORE = time(3, 0)  # on the city's clocks
IDS_KEPT = timedelta(days=30)  # a repeated platform id is known for so long
ORPHANS_KEPT = timedelta(days=1)
CARDS_KEPT = timedelta(days=120)  # a card of a case that took longer is no longer changed
PERSONS_A_NIGHT = 50  # each is looked for in every table
PAPERS_KEPT = timedelta(days=30)  # pictures and files of a day or a case, after they went out


def limits_of(privacy: Privacy) -> Limits:
    """Return the configured limits."""
    kept = privacy.retention
    return Limits(
        *(timedelta(days=days) for days in (kept.photos, kept.words, kept.messages, kept.posts, kept.identities))
    )


class Housekeeping:
    """Runs once a day, also after a night in which the service was down."""

    def __init__(self, machine: Machine, photos: PhotoStore, limits: Limits) -> None:
        self._machine = machine
        self._photos = photos
        self._retention = Retention(machine.store.database, limits, machine.rules.zone)

    async def run_if_due(self) -> bool:
        """Clear away when it was not done today; return whether it was done now."""
        now = self._machine.clock.now()
        local = self._machine.rules.local(now)
        today = local.date().isoformat()
        store = self._machine.store
        async with store.reading(now) as view:
            if local.time() < NOT_BEFORE or await view.setting(DONE_ON) == today:
                return False
        old = await self._retention.run(now, most_persons=PERSONS_A_NIGHT)
        ids = await store.inbox.purge(now - IDS_KEPT)
        await forget_papers(store.database, now - PAPERS_KEPT)
        await store.cards.purge(now - CARDS_KEPT)
        # names are read before the folder: a picture named meanwhile is younger than a day and stays
        gone = await self._photos.sweep(await photo_names(store.database), ORPHANS_KEPT)
        async with store.deciding(now) as deciding:
            deciding.apply(Effects(settings={DONE_ON: today}))
        counts = {
            "ids": ids,
            "photos": len(gone),
            "words": old.words,
            "messages": old.messages,
            "posts": old.posts,
            "persons": old.identities,
        }
        logger.info("cleared away", extra={"action": "housekeeping", **counts})
        return True
