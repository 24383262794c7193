"""The platforms that a configuration names: callbacks in, clients out.

A group's webhook stands in the configuration under the group's name; which chat that is may be known only once the
group is bound by a spoken code, so the clients are made anew whenever the bound chats change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot import tls
from bot.config import Chat, Config, Dingtalk, Wecom
from bot.dingtalk_line import DingtalkLine
from bot.metered import MeteredCalls
from bot.metrics import Metrics
from bot.operations import Operations, Watched
from bot.platforms.base import Attachments, Callback, Client
from bot.platforms.dingtalk.callback import RobotCallback
from bot.platforms.dingtalk.card_callback import CardCallback
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.connection import Pace
from bot.platforms.dingtalk.settings import CardSettings, DingtalkRobot, GroupWebhook
from bot.platforms.http import Web
from bot.platforms.wecom.callback import AppCallback, BotCallback
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.settings import WecomApp, WecomBot
from bot.wecom_line import WecomLine
from domain.errors import ConfigError
from domain.messages import ChatRoom
from domain.ports import Clock


def callbacks_of(config: Config) -> list[Callback]:
    """Return the callbacks of the configured platforms; a robot reached over a connection of our own has none."""
    found: list[Callback] = []
    if config.wecom.app:
        found.append(AppCallback(_wecom_app(config.wecom)))
    if config.wecom.bot and config.wecom.bot.mode == "callback":
        found.append(BotCallback(_wecom_bot(config.wecom)))
    if config.dingtalk and config.dingtalk.mode == "http":
        found.append(RobotCallback(_open(config.dingtalk.client_secret), config.dingtalk.names))
        if _card_settings(config).template:
            found.append(CardCallback(_open(config.dingtalk.client_secret)))
    return found


def wecom_line_of(config: Config, clock: Clock, metrics: Metrics) -> WecomLine | None:
    """Return WeCom's long connection, not yet started; None when the bot is reached by callback, or there is none."""
    bot = config.wecom.bot
    if bot is None or bot.mode != "websocket":
        return None
    trust = tls.context(config.server.ca_file)
    return WecomLine(_wecom_bot(config.wecom), clock, metrics, own_link=config.server.public_url or "", tls=trust)


def dingtalk_line_of(config: Config, web: Web, clock: Clock, metrics: Metrics) -> DingtalkLine | None:
    """Return DingTalk's Stream connection, not yet started; None when the robot is reached over HTTP, or there is none."""
    settings = config.dingtalk
    if settings is None or settings.mode != "stream":
        return None
    pace = Pace(silence=60.0 * settings.silence_minutes)
    trust = tls.context(config.server.ca_file)
    return DingtalkLine(_robot(settings), web, clock, metrics, names=settings.names, pace=pace, tls=trust)


