"""The platforms' interfaces as a command calls them: by the configured credentials, for the length of the command."""

from datetime import UTC, datetime

from bot.config import Config, Dingtalk
from bot.platforms.dingtalk.settings import DingtalkRobot
from bot.platforms.http import Web
from bot.platforms.wecom.api import AppApi
from bot.platforms.wecom.settings import WecomApp
from domain.errors import ConfigError


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def wecom_app(config: Config, web: Web) -> AppApi:
    """Return the calls of the configured self-built app. Raises ConfigError when there is none."""
    app = config.wecom.app
    if app is None:
        raise ConfigError("没有配置 [wecom.app]。")
    settings = WecomApp(app.corp_id, app.agent_id, app.secret.get_secret_value())
    return AppApi(web, config.wecom.api_base, settings, now)


def dingtalk_robot(settings: Dingtalk) -> DingtalkRobot:
    """Return the configured in-house app."""
    secret = settings.client_secret.get_secret_value()
    return DingtalkRobot(settings.client_id, secret, settings.robot, settings.api_base, settings.oapi_base)
