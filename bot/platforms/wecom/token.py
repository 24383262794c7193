"""The app's access token (access_token): fetched once for all who wait, renewed early, dropped when it dies early."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.platforms.http import Web
from bot.platforms.wecom.errors import refuse
from bot.platforms.wecom.settings import WecomApp
from domain.messages import Misconfigured, OutcomeUnknown, PlatformUnreachable

EARLY = timedelta(minutes=5)  # renewed this long before its end
REFUSED_PAUSE = timedelta(minutes=1)  # wrong secrets, tried often, get the caller's address blocked for an hour


class TokenKeeper:
    """Keeps one app's token in memory; secrets and tokens never reach an error's text."""

    def __init__(self, web: Web, api_base: str, app: WecomApp, clock: Callable[[], datetime]) -> None:
        self._web = web
        self._url = f"{api_base}/cgi-bin/gettoken"
        self._app = app
        self._clock = clock
        self._token = ""
        self._good_until: datetime | None = None
        self._flight: asyncio.Task[str] | None = None
        self._refusal: tuple[datetime, str] | None = None  # until when, and its text

    async def get(self) -> str:
        """Return a token that should be alive. Raises PlatformError when the platform gives none.

        All who ask while one is being fetched wait for the same answer, good or bad.
        """
        now = self._clock()
        if self._token and self._good_until is not None and now < self._good_until:
            return self._token
        if self._refusal is not None and now < self._refusal[0]:
            raise Misconfigured(self._refusal[1])
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch())
            self._flight.add_done_callback(_forget)
        return await asyncio.shield(self._flight)

    def drop(self, token: str) -> None:
        """Forget a token that the platform refused; one that was renewed meanwhile stays."""
        if token == self._token:
            self._token = ""

    async def _fetch(self) -> str:
        query = {"corpid": self._app.corp_id, "corpsecret": self._app.secret}
        answer = await self._web.call("GET", self._url, query=query)
        try:
            refuse(answer)
        except Misconfigured as error:
            self._refusal = (self._clock() + REFUSED_PAUSE, error.text)
            raise
        except OutcomeUnknown as error:  # the post itself has not left yet
            raise PlatformUnreachable(error.text) from error
        token = answer.text("access_token")
        if not token:
            raise PlatformUnreachable("企业微信没有给出访问凭证")
        life = timedelta(seconds=max(0, min(answer.number("expires_in"), 86_400)))
        self._token, self._refusal = token, None
        self._good_until = self._clock() + max(life - EARLY, life / 2)
        return token


def _forget(flight: asyncio.Task[str]) -> None:
    """Take note of the outcome, so that one whose callers were all cancelled is not reported as lost."""
    if not flight.cancelled():
        flight.exception()
