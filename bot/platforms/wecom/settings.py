"""What an operator configures for WeCom, as plain values; secrets stay out of every repr."""

from dataclasses import dataclass, field

API_BASE = "https://qyapi.weixin.qq.com"
WS_URL = "wss://openws.work.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class WecomApp:
    """A self-built app (自建应用). `token` and `aes_key` are "" for an app that only sends."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WecomBot:
    """An AI bot (智能机器人): by callback with `token` and `aes_key`, over the long connection with id and secret.

    bot_id: its `aibotid`; "" takes messages of any bot that signs with this token.
    names: the names people call it by in a group, without the @.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    bot_id: str = ""
    names: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    ws_url: str = WS_URL
