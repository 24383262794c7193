"""A sign of life to a watchdog elsewhere, each minute while database and queues work: its silence is the alarm.

The address is a secret: who knows it could fake our life. It stands in no log and no error.
"""

import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

logger = logging.getLogger(__name__)

EVERY: Final = 60.0  # seconds
PATIENCE: Final = aiohttp.ClientTimeout(total=10)


class Heartbeat:
    """Calls one address. is_well: whether there is a life to tell of."""

    def __init__(self, url: str, is_well: Callable[[], Awaitable[bool]], *, tls: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._is_well = is_well
        self._tls = tls
        self._is_failing = False

    async def beat(self) -> bool:
        """Call once, unless the service is unwell; return whether it was taken."""
        if not await self._is_well():
            logger.warning("no heartbeat sent", extra={"action": "heartbeat_withheld"})
            return False
        try:
            connector = aiohttp.TCPConnector(ssl=self._tls if self._tls is not None else True)
            async with (
                aiohttp.ClientSession(connector=connector, timeout=PATIENCE, trust_env=False) as session,
                session.get(self._url, allow_redirects=False) as answer,
            ):
                self._note("" if answer.status < 400 else f"HTTP {answer.status}")
                return answer.status < 400
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._note(type(error).__name__)  # the name alone: the text holds the address
            return False

    def _note(self, failure: str) -> None:
        if failure and not self._is_failing:
            logger.warning("watchdog not reached", extra={"action": "heartbeat_failed", "error": failure})
        if not failure and self._is_failing:
            logger.info("watchdog reached again", extra={"action": "heartbeat_recovered"})
        self._is_failing = bool(failure)
