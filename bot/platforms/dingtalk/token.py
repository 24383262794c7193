"""The app's access token: one per app, refreshed early, by one caller at a time (platform page, "Access token")."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

EARLY = timedelta(minutes=5)


class AccessToken:
    """Keeps the token that `fetch` brought with its length of life. `clock` gives aware instants."""

    def __init__(self, fetch: Callable[[], Awaitable[tuple[str, timedelta]]], clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._stale_at: datetime | None = None

    async def get(self) -> str:
        """Return a token that lives for a while. Raises what `fetch` raises; a failure is not remembered."""
        async with self._lock:
            if self._stale_at is None or self._clock() >= self._stale_at:
                self._token, life = await self._fetch()
                self._stale_at = self._clock() + max(life - EARLY, timedelta(0))
            return self._token

    def forget(self, token: str) -> None:
        """Drop this token, which the platform refused; a newer one that another caller brought stays."""
        if token == self._token:
            self._stale_at = None
