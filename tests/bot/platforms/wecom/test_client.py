import asyncio
import json
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.fakes.rules import Fault
from bot.fakes.wecom import SAMPLE_APP, SAMPLE_BOT
from bot.platforms.http import Answer, Web
from bot.platforms.wecom import bot_message
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.plain import CUT_MARK
from domain.messages import (
    Card,
    Choice,
    HandleSpent,
    Misconfigured,
    OutcomeUnknown,
    Outgoing,
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
from tests.bot.platforms.wecom.stage import GROUP, KEY, Stage, staged, to_group, to_person

WEBHOOK = "/cgi-bin/webhook/send"
SEND = "/cgi-bin/message/send"
GETTOKEN = "/cgi-bin/gettoken"
REPLY = "/cgi-bin/aibot/response"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 50


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(own_link="https://lz.example.gov.cn") as stage:
        yield stage


def names(ways: tuple[Way, ...]) -> list[str]:
    return [way.name for way in ways]


# the ladder


async def test_a_group_is_answered_by_its_reply_address_then_by_webhook(stage: Stage) -> None:
    outgoing = to_group(reply=stage.reply(GROUP))
    reply, webhook = stage.client.ways(outgoing, stage.clock())
    assert (reply.name, reply.robot, reply.deduplicates) == ("reply", f"wecom.bot:{GROUP}", False)
    assert (webhook.name, webhook.robot) == ("webhook", f"wecom.webhook:{GROUP}")
    assert (webhook.limit, webhook.window, webhook.deduplicates) == (20, timedelta(minutes=1), False)
    assert KEY not in repr((reply, webhook))
    assert names(stage.client.ways(outgoing, stage.clock() + timedelta(hours=1))) == ["webhook"]
    assert names(stage.client.ways(to_group(), stage.clock())) == ["webhook"]


async def test_a_person_is_answered_in_that_chat_then_through_the_app(stage: Stage) -> None:
    outgoing = to_person(reply=stage.reply(userid="WangWu"))
    reply, private = stage.client.ways(outgoing, stage.clock())
    assert (reply.name, private.name) == ("reply", "private")
    assert (private.robot, private.limit, private.deduplicates) == ("wecom.app:1000002:wangwu", 30, True)
    assert names(stage.client.ways(to_person(), stage.clock())) == ["private"]


async def test_a_reply_address_serves_its_own_chat_alone(stage: Stage) -> None:
    for reply in (stage.reply("wrOther"), stage.reply(GROUP.lower()), stage.reply(userid="wangwu")):
        assert names(stage.client.ways(to_group(reply=reply), stage.clock())) == ["webhook"]
    for reply in (stage.reply(GROUP), stage.reply(userid="zhaoqiang")):
        assert names(stage.client.ways(to_person(reply=reply), stage.clock())) == ["private"]


async def test_a_card_answers_by_the_reply_address_and_in_words_where_it_is_refused(stage: Stage) -> None:
    asked = Card("ask-1", "请确认位置", choices=(Choice("XC001", "1 人民路（建…"), Choice("else", "2 其他")))
    assert await stage.post(to_group("请确认位置：1 人民路 2 其他", card=asked, reply=stage.reply(GROUP))) == "reply"
    assert stage.fake.deliveries[-1].text == "请确认位置\n[1 人民路（建…]\n[2 其他]"
    stage.fake.refuses_cards = 40058
    outgoing = to_group("请确认位置：1 人民路 2 其他", card=replace(asked, thread="ask-2"), reply=stage.reply(GROUP))
    receipt = await stage.client.send(outgoing, stage.client.ways(outgoing, stage.clock())[0])
    assert isinstance(receipt.complaint, Undeliverable)
    assert stage.fake.deliveries[-1].text == "请确认位置：1 人民路 2 其他"


async def test_without_a_way_there_is_none(stage: Stage) -> None:
    bare = WecomClient(stage.web, api_base=stage.base)
    assert bare.ways(to_group(), stage.clock()) == ()
    assert bare.ways(to_person(), stage.clock()) == ()
    assert stage.client.ways(Outgoing("k", Target("dingtalk", chat_id=GROUP), "x"), stage.clock()) == ()
    assert stage.client.ways(Outgoing("k", Target("wecom"), "x"), stage.clock()) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/cgi-bin/aibot/response?response_code=1",
        "https://qyapi.weixin.qq.com.evil.example/",
        "https://user@qyapi.weixin.qq.com/",
        "http://qyapi.weixin.qq.com/",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "",
        "http://[",
    ],
)
async def test_a_reply_address_elsewhere_is_no_way(stage: Stage, url: str) -> None:
    public = WecomClient(stage.web, webhooks={GROUP: KEY})
    handle = ReplyHandle(json.dumps({"url": url, "chat_id": GROUP}), stage.clock() + timedelta(hours=1), 1)
    for client in (public, stage.client):
        assert names(client.ways(to_group(reply=handle), stage.clock())) == ["webhook"]
    for data in ("", "[]", "[" * 20_000, '{"url":5}'):
        assert names(public.ways(to_group(reply=replace(handle, data=data)), stage.clock())) == ["webhook"]


