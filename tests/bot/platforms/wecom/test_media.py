"""Pictures and files out: by the group's webhook, through the app, and over the long connection."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Sequence

import pytest

from bot.fakes.rules import Fault
from bot.platforms.wecom.client import WecomClient
from domain.messages import OutcomeUnknown, Outgoing, PlatformUnreachable, RateLimited, TokenDead, Undeliverable
from tests.bot.attached import FILE, JPEG, PHOTO, Source
from tests.bot.platforms.wecom.line_rig import rigged, speaking
from tests.bot.platforms.wecom.stage import GROUP, KEY, Stage, staged, to_group, to_person

UPLOAD, WEBHOOK_UPLOAD = "/cgi-bin/media/upload", "/cgi-bin/webhook/upload_media"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(attachments=Source()) as stage:
        yield stage


def seen(stage: Stage) -> Sequence[tuple[str, str, str]]:
    return [(post.way, post.text, post.attached) for post in stage.fake.deliveries]


async def test_a_group_webhook_shows_a_picture_that_stands_in_the_message(stage: Stage) -> None:
    assert await stage.post(to_group("", photos=(PHOTO,))) == "webhook"
    assert seen(stage) == [("webhook", "[图片]", PHOTO.sha256)]
    body = json.loads(stage.fake.rules.asked[-1].body)
    image = body["image"]
    assert base64.b64decode(image["base64"]) == JPEG
    assert image["md5"] == hashlib.md5(JPEG, usedforsecurity=False).hexdigest()


async def test_a_group_webhook_shows_a_file_under_its_name(stage: Stage) -> None:
    assert await stage.post(to_group("", files=(FILE,))) == "webhook"
    assert seen(stage) == [("webhook", f"[文件]{FILE.title}", FILE.sha256)]
    assert stage.fake.rules.count(WEBHOOK_UPLOAD) == 1


async def test_the_app_brings_both_to_a_person(stage: Stage) -> None:
    assert await stage.post(to_person("", photos=(PHOTO,))) == "private"
    assert await stage.post(to_person("", files=(FILE,))) == "private"
    assert seen(stage) == [("private", "[图片]", PHOTO.sha256), ("private", f"[文件]{FILE.title}", FILE.sha256)]


async def test_what_goes_to_many_is_uploaded_once_for_three_days(stage: Stage) -> None:
    for person in ("wangwu", "zhaoqiang"):
        await stage.post(to_person("", person, files=(FILE,)))
    assert stage.fake.rules.count(UPLOAD) == 1
    stage.clock.advance(3 * 86_400)
    await stage.post(to_person("", "wangwu", files=(FILE,)))
    assert stage.fake.rules.count(UPLOAD) == 2
    assert len(stage.fake.deliveries) == 3


async def test_an_id_that_the_platform_forgot_is_replaced(stage: Stage) -> None:
    await stage.post(to_person("", files=(FILE,)))
    stage.fake.state.uploads.clear()
    await stage.post(to_person("", files=(FILE,)))
    assert (stage.fake.rules.count(UPLOAD), len(stage.fake.deliveries)) == (2, 2)


async def test_a_reply_address_is_not_spent_on_a_picture(stage: Stage) -> None:
    ways = stage.client.ways(to_group("", photos=(PHOTO,), reply=stage.reply(GROUP)), stage.clock())
    assert [way.name for way in ways] == ["webhook"]


async def test_a_dead_token_is_replaced_for_uploads_too(stage: Stage) -> None:
    await stage.post(to_person("先取一次凭证"))
    stage.fake.state.kill_token()
    await stage.post(to_person("", photos=(PHOTO,)))
    assert seen(stage)[-1] == ("private", "[图片]", PHOTO.sha256)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault("errcode", UPLOAD, errcode=45001), Undeliverable, id="too large"),
        pytest.param(Fault("errcode", UPLOAD, errcode=45009), RateLimited, id="too many"),
        pytest.param(Fault("reset", UPLOAD), PlatformUnreachable, id="broken off: a second upload does no harm"),
        pytest.param(Fault("empty", UPLOAD), PlatformUnreachable, id="nothing said"),
        pytest.param(Fault("reset", "/cgi-bin/message/send"), OutcomeUnknown, id="the message itself"),
        pytest.param(Fault("errcode", UPLOAD, errcode=42001, count=0), TokenDead, id="a token that always dies"),
    ],
)
async def test_failures_say_what_may_be_done(stage: Stage, fault: Fault, error: type[Exception]) -> None:
    stage.fake.rules.arm(fault)
    with pytest.raises(error) as failure:
        await stage.post(to_person("", files=(FILE,)))
    assert KEY not in str(failure.value)
    assert stage.fake.deliveries == []


async def test_a_picture_too_large_for_the_webhook_is_refused() -> None:
    async with staged(attachments=Source(picture_body=JPEG + b"x" * (2 << 20))) as stage:
        with pytest.raises(Undeliverable):
            await stage.post(to_group("", photos=(PHOTO,)))
        assert await stage.post(to_person("", photos=(PHOTO,))) == "private"


async def test_without_a_source_nothing_is_promised(stage: Stage) -> None:
    bare = WecomClient(stage.web, api_base=stage.base, webhooks={GROUP: KEY})
    outgoing = Outgoing("k", to_group().target, "", photos=(PHOTO,))
    with pytest.raises(Undeliverable):
        await bare.send(outgoing, bare.ways(outgoing, stage.clock())[0])


async def test_the_bot_brings_both_over_the_long_connection() -> None:
    async with rigged() as rig:
        await rig.live(rig.start())
        async with speaking(rig, attachments=Source(file_body=b"PK" + b"x" * (600 << 10))) as (client, channel):
            await rig.reply_id(chat_id=GROUP)
            channel.spoken.add(to_group().target)
            for outgoing in (to_group("", photos=(PHOTO,)), to_group("", files=(FILE,))):
                way = client.ways(outgoing, rig.clock())[0]
                assert way.name == "push"
                await client.send(outgoing, way)
            shown = [(post.way, post.chat_id, post.text, bool(post.attached)) for post in rig.fake.deliveries]
            assert shown == [("push", GROUP, "[image]", True), ("push", GROUP, "[file]", True)]
            assert rig.fake.rules.count("/ws/aibot_upload_media_chunk") == 1 + 2


async def test_where_a_push_is_refused_the_last_message_is_answered_with_the_picture() -> None:
    async with rigged() as rig:
        await rig.live(rig.start())
        async with speaking(rig, attachments=Source()) as (client, channel):
            rig.line.remember(GROUP, await rig.reply_id(chat_id=GROUP), rig.clock())
            channel.spoken.add(to_group().target)
            outgoing = to_group("", photos=(PHOTO,))
            push, answer = client.ways(outgoing, rig.clock())
            rig.fake.gateway.spoken.clear()
            with pytest.raises(Undeliverable):
                await client.send(outgoing, push)
            await client.send(outgoing, answer)
            assert [(post.way, post.attached) for post in rig.fake.deliveries] == [("reply", PHOTO.sha256)]
