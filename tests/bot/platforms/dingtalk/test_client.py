import asyncio
import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.fakes.dingtalk import FakeRobot
from bot.fakes.rules import Fault
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.errors import FlowControlled, QuotaSpent
from bot.platforms.dingtalk.handles import PictureCode
from bot.platforms.dingtalk.settings import DingtalkRobot, GroupWebhook
from domain.messages import (
    Choice,
    HandleSpent,
    Misconfigured,
    OutcomeUnknown,
    Outgoing,
    PersonLost,
    PhotoRef,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    ReplyHandle,
    Target,
    TokenDead,
    Undeliverable,
    Way,
)
from tests.bot.platforms.dingtalk.rehearsal import (
    GROUP,
    HOOKS,
    SECRET,
    TOKEN,
    Rehearsal,
    rehearsal,
    to_group,
    to_person,
)

GROUP_SEND = "/v1.0/robot/groupMessages/send"
PRIVATE_SEND = "/v1.0/robot/oToMessages/batchSend"
TOKEN_CALL = "/v1.0/oauth2/accessToken"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
OUTSIDER = "$:LWCP_v1:$s1"


def ladder(house: Rehearsal, outgoing: Outgoing) -> list[str]:
    return [way.name for way in house.client.ways(outgoing, house.clock())]


def only(house: Rehearsal, outgoing: Outgoing, name: str) -> Way:
    return next(way for way in house.client.ways(outgoing, house.clock()) if way.name == name)


# ---- the ladder


async def test_a_group_is_answered_by_session_then_webhook_then_openapi() -> None:
    async with rehearsal() as house:
        post = to_group(reply=house.reply_handle(GROUP))
        assert ladder(house, post) == ["reply", "webhook", "openapi"]
        house.clock.advance(minutes=90)
        assert ladder(house, post) == ["webhook", "openapi"]


async def test_a_person_is_answered_in_that_private_chat_then_by_the_robot() -> None:
    async with rehearsal() as house:
        assert ladder(house, to_person(reply=house.reply_handle("", "u1001"))) == ["reply", "private"]
        assert ladder(house, to_person()) == ["private"]


@pytest.mark.parametrize(
    ("chat_id", "userid", "post"),
    [
        pytest.param("cidWest==", "u1001", to_group(), id="another group"),
        pytest.param("", "u1001", to_group(), id="private session, group post"),
        pytest.param(GROUP, "u1001", to_person(), id="group session, private post"),
        pytest.param("", "u2002", to_person(), id="another person's private chat"),
    ],
)
async def test_a_session_answers_only_in_its_own_conversation(chat_id: str, userid: str, post: Outgoing) -> None:
    async with rehearsal() as house:
        answer = Outgoing(post.key, post.target, post.text, reply=house.reply_handle(chat_id, userid))
        assert "reply" not in ladder(house, answer)


@pytest.mark.parametrize(
    "base",
    [
        "http://169.254.169.254",
        "https://oapi.dingtalk.com.evil.cn",
        "https://oapi.dingtalk.com@evil.cn",
        "http://oapi.dingtalk.com",
        "https://oapi.dingtalk.com:8443",
        "http://[",
        "file:///etc",
        "",
    ],
)
async def test_a_forged_session_address_is_never_posted_to(base: str) -> None:
    async with rehearsal() as house:
        handle = ReplyHandle(
            json.dumps({"webhook": f"{base}/robot/sendBySession?session=s", "chat_id": GROUP, "sender": "u1001"}),
            house.clock() + timedelta(minutes=90),
            uses=0,
        )
        assert ladder(house, to_group(reply=handle)) == ["webhook", "openapi"]


async def test_the_platforms_own_session_addresses_are_used_beside_another_base() -> None:
    async with rehearsal() as house:
        post = to_group(reply=house.reply_handle(GROUP, base="https://oapi.dingtalk.com"))
        assert ladder(house, post)[0] == "reply"


async def test_a_handle_that_is_not_ours_is_left_alone() -> None:
    async with rehearsal() as house:
        handle = ReplyHandle("garbage", house.clock() + timedelta(minutes=90), uses=0)
        assert ladder(house, to_group(reply=handle)) == ["webhook", "openapi"]


async def test_an_outsider_can_only_be_answered() -> None:
    async with rehearsal() as house:
        assert ladder(house, to_person(userid=OUTSIDER)) == []
        assert ladder(house, to_person(userid=OUTSIDER, reply=house.reply_handle("", OUTSIDER))) == ["reply"]


