"""`luzhang check-config`: what is wrong in a configuration and how to mend it, without starting anything.

Exit codes: 0 usable, 1 usable as a file but something it names would fail, 2 the configuration itself is wrong.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bot import tls
from bot.assembly import rules_of
from bot.config import Chat, Config, ConfigRefused, load_config, overrides
from bot.config_model import NO_SECRET
from domain.errors import ConfigError, LuzhangError

OK, PROBLEM, WRONG = 0, 1, 2

_LOOPBACK = ("127.", "localhost", "::1")


def run(config: Path) -> int:
    """Print the findings in Chinese and return the exit code; secrets are shown masked."""
    try:
        loaded = load_config(config)
    except ConfigRefused as refused:
        _print(refused.text)
        return WRONG
    for override in overrides(config):
        kind = "凭据文件" if override.is_file else "环境变量"
        instead = f"，文件中的{override.beaten}不起作用" if override.beaten else ""
        _print(f"{kind} {override.variable} 覆盖 {override.key}（{override.shown}）{instead}")
    found = list(problems(loaded))
    for text in found:
        _print(f"✘ {text}")
    for text in hints(loaded):
        _print(f"⚠ {text}")
    _print(f"{config}：{f'有{len(found)}处须处理。' if found else '配置可用。'}")
    return PROBLEM if found else OK


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def problems(config: Config) -> Iterator[str]:
    """Yield what would make the service fail, each with its mend."""
    file = config.store.sqlite_file
    folders = {"store.media": config.store.media, "store.heads": config.store.heads.parent}
    if file is not None:
        folders["store.url"] = file.parent
    for key, folder in folders.items():
        if not _is_writable(folder):
            yield f"{key}：文件夹 {folder} 无法写入。请建立它并授权给运行本程序的用户。"
    yield from _files(config)
    for chat in config.chat:
        if not _is_configured(config, chat):
            yield f"群“{chat.name}”在 {chat.platform} 上，但没有配置 [{chat.platform}]。请补上这一节，或删去这个群。"
        if chat.app_chat_id and config.wecom.app is None:
            yield f"群“{chat.name}”有 app_chat_id，但没有配置 [wecom.app]：只有建群的自建应用能在里面发言。"


def _files(config: Config) -> Iterator[str]:
    """Yield what is wrong inside the files that the configuration names: certificates, and the first bad table."""
    try:
        tls.context(config.server.ca_file)
    except ConfigError as error:
        yield error.text
    try:
        rules_of(config)
    except LuzhangError as error:
        yield error.text


def _is_writable(folder: Path) -> bool:
    """Tell whether `folder` can be written, or made where it is not there yet."""
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _is_configured(config: Config, chat: Chat) -> bool:
    if chat.platform == "dingtalk":
        return config.dingtalk is not None or chat.webhook_token != NO_SECRET
    return config.wecom.app is not None or config.wecom.bot is not None or chat.webhook_key != NO_SECRET


def hints(config: Config) -> Iterator[str]:
    """Yield what works but is worth a second look."""
    file = config.store.sqlite_file
    if file is not None and config.store.heads.is_relative_to(file.parent):
        yield "store.heads 在数据库文件夹里：与数据库一同改写时无从发现，请放到别处。"
    if config.city.timezone != "Asia/Shanghai":
        yield f"city.timezone 为 {config.city.timezone}：考评办法按北京时间（Asia/Shanghai）分月。"
    for key, address in _addresses(config):
        if urlsplit(address).scheme in ("http", "ws") and not (urlsplit(address).hostname or "").startswith(_LOOPBACK):
            yield f"{key} 未加密（{address}）：密钥会明文传输，请改用 https 或 wss。"
    yield from _mode_hints(config)
    yield from _chat_hints(config)


def _mode_hints(config: Config) -> Iterator[str]:
    """Yield the keys that mean nothing in the chosen mode, and what the mode would need."""
    bot, dingtalk, url = config.wecom.bot, config.dingtalk, config.server.public_url
    if bot and bot.mode == "websocket" and (bot.token, bot.aes_key) != (NO_SECRET, NO_SECRET):
        yield "wecom.bot 用长连接（websocket），token 和 aes_key 用不到；要用URL回调请把 mode 改为 callback。"
    if bot and bot.mode == "callback" and bot.secret != NO_SECRET:
        yield "wecom.bot 用URL回调（callback），secret 用不到；要用长连接请把 mode 改为 websocket。"
    needing = {
        "wecom.bot 用URL回调": bot is not None and bot.mode == "callback",
        "dingtalk 用HTTP模式": dingtalk is not None and dingtalk.mode == "http",
        "wecom.app 接收消息": config.wecom.app is not None,
    }
    for what, is_needed in needing.items():
        if is_needed and not url:
            yield f"{what}，但没有 server.public_url：平台后台要填的回调地址以它开头，须能从公网访问。"
    if url and not any(needing.values()):
        yield "server.public_url：现在的接入方式不需要回调，只用作消息里的链接。"
    for chat in config.chat:
        if chat.webhook_secret != NO_SECRET and chat.webhook_token == NO_SECRET:
            yield f"群“{chat.name}”有 webhook_secret 而没有 webhook_token：加签密钥单独没有用，请补上 webhook_token。"


def _addresses(config: Config) -> Iterator[tuple[str, str]]:
    yield "wecom.api_base", config.wecom.api_base
    if config.wecom.bot:
        yield "wecom.bot.ws_url", config.wecom.bot.ws_url
    if config.dingtalk:
        yield "dingtalk.api_base", config.dingtalk.api_base
        yield "dingtalk.oapi_base", config.dingtalk.oapi_base
    if config.server.public_url:
        yield "server.public_url", config.server.public_url


def _chat_hints(config: Config) -> Iterator[str]:
    if not config.wecom.app and not config.wecom.bot and not config.dingtalk:
        yield "没有配置企业微信或钉钉：只能导入、计分和出报表，收不到群消息。"
        return
    purposes = {chat.purpose for chat in config.chat}
    if "office" not in purposes:
        yield "没有用途为 office 的群：每日汇总和校验值无处发布。"
    if "ops" not in purposes:
        yield "没有用途为 ops 的群：平台断开、消息搁置等告警无处发布。"
    for chat in config.chat:
        has_push = config.dingtalk if chat.platform == "dingtalk" else None
        if chat.app_chat_id:
            continue
        if not has_push and chat.webhook_key == NO_SECRET and chat.webhook_token == NO_SECRET:
            is_live = config.wecom.bot is not None and config.wecom.bot.mode == "websocket"
            what = (
                "有人@过机器人之后它才能主动说话，且不能真正@到人。"
                if is_live
                else "机器人不能主动发消息，提醒改为私聊。"
            )
            yield f"群“{chat.name}”没有 webhook：{what}"
