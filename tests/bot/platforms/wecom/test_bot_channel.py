import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.fakes.rules import Fault
from bot.fakes.wecom import SAMPLE_APP
from bot.platforms.wecom import bot_message
from bot.platforms.wecom.bot_channel import BotChannel, SpokenChats
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.plain import CUT_MARK
from domain.messages import (
    HandleSpent,
    OutcomeUnknown,
    Outgoing,
    PlatformError,
    PlatformUnreachable,
    RateLimited,
    ReplyHandle,
    Target,
    Undeliverable,
    Way,
)
from tests.bot.platforms.wecom.line_rig import Rig, rigged, speaking
from tests.bot.platforms.wecom.stage import GROUP, KEY, to_group, to_person

RESPOND, SEND, WELCOME = "/ws/aibot_respond_msg", "/ws/aibot_send_msg", "/ws/aibot_respond_welcome_msg"
Speaker = tuple[Rig, WecomClient, BotChannel]


@pytest.fixture
async def speaker() -> AsyncIterator[Speaker]:
    async with rigged() as rig:
        await rig.live(rig.start())
        async with speaking(rig) as (client, channel):
            yield rig, client, channel


async def handle(rig: Rig, channel: BotChannel, chat_id: str = GROUP, userid: str = "wangwu") -> ReplyHandle:
    """Let somebody write, as the service would take it; return the message's handle."""
    req_id = await rig.reply_id(chat_id=chat_id, userid=userid)
    frame, connection = rig.heard[-1]
    incoming = bot_message.parse(bot_message.with_line(frame.text, connection), rig.clock(), None)
    channel.spoken.add(Target("wecom", chat_id=chat_id) if chat_id else Target("wecom", userid=userid))
    rig.line.remember(chat_id or userid, req_id, rig.clock())
    assert incoming.reply is not None
    return incoming.reply


def last(rig: Rig, path: str) -> dict[str, Any]:
    """The body of the last frame of a kind."""
    found: dict[str, Any] = json.loads([one.body for one in rig.fake.rules.asked if one.path == path][-1])["body"]
    return found


def names(ways: tuple[Way, ...]) -> list[str]:
    return [way.name for way in ways]


async def sent(client: WecomClient, outgoing: Outgoing, way: str, rig: Rig) -> None:
    ways = {one.name: one for one in client.ways(outgoing, rig.clock())}
    await client.send(outgoing, ways[way])


async def test_the_ladder_in_a_group(speaker: Speaker) -> None:
    rig, _, channel = speaker
    reply = await handle(rig, channel)
    async with speaking(rig, webhooks={GROUP: KEY}) as (client, with_webhook):
        with_webhook.spoken.add(Target("wecom", chat_id=GROUP))
        ways = client.ways(to_group(reply=reply), rig.clock())
        assert names(ways) == ["reply", "push", "last_reply", "webhook"]
        assert {way.robot for way in ways[:3]} == {f"wecom.bot:{GROUP}"}  # they share the conversation's limits
        assert ways[1].limits == ((30, timedelta(minutes=1)), (1000, timedelta(hours=1)))
        assert names(client.ways(to_group(), rig.clock())) == ["push", "last_reply", "webhook"]
        calling = to_group(mentions=("lisi",), mention_names=("李四",))
        assert names(client.ways(calling, rig.clock())) == ["webhook", "push", "last_reply"]  # it alone really calls


async def test_the_ladder_to_a_person(speaker: Speaker) -> None:
    rig, _, channel = speaker
    reply = await handle(rig, channel, chat_id="")
    async with speaking(rig, app=SAMPLE_APP) as (client, with_app):
        with_app.spoken.add(Target("wecom", userid="WangWu"))  # user ids come back in other case
        ways = client.ways(to_person(reply=reply), rig.clock())
        assert names(ways) == ["reply", "push", "last_reply", "private"]
        assert names(client.ways(to_person(userid="lisi"), rig.clock())) == ["private"]


async def test_a_dead_line_gives_way_to_whatever_is_left(speaker: Speaker) -> None:
    rig, client, channel = speaker
    await handle(rig, channel)
    await rig.stop()
    assert names(client.ways(to_group(), rig.clock())) == ["push"]  # it waits for the line
    with pytest.raises(PlatformUnreachable):
        await client.send(to_group(), client.ways(to_group(), rig.clock())[0])