async def test_another_platforms_post_has_no_way() -> None:
    async with rehearsal() as house:
        assert house.client.ways(Outgoing("k", Target("wecom", chat_id=GROUP), "x"), house.clock()) == ()


async def test_the_webhook_way_keeps_under_the_platforms_minute_and_deduplicates() -> None:
    async with rehearsal() as house:
        way = only(house, to_group(), "webhook")
        assert (way.robot, way.limit, way.window, way.deduplicates) == (
            f"dingtalk.webhook:{GROUP}",
            18,
            timedelta(minutes=1),
            True,
        )


async def test_without_webhooks_nobody_is_really_called() -> None:
    async with rehearsal(hooks={}) as house:
        assert ladder(house, to_group()) == ["openapi"]
        assert (house.client.capabilities.group_push, house.client.capabilities.real_mention) == ("openapi", False)
    async with rehearsal() as house:
        assert (house.client.capabilities.group_push, house.client.capabilities.real_mention) == ("webhook", True)


# ---- what arrives


@pytest.mark.parametrize("way", ["reply", "webhook"])
async def test_people_are_really_called(way: str) -> None:
    async with rehearsal() as house:
        post = to_group(mentions=("u2002", "u3003"), mention_names=("王路长", "李四"), reply=house.reply_handle(GROUP))
        await house.client.send(post, only(house, post, way))
        (seen,) = house.fake.deliveries
        assert (seen.way, seen.chat_id, seen.mentions) == (way, GROUP, ("u2002", "u3003"))
        assert seen.text == "井盖破损\n@u2002 @u3003"


async def test_the_openapi_names_people_instead() -> None:
    async with rehearsal(hooks={}) as house:
        await house.post(to_group(mentions=("u2002",), mention_names=("王路长",)))
        (seen,) = house.fake.deliveries
        assert (seen.way, seen.mentions, seen.text) == ("openapi", (), "井盖破损\n请王路长查看。")


async def test_an_outsider_is_named_and_a_name_in_the_text_is_not_repeated() -> None:
    async with rehearsal() as house:
        await house.post(to_group("请李四处理", mentions=(OUTSIDER, "u3003"), mention_names=("赵强", "李四")))
        assert house.fake.deliveries[0].text == "请李四处理\n请赵强查看。\n@u3003"


async def test_who_has_no_account_is_named_beside_those_who_are_called() -> None:
    async with rehearsal() as house:
        await house.post(to_group(mentions=("", "u3003"), mention_names=("周敏", "李四")))
        assert house.fake.deliveries[0].text == "井盖破损\n请周敏查看。\n@u3003"


async def test_choices_are_offered_by_digit_once() -> None:
    async with rehearsal() as house:
        choices = (Choice("ack", "收到"), Choice("not_mine", "非我路段"))
        await house.post(to_group(choices=choices))
        await house.post(to_group("请选择：1 收到 2 非我路段", key="k2", choices=choices))
        first, second = (post.text for post in house.fake.deliveries)
        assert first == "井盖破损\n回复数字：1 收到 2 非我路段"
        assert second == "请选择：1 收到 2 非我路段"


async def test_a_private_post_reaches_its_person() -> None:
    async with rehearsal() as house:
        receipt = await house.client.send(to_person(mentions=("u1001",), mention_names=("李巡",)), only_private(house))
        (seen,) = house.fake.deliveries
        assert (seen.userids, seen.text, seen.message_id) == (("u1001",), "井盖破损", receipt.platform_message_id)


def only_private(house: Rehearsal) -> Way:
    return only(house, to_person(), "private")


async def test_a_resend_is_marked_unless_the_platform_drops_repeats() -> None:
    async with rehearsal() as house:
        post = to_group(is_resend=True, reply=house.reply_handle(GROUP))
        for name in ("reply", "webhook", "openapi"):
            await house.client.send(post, only(house, post, name))
        assert [seen.text for seen in house.fake.deliveries] == ["（补发）井盖破损", "井盖破损", "（补发）井盖破损"]


async def test_the_webhook_drops_a_repeat() -> None:
    async with rehearsal() as house:
        for is_resend in (False, True):
            await house.post(to_group(key="案件" * 40, is_resend=is_resend))
        assert len(house.fake.deliveries) == 1


# ---- refusals


