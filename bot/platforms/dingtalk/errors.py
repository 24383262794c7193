"""What DingTalk's error codes mean for a post (platform page, "How a sender must read answers").

Webhooks and the legacy API answer HTTP 200 with `errcode`; the newer API answers an HTTP status with `code`, whose case
differs between pages and wire, so codes are compared without case. Several of the codes stand for families and are
written as patterns. The first row that fits decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from bot.platforms.base import NoMember
from bot.platforms.dingtalk.payload import JsonObject, clean, object_at, text_at
from domain.messages import (
    HandleSpent,
    Misconfigured,
    OutcomeUnknown,
    PersonLost,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    TokenDead,
    Undeliverable,
)

# Beyond 20 posts a minute a group robot is silenced for up to ten minutes: only a pause that long surely suffices.
PENALTY = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
MAX_DETAIL_CHARACTERS = 160
PERMISSIONS_PAGE = "钉钉开放平台→应用开发→本应用→权限管理"


class PermissionLacking(Misconfigured):
    """应用缺少接口权限。"""


class QuotaSpent(Misconfigured):
    """本组织当月的钉钉接口调用次数已用完，下月1日恢复；可为群配置Webhook，或升级钉钉版本。"""


class CardStands(Undeliverable):
    """这张卡片已经发出。"""


class FlowControlled(PlatformUnreachable):
    """对方近期收到的消息过多，钉钉暂缓投递，稍后重试。"""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code means: the error to raise, what a person should know, and how long to pause."""

    error: type[PlatformError]
    hint: str = ""
    retry_after: timedelta | None = None


_BUSY = Meaning(PlatformUnreachable, "钉钉系统繁忙，稍后重试")
_TOO_QUICK = Meaning(RateLimited, "调用过快", SECOND)
_NEXT_MINUTE = Meaning(RateLimited, "发送过快", MINUTE)
_MUTED = Meaning(RateLimited, "机器人每分钟最多发20条，超出后最长静默10分钟", PENALTY)
_TOKEN = Meaning(TokenDead)
_QUOTA = Meaning(QuotaSpent)
_SPENT = Meaning(HandleSpent)
_BLOCKED = Meaning(Undeliverable, "内容被钉钉安全规则拦截")
_NO_GROUP = Meaning(Undeliverable, "群已解散或群标识无效")
SCOPE_PAGE = "钉钉开放平台→应用开发→本应用→版本管理与发布→可使用范围"
_NO_PERSON = Meaning(PersonLost, f"对方不在本组织，或不在应用的可使用范围内，请到 {SCOPE_PAGE} 添加并重新发布版本")
_BAD_MESSAGE = Meaning(Undeliverable, "消息格式不被接受")
_PERMISSION = Meaning(PermissionLacking, f"应用缺少接口权限，请在 {PERMISSIONS_PAGE} 申请所缺权限并重新发布版本")
_ADDRESS = Meaning(Misconfigured, "本机出口IP不在白名单，请在 钉钉开放平台→本应用→安全设置 加入服务器出口IP")
_WEBHOOK_GONE = Meaning(Misconfigured, "群Webhook已失效，请在 群设置→机器人 重新获取地址并更新配置")
_STOPPED = Meaning(Misconfigured, "机器人已停用，请在 钉钉开放平台→本应用→机器人 启用并重新发布版本")
_NOT_IN_GROUP = Meaning(Misconfigured, "机器人不在该群，请在 群设置→机器人 添加后@它一次")
_ROBOT = Meaning(Misconfigured, "robot_code 与应用不符，请核对配置 dingtalk.robot_code")
_SECURITY = Meaning(Misconfigured, "群Webhook安全设置不符（关键词、加签或IP），请核对 webhook_secret 与服务器时间")
_APP = Meaning(Misconfigured, "应用凭证或设置有误，请核对 dingtalk.client_id 与 client_secret")