@dataclass
class Connections:
    """The clients by platform, each watched."""

    config: Config
    web: Web
    clock: Clock
    operations: Operations
    metrics: Metrics
    wecom_line: WecomLine | None = None
    dingtalk_line: DingtalkLine | None = None
    metered: MeteredCalls | None = None  # DingTalk's
    attachments: Attachments | None = None  # the bytes of pictures and files that go out
    clients: dict[str, Client] = field(default_factory=dict)
    _rooms: Sequence[ChatRoom] | None = None

    def refresh(self, rooms: Sequence[ChatRoom]) -> None:
        """Make the clients for these bound chats, unless they are the same as before."""
        if rooms == self._rooms:
            return
        self._rooms = rooms
        for platform, client in self._made(rooms).items():
            known = self.clients.get(platform)
            if isinstance(known, Watched):
                known.exchange(client)
            else:
                self.clients[platform] = Watched(client, self.operations, self.metrics)

    def take(self, config: Config) -> None:
        """Go on with other secrets and webhooks; the lines take them from their next connection on."""
        self.config = config
        if self.wecom_line is not None:
            self.wecom_line.use(_wecom_bot(config.wecom))
        if self.dingtalk_line is not None and config.dingtalk is not None:
            self.dingtalk_line.use(_robot(config.dingtalk))
        rooms, self._rooms = self._rooms, None
        if rooms is not None:
            self.refresh(rooms)

    def _made(self, rooms: Sequence[ChatRoom]) -> dict[str, Client]:
        found: dict[str, Client] = {}
        if wecom := self._wecom(rooms):
            found["wecom"] = wecom
        if dingtalk := self._dingtalk(rooms):
            found["dingtalk"] = dingtalk
        return found

    def _wecom(self, rooms: Sequence[ChatRoom]) -> WecomClient | None:
        wecom = self.config.wecom
        webhooks = {id_: key for chat, id_ in _chats(self.config, "wecom", rooms) if (key := _open(chat.webhook_key))}
        if not wecom.app and not wecom.bot and not webhooks:
            return None
        return WecomClient(
            self.web,
            api_base=wecom.api_base,
            app=_wecom_app(wecom) if wecom.app else None,
            bot=_wecom_bot(wecom) if wecom.bot else None,
            channel=self.wecom_line.speaking if self.wecom_line else None,
            webhooks=webhooks,
            app_groups={id_: chat.app_chat_id for chat, id_ in _chats(self.config, "wecom", rooms) if chat.app_chat_id},
            own_link=self.config.server.public_url or "",
            attachments=self.attachments,
            clock=self.clock.now,
        )

    def _dingtalk(self, rooms: Sequence[ChatRoom]) -> DingtalkClient | None:
        settings = self.config.dingtalk
        if settings is None:
            return None
        webhooks = {
            id_: GroupWebhook(token, _open(chat.webhook_secret))
            for chat, id_ in _chats(self.config, "dingtalk", rooms)
            if (token := _open(chat.webhook_token))
        }
        link_base = self.config.server.public_url or ""
        if self.metered is None:  # one count, though the client is made anew
            self.metered = MeteredCalls(settings.monthly_calls, self.clock)
        return DingtalkClient(
            _robot(settings),
            webhooks,
            self.web,
            clock=self.clock.now,
            link_base=link_base,
            attachments=self.attachments,
            on_metered=self.metered.count,
            can_ring=settings.ding != "off",
            has_room=self.metered.has_room,
            card_settings=_card_settings(self.config),
        )


def _card_settings(config: Config) -> CardSettings:
    """Return how cards are shown on DingTalk: taps come over the robot's own road, Stream or HTTP."""
    settings = config.dingtalk
    if settings is None:
        return CardSettings()
    base = (config.server.public_url or "").rstrip("/") if settings.mode == "http" else ""
    template = settings.card_template_id if settings.mode == "stream" or base else ""
    return CardSettings(template, f"{base}{CardCallback.path}" if base else "", settings.link_buttons)


def _chats(config: Config, platform: str, rooms: Sequence[ChatRoom]) -> list[tuple[Chat, str]]:
    """Return the configured chats of a platform with their id, given there or bound by a spoken code."""
    bound = {(room.platform, room.name): room.chat_id for room in rooms}
    known = [(chat, chat.chat_id or bound.get((platform, chat.name), "")) for chat in config.chat]
    return [(chat, chat_id) for chat, chat_id in known if chat.platform == platform and chat_id]


def _wecom_app(wecom: Wecom) -> WecomApp:
    app = wecom.app
    if app is None:
        raise ConfigError("缺少 [wecom.app] 一节。")
    return WecomApp(app.corp_id, app.agent_id, _open(app.secret), _open(app.token), _open(app.aes_key))


def _wecom_bot(wecom: Wecom) -> WecomBot:
    bot = wecom.bot
    if bot is None:
        raise ConfigError("缺少 [wecom.bot] 一节。")
    return WecomBot(_open(bot.token), _open(bot.aes_key), bot.bot_id, bot.names, _open(bot.secret), bot.ws_url)


def _robot(settings: Dingtalk) -> DingtalkRobot:
    secret = _open(settings.client_secret)
    return DingtalkRobot(settings.client_id, secret, settings.robot, settings.api_base, settings.oapi_base)


def _open(secret: SecretStr) -> str:
    return secret.get_secret_value()