async def test_the_platforms_own_reply_address_is_a_way(stage: Stage) -> None:
    url = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC"
    handle = ReplyHandle(json.dumps({"url": url, "chat_id": GROUP}), stage.clock() + timedelta(hours=1), 1)
    assert names(WecomClient(stage.web).ways(to_group(reply=handle), stage.clock())) == ["reply"]


# what people see


async def test_a_webhook_post_calls_those_it_names(stage: Stage) -> None:
    await stage.post(
        to_group("【2026-0123】处置中", mentions=("lisi", "@all", "all", "<@x>", "赵"), mention_names=("李四",))
    )
    (post,) = stage.fake.deliveries
    assert (post.way, post.chat_id, post.text, post.mentions) == ("webhook", GROUP, "【2026-0123】处置中", ("lisi",))


async def test_a_reply_names_whom_it_cannot_call(stage: Stage) -> None:
    outgoing = to_group("今日轮值 赵强", mentions=("a", "b"), mention_names=("赵强", "周敏"), reply=stage.reply(GROUP))
    assert await stage.post(outgoing) == "reply"
    (post,) = stage.fake.deliveries
    assert (post.text, post.mentions) == ("今日轮值 赵强\n请关注：周敏", ())


async def test_a_private_post_goes_to_one_person(stage: Stage) -> None:
    assert await stage.post(to_person("2026-0123已认领，15:12。\n详情 https://lz.example.gov.cn/c/1")) == "private"
    (post,) = stage.fake.deliveries
    assert (post.userids, post.chat_id) == (("wangwu",), "")
    assert post.text == "2026-0123已认领，15:12。\n详情 https://lz.example.gov.cn/c/1"


async def test_words_of_people_call_nobody_on_any_way(stage: Stage) -> None:
    text = "<@all> <@lisi> [点我](http://evil.example) <a href='http://evil.example'>x</a> **急** @all"
    await stage.post(to_group(text))
    await stage.post(to_group(text, reply=stage.reply(GROUP)))
    await stage.post(to_person(text))
    await stage.post(to_person(text, reply=stage.reply()))
    assert [post.way for post in stage.fake.deliveries] == ["webhook", "reply", "private", "reply"]
    assert all((post.mentions, post.links, post.dress) == ((), (), ()) for post in stage.fake.deliveries)


async def test_long_posts_are_cut_to_what_each_way_carries(stage: Stage) -> None:
    text = "路" * 7000
    await stage.post(to_group(text))
    await stage.post(to_person(text))
    await stage.post(to_group(text, reply=stage.reply(GROUP)))
    sizes = [len(post.raw.encode()) for post in stage.fake.deliveries]
    assert all(longest - 3 < size <= longest for size, longest in zip(sizes, (2048, 2048, 20_480), strict=True))
    assert all(post.text.endswith(CUT_MARK) for post in stage.fake.deliveries)