ERRCODES: tuple[tuple[frozenset[int], Meaning], ...] = (
    (frozenset({-1, 34015}), _BUSY),
    # 15 is the platform giving up on itself after 3 s: whether the post went out is anybody's guess.
    (frozenset({15}), Meaning(OutcomeUnknown, "钉钉内部超时")),
    (frozenset({90002, 90018}), _TOO_QUICK),
    (frozenset({130101, 410100}), _MUTED),
    (frozenset({40001, 40014, 42001}), _TOKEN),
    (frozenset({90020, 90030}), _QUOTA),
    (frozenset({310000}), _SECURITY),
    (frozenset({60011}), _PERMISSION),
    (frozenset({60020}), _ADDRESS),
    (frozenset({300001, 300005, 400101}), _WEBHOOK_GONE),
    (frozenset({400102}), _STOPPED),
    (frozenset({400106}), _NOT_IN_GROUP),
    (frozenset({50002}), Meaning(Misconfigured, "对方不在应用的可使用范围内，请扩大可使用范围并重新发布版本")),
    (frozenset({40035, 40089, 43002, 43004, 43005}), _APP),
    (frozenset({400013}), _NO_GROUP),
    (frozenset({430101, 430102, 430103, 430104}), _BLOCKED),
    (frozenset({60121}), Meaning(NoMember, _NO_PERSON.hint)),
    (frozenset({40104}), Meaning(NoMember, "手机号不被接受")),
    (frozenset({34016, 41049, 45002, 60022, 400105}), _BAD_MESSAGE),
)

CODES: tuple[tuple[tuple[str, ...], Meaning], ...] = (
    (("session.expired", "session.notexisted"), _SPENT),
    (("invalidauthentication", "accesstoken.expired", "token.notexisted"), _TOKEN),
    (("*apicountlimitfororg",), _QUOTA),
    (("*qpmlimitforappkeyandapi",), _NEXT_MINUTE),
    (("*qpslimitforapi", "*qpslimitforappkeyandapi"), _TOO_QUICK),
    (("systembusy", "servicebusy", "system.busy", "system.error"), _BUSY),
    (("unknown.send.result",), Meaning(OutcomeUnknown, "钉钉未确认是否送达")),
    (("send.too.fast", "send.bytoken.toofast", "too.many.group", "too.many.people", "request.often"), _NEXT_MINUTE),
    (("invalidparameter.robotcode.downloadcode",), Meaning(Undeliverable, "图片的下载凭证已失效")),
    (("invalidparameter.robotcode.*", "robot.oto.notexist"), _ROBOT),
    (("*accesstokenpermissiondenied",), _PERMISSION),
    (("*ipnotinwhitelist",), _ADDRESS),
    (("bot.stopped", "template.stopped"), _STOPPED),
    (
        ("ding.serverquota.insufficient", "volume.lack"),
        Meaning(Misconfigured, "DING额度不足或本组织没有DING，请到钉钉管理后台购买，或把配置 dingtalk.ding 改为 off"),
    ),
    (("ding.receivercount.limit",), Meaning(Undeliverable, "DING的人数超限")),
    (("toomuch.msg",), _NEXT_MINUTE),
    (("send.ding.exception",), _BUSY),
    (
        ("chatbotid.notallow.sendoto",),
        Meaning(Misconfigured, "机器人未开通单聊，请在 本应用→机器人 开通并重新发布版本"),
    ),
    (
        ("unauthorized", "auth.error", "conversation.org.notmatch", "resource.not.found", "invalidclientidorsecret"),
        _APP,
    ),
    (("param.cardalreadyexist",), Meaning(CardStands)),
    (
        ("param.templatenotexist", "param.templateunpublished"),
        Meaning(Misconfigured, "卡片模板不存在或未发布，请在 钉钉卡片平台 发布后核对配置 dingtalk.card_template_id"),
    ),
    (("param.contentunsafe",), _BLOCKED),
    (("param.openspaceidinvalid",), _NO_GROUP),
    (("param.useridnotexist",), _NO_PERSON),
    (("param.*",), _BAD_MESSAGE),
    (("group.disbanded", "invalid.openconversationid"), _NO_GROUP),
    (("contain.notallowed.*", "contain.unsafe.url"), _BLOCKED),
    (("staffid.notexisted", "miss.staffid"), _NO_PERSON),
    (("bot.forbidden.sendmessage",), Meaning(Undeliverable, "群设置禁止机器人发言")),
    (("miss.*", "invalidparameter.msgkey.*", "msgparam.invalid", "msgparam.toolong"), _BAD_MESSAGE),
)


