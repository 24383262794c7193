"""What a monitor may ask the running service: is it ready, and what waits."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.assembly import Machine
from bot.metrics import Waiting
from bot.operations import Operations
from store.depths import Depths, depths
from store.group_commit import STORE_ERRORS

logger = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds for the database to answer
STUCK = timedelta(minutes=10)  # a message not worked on for so long: photos are waited for 4 minutes at most


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests may be sent here, and why not; `troubles` are platforms that are out."""

    is_ready: bool
    database: str
    inbox: int
    outbox: int
    problems: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """Return ready, degraded (a platform is out) or unready."""
        if not self.is_ready:
            return "unready"
        return "degraded" if self.troubles else "ready"

    def to_json(self) -> dict[str, object]:
        """Return the answer's body."""
        return {
            "status": self.status,
            "database": self.database,
            "inbox": self.inbox,
            "outbox": self.outbox,
            "problems": list(self.problems),
            "troubles": list(self.troubles),
        }


class Monitor:
    """Reads the state of a machine; never raises."""

    def __init__(self, machine: Machine, operations: Operations) -> None:
        self._machine = machine
        self._operations = operations

    async def waiting(self) -> Waiting | None:
        """Return what waits, None while the database doesn't answer."""
        found = await self._depths()
        return None if found is None else _waiting(found, self._machine.clock.now())

    async def readiness(self) -> Readiness:
        """Return whether database and queues work."""
        found = await self._depths()
        if found is None:
            return Readiness(is_ready=False, database="down", inbox=0, outbox=0, problems=("database",))
        problems = sorted(self._machine.failing)
        if found.inbox_since is not None and self._machine.clock.now() - found.inbox_since > STUCK:
            problems.append("inbox")
        return Readiness(not problems, "ok", found.inbox, found.outbox, tuple(problems), self._operations.troubles())

    async def _depths(self) -> Depths | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await depths(self._machine.store.database, self._machine.clock.now())
        except (*STORE_ERRORS, TimeoutError) as error:
            logger.warning("database did not answer", extra={"action": "not_ready", "error": type(error).__name__})
            return None


def _waiting(found: Depths, now: datetime) -> Waiting:
    def age(since: datetime | None) -> timedelta:
        return max(now - since, timedelta()) if since else timedelta()

    return Waiting(
        inbox=found.inbox,
        inbox_age=age(found.inbox_since),
        inbox_parked=found.inbox_parked,
        outbox=found.outbox,
        outbox_age=age(found.outbox_since),
        outbox_parked=found.outbox_failed,
        timers_due=found.timers,
        cases=found.cases,
        overdue=found.overdue,
    )