@pytest.mark.parametrize(
    ("robot", "error"),
    [
        pytest.param(FakeRobot(staff=frozenset({"u9"})), PersonLost, id="invalid"),
        pytest.param(FakeRobot(filtered=frozenset({"u1001"})), PersonLost, id="filtered"),
        pytest.param(FakeRobot(flow_controlled=frozenset({"u1001"})), FlowControlled, id="flow controlled"),
    ],
)
async def test_a_listed_person_was_not_reached(robot: FakeRobot, error: type[PlatformError]) -> None:
    async with rehearsal(robot) as house:
        with pytest.raises(error) as raised:
            await house.post(to_person())
        assert type(raised.value) is error
        assert house.fake.deliveries == []


async def test_twenty_a_minute_then_ten_minutes_of_silence() -> None:
    async with rehearsal() as house:
        way = only(house, to_group(), "webhook")
        for number in range(20):
            await house.client.send(to_group(key=f"k{number}"), way)
        with pytest.raises(RateLimited) as raised:
            await house.client.send(to_group(key="k20"), way)
        assert raised.value.retry_after == timedelta(minutes=10)
        house.clock.advance(minutes=9)
        with pytest.raises(RateLimited):
            await house.client.send(to_group(key="k20"), way)
        house.clock.advance(minutes=1)
        await house.client.send(to_group(key="k20"), way)
        assert len(house.fake.deliveries) == 21


async def test_a_token_that_died_early_is_replaced_once_for_all() -> None:
    async with rehearsal(hooks={}) as house:
        await house.post(to_group())
        house.fake.state.kill_tokens()
        await asyncio.gather(*(house.post(to_group(key=f"k{number}")) for number in range(8)))
        assert len(house.fake.deliveries) == 9
        assert house.fake.rules.count(TOKEN_CALL) == 2
        assert house.fake.rules.count(GROUP_SEND) <= 1 + 2 * 8


async def test_a_token_is_asked_for_once_and_renewed_early() -> None:
    async with rehearsal(hooks={}) as house:
        await asyncio.gather(*(house.post(to_group(key=f"k{number}")) for number in range(5)))
        assert house.fake.rules.count(TOKEN_CALL) == 1
        house.clock.advance(seconds=6_899)
        await house.post(to_group())
        assert house.fake.rules.count(TOKEN_CALL) == 1
        house.clock.advance(seconds=1)
        await house.post(to_group())
        assert house.fake.rules.count(TOKEN_CALL) == 2


async def test_a_token_that_stays_dead_is_not_asked_for_again_and_again() -> None:
    async with rehearsal(hooks={}) as house:
        house.fake.rules.arm(Fault("errcode", GROUP_SEND, count=0, status=400, code="InvalidAuthentication"))
        with pytest.raises(TokenDead):
            await house.post(to_group())
        assert (house.fake.rules.count(TOKEN_CALL), house.fake.rules.count(GROUP_SEND)) == (2, 2)


async def test_wrong_app_credentials_are_a_matter_for_the_operator() -> None:
    async with rehearsal(FakeRobot(client_secret="another"), hooks={}) as house:
        with pytest.raises(Misconfigured, match="client_secret"):
            await house.post(to_group())


async def test_a_spent_month_stops_the_metered_ways_until_the_next() -> None:
    async with rehearsal(FakeRobot(monthly_calls=1)) as house:
        await house.post(to_person())
        with pytest.raises(QuotaSpent) as raised:
            await house.post(to_person())
        assert raised.value.retry_after == datetime(2026, 11, 30, 16, tzinfo=UTC) - house.clock()
        assert (ladder(house, to_person()), ladder(house, to_group())) == ([], ["webhook"])
        house.clock.now = datetime(2026, 11, 30, 16, tzinfo=UTC)
        await house.post(to_person())
        assert len(house.fake.deliveries) == 2


async def test_a_session_that_is_over_leads_to_another_way() -> None:
    async with rehearsal() as house:
        post = to_group(reply=house.reply_handle(GROUP))
        way = only(house, post, "reply")
        house.fake.state.sessions.clear()
        with pytest.raises(HandleSpent):
            await house.client.send(post, way)
        house.clock.advance(minutes=90)
        with pytest.raises(HandleSpent):
            await house.client.send(post, way)