def webhook_error(body: JsonObject) -> PlatformError | None:
    """Return what a webhook's answer complains about, None when it took the post.

    An answer without a readable `errcode` (the firewall's page has none) never counts as success.
    """
    errcode = _errcode(body)
    if errcode == 0:
        return None
    if errcode is None:
        return _firewall(body) or (api_error(400, body) if text_at(body, "code") else _unreadable())
    if errcode == 88:
        return _made(_meaning_of_88(body), "88", body)
    meaning = next((m for codes, m in ERRCODES if errcode in codes), Meaning(PlatformError))
    return _made(meaning, str(errcode), body)


def api_error(status: int, body: JsonObject) -> PlatformError | None:
    """Return what an answer of the newer API complains about, None for a 2xx without complaint."""
    if (banned := _firewall(body)) is not None:
        return banned
    code = text_at(body, "code")
    if status < 400:
        return webhook_error(body) if "errcode" in body else None
    known = next((m for patterns, m in CODES if any(fnmatchcase(code.lower(), p) for p in patterns)), None)
    meaning = known or (_TOKEN if status == 401 else Meaning(PlatformError))
    error = _made(meaning, code or f"HTTP {status}", body)
    scopes = _required_scopes(body)
    if scopes:
        error = Misconfigured(f"应用缺少权限 {'、'.join(scopes)}，请在 {PERMISSIONS_PAGE} 申请并重新发布版本")
    return error


def lost_person(body: JsonObject, userid: str) -> PlatformError | None:
    """Return why a private post accepted with HTTP 200 will not reach this person, None when it will."""
    reasons: tuple[tuple[str, PlatformError], ...] = (
        ("invalidStaffIdList", PersonLost(_NO_PERSON.hint)),
        ("filteredStaffIdList", PersonLost("对方已屏蔽机器人，或消息被过滤，请本人在与机器人的会话里取消屏蔽")),
        ("flowControlledStaffIdList", _paused(FlowControlled(), MINUTE)),
    )
    return next((error for key, error in reasons if userid in _names(body.get(key))), None)


def _errcode(body: JsonObject) -> int | None:
    """Return `errcode`, which comes as a number or as text."""
    value = body.get("errcode")
    if isinstance(value, str) and len(value) < 12 and value.removeprefix("-").isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _meaning_of_88(body: JsonObject) -> Meaning:
    """88 wraps another error: empty, it is a hiccup; about the token, the token is dead; else what it wraps decides."""
    if "access_token" in text_at(body, "sub_msg") or "access_token" in text_at(body, "errmsg"):
        return _TOKEN
    if not body.get("sub_code"):
        return _BUSY
    wrapped = _errcode({"errcode": body.get("sub_code")})
    return next((m for codes, m in ERRCODES if wrapped in codes), Meaning(PlatformError))


def _firewall(body: JsonObject) -> PlatformError | None:
    """Too many calls from one address: the firewall answers in its own words, `wait` counts minutes."""
    if text_at(body, "punish") != "deny" and text_at(body, "source") != "x5":
        return None
    wait = body.get("wait")
    minutes = wait if isinstance(wait, int) and 1 <= wait <= 60 else 5
    return _paused(RateLimited("本机访问钉钉过于频繁，被防火墙暂时拦截"), timedelta(minutes=minutes))


def _unreadable() -> PlatformError:
    return OutcomeUnknown("钉钉的答复没有结果码")


def _required_scopes(body: JsonObject) -> tuple[str, ...]:
    for key in ("accessdenieddetail", "accessDeniedDetail"):
        scopes = _names(object_at(body, key).get("requiredScopes"))
        if scopes:
            return tuple(clean(scope)[:64] for scope in scopes[:8])
    return ()


def _names(value: object) -> tuple[str, ...]:
    return tuple(_only_text(value)) if isinstance(value, list) else ()


def _only_text(values: list[object]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _made(meaning: Meaning, code: str, body: JsonObject) -> PlatformError:
    """Build the error; the platform's own words follow, shortened, for the operator."""
    said = (text_at(body, "errmsg") or text_at(body, "message")).strip()[:MAX_DETAIL_CHARACTERS]
    hint = meaning.hint or (meaning.error.__doc__ or "").strip()
    return _paused(meaning.error(f"{hint}（钉钉 {clean(code)[:64]} {said}）"), meaning.retry_after)


def _paused(error: PlatformError, pause: timedelta | None) -> PlatformError:
    error.retry_after = pause
    return error
