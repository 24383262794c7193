"""Groups that the app made: words that call people, pictures and files; no cards, and the platform's silent limits."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.fakes.rules import Fault
from bot.fakes.wecom import SAMPLE_APP
from bot.platforms.wecom.api import AppApi
from bot.platforms.wecom.app_groups import AppGroups, id_of
from bot.platforms.wecom.errors import OutOfRange
from bot.platforms.wecom.plain import CUT_MARK
from domain.messages import Card, Misconfigured, Outgoing, Target, Undeliverable
from tests.bot.attached import FILE, PHOTO, Source
from tests.bot.platforms.wecom.stage import APP_GROUP, Stage, staged, to_group, to_person

SEND = "/cgi-bin/appchat/send"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(own_link="https://lz.example.gov.cn", attachments=Source()) as stage:
        yield stage


def to_app_group(text: str = "您好", chat_id: str = APP_GROUP, **more: object) -> Outgoing:
    return Outgoing("k1", Target("wecom", chat_id=chat_id), text, **more)  # type: ignore[arg-type]


async def test_words_go_to_the_group_and_call_people(stage: Stage) -> None:
    outgoing = to_app_group("请@所有人 <@lisi> 看 https://evil.example/x", mentions=("wangwu", "ALL", "坏 账号"))
    (way,) = stage.client.ways(outgoing, stage.clock())
    assert (way.name, way.robot, way.deduplicates) == ("appchat", "wecom.appchat:1000002", False)
    await stage.client.send(outgoing, way)
    (post,) = stage.fake.deliveries
    assert (post.way, post.chat_id, post.userids) == ("appchat", APP_GROUP, ("wangwu", "lisi"))
    assert post.mentions == ("wangwu",)
    assert not post.links


async def test_a_group_bound_by_a_code_is_spoken_to_under_the_apps_own_id(stage: Stage) -> None:
    assert await stage.post(to_app_group(chat_id="wrBoundByCode")) == "appchat"
    assert stage.fake.deliveries[0].chat_id == "lzEast01"
    assert [way.name for way in stage.client.ways(to_group(), stage.clock())] == ["webhook"]


async def test_a_card_goes_out_in_words_and_a_long_text_is_cut(stage: Stage) -> None:
    card = Card("2026-0001_work-1", "待认领")
    await stage.post(to_app_group("长" * 2000, card=card))
    (post,) = stage.fake.deliveries
    assert len(post.raw.encode()) <= 2048
    assert post.raw.endswith(CUT_MARK)


async def test_pictures_and_files_are_carried(stage: Stage) -> None:
    await stage.post(to_app_group("", photos=(PHOTO,)))
    await stage.post(to_app_group("", files=(FILE,)))
    assert [post.text for post in stage.fake.deliveries] == ["[图片]", f"[文件]{FILE.title}"]


@pytest.mark.parametrize("code", [86001, 86003, 86008])
async def test_a_group_that_is_not_the_apps_is_closed_for_good(stage: Stage, code: int) -> None:
    stage.fake.rules.arm(Fault("errcode", SEND, errcode=code))
    with pytest.raises(Undeliverable, match="luzhang chat create"):
        await stage.post(to_app_group())


async def test_a_token_that_died_is_replaced_once(stage: Stage) -> None:
    await stage.post(to_app_group())
    stage.fake.state.kill_token()
    await stage.post(to_app_group("又一条"))
    assert len(stage.fake.deliveries) == 2


async def test_beyond_two_hundred_a_minute_a_member_gets_nothing_and_nobody_says_so(stage: Stage) -> None:
    for _ in range(200):
        stage.fake.appchats.readers(APP_GROUP)
    await stage.post(to_app_group())
    assert stage.fake.deliveries[0].userids == ()
    stage.clock.advance(timedelta(minutes=1).total_seconds())
    await stage.post(to_app_group())
    assert stage.fake.deliveries[1].userids == ("wangwu", "lisi")


async def test_a_private_post_takes_the_persons_own_way(stage: Stage) -> None:
    assert [way.name for way in stage.client.ways(to_person(), stage.clock())] == ["private"]


# making groups


@pytest.fixture
def groups(stage: Stage) -> AppGroups:
    return AppGroups(AppApi(stage.web, stage.base, SAMPLE_APP, stage.clock))


async def test_a_group_is_made_once(groups: AppGroups, stage: Stage) -> None:
    made, is_new = await groups.make("领导群", "lisi", ["lisi", "wangwu"])
    assert (made.chat_id, made.people, is_new) == (id_of("领导群", SAMPLE_APP.corp_id), 2, True)
    again, is_new = await groups.make("领导群", "lisi", ["lisi", "wangwu", "zhao"])
    assert (again.chat_id, again.name, again.people, is_new) == (made.chat_id, "领导群", 2, False)
    assert len(stage.fake.appchats.chats) == 3
    await groups.say(made.chat_id, "本群已建立")
    assert stage.fake.deliveries[0].userids == ("lisi", "wangwu")


async def test_an_app_that_sees_a_part_of_the_corporation_makes_no_group() -> None:
    async with staged(members=frozenset({"lisi"})) as stage:
        groups = AppGroups(AppApi(stage.web, stage.base, SAMPLE_APP, stage.clock))
        with pytest.raises(Misconfigured, match="根部门"):
            await groups.make("领导群", "lisi", ["lisi", "wangwu"])


@pytest.mark.parametrize(("owner", "people"), [("x", ["lisi", "wangwu"]), ("lisi", ["lisi"]), ("lisi", ["lisi", ""])])
async def test_what_the_platform_does_not_take(groups: AppGroups, owner: str, people: list[str]) -> None:
    with pytest.raises(Undeliverable):
        await groups.make("领导群", owner, people)


def test_out_of_range_is_a_kind_of_undeliverable() -> None:
    assert issubclass(OutOfRange, Undeliverable)