@pytest.mark.parametrize(
    "hook", [GroupWebhook(TOKEN, "SECwrong"), GroupWebhook("gonetoken", SECRET), GroupWebhook(TOKEN, "")]
)
async def test_a_wrong_webhook_is_a_matter_for_the_operator(hook: GroupWebhook) -> None:
    async with rehearsal(hooks={GROUP: hook}) as house:
        with pytest.raises(Misconfigured):
            await house.post(to_group())


async def test_a_way_of_no_kind_is_refused() -> None:
    async with rehearsal() as house:
        with pytest.raises(Undeliverable):
            await house.client.send(to_group(), Way("x", "pigeon", 1, timedelta(seconds=1)))
        other = Outgoing("k", Target("dingtalk", chat_id="cidWest=="), "x")
        with pytest.raises(Undeliverable):
            await house.client.send(other, Way("x", "webhook", 1, timedelta(seconds=1)))


@pytest.mark.faults
@pytest.mark.parametrize("way", ["reply", "webhook", "openapi"])
@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        pytest.param(Fault("status", status=500), (OutcomeUnknown,), id="500"),
        pytest.param(Fault("status", status=502), (OutcomeUnknown,), id="502"),
        pytest.param(Fault("status", status=503), (PlatformUnreachable,), id="503"),
        pytest.param(Fault("status", status=429), (RateLimited,), id="429"),
        pytest.param(Fault("reset"), (OutcomeUnknown,), id="reset"),
        pytest.param(Fault("html", status=200), (OutcomeUnknown,), id="html"),
        pytest.param(Fault("html", status=403), (PlatformUnreachable,), id="ban page"),
        pytest.param(Fault("empty"), (OutcomeUnknown,), id="empty"),
        pytest.param(Fault("wrong_type"), (OutcomeUnknown,), id="a list"),
        pytest.param(Fault("huge"), (OutcomeUnknown,), id="ten megabytes"),
        pytest.param(Fault("reset", is_carried_out=True), (OutcomeUnknown,), id="reset after it was done"),
    ],
)
async def test_a_platform_that_misbehaves(way: str, fault: Fault, errors: tuple[type[PlatformError], ...]) -> None:
    async with rehearsal() as house:
        post = to_group(reply=house.reply_handle(GROUP))
        await house.client.send(to_person(), only_private(house))  # the token is there before the trouble starts
        house.fake.rules.arm(fault)
        with pytest.raises(errors):
            await house.client.send(post, only(house, post, way))
        house.fake.rules.disarm()
        await house.client.send(post, only(house, post, way))


async def test_nobody_listens() -> None:
    async with rehearsal() as house:
        house.client._robot = DingtalkRobot("a", "b", "c", "http://127.0.0.1:9", "http://127.0.0.1:9")
        with pytest.raises(PlatformUnreachable):
            await house.client.send(to_group(), only(house, to_group(), "webhook"))


# ---- pictures


async def test_a_picture_is_fetched() -> None:
    async with rehearsal() as house:
        code = house.fake.state.keep_picture(JPEG)
        assert await house.client.fetch_photo(PictureCode(code, "dingroadchief").reference()) == JPEG
        assert await house.client.fetch_photo(PictureCode(code, "").reference()) == JPEG


@pytest.mark.parametrize("minutes", [10, 60])
async def test_an_expired_code_is_given_up(minutes: int) -> None:
    async with rehearsal() as house:
        ref = PictureCode(house.fake.state.keep_picture(JPEG), "").reference()
        house.clock.advance(minutes=minutes)
        with pytest.raises(Undeliverable, match="失效"):
            await house.client.fetch_photo(ref)


async def test_a_picture_over_the_cap_is_refused() -> None:
    async with rehearsal() as house:
        ref = PictureCode(house.fake.state.keep_picture(b"\xff" * (20 * 1024 * 1024 + 1)), "").reference()
        with pytest.raises(Undeliverable):
            await house.client.fetch_photo(ref)


async def test_another_robots_code_is_a_matter_for_the_operator() -> None:
    async with rehearsal() as house:
        ref = PictureCode(house.fake.state.keep_picture(JPEG), "another").reference()
        with pytest.raises(Misconfigured, match="robot_code"):
            await house.client.fetch_photo(ref)


