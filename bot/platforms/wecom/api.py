"""Authorised calls of the self-built app (自建应用).

A token that died early is replaced once, and the call repeated once. Platform pages: access token, sending app
messages, fetching media.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

from bot.platforms.http import Answer, File, Web
from bot.platforms.wecom.errors import refuse
from bot.platforms.wecom.settings import WecomApp
from bot.platforms.wecom.token import TokenKeeper
from domain.messages import TokenDead

AGENT: Final = "/cgi-bin/agent/get"
USER: Final = "/cgi-bin/user/get"
MESSAGE_SEND: Final = "/cgi-bin/message/send"
APPCHAT_CREATE: Final = "/cgi-bin/appchat/create"
APPCHAT_GET: Final = "/cgi-bin/appchat/get"
APPCHAT_SEND: Final = "/cgi-bin/appchat/send"
UPDATE_CARD: Final = "/cgi-bin/message/update_template_card"

Result = TypeVar("Result")


class AppApi:
    """One app's calls. Raises PlatformError; no secret stands in its text."""

    def __init__(
        self, web: Web, api_base: str, app: WecomApp, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.app = app
        self._web = web
        self._base = api_base.rstrip("/")
        self._tokens = TokenKeeper(web, self._base, app, clock)

    async def post(self, path: str, payload: object, *, is_repeatable: bool = False) -> Answer:
        """Make a call and return its answer, which complains of nothing."""

        async def call(token: str) -> Answer:
            query, url = {"access_token": token}, self._base + path
            answer = await self._web.call("POST", url, query=query, payload=payload, is_repeatable=is_repeatable)
            refuse(answer)
            return answer

        return await self.with_token(call)

    async def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """Ask for something and return the answer, which complains of nothing."""

        async def call(token: str) -> Answer:
            answer = await self._web.call("GET", self._base + path, query={"access_token": token, **query})
            refuse(answer)
            return answer

        return await self.with_token(call)

    async def media(self, media_id: str, cap: int) -> File:
        """Fetch a media file of at most `cap` bytes; the platform reports errors as JSON with status 200."""

        async def fetch(token: str) -> File:
            query = {"access_token": token, "media_id": media_id}
            file = await self._web.download(f"{self._base}/cgi-bin/media/get", cap=cap, query=query)
            said = json_object(file.body) if file.body.startswith(b"{") else {}
            if "errcode" in said:
                refuse(Answer(200, said))
            return file

        return await self.with_token(fetch)

    async def with_token(self, call: Callable[[str], Awaitable[Result]]) -> Result:
        """Make a call with the app's token; when that died early, once more with a new one."""
        token = await self._tokens.get()
        try:
            return await call(token)
        except TokenDead:
            self._tokens.drop(token)
        return await call(await self._tokens.get())


def json_object(text: str | bytes) -> Mapping[str, object]:
    """Return the JSON object of a text, an empty one for anything else."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
