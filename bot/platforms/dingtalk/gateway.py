"""Asking for a Stream connection: one request, answered with an address and a ticket (platform page, "Open").

The ticket is worth one connection within 90 s, so every connection asks anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from yarl import URL

from bot.platforms.dingtalk import frames
from bot.platforms.dingtalk.api import masked
from bot.platforms.dingtalk.errors import PERMISSIONS_PAGE, api_error
from bot.platforms.dingtalk.settings import DingtalkRobot
from bot.platforms.http import Answer, Web
from domain.messages import Misconfigured, PlatformError, PlatformUnreachable, RateLimited

OPEN = "/v1.0/gateway/connections/open"
USER_AGENT = "luzhang/1.0"
CREDENTIALS_PAGE = "钉钉开放平台→应用开发→本应用→凭证与基础信息"
ROBOT_PAGE = "本应用→机器人→消息接收模式"
TRANSIENT = (PlatformUnreachable, RateLimited)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect; the whole address with its ticket, which is a secret while it lives."""

    url: URL = field(repr=False)


class Gateway:
    """Opens connections for one app. topics: the CALLBACK topics to be told of."""

    def __init__(self, robot: DingtalkRobot, web: Web, topics: Sequence[str]) -> None:
        self._robot = robot
        self._web = web
        self._subscriptions = frames.subscription(dict.fromkeys(topics, frames.CALLBACK))

    def use(self, robot: DingtalkRobot) -> None:
        """Take other credentials from the next connection on."""
        self._robot = robot

    async def open(self) -> Place:
        """Return where to connect now.

        Raises PlatformUnreachable or RateLimited when a later try may do, Misconfigured when somebody must mend.
        """
        asked = {
            "clientId": self._robot.client_id,
            "clientSecret": self._robot.client_secret,
            "subscriptions": self._subscriptions,
            "ua": USER_AGENT,
            "localIp": "",
        }
        accept = {"Accept": "application/json"}  # the gateway's own default is XML
        answer = await self._web.call(
            "POST", self._robot.api_base + OPEN, payload=asked, headers=accept, is_repeatable=True
        )
        self._refuse(answer)
        return Place(self._address(answer.text("endpoint"), answer.text("ticket")))

    def _refuse(self, answer: Answer) -> None:
        error = api_error(answer.status, masked(answer.body, (self._robot.client_secret,)))
        if error is None:
            return
        if isinstance(error, TRANSIENT):
            raise error
        raise _refusal(error)

    def _address(self, endpoint: str, ticket: str) -> URL:
        try:
            url = URL(endpoint)
        except ValueError:
            url = URL()
        # unencrypted only where the operator has configured the platform itself so: a rehearsal
        schemes = ("wss", "ws") if self._robot.api_base.startswith("http://") else ("wss",)
        if url.scheme not in schemes or not url.host or not ticket:
            raise PlatformUnreachable("钉钉网关没有给出可用的连接地址")
        return url.update_query(ticket=ticket)


def _refusal(error: PlatformError) -> PlatformError:
    """Return the refusal in the words of the console, where the operator can mend it."""
    if PERMISSIONS_PAGE in error.text:
        return error
    return Misconfigured(
        f"钉钉拒绝建立Stream连接：请到 {CREDENTIALS_PAGE} 核对Client ID和Client Secret，"
        f"并确认 {ROBOT_PAGE} 为Stream、应用已发布（{error.text}）"
    )