async def test_a_resend_says_so_where_the_platform_keeps_repeats(stage: Stage) -> None:
    await stage.post(to_group("您好", is_resend=True))
    await stage.post(to_group("您好", is_resend=True, reply=stage.reply(GROUP)))
    await stage.post(to_person("您好", is_resend=True))
    assert [post.text for post in stage.fake.deliveries] == ["（补发）您好", "（补发）您好", "您好"]


async def test_the_app_drops_a_repeat_but_not_an_honest_second_answer(stage: Stage) -> None:
    for key in ("k1", "k1", "k2"):
        await stage.post(to_person("您名下在办3件", key=key))
    assert [post.text for post in stage.fake.deliveries] == ["您名下在办3件"] * 2
    bodies = [asked.body for asked in stage.fake.rules.asked if asked.path == SEND]
    assert bodies[0] == bodies[1] != bodies[2]


# what goes wrong


async def test_a_reply_address_serves_once(stage: Stage) -> None:
    outgoing = to_group(reply=stage.reply(GROUP))
    reply, webhook = stage.client.ways(outgoing, stage.clock())
    await stage.client.send(outgoing, reply)
    with pytest.raises(HandleSpent):
        await stage.client.send(outgoing, reply)
    await stage.client.send(outgoing, webhook)
    assert [post.way for post in stage.fake.deliveries] == ["reply", "webhook"]


async def test_ways_that_do_not_fit_are_refused(stage: Stage) -> None:
    minute = timedelta(minutes=1)
    for outgoing, name in (
        (to_group(), "reply"),
        (replace(to_group(), target=Target("wecom", chat_id="wrOther")), "webhook"),
        (to_person(userid="a|b"), "private"),
        (to_person(userid="@all"), "private"),
        (to_group(), "pigeon"),
    ):
        with pytest.raises(Undeliverable):
            await stage.client.send(outgoing, Way("r", name, 1, minute))
    assert stage.fake.rules.asked == []


async def test_who_is_outside_the_apps_range_is_not_reached() -> None:
    async with staged(members=frozenset({"lisi"})) as stage:
        with pytest.raises(Undeliverable):
            await stage.post(to_person(userid="wangwu"))
        await stage.post(to_person(userid="lisi"))
        assert [post.userids for post in stage.fake.deliveries] == [("lisi",)]


class Canned(Web):
    """A platform that says yes and still leaves somebody out."""

    left_out = "invaliduser"

    async def call(self, *args: object, **known: object) -> Answer:
        return Answer(200, {"errcode": 0, "access_token": "t", "expires_in": 7200, self.left_out: "wangwu"})


@pytest.mark.parametrize("field", ["invaliduser", "unlicenseduser"])
async def test_a_yes_that_leaves_the_person_out_is_no_delivery(field: str) -> None:
    async with Canned() as web:
        web.left_out = field
        client = WecomClient(web, app=SAMPLE_APP)
        with pytest.raises(Undeliverable, match="收件人"):
            await client.send(to_person(), Way("r", "private", 1, timedelta(minutes=1)))


@pytest.mark.parametrize("how", ["killed", "expired"])
async def test_a_token_that_dies_early_costs_one_renewal(stage: Stage, how: str) -> None:
    await stage.post(to_person("第一条"))
    if how == "killed":
        stage.fake.state.kill_token()
    else:
        stage.fake.rules.arm(Fault("errcode", SEND, errcode=40014, count=1))
    await asyncio.gather(*(stage.post(to_person(f"第{n}条", key=f"k{n}")) for n in range(2, 12)))
    assert len(stage.fake.deliveries) == 11
    assert stage.fake.rules.count(GETTOKEN) == 2


