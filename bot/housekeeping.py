"""What is cleared away once a night: pictures that no row names, and the ids of messages long done with."""

import logging
from datetime import time, timedelta

from bot.assembly import Machine
from domain.effects import Effects
from media.photos import PhotoStore
from store.depths import photo_names

logger = logging.getLogger(__name__)

DONE_ON = "housekeeping"  # setting: the last day on which it was done (ISO 8601)
NOT_BEFORE = time(3, 0)  # on the city's clocks
IDS_KEPT = timedelta(days=30)  # a repeated platform id is known for so long
ORPHANS_KEPT = timedelta(days=1)


class Housekeeping:
    """Runs once a day, also after a night in which the service was down."""

    def __init__(self, machine: Machine, photos: PhotoStore) -> None:
        self._machine = machine
        self._photos = photos

    async def run_if_due(self) -> bool:
        """Clear away when it was not done today; return whether it was done now."""
        now = self._machine.clock.now()
        local = self._machine.rules.local(now)
        today = local.date().isoformat()
        store = self._machine.store
        async with store.reading(now) as view:
            if local.time() < NOT_BEFORE or await view.setting(DONE_ON) == today:
                return False
        ids = await store.inbox.purge(now - IDS_KEPT)
        # names are read before the folder: a picture named meanwhile is younger than a day and stays
        gone = await self._photos.sweep(await photo_names(store.database), ORPHANS_KEPT)
        async with store.deciding(now) as deciding:
            deciding.apply(Effects(settings={DONE_ON: today}))
        logger.info("cleared away", extra={"action": "housekeeping", "ids": ids, "photos": len(gone)})
        return True
