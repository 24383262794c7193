import json

import pytest

from bot.demo import clockwork
from bot.demo.chat import Entry
from bot.demo.session import Session
from bot.demo.stage import Stage, Utterance
from bot.platforms.dingtalk.capabilities import CAPABILITIES as DINGTALK
from bot.platforms.wecom.capabilities import CAPABILITIES as WECOM
from domain.case import Case, State
from domain.errors import LuzhangError, NotFound, WrongState
from domain.messages import Kind
from domain.ports import CaseQuery

GROUP = "group-xinhualu"
WORDS = "人民路百货大楼门口，水果摊占道经营"


async def cases(stage: Stage) -> list[Case]:
    async with stage.store.reading(stage.now) as view:
        return await view.cases(CaseQuery())


def heard(stage: Stage, chat: str) -> list[Entry]:
    return [entry for entry in stage.chats.entries if entry.chat == chat and not entry.sender]


async def test_a_report_goes_the_whole_way(stage: Stage) -> None:
    await stage.say(Utterance(GROUP, "liufang", WORDS, ("scene:stall",)))
    (case,) = await cases(stage)
    assert (case.state, case.segment, case.handler) == (State.ASSIGNED, "XZ062", "zhaoqiang")
    assert len(case.photos) == 1
    assert case.number in heard(stage, GROUP)[-1].text
    assert heard(stage, "zhaoqiang")[-1].kept[0].sha256 == case.photos[0].sha256

    await stage.say(Utterance("zhaoqiang", "zhaoqiang", "1"))  # the first choice: 收到
    await stage.say(Utterance("zhaoqiang", "zhaoqiang", "", ("scene:stall-after",)))
    assert (await cases(stage))[0].state is State.RESOLVED


async def test_what_the_worn_platform_withholds_never_reaches_the_bot(stage: Stage) -> None:
    bare = await stage.say(Utterance(GROUP, "liufang", "", ("scene:stall",)))
    unnamed = await stage.say(Utterance(GROUP, "liufang", WORDS, mentions_bot=False))
    await stage.wear("dingtalk")
    unnamed_there = await stage.say(Utterance(GROUP, "liufang", WORDS, mentions_bot=False))
    assert bare.withheld == WECOM.unseen["group:photo"]
    assert unnamed.withheld == WECOM.unseen["unmentioned"]
    assert unnamed_there.withheld == DINGTALK.unseen["unmentioned"]
    assert not await cases(stage)
    assert not heard(stage, GROUP)


async def test_a_bare_photo_reaches_the_bot_in_a_dingtalk_group(stage: Stage) -> None:
    await stage.wear("dingtalk")
    assert Kind.PHOTO in stage.platform.worn.group_inbound
    assert not (await stage.say(Utterance(GROUP, "liufang", "", ("scene:stall",)))).withheld


async def test_a_typed_mention_counts_and_is_taken_off(stage: Stage) -> None:
    entry = await stage.say(Utterance(GROUP, "liufang", f"@路长助手 {WORDS}", ("scene:stall",), mentions_bot=False))
    assert (entry.withheld, entry.text) == ("", WORDS)


async def test_a_picture_of_the_gallery_is_new_each_time(stage: Stage) -> None:
    entry = await stage.say(Utterance("zhaoqiang", "zhaoqiang", "", ("scene:stall", "scene:stall")))
    one, other = (stage.platform.uploads[name] for name in entry.photos)
    assert one != other


async def test_a_quote_carries_the_quoted_words(stage: Stage) -> None:
    await stage.say(Utterance(GROUP, "liufang", WORDS, ("scene:stall",)))
    receipt = heard(stage, GROUP)[-1]
    await stage.say(Utterance(GROUP, "zhaoqiang", "收到", quote=receipt.number))
    assert (await cases(stage))[0].state is State.ACKNOWLEDGED


UNSENDABLE = {
    "nothing to send": Utterance(GROUP, "liufang", "  "),
    "nobody of that id": Utterance(GROUP, "nobody", "你好"),
    "another person's private chat": Utterance("zhaoqiang", "liufang", "你好"),
    "no such scene": Utterance(GROUP, "liufang", "", ("scene:none",)),
    "no such upload": Utterance(GROUP, "liufang", "", ("own-1",)),
    "a quote from another chat": Utterance(GROUP, "liufang", "你好", quote=1),
    "too many pictures": Utterance(GROUP, "liufang", "", ("scene:stall",) * 13),
}


