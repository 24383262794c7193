"""Doctor's look at the platforms: does the address answer, do the clocks agree, is the access token given out."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from bot import tls
from bot.commands.access import dingtalk_robot, wecom_app
from bot.commands.signs import Mark, Sign
from bot.config import Chat, Config, Dingtalk
from bot.platforms.dingtalk.errors import PERMISSIONS_PAGE, api_error
from bot.platforms.dingtalk.frames import ROBOT_TOPIC
from bot.platforms.dingtalk.gateway import Gateway
from bot.platforms.http import Web
from bot.platforms.wecom.api import AGENT
from bot.platforms.wecom.app_groups import AppGroups
from bot.platforms.wecom.errors import APP_PATH
from domain.messages import PlatformError

SKEW, MOST_SKEW = timedelta(seconds=30), timedelta(seconds=300)  # beyond 300 s callbacks are refused as stale


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission of a DingTalk app, and a call that shows whether it was granted."""

    name: str
    what: str
    path: str
    payload: Mapping[str, object]
    needs_template: bool = False


SCOPES = (
    Scope(
        "qyapi_robot_sendmsg",
        "主动发送权限",
        "/v1.0/robot/oToMessages/batchSend",
        {"userIds": [], "msgKey": "sampleText", "msgParam": "{}"},
    ),
    Scope(
        "Card.Instance.Write",
        "权限（互动卡片实例写）",
        "/v1.0/card/instances/createAndDeliver",
        {"cardTemplateId": "", "outTrackId": ""},
        needs_template=True,
    ),
)
PATIENCE = aiohttp.ClientTimeout(total=5)


async def reach(config: Config) -> list[Sign]:
    """Return a line for each configured platform's clock, token and way in: a callback address or a connection."""
    found: list[Sign] = []
    bases, trust = _bases(config), tls.context(config.server.ca_file)
    if bases:
        found.append(await _clock(bases[0], trust))
    async with Web(tls=trust) as web:
        if config.wecom.app:
            found.append(await _wecom(config, web))
            found += [await _app_group(config, chat, web) for chat in config.chat if chat.app_chat_id]
        if config.dingtalk:
            found += await _dingtalk(config.dingtalk, web)
        if config.dingtalk and config.dingtalk.mode == "stream":
            found.append(await _stream(config.dingtalk, web))
    found += [_callback(config, title, path) for title, path in _callbacks(config)]
    return found


def _bases(config: Config) -> list[str]:
    wecom = [config.wecom.api_base] if config.wecom.app or config.wecom.bot else []
    return wecom + ([config.dingtalk.api_base] if config.dingtalk else [])


async def _clock(base: str, trust: ssl.SSLContext | None) -> Sign:
    """Compare this machine's clock with the Date of a platform's answer, whatever that answer says."""
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.get(base, allow_redirects=False, ssl=trust if trust is not None else True) as answer,
        ):
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError) as error:
        return Sign(Mark.BROKEN, f"无法访问 {base}（{type(error).__name__}）：请检查网络、代理和域名解析。")
    skew = abs(datetime.now(UTC) - theirs)
    text = f"本机时钟与平台相差{skew.total_seconds():.0f}秒"
    if skew > MOST_SKEW:
        return Sign(Mark.BROKEN, f"{text}：回调会因过期被拒，请启用自动校时（timedatectl set-ntp true）。")
    return Sign(Mark.WARN if skew > SKEW else Mark.WELL, text)


async def _wecom(config: Config, web: Web) -> Sign:
    try:
        api = wecom_app(config, web)
        # reads the app itself: whether this machine's address may call, and whether the app is switched on
        answer = await api.get(AGENT, {"agentid": str(api.app.agent_id)})
    except PlatformError as error:
        return Sign(Mark.BROKEN, f"企业微信自建应用：{error.text}")
    if answer.number("close"):
        return Sign(Mark.BROKEN, f"企业微信自建应用：已停用，请到{APP_PATH}启用。")
    return Sign(Mark.WELL, "企业微信自建应用：凭证有效，本机IP可信")


async def _app_group(config: Config, chat: Chat, web: Web) -> Sign:
    """Look at a group that the app made: whether it is there, and the app's own."""
    try:
        made = await AppGroups(wecom_app(config, web)).look(chat.app_chat_id)
    except PlatformError as error:
        return Sign(Mark.BROKEN, f"应用群“{chat.name}”：{error.text}")
    return Sign(Mark.WELL, f"应用群“{chat.name}”：{made.people}人")


async def _dingtalk(settings: Dingtalk, web: Web) -> list[Sign]:
    asked = {"appKey": settings.client_id, "appSecret": settings.client_secret.get_secret_value()}
    try:
        answer = await web.call(
            "POST", f"{settings.api_base}/v1.0/oauth2/accessToken", payload=asked, is_repeatable=True
        )
    except PlatformError as error:
        return [Sign(Mark.BROKEN, f"钉钉应用：{error.text}")]
    token = answer.text("accessToken")
    if api_error(answer.status, answer.body) is not None or not token:
        return [Sign(Mark.BROKEN, "钉钉应用：凭证不被接受，请核对 dingtalk.client_id 和 client_secret。")]
    wanted = [scope for scope in SCOPES if not scope.needs_template or settings.card_template_id]
    return [Sign(Mark.WELL, "钉钉应用：凭证有效"), *[await _scope(settings, web, token, scope) for scope in wanted]]


async def _scope(settings: Dingtalk, web: Web, token: str, scope: Scope) -> Sign:
    """Make a call that can do nothing, since it names nobody: a missing permission is told before anything else."""
    url, headers = f"{settings.api_base}{scope.path}", {"x-acs-dingtalk-access-token": token}
    payload = {"robotCode": settings.robot, **scope.payload}
    try:
        answer = await web.call("POST", url, payload=payload, headers=headers, is_repeatable=True)
    except PlatformError as error:
        return Sign(Mark.WARN, f"钉钉权限 {scope.name}：没能核对，{error.text}")
    code = answer.text("code").lower()
    if answer.status == 403 and ("permissiondenied" in code or "accessdenieddetail" in map(str.lower, answer.body)):
        return Sign(Mark.BROKEN, f"钉钉：缺{scope.what} {scope.name}，到 {PERMISSIONS_PAGE} 搜索并申请，重新发布版本。")
    return Sign(Mark.WELL, f"钉钉权限 {scope.name}：有")


async def _stream(settings: Dingtalk, web: Web) -> Sign:
    """Ask for a connection and leave it: the ticket says that the app may have one, and takes nobody's place."""
    try:
        await Gateway(dingtalk_robot(settings), web, [ROBOT_TOPIC]).open()
    except PlatformError as error:
        return Sign(Mark.BROKEN, f"钉钉Stream：{error.text}")
    return Sign(Mark.WELL, "钉钉Stream：可以建立连接")


def _callbacks(config: Config) -> list[tuple[str, str]]:
    found = []
    if config.wecom.app:
        found.append(("企业微信自建应用", "/callback/wecom/app"))
    if config.wecom.bot and config.wecom.bot.mode == "callback":
        found.append(("企业微信智能机器人", "/callback/wecom/bot"))
    if config.dingtalk and config.dingtalk.mode == "http":
        found.append(("钉钉机器人", "/callback/dingtalk/robot"))
    return found


def _callback(config: Config, title: str, path: str) -> Sign:
    if not config.server.public_url:
        return Sign(Mark.WARN, f"{title}：没有 server.public_url，平台后台的回调地址应为 外网地址{path}")
    return Sign(Mark.WELL, f"{title}回调地址：{config.server.public_url}{path}（请与平台后台核对）")
