"""Questions with buttons: a tap works like the digit, on the very question of its card, for whom it was asked alone."""

from datetime import timedelta

import pytest

from bot.platforms.simulated.platform import Said
from domain.messages import Card, Choice
from domain.texts import asking
from domain.texts.cards import GONE
from tests.house import GROUP, House

LITTER = "人民路垃圾成堆没人收"


def asked(house: House, number: int = -1) -> Card:
    """The card of a question that was asked, the latest unless said otherwise."""
    found = [
        p.outgoing.card for p in house.platform.posted if p.outgoing.card and asking.is_asked(p.outgoing.card.thread)
    ]
    return found[number]


async def ask_place(house: House, text: str = LITTER) -> Card:
    await house.say("刘芳", text, group=GROUP, photo=text)
    return asked(house)


async def test_a_place_is_chosen_by_a_tap_and_the_group_hears_it(house: House) -> None:
    card = await ask_place(house)
    assert card.title == "2026-0001已受理，请确认位置"
    assert card.rows == (
        ("1", "人民路（建设街—文化街）"),
        ("2", "人民路（文化街—新华路）"),
        ("3", "其他，请写路口或门店名"),
    )
    assert [choice.label[:2] for choice in card.choices] == ["1 ", "2 ", "3 "]
    said = next(p.outgoing.text for p in house.platform.posted if p.outgoing.card is card)
    assert said.startswith("2026-0001已受理，请确认位置：1 人民路（")  # in words as ever
    heard = await house.say("刘芳", choice=card.choices[0].key, card=card.thread, group=GROUP)
    assert any("2026-0001】已交办" in text for text in house.heard(GROUP)), heard
    assert (await house.case(1)).segment == card.choices[0].key


async def test_the_digit_goes_on_working(house: House) -> None:
    card = await ask_place(house)
    await house.say("刘芳", "1", group=GROUP)
    assert (await house.case(1)).segment == card.choices[0].key


async def test_somebody_else_answers_nothing_and_hears_it_alone(house: House) -> None:
    card = await ask_place(house)
    await house.say("孙丽", choice=card.choices[0].key, card=card.thread, group=GROUP)
    assert house.heard(GROUP) == []
    assert house.heard("孙丽") == [GONE]
    assert (await house.case(1)).segment == ""


async def test_an_older_card_answers_its_own_question(house: House) -> None:
    for text in ("人民路12号门口垃圾没人捡", "人民医院门口路灯不亮"):
        await house.say("刘芳", text, group=GROUP, photo=text)
    await house.say("赵强", photo="first")
    await house.say("赵强", photo="second")
    older, newer = asked(house, -2), asked(house)
    assert older.thread != newer.thread
    assert [choice.key for choice in older.choices] == [choice.key for choice in newer.choices]
    await house.say("赵强", choice="2026-0001", card=older.thread)
    await house.say("赵强", choice="2026-0002", card=newer.thread)
    first, second = [case.photos_of("after") for case in await house.cases()]
    assert (len(first), len(second)) == (1, 1)
    assert first[0].sha256 != second[0].sha256


async def test_a_card_whose_question_is_over_says_so(house: House) -> None:
    card = await ask_place(house)
    house.clock.advance(timedelta(minutes=6))
    await house.machine.settle()
    await house.say("刘芳", choice=card.choices[0].key, card=card.thread, group=GROUP)
    assert house.heard("刘芳") == [GONE]


async def test_a_tapped_card_is_over_for_everybody_and_an_unanswered_one_stays(house: House) -> None:
    card = await ask_place(house)
    cards = house.machine.outbox.cards
    said = Said("m-look", GROUP, True, house.userid("孙丽"), choice=card.choices[0].key, card=card.thread)
    incoming = house.platform.parser.parse(said.payload(), house.clock.now())
    assert await cards.tapped(incoming) is None
    await house.say("刘芳", choice=card.choices[0].key, card=card.thread, group=GROUP)
    face = await cards.tapped(incoming)
    assert face is not None
    assert (face.title, face.is_over) == ("此问题已结束", True)
    await house.say("刘芳", choice=face.choices[0].key, card=card.thread)
    assert house.heard("刘芳") == [GONE]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        pytest.param("确认？", tuple(Choice(str(n), f"第{n}个") for n in range(7)), id="too many"),
        pytest.param("说" * 113, (Choice("a", "是"),), id="too long"),
        pytest.param("哪里？", (Choice("a", "很" * 27),), id="an answer too long to show"),
        pytest.param("在吗", (), id="no answers"),
    ],
)
def test_what_does_not_fit_stays_words(text: str, choices: tuple[Choice, ...]) -> None:
    assert asking.draw(text, choices, asking.thread("q", "k")) is None


def test_short_answers_need_no_rows() -> None:
    text = "将向3人各发1条合并提醒（涉及5件，其中2人今日已提醒过）。确认发送？1 确认 2 取消"
    card = asking.draw(text, (Choice("yes", "确认"), Choice("no", "取消")), asking.thread("q", "k"))
    assert card is not None
    assert (card.title, card.rows) == ("请选择", ())
    assert card.hint == "将向3人各发1条合并提醒（涉及5件，其中2人今日已提醒过）。确认发送？"
    assert [(c.key, c.label, c.says) for c in card.choices] == [("yes", "确认", "1"), ("no", "取消", "2")]