async def test_what_cannot_be_sent_is_refused_and_leaves_no_bubble(stage: Stage) -> None:
    before = len(stage.chats.entries)
    refused = set()
    for why, utterance in UNSENDABLE.items():
        try:
            await stage.say(utterance)
        except LuzhangError:
            refused.add(why)
    assert refused == UNSENDABLE.keys()
    assert len(stage.chats.entries) == before


async def test_next_stops_at_the_first_post(stage: Stage) -> None:
    await stage.say(Utterance(GROUP, "liufang", WORDS, ("scene:stall",)))
    before = len(stage.chats.entries)
    await clockwork.go(stage, "next")
    assert len(stage.chats.entries) > before
    assert {entry.at for entry in stage.chats.since(before)} == {stage.now}


async def test_a_button_leads_where_it_says(stage: Stage) -> None:
    for button, at in {"10m": "06-29 08:50", "1h": "06-29 09:50", "off": "06-29 18:00"}.items():
        await clockwork.go(stage, button)
        assert f"{stage.rules.local(stage.now):%m-%d %H:%M}" == at, button
    assert clockwork.TARGETS["off"](stage) > stage.now


async def test_the_months_end_passes_every_due_instant_in_order(stage: Stage) -> None:
    await stage.say(Utterance(GROUP, "liufang", WORDS, ("scene:stall",)))
    await clockwork.go(stage, "month")
    times = [entry.at for entry in stage.chats.entries]
    assert times == sorted(times)
    drafts = [entry for entry in heard(stage, "group-office") if entry.key.startswith("draft:")]
    assert [f"{stage.rules.local(entry.at):%m-%d %H:%M}" for entry in drafts] == ["07-01 08:12"]
    summaries = [entry for entry in heard(stage, "group-office") if entry.key.startswith("summary:")]
    assert [stage.rules.day(entry.at).day for entry in summaries] == [29, 30]
    publication = clockwork.publication(stage)
    assert f"{stage.rules.local(publication - clockwork.AFTER):%m-%d %H:%M}" == "07-07 09:12"


async def test_a_long_way_can_be_stopped(session: Session) -> None:
    stage = session.stage
    start = stage.now
    session.move("month")
    with pytest.raises(WrongState, match="时间正在推进"):
        session.move("1h")
    await stage.say(Utterance("liufang", "liufang", "你好"))  # messages get their turn meanwhile
    async for line in session.feed.read():
        if json.loads(line)["kind"] == "clock" and stage.now > start:
            break
    await session.stop()
    assert not session.is_busy
    assert start < stage.now < clockwork.TARGETS["month"](stage)


@pytest.mark.parametrize("worn", ["wecom", "dingtalk"])
async def test_a_tapped_card_shows_its_new_face_in_place(stage: Stage, worn: str) -> None:
    await stage.wear(worn)
    await stage.say(Utterance(GROUP, "liufang", WORDS, ("scene:stall",)))
    (asked,) = [entry for entry in heard(stage, "zhaoqiang") if entry.card]
    bubbles = len(stage.chats.entries)
    await stage.tap(asked.number, "zhaoqiang", "ack")
    card = stage.chats.entries[asked.number - 1].card
    assert card is not None
    assert card.title.startswith("处置中·赵强08:40【0001】")
    assert len(stage.chats.entries) == bubbles + 1  # the answer alone
    with pytest.raises(NotFound):
        await stage.tap(asked.number, "zhaoqiang", "ack")  # no longer there


@pytest.mark.parametrize(("worn", "shown"), [("wecom", "待认领"), ("dingtalk", "处置中")])
async def test_what_happens_elsewhere_shows_only_where_the_platform_changes_cards(
    stage: Stage, worn: str, shown: str
) -> None:
    await stage.wear(worn)
    await stage.say(Utterance(GROUP, "liufang", WORDS, ("scene:stall",)))
    (asked,) = [entry for entry in heard(stage, "zhaoqiang") if entry.card]
    await stage.say(Utterance("zhaoqiang", "zhaoqiang", "收到"))
    card = stage.chats.entries[asked.number - 1].card
    assert card is not None
    assert card.title.startswith(shown)
