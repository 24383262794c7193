"""What the DingTalk channel is configured with."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DingtalkRobot:
    """The app robot and the platform's two addresses; `robot_code` normally equals `client_id`."""

    client_id: str
    client_secret: str = field(repr=False)
    robot_code: str = ""
    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = "https://oapi.dingtalk.com"

    @property
    def code(self) -> str:
        """Return the robot code to send with."""
        return self.robot_code or self.client_id


@dataclass(frozen=True, slots=True)
class CardSettings:
    """template: the deployer's card template, "" without. callback: our address for taps over HTTP, "" for Stream.

    has_links: without a template, buttons that send a word as whoever taps them.
    """

    template: str = ""
    callback: str = ""
    has_links: bool = False


@dataclass(frozen=True, slots=True)
class GroupWebhook:
    """A group robot's webhook; `secret` starts with SEC, "" where the robot is secured by keyword or address."""

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
