"""Buttons of a case's card: each works like its word, on the card's own case, and a group hears nothing of it."""

import pytest

from domain.case import State
from domain.messages import Card
from tests.house import GROUP, House

LITTER = "人民路12号门口垃圾没人捡"


async def opened(house: House, text: str = LITTER, who: str = "刘芳") -> None:
    await house.say(who, text, photo=f"before-{text}-{who}", group=GROUP)


def card_of(house: House, number: str, who: str = "zhao") -> Card:
    """The card that a person got about a case."""
    (card,) = [
        p.outgoing.card
        for p in house.platform.posted
        if p.outgoing.card and number in p.outgoing.card.thread and p.outgoing.target.userid == who
    ]
    return card


async def tap(house: House, who: str, key: str, number: str = "0001", **where: str) -> list[str]:
    return await house.say(who, choice=key, card=card_of(house, number).thread, **where)


async def test_the_working_message_has_a_card_beside_its_words(house: House) -> None:
    await opened(house)
    card = card_of(house, "0001")
    assert card.title == "待认领【0001】路面遗漏垃圾｜人民路12号门口"
    assert [key for key, _ in card.rows] == ["位置", "责任", "轮值", "时限", "来源", "照片"]
    assert [choice.key for choice in card.choices] == ["ack", "resolve", "return", "extend"]
    assert "1 收到 2 已处理" in house.heard("赵强")[0]


async def test_a_tap_takes_the_case_of_its_card_not_the_latest(house: House) -> None:
    await opened(house)
    await opened(house, "人民医院门口路灯不亮", who="李四")
    assert await tap(house, "赵强", "ack") == ["2026-0001已认领，" + f"{house.rules.local(house.clock.now()):%H:%M}。"]
    assert [case.state for case in await house.cases()] == [State.ACKNOWLEDGED, State.ASSIGNED]


async def test_a_tap_in_a_group_is_answered_in_private(house: House) -> None:
    await opened(house)
    await tap(house, "赵强", "resolve", group=GROUP)
    assert house.heard(GROUP) == []
    assert house.heard("赵强") == [
        "2026-0001办结须附整改后照片，请直接发送。确无法拍照，回复“无图 原因”，由陈涛二级路长确认。"
    ]


async def test_the_wrong_person_hears_why_and_nothing_changes(house: House) -> None:
    await opened(house)
    await tap(house, "孙丽", "ack", group=GROUP)
    assert house.heard(GROUP) == []
    assert house.heard("孙丽") == ["2026-0001由赵强负责，您无需操作。"]
    assert (await house.case(1)).state is State.ASSIGNED


@pytest.mark.parametrize(
    ("key", "example"),
    [pytest.param("return", "非我路段 0001", id="return"), pytest.param("extend", "延期 0001", id="extend")],
)
async def test_what_needs_words_says_how(house: House, key: str, example: str) -> None:
    await opened(house)
    (said,) = await tap(house, "赵强", key)
    assert example in said
    assert (await house.case(1)).state is State.ASSIGNED


async def closed(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    await house.say("钱专干", "0001 通过")
    assert (await house.case(1)).state is State.CLOSED


async def test_an_old_card_says_that_nothing_is_left_to_do(house: House) -> None:
    await closed(house)
    at = f"{house.rules.local(house.clock.now()):%H:%M}"
    assert await tap(house, "赵强", "ack") == [f"2026-0001已于{at}已办结，无需操作。"]


async def test_the_verifier_passes_by_a_tap_and_fails_with_words(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    card = card_of(house, "0001", "qian")
    assert [choice.key for choice in card.choices] == ["pass", "fail"]
    (said,) = await house.say("钱专干", choice="fail", card=card.thread)
    assert "0001 不通过 物料仍在" in said
    await house.say("钱专干", choice="pass", card=card.thread)
    assert (await house.case(1)).state is State.CLOSED


async def test_the_handler_cannot_pass_his_own_case(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    thread = card_of(house, "0001", "qian").thread
    await house.say("赵强", choice="pass", card=thread)
    assert (await house.case(1)).state is State.RESOLVED


async def test_the_last_button_shows_the_case(house: House) -> None:
    await closed(house)
    (said,) = await house.say("赵强", choice="status", card=card_of(house, "0001").thread)
    assert said.startswith("【2026-0001】已办结")


async def test_a_tap_on_an_unknown_card_explains_itself(house: House) -> None:
    for card in ("", "x", "2026-0099_work-abc"):
        (said,) = await house.say("赵强", choice="ack", card=card)
        assert "请" in said


async def test_a_repeated_tap_has_no_second_effect(house: House) -> None:
    await opened(house)
    thread = card_of(house, "0001").thread
    await house.say("赵强", choice="ack", card=thread, message_id="tap-1")
    assert await house.say("赵强", choice="ack", card=thread, message_id="tap-1") == []