async def test_a_handle_that_cannot_be_read_is_given_up() -> None:
    async with rehearsal() as house:
        with pytest.raises(Undeliverable):
            await house.client.fetch_photo(PhotoRef("{}"))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/file",
        "https://10.0.0.8/file",
        "https://169.254.169.254/latest",
        "https://[::1]/file",
        "https://[::ffff:127.0.0.1]/file",
        "https://localhost/file",
        "https://127.0.0.1:8443/file",
        "http://127.0.0.1:1/file",
        "http://169.254.169.254/latest",
        "https://user@127.0.0.1/x",
        "https://2130706433/file",
        "https://0x7f.1/file",
        "ftp://x.cn/file",
        "//x/file",
        "",
        "http://[",
    ],
)
async def test_a_link_into_the_inner_network_is_not_followed(url: str) -> None:
    async with rehearsal() as house:
        house.fake.state.storage = url
        ref = PictureCode(house.fake.state.keep_picture(JPEG), "").reference()
        with pytest.raises(PlatformError):
            await house.client.fetch_photo(ref)


# ---- secrets


CANARIES = (TOKEN, SECRET, "roadchief-app-secret")


def leaked(error: PlatformError, caplog: pytest.LogCaptureFixture, secrets: Iterable[str]) -> list[str]:
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]  # the fake's own log
    shown = "".join((repr(error), repr(error.__cause__), *ours))
    return [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("name", ["reply", "webhook", "openapi"])
@pytest.mark.parametrize("kind", ["errcode", "reset", "html", "empty", "status"])
async def test_no_secret_in_an_error_or_a_log(name: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with rehearsal() as house:
        post = to_group(reply=house.reply_handle(GROUP))
        house.fake.rules.arm(Fault(kind, count=0, status=502 if kind == "status" else 200, errcode=310000))
        with pytest.raises(PlatformError) as raised:
            await house.client.send(post, only(house, post, name))
        assert leaked(raised.value, caplog, (*CANARIES, *house.fake.state.sessions)) == []


@pytest.mark.parametrize(
    ("robot", "hook", "post"),
    [
        pytest.param(None, GroupWebhook("gonewebhooktoken", SECRET), to_group(), id="gone webhook"),
        pytest.param(None, GroupWebhook(TOKEN, "SECwrongsecret"), to_group(), id="wrong webhook secret"),
        pytest.param(FakeRobot(client_secret="other"), GroupWebhook(TOKEN, SECRET), to_person(), id="wrong app secret"),
    ],
)
async def test_a_complaint_that_quotes_our_secret_is_not_repeated(
    robot: FakeRobot | None, hook: GroupWebhook, post: Outgoing, caplog: pytest.LogCaptureFixture
) -> None:
    async with rehearsal(robot, {GROUP: hook}) as house:
        with pytest.raises(Misconfigured) as raised:
            await house.post(post)
        assert "***" in raised.value.text
        assert leaked(raised.value, caplog, (*CANARIES, hook.token, hook.secret)) == []


def test_settings_print_no_secret() -> None:
    shown = repr((DingtalkRobot("dingroadchief", "roadchief-app-secret"), HOOKS))
    assert not [canary for canary in CANARIES if canary in shown]


def test_the_robot_code_is_the_client_id_unless_set() -> None:
    assert DingtalkRobot("a", "b").code == "a"
    assert DingtalkRobot("a", "b", "c").code == "c"


# ---- nobody's text is a mention


@pytest.mark.fuzz
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["@", "u2002", "all", "所有人", "[x](", "http://a.cn", "\u200b", "\u202e", " ", "井"])))
async def test_a_posts_only_mentions_are_its_own(parts: list[str]) -> None:
    async with rehearsal() as house:
        await house.post(to_group("".join(parts) or "x", mentions=("u2002",)))
        (seen,) = house.fake.deliveries
        assert seen.mentions == ("u2002",)
        assert (seen.looks_like_mention, seen.looks_like_link) == (1, 0)


async def test_each_metered_call_is_told_and_no_other() -> None:
    async with rehearsal() as house:
        told: list[int] = []
        client = DingtalkClient(
            DingtalkRobot("dingroadchief", "roadchief-app-secret", "dingroadchief", house.base, house.base),
            HOOKS,
            house.web,
            clock=house.clock,
            on_metered=lambda: told.append(1),
        )
        house.client = client
        assert await house.post(to_group(reply=house.reply_handle(GROUP))) == "reply"
        assert await house.post(to_group()) == "webhook"
        assert told == []
        assert await house.post(to_person()) == "private"
        picture = house.fake.state.keep_picture(b"\xff\xd8\xff\xe0" + bytes(64))
        await client.fetch_photo(PictureCode(picture, "dingroadchief").reference())
        assert len(told) == 2