async def test_a_token_that_stays_dead_is_tried_twice_and_not_for_ever(stage: Stage) -> None:
    stage.fake.rules.arm(Fault("errcode", SEND, errcode=42001, count=0))
    with pytest.raises(TokenDead):
        await stage.post(to_person())
    assert (stage.fake.rules.count(SEND), stage.fake.rules.count(GETTOKEN)) == (2, 2)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("status", status=429), RateLimited),
        (Fault("errcode", errcode=45009), RateLimited),
        (Fault("errcode", errcode=45033), RateLimited),
        (Fault("errcode", errcode=-1), PlatformUnreachable),
        (Fault("errcode", errcode=93000), Misconfigured),
        (Fault("errcode", errcode=45002), Undeliverable),
        (Fault("errcode", code="no number"), OutcomeUnknown),
        (Fault("status", status=500), OutcomeUnknown),
        (Fault("status", status=503), PlatformUnreachable),
        (Fault("html"), OutcomeUnknown),
        (Fault("empty"), OutcomeUnknown),
        (Fault("wrong_type"), OutcomeUnknown),
        (Fault("huge"), OutcomeUnknown),
        (Fault("reset"), OutcomeUnknown),
        (Fault("reset", is_carried_out=True), OutcomeUnknown),
    ],
)
async def test_faults_on_every_way_are_platform_errors_without_secrets(
    stage: Stage, fault: Fault, error: type[PlatformError]
) -> None:
    for path, outgoing in (
        (WEBHOOK, to_group()),
        (REPLY, to_group(reply=stage.reply(GROUP))),
        (SEND, to_person()),
    ):
        stage.fake.rules.arm(replace(fault, endpoint=path, count=0))
        with pytest.raises(error) as caught:
            await stage.post(outgoing)
        told = "".join(traceback.format_exception(caught.value))
        token, _ = stage.fake.state.token()
        for secret in (KEY, token, SAMPLE_APP.secret, "response_code"):
            assert secret not in told


async def test_the_webhooks_limit_closes_it_for_a_minute(stage: Stage) -> None:
    for number in range(20):
        await stage.post(to_group(f"{number}"))
    with pytest.raises(RateLimited) as caught:
        await stage.post(to_group("20"))
    assert caught.value.retry_after == timedelta(minutes=1)
    stage.clock.advance(60)
    await stage.post(to_group("21"))
    assert len(stage.fake.deliveries) == 21


# pictures


async def test_a_picture_of_the_bot_is_fetched_and_opened(stage: Stage) -> None:
    driver = stage.fake.driver(stage.base)
    message = driver.message("井盖破损", chat_id=GROUP, photos=[JPEG])
    (ref,) = bot_message.parse(json.dumps(message), stage.clock(), None).photos
    assert await stage.client.fetch_photo(ref) == JPEG
    stage.clock.advance(301)
    with pytest.raises(Undeliverable):
        await stage.client.fetch_photo(ref)


async def test_a_link_with_its_own_key(stage: Stage) -> None:
    name = stage.fake.state.keep_link(JPEG, bytes(range(32)))
    handle = {"url": f"{stage.base}/media/{name}", "aes_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}
    assert await stage.client.fetch_photo(PhotoRef(json.dumps(handle))) == JPEG


async def test_a_picture_of_the_app_is_fetched_by_its_id(stage: Stage) -> None:
    ref = PhotoRef(json.dumps({"media_id": stage.fake.state.keep_media(JPEG)}))
    assert await stage.client.fetch_photo(ref) == JPEG
    stage.fake.state.kill_token()
    assert await stage.client.fetch_photo(ref) == JPEG
    stage.clock.advance(4 * 86_400)
    with pytest.raises(Undeliverable):
        await stage.client.fetch_photo(ref)


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "[]",
        "{}",
        '{"url":5}',
        '{"url":"https://127.0.0.1/x"}',
        '{"url":"http://169.254.169.254/latest"}',
        '{"url":"x"}',
    ],
)
async def test_handles_that_lead_nowhere(stage: Stage, handle: str) -> None:
    with pytest.raises(Undeliverable):
        await stage.client.fetch_photo(PhotoRef(handle))
    assert stage.fake.rules.asked == []


async def test_without_the_app_its_pictures_stay_away(stage: Stage) -> None:
    bare = WecomClient(stage.web, api_base=stage.base, bot=SAMPLE_BOT)
    with pytest.raises(Undeliverable):
        await bare.fetch_photo(PhotoRef('{"media_id":"M"}'))