async def test_a_dead_line_leaves_the_webhook(speaker: Speaker) -> None:
    rig, _, _ = speaker
    async with speaking(rig, webhooks={GROUP: KEY}) as (client, channel):
        channel.spoken.add(Target("wecom", chat_id=GROUP))
        await rig.stop()
        assert names(client.ways(to_group(), rig.clock())) == ["webhook"]


async def test_an_answer_and_a_push_are_read_as_they_stand(speaker: Speaker) -> None:
    rig, client, channel = speaker
    reply = await handle(rig, channel)
    text = "【2026-0123】已交办｜占道经营 <@lisi> **x** http://evil.example"
    await sent(client, to_group(text, reply=reply, mention_names=("李四",)), "reply", rig)
    await sent(client, to_group(text, is_resend=True), "push", rig)
    answer, push = rig.fake.deliveries
    assert (answer.way, push.way, answer.chat_id, push.chat_id) == ("reply", "push", GROUP, GROUP)
    assert [(post.mentions, post.links, post.dress) for post in (answer, push)] == [((), (), ())] * 2
    assert answer.text.endswith("请关注：李四")
    assert push.text.startswith("（补发）【2026-0123】已交办")
    body = last(rig, SEND)
    assert (body["chatid"], body["chat_type"]) == (GROUP, 2)


async def test_a_person_is_pushed_to_with_their_own_chat_type(speaker: Speaker) -> None:
    rig, client, channel = speaker
    await handle(rig, channel, chat_id="")
    await sent(client, to_person("路" * 9_000), "push", rig)
    body = last(rig, SEND)
    assert (body["chatid"], body["chat_type"]) == ("wangwu", 1)
    assert (rig.fake.deliveries[-1].userids, rig.fake.deliveries[-1].text.endswith(CUT_MARK)) == (("wangwu",), True)


async def test_nobody_is_spoken_to_who_has_not_spoken(speaker: Speaker) -> None:
    rig, client, _ = speaker
    assert client.ways(to_person(), rig.clock()) == ()
    [push] = client.ways(to_group(), rig.clock())  # so that the operators hear why
    with pytest.raises(Undeliverable, match="不能主动发言"):
        await client.send(to_group(), push)
    assert rig.fake.rules.count(SEND) == 0


async def test_a_handle_serves_its_own_chat_on_its_own_connection_for_a_day(speaker: Speaker) -> None:
    rig, client, channel = speaker
    reply = await handle(rig, channel)
    other = Outgoing("k", Target("wecom", chat_id=GROUP.lower()), "x", reply=reply)
    assert "reply" not in names(client.ways(other, rig.clock()))
    assert "reply" not in names(client.ways(to_group(reply=reply), rig.clock() + timedelta(hours=24)))
    first = rig.line.connection_id
    rig.fake.gateway.drop()
    await rig.live(other_than=first)
    assert names(client.ways(to_group(reply=reply), rig.clock())) == ["push"]
    with pytest.raises(HandleSpent):
        await client.send(to_group(reply=reply), Way("r", "reply", 30, timedelta(minutes=1)))
    assert rig.fake.rules.count(RESPOND) == 0  # nobody asks with a dead req_id


async def test_whoever_enters_is_welcomed_within_five_seconds_and_once(speaker: Speaker) -> None:
    rig, client, _ = speaker
    await rig.hand.enter(userid="wangwu")
    await rig.until(lambda: rig.heard)
    frame, connection = rig.heard[-1]
    incoming = bot_message.parse(bot_message.with_line(frame.text, connection), rig.clock(), None)
    welcome = to_person("欢迎", reply=incoming.reply)
    assert incoming.reply is not None
    assert incoming.reply.uses == 1
    assert names(client.ways(welcome, rig.clock() + timedelta(seconds=5))) == []
    await sent(client, welcome, "reply", rig)
    assert (rig.fake.deliveries[-1].way, rig.fake.rules.count(WELCOME)) == ("welcome", 1)
    with pytest.raises(HandleSpent):
        await sent(client, welcome, "reply", rig)


