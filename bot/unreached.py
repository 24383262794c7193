"""People of the roster to whom a platform does not deliver, and why: noted for `luzhang doctor` until a post arrives."""

import logging
from datetime import datetime
from typing import Any, Final

from bot.assembly import Machine
from domain.effects import Effects
from domain.messages import PersonLost, Target
from store.group_commit import STORE_ERRORS

logger = logging.getLogger(__name__)

UNREACHED: Final = "ops:unreached"  # setting: platform:person → {"since": ISO 8601, "why"}


class Unreached:
    """What is known of them. `start` gives the machine, since the machine itself takes our callbacks."""

    def __init__(self) -> None:
        self._machine: Machine | None = None
        self._known: dict[str, str] = {}  # place of an account → why

    async def start(self, machine: Machine) -> None:
        """Take up what was known before the restart."""
        self._machine = machine
        rows: dict[str, dict[str, str]] = await machine.store.setting(UNREACHED) or {}
        roster = await machine.store.rosters.load() if rows else None
        for key, row in rows.items():
            platform, _, person = key.partition(":")
            userid = roster.person(person).account(platform) if roster is not None else ""
            self._known[_place(Target(platform, userid=userid))] = row["why"]

    async def lost(self, target: Target, error: PersonLost) -> None:
        """Note that a platform does not reach somebody."""
        await self._note(target, error.text)

    async def reached(self, target: Target) -> None:
        """Note that somebody is reached, when that was not so."""
        if _place(target) in self._known:
            await self._note(target, "")

    async def _note(self, target: Target, why: str) -> None:
        """Write down why somebody is not reached, "" when they are; only when that is news."""
        if target.is_group or self._machine is None or self._known.get(_place(target), "") == why:
            return
        if why:
            self._known[_place(target)] = why
        else:
            del self._known[_place(target)]
        try:
            await self._write(self._machine, target, why, self._machine.clock.now())
        except STORE_ERRORS:  # what became of the post itself is more than this note
            logger.exception("reach not noted", extra={"action": "reach_not_noted"})

    @staticmethod
    async def _write(machine: Machine, target: Target, why: str, now: datetime) -> None:
        async with machine.store.deciding(now) as view:
            person = view.roster.by_account(target.platform, target.userid)
            if person is None:
                return  # somebody who only reports: nobody's duty depends on it
            rows: dict[str, Any] = dict(await view.setting(UNREACHED) or {})
            before = rows.pop(f"{target.platform}:{person}", {})
            if why:
                rows[f"{target.platform}:{person}"] = {"since": before.get("since", now.isoformat()), "why": why}
            view.apply(Effects(settings={UNREACHED: rows}))


def _place(target: Target) -> str:
    return f"{target.platform}:{target.userid.casefold()}"
