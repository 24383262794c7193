"""Authorised calls to DingTalk: the newer OpenAPI, whose calls count against the organisation's month, and the older one.

Each has its own token on its own host. A token that died early is replaced once, and the call repeated once. Nothing
secret stands in an error's text, though the platform quotes what it was asked. Platform page: access tokens.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.platforms.dingtalk.errors import QuotaSpent, api_error, webhook_error
from bot.platforms.dingtalk.payload import JsonObject
from bot.platforms.dingtalk.settings import DingtalkRobot
from bot.platforms.dingtalk.token import AccessToken
from bot.platforms.http import Answer, Upload, Web
from domain.messages import Misconfigured, PlatformError, TokenDead

CITY_ZONE: Final = ZoneInfo("Asia/Shanghai")
Call = Callable[[str], Awaitable[Answer]]


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class OpenApi:
    """The newer interface. Raises PlatformError. on_metered: told of each call that counts against the month."""

    def __init__(
        self,
        robot: DingtalkRobot,
        web: Web,
        clock: Callable[[], datetime] = utc_now,
        on_metered: Callable[[], None] = lambda: None,
    ) -> None:
        self._robot = robot
        self._web = web
        self._clock = clock
        self._on_metered = on_metered
        self._token = AccessToken(self._fetch_token, clock)
        self._quota_spent_until: datetime | None = None

    def has_quota(self, now: datetime) -> bool:
        """Tell whether the organisation has calls left this month."""
        return self._quota_spent_until is None or now >= self._quota_spent_until

    async def call(self, path: str, payload: object, *, is_repeatable: bool = False, method: str = "POST") -> Answer:
        """Make one call and return its answer, which complains of nothing."""

        async def call(token: str) -> Answer:
            self._on_metered()
            answer = await self._web.call(
                method,
                self._robot.api_base + path,
                payload=payload,
                headers={"x-acs-dingtalk-access-token": token},
                is_repeatable=is_repeatable,
            )
            self._refuse(answer, token)
            return answer

        return await _with(self._token, call)

    def _refuse(self, answer: Answer, token: str) -> None:
        error = api_error(answer.status, masked(answer.body, (token, self._robot.client_secret)))
        if isinstance(error, QuotaSpent):
            self._quota_spent_until = _next_month(self._clock())
            error.retry_after = self._quota_spent_until - self._clock()
        if error is not None:
            raise error

    async def _fetch_token(self) -> tuple[str, timedelta]:
        asked = {"appKey": self._robot.client_id, "appSecret": self._robot.client_secret}
        url = f"{self._robot.api_base}/v1.0/oauth2/accessToken"
        answer = await self._web.call("POST", url, payload=asked, is_repeatable=True)
        error = api_error(answer.status, masked(answer.body, (self._robot.client_secret,)))
        if isinstance(error, TokenDead) or type(error) is PlatformError:
            raise Misconfigured(f"钉钉不接受应用凭证，请核对 dingtalk.client_id 与 client_secret（{error.text}）")
        if error is not None:
            raise error
        token = answer.text("accessToken")
        if not token:
            raise Misconfigured("钉钉没有返回访问凭证，请核对 dingtalk.api_base")
        return token, timedelta(seconds=max(answer.number("expireIn"), 0))


class LegacyApi:
    """The older interface: uploads and contacts. Raises PlatformError; its calls don't count against the month."""

    def __init__(self, robot: DingtalkRobot, web: Web, clock: Callable[[], datetime] = utc_now) -> None:
        self._robot = robot
        self._web = web
        self._token = AccessToken(self._fetch_token, clock)

    async def call(self, path: str, payload: object, *, hidden: Sequence[str] = ()) -> Answer:
        """Make one call that may be repeated. hidden: what was asked and must not stand in an error."""

        async def call(token: str) -> Answer:
            query, url = {"access_token": token}, self._robot.oapi_base + path
            answer = await self._web.call("POST", url, query=query, payload=payload, is_repeatable=True)
            return _taken(answer, (token, *hidden))

        return await _with(self._token, call)

    async def upload(self, file: Upload, kind: str) -> Answer:
        """Upload a file. kind: image, voice, video or file."""

        async def upload(token: str) -> Answer:
            query = {"access_token": token, "type": kind}
            return _taken(await self._web.upload(f"{self._robot.oapi_base}/media/upload", file, query=query), (token,))

        return await _with(self._token, upload)

    async def _fetch_token(self) -> tuple[str, timedelta]:
        query = {"appkey": self._robot.client_id, "appsecret": self._robot.client_secret}
        answer = await self._web.call("GET", f"{self._robot.oapi_base}/gettoken", query=query)
        _taken(answer, (self._robot.client_secret,))
        if not (token := answer.text("access_token")):
            raise Misconfigured("钉钉没有返回访问凭证，请核对 dingtalk.oapi_base")
        return token, timedelta(seconds=max(answer.number("expires_in"), 0))


def masked(body: JsonObject, secrets: Sequence[str]) -> JsonObject:
    """Return an answer whose texts don't repeat our secrets, for some errors quote what they were asked."""
    hidden = [secret for secret in secrets if len(secret) >= 6]
    return {key: _without(value, hidden) if isinstance(value, str) else value for key, value in body.items()}


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def _taken(answer: Answer, hidden: Sequence[str]) -> Answer:
    """Return an answer of the older interface that complains of nothing. Raises PlatformError."""
    if (error := webhook_error(masked(answer.body, hidden))) is not None:
        raise error
    return answer


async def _with(tokens: AccessToken, call: Call) -> Answer:
    token = await tokens.get()
    try:
        return await call(token)
    except TokenDead:
        tokens.forget(token)
    return await call(await tokens.get())


def _next_month(now: datetime) -> datetime:
    """Return the start of the next month in the city, when the organisation's calls are counted anew."""
    local = now.astimezone(CITY_ZONE)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1).astimezone(UTC)
