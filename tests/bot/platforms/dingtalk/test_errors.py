from datetime import timedelta

import pytest

from bot.platforms.base import NoMember
from bot.platforms.dingtalk.errors import (
    FlowControlled,
    PermissionLacking,
    QuotaSpent,
    api_error,
    lost_person,
    webhook_error,
)
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


@pytest.mark.parametrize(
    ("errcode", "error", "pause"),
    [
        (-1, PlatformUnreachable, None),
        (34015, PlatformUnreachable, None),
        (15, OutcomeUnknown, None),
        (90002, RateLimited, timedelta(seconds=1)),
        (90018, RateLimited, timedelta(seconds=1)),
        (130101, RateLimited, timedelta(minutes=10)),
        (410100, RateLimited, timedelta(minutes=10)),
        (40014, TokenDead, None),
        (42001, TokenDead, None),
        (40001, TokenDead, None),
        (90020, QuotaSpent, None),
        (90030, QuotaSpent, None),
        *((code, Misconfigured, None) for code in (310000, 60020, 300001, 300005, 400101, 400102, 400106)),
        *((code, Misconfigured, None) for code in (40089, 50002, 43002, 43004, 43005, 40035)),
        *((code, Undeliverable, None) for code in (400013, 400105, 430101, 430102, 430103, 430104, 41049)),
        *((code, Undeliverable, None) for code in (60022, 45002, 34016)),
        (60011, PermissionLacking, None),
        (60121, NoMember, None),
        (40104, NoMember, None),
        (987654, PlatformError, None),
    ],
)
@pytest.mark.parametrize("as_text", [False, True], ids=["number", "text"])
def test_webhook_codes(errcode: int, error: type[PlatformError], pause: timedelta | None, as_text: bool) -> None:
    found = webhook_error({"errcode": str(errcode) if as_text else errcode, "errmsg": "具体原因"})
    assert type(found) is error
    assert found is not None
    assert found.retry_after == pause
    assert "具体原因" in found.text
    assert str(errcode) in found.text


@pytest.mark.parametrize("ok", [0, "0"])
def test_success(ok: object) -> None:
    assert webhook_error({"errcode": ok, "errmsg": "ok"}) is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({"errcode": 88}, PlatformUnreachable, id="88 empty"),
        pytest.param({"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"}, TokenDead, id="88 token"),
        pytest.param({"errcode": 88, "sub_code": "60011", "sub_msg": "无权限"}, PermissionLacking, id="88 permission"),
        pytest.param({"errcode": 88, "sub_code": "isv.x", "sub_msg": "别的"}, PlatformError, id="88 other"),
        pytest.param({}, OutcomeUnknown, id="no code"),
        pytest.param({"errcode": True}, OutcomeUnknown, id="a boolean"),
        pytest.param({"errcode": None}, OutcomeUnknown, id="null"),
        pytest.param({"errcode": "zero"}, OutcomeUnknown, id="words"),
        pytest.param({"errcode": "9" * 5000}, OutcomeUnknown, id="endless"),
        pytest.param({"code": "session.expired", "message": "x"}, HandleSpent, id="session in new style"),
    ],
)
def test_odd_webhook_answers(body: dict[str, object], error: type[PlatformError]) -> None:
    assert type(webhook_error(body)) is error


@pytest.mark.parametrize("wait", [5, "soon", None, 100_000, -1])
def test_the_firewalls_ban_is_a_pause(wait: object) -> None:
    body = {"status": 1111, "wait": wait, "source": "x5", "punish": "deny"}
    for found in (webhook_error(body), api_error(200, body), api_error(403, body)):
        assert isinstance(found, RateLimited)
        assert found.retry_after == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidAuthentication", TokenDead),
        ("accesstoken.expired", TokenDead),
        ("token.notExisted", TokenDead),
        ("Forbidden.AccessDenied.ApiCountLimitForOrg", QuotaSpent),
        ("Forbidden.AccessDenied.QpsLimitForApi", RateLimited),
        ("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", RateLimited),
        ("Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", RateLimited),
        ("systemBusy", PlatformUnreachable),
        ("system.busy", PlatformUnreachable),
        ("unknown.send.result", OutcomeUnknown),
        ("send.too.fast", RateLimited),
        ("send.byToken.tooFast", RateLimited),
        ("too.many.group", RateLimited),
        ("request.often", RateLimited),
        ("Forbidden.AccessDenied.AccessTokenPermissionDenied", PermissionLacking),
        ("Forbidden.AccessDenied.IpNotInWhiteList", Misconfigured),
        ("bot.stopped", Misconfigured),
        ("chatbotId.notAllow.sendOTO", Misconfigured),
        ("robot.oto.notExist", Misconfigured),
        ("invalidParameter.robotCode.auth", Misconfigured),
        ("invalidParameter.robotCode.downloadCode", Undeliverable),
        ("resource.not.found", Misconfigured),
        ("group.disbanded", Undeliverable),
        ("invalid.openConversationId", Undeliverable),
        ("miss.openConversationId", Undeliverable),
        ("invalidParameter.msgKey.empty", Undeliverable),
        ("msgParam.tooLong", Undeliverable),
        ("contain.notAllowed.content", Undeliverable),
        ("contain.unsafe.url", Undeliverable),
        ("staffId.notExisted", PersonLost),
        ("bot.forbidden.sendMessage", Undeliverable),
        ("session.notExisted", HandleSpent),
        ("something.new", PlatformError),
        ("", PlatformError),
    ],
)
@pytest.mark.parametrize("write", [str, str.lower, str.upper])
def test_api_codes(code: str, error: type[PlatformError], write: type[str]) -> None:
    assert type(api_error(400, {"code": write(code), "message": "x", "requestid": "r"})) is error


def test_a_success_is_none() -> None:
    assert api_error(200, {"processQueryKey": "k"}) is None


def test_an_unauthorised_answer_without_a_code_means_the_token() -> None:
    assert type(api_error(401, {})) is TokenDead


@pytest.mark.parametrize("key", ["accessdenieddetail", "accessDeniedDetail"])
def test_a_missing_permission_is_named_with_the_page_to_grant_it(key: str) -> None:
    body = {
        "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
        "message": "x",
        key: {"requiredScopes": ["qyapi_robot_sendmsg"]},
    }
    found = api_error(403, body)
    assert isinstance(found, Misconfigured)
    assert "qyapi_robot_sendmsg" in found.text
    assert "权限管理" in found.text


def test_a_long_complaint_is_shortened() -> None:
    found = webhook_error({"errcode": 310000, "errmsg": "长" * 5_000})
    assert found is not None
    assert len(found.text) < 400


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"invalidStaffIdList": ["u1"]}, PersonLost),
        ({"filteredStaffIdList": ["u1"]}, PersonLost),
        ({"flowControlledStaffIdList": ["u1"]}, FlowControlled),
        ({"invalidStaffIdList": ["u2"], "filteredStaffIdList": None}, type(None)),
        ({"invalidStaffIdList": "u1"}, type(None)),
        ({}, type(None)),
    ],
)
def test_lost_people(body: dict[str, object], error: type) -> None:
    assert type(lost_person(body, "u1")) is error
