"""The understander of the roster in force, built anew when the roster or the day changes."""

import asyncio
from datetime import date, datetime

from domain.roster import Roster
from domain.rules import Rules
from domain.understand import Gazetteer, Understander


class Understanders:
    """One understander for each version of the roster and day; the latest is kept."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._key: tuple[int, object] | None = None
        self._current: Understander | None = None

    async def of(self, roster: Roster, now: datetime) -> Understander:
        """Return the understander for the segments in force today, built beside the loop, which has answers to give."""
        key = (roster.version, self._rules.day(now))
        if self._current is None or self._key != key:
            self._current, self._key = await asyncio.to_thread(self._built, roster, key[1]), key
        return self._current

    def _built(self, roster: Roster, day: date) -> Understander:
        return Understander(self._rules.categories, Gazetteer.build(roster.on(day)))
