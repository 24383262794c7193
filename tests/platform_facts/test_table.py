"""What the platforms let the bot see and say, a row each, and that the bot behaves so that people don't notice."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from bot.platforms.dingtalk.capabilities import CAPABILITIES as DINGTALK
from bot.platforms.wecom import bot_message
from bot.platforms.wecom.capabilities import CAPABILITIES as WECOM
from bot.platforms.wecom.line import LineState
from domain.case import State
from domain.messages import Capabilities, Card, Choice, Kind, Target
from tests.bot.attached import FILE, PHOTO, Source
from tests.bot.platforms.dingtalk.rehearsal import rehearsal
from tests.bot.platforms.dingtalk.rehearsal import to_group as to_dingtalk_group
from tests.bot.platforms.dingtalk.rehearsal import to_person as to_dingtalk_person
from tests.bot.platforms.wecom.line_rig import rigged, speaking
from tests.bot.platforms.wecom.samples import NOW
from tests.bot.platforms.wecom.stage import GROUP as WECOM_GROUP
from tests.bot.platforms.wecom.stage import staged, to_group, to_person
from tests.house import GROUP, House, open_house

PLATFORMS: Final[Mapping[str, Capabilities]] = {"wecom": WECOM, "dingtalk": DINGTALK}
LITTER = "人民路12号门口垃圾没人捡"
CARD = Card("2026-0001_work-ab", "待认领【0001】", choices=(Choice("ack", "收到", "收到 2026-0001"),))


@pytest.fixture(params=PLATFORMS)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        house.platform.worn = PLATFORMS[request.param]
        yield house


async def test_sees_in_a_group_only_what_names_the_bot(house: House) -> None:
    worn = house.platform.worn
    assert worn.inbound_refusal(Kind.TEXT, is_group=True, mentions_bot=False) is not None
    for kind in (Kind.VOICE, Kind.FILE, Kind.VIDEO):
        assert worn.inbound_refusal(kind, is_group=True, mentions_bot=True) is not None
    # so a button and the private chat are the main road: the card goes to the handler in private
    await house.say("刘芳", LITTER, photo="before", group=GROUP)
    (work,) = [p.outgoing for p in house.platform.posted if p.outgoing.card]
    assert (work.target.userid, work.choices[0].key) == ("zhao", "ack")


async def test_a_lone_photo_in_a_wecom_group_is_explained(tmp_path: Path) -> None:
    assert WECOM.inbound_refusal(Kind.PHOTO, is_group=True, mentions_bot=True) is not None
    async with open_house(tmp_path) as house:
        said = await house.say("刘芳", LITTER, group=GROUP)
        assert any("补图请长按照片→引用→@我，或私聊发给我" in text for text in said)


async def test_sees_in_private_chat_a_bare_photo_that_closes_the_case(house: House) -> None:
    for kind in (Kind.TEXT, Kind.PHOTO, Kind.VOICE):
        assert house.platform.worn.inbound_refusal(kind, is_group=False, mentions_bot=False) is None
    await house.say("刘芳", LITTER, photo="before", group=GROUP)
    await house.say("赵强", photo="after")
    assert (await house.case(1)).state is State.RESOLVED


async def test_quoting_finds_the_case_by_number_words_or_picture_else_asks(house: House) -> None:
    await house.say("刘芳", LITTER, photo="before", group=GROUP)
    await house.say("李四", "人民医院门口路灯不亮", photo="lamp", group=GROUP)
    await house.say("赵强", "收到", group=GROUP, quote="【2026-0001】路面遗漏垃圾")
    await house.say("赵强", "收到", group=GROUP, quote_photo="lamp")
    assert [case.state for case in await house.cases()] == [State.ACKNOWLEDGED] * 2
    (asked,) = await house.say("赵强", "已处理", photo="done", group=GROUP, quote="")  # a quoted card comes empty
    assert "照片对应" in asked


async def test_at_a_person_only_through_what_really_calls(house: House) -> None:
    async with staged() as wecom:
        await wecom.post(to_group("请关注", mentions=("lisi",), mention_names=("李四",)))
        assert wecom.fake.deliveries[-1].mentions == ("lisi",)
    async with rehearsal() as dingtalk:
        await dingtalk.post(to_dingtalk_group("请关注", mentions=("u2002",), mention_names=("王路长",)))
        assert dingtalk.fake.deliveries[-1].mentions == ("u2002",)
    async with rigged() as rig:  # the AI bot calls nobody: who is meant is named
        await rig.live(rig.start())
        async with speaking(rig) as (client, channel):
            await rig.reply_id(chat_id=WECOM_GROUP)
            channel.spoken.add(to_group().target)
            outgoing = to_group("请关注", mentions=("lisi",), mention_names=("李四",))
            await client.send(outgoing, client.ways(outgoing, rig.clock())[0])
            assert rig.fake.deliveries[-1].text.endswith("请关注：李四")


async def test_update_a_sent_card_in_place_or_on_its_tap_and_never_post_it_anew(house: House) -> None:
    await house.say("刘芳", LITTER, photo="before", group=GROUP)
    (place,) = [n for n, p in enumerate(house.platform.posted) if p.outgoing.card]
    house.read = len(house.platform.posted)
    await house.say("赵强", "收到", group=GROUP, quote=LITTER)
    card = house.platform.posted[place].outgoing.card
    assert card is not None
    assert card.title.startswith("处置中" if house.platform.worn.edits else "待认领")
    assert [p for p in house.new() if p.outgoing.card] == []


async def test_push_first_only_where_somebody_spoke(house: House) -> None:
    async with rigged() as rig:
        await rig.live(rig.start())
        async with speaking(rig) as (client, channel):
            assert client.ways(to_person(), rig.clock()) == ()
            channel.spoken.add(Target("wecom", userid="wangwu"))
            assert [way.name for way in client.ways(to_person(), rig.clock())] == ["push"]
    # who cannot be reached in private is told in the group that stands in
    async with rehearsal() as dingtalk:
        assert dingtalk.client.ways(to_dingtalk_person(userid="$:LWCP_v1:$outsider"), dingtalk.clock()) == ()


async def test_files_out_are_of_the_kinds_that_both_carry() -> None:
    assert {"xlsx", "docx", "pdf"} <= WECOM.file_types & DINGTALK.file_types
    async with staged(attachments=Source()) as wecom:
        for outgoing in (to_group("", photos=(PHOTO,)), to_group("", files=(FILE,))):
            await wecom.post(outgoing)
        assert [post.attached for post in wecom.fake.deliveries] == [PHOTO.sha256, FILE.sha256]
    async with rehearsal(attachments=Source()) as dingtalk:
        for outgoing in (to_dingtalk_group("", photos=(PHOTO,)), to_dingtalk_group("", files=(FILE,))):
            await dingtalk.post(outgoing)
        assert [post.attached for post in dingtalk.fake.deliveries] == [PHOTO.sha256, FILE.sha256]


async def test_files_in_are_kept_before_the_receipt(house: House) -> None:
    await house.say("刘芳", LITTER, photo="before", group=GROUP)
    (photo,) = (await house.case(1)).photos
    house.platform.uploads.clear()  # the platform's link is dead
    kept = house.config.store.media / photo.name
    assert await asyncio.to_thread(kept.exists)


async def test_one_connection_a_second_instance_stops_loudly() -> None:
    async with rigged() as rig:
        first = rig.start()
        await rig.live(first)
        second = rig.start()
        await rig.live(second)
        await rig.until(lambda: first.state is LineState.KICKED)
        assert rig.fake.gateway.kicks == 1  # and does not fight for the line
        assert second.connection_id


def test_no_platform_hands_over_what_the_table_denies() -> None:
    body = {"msgid": "m", "from": {"userid": "u"}, "chattype": "group", "chatid": "g", "msgtype": "location"}
    assert bot_message.parse(json.dumps(body), NOW, None).kind is Kind.OTHER
