"""A word to the operators that cannot wait for the outbox, since the outbox itself is what fails."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.platforms.base import Client
from domain.messages import ChatRoom, Outgoing, PlatformError, Target

logger = logging.getLogger(__name__)


async def shout(clients: Mapping[str, Client], rooms: Sequence[ChatRoom], text: str, now: datetime) -> int:
    """Post to every operators' chat now, by the first way that takes it; return how many heard. Never raises.

    Nothing of it is recorded and nothing is tried again, so it is for the rare alarm alone.
    """
    logger.critical("operators told at once", extra={"action": "ops_shout", "notice": text})
    heard = 0
    for room in (room for room in rooms if room.purpose == "ops"):
        client = clients.get(room.platform)
        outgoing = Outgoing(f"shout:{now.isoformat()}:{room.name}", Target(room.platform, chat_id=room.chat_id), text)
        heard += client is not None and await _heard(client, outgoing, now)
    return heard


async def _heard(client: Client, outgoing: Outgoing, now: datetime) -> bool:
    for way in client.ways(outgoing, now):
        try:
            await client.send(outgoing, way)
        except PlatformError as error:
            fact = {"action": "shout_failed", "robot": way.robot, "error": type(error).__name__}
            logger.warning("not heard", extra=fact)
        else:
            return True
    return False
