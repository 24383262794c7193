"""Pictures and files out: uploaded by the older interface, shown by the robot's OpenAPI."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.fakes.rules import Fault
from domain.messages import Misconfigured, OutcomeUnknown, PlatformUnreachable, Undeliverable
from tests.bot.attached import FILE, PHOTO, Source
from tests.bot.platforms.dingtalk.rehearsal import GROUP, Rehearsal, rehearsal, to_group, to_person

UPLOAD = "/media/upload"


@pytest.fixture
async def stage() -> AsyncIterator[Rehearsal]:
    async with rehearsal(attachments=Source()) as stage:
        yield stage


async def test_a_group_is_shown_both_by_the_robot_itself(stage: Rehearsal) -> None:
    assert await stage.post(to_group("", photos=(PHOTO,))) == "openapi"
    assert await stage.post(to_group("", files=(FILE,))) == "openapi"
    assert [(post.chat_id, post.text, post.attached) for post in stage.fake.deliveries] == [
        (GROUP, "[图片]", PHOTO.sha256),
        (GROUP, f"[文件]{FILE.title}", FILE.sha256),
    ]


async def test_a_person_gets_both(stage: Rehearsal) -> None:
    assert await stage.post(to_person("", photos=(PHOTO,))) == "private"
    assert await stage.post(to_person("", files=(FILE,))) == "private"
    assert [post.attached for post in stage.fake.deliveries] == [PHOTO.sha256, FILE.sha256]


async def test_webhooks_carry_words_alone(stage: Rehearsal) -> None:
    outgoing = to_group("", photos=(PHOTO,), reply=stage.reply_handle(GROUP))
    assert [way.name for way in stage.client.ways(outgoing, stage.clock())] == ["openapi"]
    assert [way.name for way in stage.client.ways(replace(outgoing, text="请看"), stage.clock())] == [
        "reply", "webhook", "openapi",
    ]  # fmt: skip


async def test_what_goes_to_many_is_uploaded_once(stage: Rehearsal) -> None:
    for person in ("u1001", "u1002"):
        await stage.post(to_person("", person, photos=(PHOTO,)))
    assert stage.fake.rules.count(UPLOAD) == 1


async def test_a_kind_of_file_that_robots_cannot_send_is_refused(stage: Rehearsal) -> None:
    with pytest.raises(Undeliverable, match="png"):
        await stage.post(to_person("", files=(replace(FILE, ext="png"),)))
    assert stage.fake.rules.count(UPLOAD) == 0


async def test_a_dead_token_is_replaced_once(stage: Rehearsal) -> None:
    await stage.post(to_person("", photos=(PHOTO,)))
    stage.fake.state.kill_tokens()
    await stage.post(to_person("", files=(FILE,)))
    assert stage.fake.deliveries[-1].attached == FILE.sha256


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault("errcode", UPLOAD, errcode=60011), Misconfigured, id="no permission"),
        pytest.param(Fault("reset", UPLOAD), PlatformUnreachable, id="broken off"),
        pytest.param(Fault("empty", UPLOAD), PlatformUnreachable, id="nothing said"),
        pytest.param(Fault("reset", "/v1.0/robot/oToMessages/batchSend"), OutcomeUnknown, id="the message itself"),
    ],
)
async def test_failures_say_what_may_be_done(stage: Rehearsal, fault: Fault, error: type[Exception]) -> None:
    stage.fake.rules.arm(fault)
    with pytest.raises(error):
        await stage.post(to_person("", photos=(PHOTO,)))
    assert stage.fake.deliveries == []