async def test_other_events_cannot_be_answered(speaker: Speaker) -> None:
    rig, _, _ = speaker
    await rig.hand.tap("ack", chat_id=GROUP)
    await rig.until(lambda: rig.heard)
    frame, connection = rig.heard[-1]
    incoming = bot_message.parse(bot_message.with_line(frame.text, connection), rig.clock(), None)
    assert (incoming.choice, incoming.reply) == ("ack", None)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        pytest.param(Fault("errcode", SEND, errcode=45009), RateLimited, id="too many"),
        pytest.param(Fault("errcode", SEND, errcode=93006), Undeliverable, id="not in that chat"),
        pytest.param(Fault("errcode", SEND, errcode=600039), Undeliverable, id="groups not supported"),
        pytest.param(Fault("errcode", SEND, errcode=-1), PlatformUnreachable, id="busy"),
        pytest.param(Fault("errcode", SEND, errcode=999_999), Undeliverable, id="unknown code"),
        pytest.param(Fault("empty", SEND, is_carried_out=True), OutcomeUnknown, id="no answer"),
        pytest.param(Fault("html", SEND), OutcomeUnknown, id="rubbish"),
        pytest.param(Fault("reset", SEND), OutcomeUnknown, id="cut off"),
    ],
)
async def test_what_a_refused_push_means(speaker: Speaker, fault: Fault, raised: type[PlatformError]) -> None:
    rig, client, channel = speaker
    await handle(rig, channel)
    rig.fake.rules.arm(fault)
    with pytest.raises(raised):
        await sent(client, to_group(), "push", rig)


@pytest.mark.parametrize("code", [846605, 846608, 999_999])
async def test_a_refused_answer_leaves_the_other_ways(speaker: Speaker, code: int) -> None:
    rig, client, channel = speaker
    reply = await handle(rig, channel)
    rig.fake.rules.arm(Fault("errcode", RESPOND, errcode=code))
    with pytest.raises(HandleSpent):
        await sent(client, to_group(reply=reply), "reply", rig)
    await sent(client, to_group(reply=reply), "push", rig)
    await sent(client, to_group(), "last_reply", rig)
    assert [post.way for post in rig.fake.deliveries] == ["push", "reply"]


async def test_an_answer_refused_for_its_form_goes_as_one_finished_stream(speaker: Speaker) -> None:
    rig, client, channel = speaker
    reply = await handle(rig, channel)
    rig.fake.rules.arm(Fault("errcode", RESPOND, errcode=600039))
    await sent(client, to_group("收到", reply=reply), "reply", rig)
    body = last(rig, RESPOND)
    assert (body["msgtype"], body["stream"]["finish"], body["stream"]["content"]) == ("stream", True, "收到")


async def test_a_line_that_only_seems_subscribed_is_made_anew_and_the_push_repeated_once(speaker: Speaker) -> None:
    rig, client, channel = speaker
    reply = await handle(rig, channel)
    first = rig.line.connection_id
    rig.fake.gateway.forgets = True
    await sent(client, to_group("一次"), "push", rig)
    assert [post.text for post in rig.fake.deliveries] == ["一次"]
    assert rig.line.connection_id != first
    rig.fake.rules.arm(Fault("errcode", SEND, count=2, errcode=846609))
    with pytest.raises(PlatformUnreachable):
        await sent(client, to_group("两次"), "push", rig)
    assert len(rig.fake.deliveries) == 1
    assert "reply" not in names(client.ways(to_group(reply=reply), rig.clock()))


async def test_an_answer_on_such_a_line_goes_to_the_next_way(speaker: Speaker) -> None:
    rig, client, channel = speaker
    reply = await handle(rig, channel)
    rig.fake.gateway.forgets = True
    with pytest.raises(HandleSpent):
        await sent(client, to_group("x", reply=reply), "reply", rig)
    assert rig.fake.deliveries == []


def test_chats_differ_by_case_and_people_do_not() -> None:
    spoken = SpokenChats()
    assert [spoken.add(Target("wecom", chat_id=chat)) for chat in ("wrA", "wra", "wrA")] == [True, True, False]
    assert [spoken.add(Target("wecom", userid=who)) for who in ("LiSi", "lisi")] == [True, False]
    spoken.add_places({"person:wangwu"})
    assert Target("wecom", userid="WangWu") in spoken
    assert Target("wecom", chat_id="wangwu") not in spoken
