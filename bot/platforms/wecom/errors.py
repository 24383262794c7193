"""WeCom's error codes as our errors: one table, each code written once.

The platform answers HTTP 200 with an `errcode`; `errmsg` is never shown, since it may repeat what we sent. Platform
pages: global error codes, group webhook, sending app messages, AI bot.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.platforms.base import NoMember
from bot.platforms.http import Answer
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


class OutOfRange(PersonLost):
    """不在应用可见范围内。"""


_CALLER_ADDRESS = re.compile(r"from ip: ?(\d{1,3}(?:\.\d{1,3}){3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """Some codes with one meaning: the class that says what may be done, and the text for the operator."""

    codes: frozenset[int]
    error: type[PlatformError]
    text: str
    pause: timedelta | None = None


def _row(error: type[PlatformError], text: str, *codes: int, pause: timedelta | None = None) -> ErrorRow:
    return ErrorRow(frozenset(codes), error, text, pause)


APP_PATH = "管理后台→应用管理→自建应用"
NOT_SUBSCRIBED: Final = 846609  # the socket looks open, but the gateway knows nothing of a subscription
WRONG_FORM: Final = frozenset({40008, 40058, 600039})  # another form of the same content may be taken
ROWS: Final = (
    _row(PlatformUnreachable, "企业微信系统繁忙，稍后重试", -1, 846601, 846602, NOT_SUBSCRIBED),
    _row(RateLimited, "企业微信限流，暂停1分钟后继续", 45009, pause=timedelta(minutes=1)),
    _row(RateLimited, "企业微信并发调用超限，稍后继续", 45033, pause=timedelta(seconds=5)),
    _row(TokenDead, "访问凭证失效", 40014, 42001),
    _row(Misconfigured, f"应用Secret有误，请到{APP_PATH}重新复制Secret", 40001, 40091),
    _row(Misconfigured, "企业ID有误，请到管理后台→我的企业→企业信息核对企业ID", 40013),
    _row(Misconfigured, f"应用AgentId有误，请到{APP_PATH}核对AgentId", 40056, 301002),
    _row(Misconfigured, "请求缺少参数，请核对corp_id、secret与agent_id是否已填写", 41001, 41002, 41004),
    _row(Misconfigured, f"企业微信拒绝了本机出口IP，请到{APP_PATH}→企业可信IP添加；出口IP会变时请走固定代理", 60020),
    _row(Misconfigured, f"应用已停用，请到{APP_PATH}启用", 50003),
    _row(Misconfigured, f"应用没有该接口权限，请到{APP_PATH}核对可见范围与权限", 48002),
    _row(Misconfigured, "群机器人地址无效或机器人已被移出群，请到该群→消息推送重新添加并更新webhook_key", 93000),
    _row(Misconfigured, "群机器人已停用，请到该群→消息推送启用", 93004),
    _row(Misconfigured, "智能机器人的BotID或Secret有误，请到管理后台→安全与管理→管理工具→智能机器人核对", 853000),
    _row(Misconfigured, "企业未开通该工具", 853006),
    _row(PersonLost, f"收件人均无效，请核对其是否离职，并到{APP_PATH}→可见范围添加", 81013, 60111, 40003),
    _row(OutOfRange, f"收件人不在应用可见范围内，请到{APP_PATH}→可见范围添加", 60011, 50002),
    _row(NoMember, "通讯录中没有这个手机号", 46004, 60103),
    _row(Undeliverable, "部门不存在或无权限", 60123, 60003),
    _row(Undeliverable, "消息内容为空", 44004),
    _row(Undeliverable, "消息过长", 45002),
    _row(Undeliverable, "消息格式不被接受", 301019, *WRONG_FORM),
    _row(Undeliverable, "群不存在，或机器人不在该群", 93006, 93008, 40050),
    _row(Undeliverable, "没有这个应用群，或它不是本应用建的，请用 luzhang chat create 重建", 86001, 86003, 86008),
    _row(Undeliverable, "群名不被接受", 86004),
    _row(Undeliverable, "群主无效，请核对其账号", 86005),
    _row(Undeliverable, "群成员须为2到2000人，请核对人员的企业微信账号", 86006),
    _row(Undeliverable, "群成员有无效账号，请核对其是否离职", 86007),
    _row(Undeliverable, "已有同一编号的群", 86215),
    _row(Undeliverable, "图片或文件已失效，请重新发送", 40004, 40005, 40006, 40007, 40009, 44001, 45001),
    _row(HandleSpent, "回复地址已用过或已过期", 846605, 846608),
)
BY_CODE: Final[Mapping[int, ErrorRow]] = {code: row for row in ROWS for code in row.codes}
UNKNOWN: Final = _row(Undeliverable, "企业微信拒绝了这条消息")
UNKNOWN_REPLY: Final = _row(HandleSpent, "回复地址不再可用")


def form_refusal(answer: Answer) -> PlatformError | None:
    """Return why a card was not taken where plain words still may be, None when it was, or when words won't do either.

    The platform has refused for sure: nothing was shown, so the words don't repeat anything.
    """
    code = answer.number("errcode", default=0)
    error = error_of(code, answer.text("errmsg")) if code else None
    return error if isinstance(error, Undeliverable | Misconfigured) and not isinstance(error, HandleSpent) else None


def refuse(answer: Answer, *, is_reply: bool = False) -> None:
    """Raise the PlatformError of an answer that is not a success.

    is_reply: the answer came from a reply address, whose codes for "used" and "expired" the platform does not print:
    there an unknown code means that the address is spent.
    """
    if not isinstance(answer.body.get("errcode"), int):
        if answer.status >= 400:
            raise PlatformUnreachable(f"企业微信暂时无法访问（HTTP {answer.status}）")
        raise OutcomeUnknown("企业微信的答复没有errcode")
    code = answer.number("errcode", default=-1)
    if code:
        raise error_of(code, answer.text("errmsg"), UNKNOWN_REPLY if is_reply else UNKNOWN)


def error_of(code: int, errmsg: str = "", unknown: ErrorRow = UNKNOWN) -> PlatformError:
    """Return the error of a code; a code that the table does not know takes the meaning of `unknown`."""
    row = BY_CODE.get(code, unknown)
    caller = _CALLER_ADDRESS.search(errmsg) if code == 60020 else None
    named = f"（本机出口IP {caller.group(1)}，errcode {code}）" if caller else f"（errcode {code}）"
    error = row.error(row.text + named)
    error.retry_after = row.pause
    return error
