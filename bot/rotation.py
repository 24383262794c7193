"""Keys that change while the service runs: what was signed with the old ones is still taken for a while.

The platform's console and the configuration cannot change at the same instant, and retries of callbacks come late.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.platforms.base import Accepted, Callback, Refused
from domain.messages import Incoming

GRACE: Final = timedelta(hours=1)


class Rotating:
    """A callback whose keys can be exchanged."""

    def __init__(self, callback: Callback) -> None:
        self._current = callback
        self._former: Callback | None = None
        self._until: datetime | None = None
        self.channel = callback.channel
        self.path = callback.path

    def exchange(self, callback: Callback, now: datetime) -> None:
        """Take new keys; the ones before hold on for the grace time."""
        self._former, self._until = self._current, now + GRACE
        self._current = callback

    def accept(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Accepted:
        """Verify and decrypt one request. Raises Refused."""
        try:
            return self._current.accept(method, query, headers, body, now)
        except Refused as refused:
            if self._former is None or self._until is None or now >= self._until:
                raise
            try:
                return self._former.accept(method, query, headers, body, now)
            except Refused:
                raise refused from None  # what the keys in force say of it

    def parse(self, payload: str, received_at: datetime) -> Incoming:
        """Turn a stored payload into an Incoming. Raises ValueError on garbage."""
        return self._current.parse(payload, received_at)
