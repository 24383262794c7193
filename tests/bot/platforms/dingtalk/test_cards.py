"""Cards on DingTalk: one template for a case's whole life, changed in place, answered within two seconds, or words."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fakes.dingtalk.cards import KEY_BYTES, VALUE_BYTES
from bot.fakes.rules import Fault
from bot.platforms.base import Refused
from bot.platforms.dingtalk import cards
from bot.platforms.dingtalk.card_callback import CardCallback, sign
from bot.platforms.dingtalk.settings import CardSettings
from domain.messages import Card, Choice, Kind, Misconfigured, OutcomeUnknown, Undeliverable
from domain.texts import asking
from domain.texts.cards import KEYS
from domain.texts.wording import numbered
from tests.bot.platforms.dingtalk.rehearsal import GROUP, START, Rehearsal, rehearsal, to_group, to_person

TEMPLATE = Path(__file__).parents[4] / "docs" / "handbook" / "dingtalk-case-card.json"
CARD = Card(
    "2026-0123_work-3fa9c1d2e4b5",
    "待认领【0123】占道经营｜人民路建设街口",
    "2026-0123｜人民路（建设街—文化街）北侧",
    (("位置", "建设街口东50米"), ("时限", "16:30前办结")),
    (Choice("ack", "收到", "收到 2026-0123"), Choice("resolve", "已处理", "已处理 2026-0123")),
    "处理后直接发照片即可。",
)
WITH = CardSettings("case.schema")
WORDS = "【2026-0123】占道经营\n1 收到 2 已处理"


@pytest.fixture
async def house() -> AsyncIterator[Rehearsal]:
    async with rehearsal(card_settings=WITH) as house:
        yield house


async def post(house: Rehearsal, **changes: object) -> object:
    outgoing = replace(to_person(WORDS, card=CARD), **changes)  # type: ignore[arg-type]
    return await house.client.send(outgoing, house.client.ways(outgoing, house.clock())[0])


def seen(house: Rehearsal) -> list[tuple[str, str]]:
    return [(p.way, p.text.partition("\n")[0]) for p in house.fake.deliveries]


@given(
    st.text(max_size=80),
    st.text(max_size=80),
    st.lists(st.tuples(st.text(max_size=9), st.text(max_size=40)), max_size=6),
)
def test_variables_keep_the_platforms_limits(title: str, note: str, rows: list[tuple[str, str]]) -> None:
    found = cards.variables(Card("t", title, note, tuple(rows), CARD.choices))
    assert all(len(k.encode()) <= KEY_BYTES and len(v.encode()) <= VALUE_BYTES for k, v in found.items())
    assert "@" not in found["title"] + found["content"]


def test_the_shipped_template_has_the_very_variables_and_buttons() -> None:
    document = json.loads(TEMPLATE.read_text("utf-8"))
    editor = json.loads(document["editorData"])
    sent = cards.variables(CARD)
    assert {one["name"] for one in editor["variables"]} == set(sent)
    (block,) = [c for c in editor["schema"]["componentsTree"][0]["children"] if c["componentName"] == "ButtonBlock"]
    buttons = {button["id"]: button for button in block["props"]["buttons"]}
    assert set(buttons) == set(cards.ACTIONS) == set(KEYS)
    for key, button in buttons.items():
        assert button["visible"]["condition"]["conditions"][0]["variable"] == f"show_{key}"
    assert (sent["show_ack"], sent["show_pass"]) == ("true", "false")


async def test_a_card_stands_in_place_of_the_words_in_private_and_in_a_group(house: Rehearsal) -> None:
    await post(house)
    card = replace(CARD, thread="2026-0123_work-other")
    await post(house, target=to_group().target, card=card, mentions=("u2002",), mention_names=("王路长",))
    assert seen(house) == [("card", CARD.title), ("card", CARD.title)]
    assert [p.chat_id for p in house.fake.deliveries] == ["", GROUP]
    sent = json.loads(house.fake.rules.asked[-1].body)
    assert sent["imGroupOpenDeliverModel"]["atUserIds"] == {"u2002": "王路长"}


async def test_it_is_changed_in_place_however_often(house: Rehearsal) -> None:
    receipt = await post(house)
    for title in ("处置中·赵强15:12【0123】占道经营", "✔已办结 15:58【0123】占道经营"):
        face = replace(CARD, title=title)
        assert (await post(house, text="", card=face, edits=receipt.card)).card == receipt.card  # type: ignore[attr-defined]
    assert [way for way, _ in seen(house)] == ["card", "update", "update"]
    assert len(house.fake.cards.shown) == 1


async def test_a_retry_after_an_unknown_outcome_makes_no_second_card(house: Rehearsal) -> None:
    house.fake.rules.arm(Fault("reset", "/v1.0/card/instances/createAndDeliver", is_carried_out=True))
    with pytest.raises(OutcomeUnknown):
        await post(house)
    receipt = await post(house, is_resend=True)
    assert receipt.card  # type: ignore[attr-defined]
    assert seen(house) == [("card", CARD.title)]


async def test_a_missing_permission_says_the_words_once_and_names_the_scope(house: Rehearsal) -> None:
    house.fake.cards.is_permitted = False
    receipt = await post(house)
    assert isinstance(receipt.complaint, Misconfigured)  # type: ignore[attr-defined]
    assert "Card.Instance.Write" in receipt.complaint.text  # type: ignore[attr-defined]
    assert seen(house) == [("private", "【2026-0123】占道经营")]
    asked = house.fake.rules.count("/v1.0/card/instances/createAndDeliver")
    await post(house)
    assert house.fake.rules.count("/v1.0/card/instances/createAndDeliver") == asked  # not for an hour
    house.clock.advance(hours=1, minutes=1)
    house.fake.cards.is_permitted = True
    await post(house)
    assert seen(house)[-1][0] == "card"


@pytest.mark.parametrize("fault", ["unpublished", "undelivered"])
async def test_what_http_200_hides_is_found_and_said_in_words(house: Rehearsal, fault: str) -> None:
    if fault == "unpublished":
        house.fake.cards.template = "another.schema"
    else:
        house.fake.cards.undelivered = "user not in visible scope"
    receipt = await post(house)
    assert isinstance(receipt.complaint, Misconfigured | Undeliverable)  # type: ignore[attr-defined]
    assert [way for way, _ in seen(house)] == ["private"]


async def test_near_the_months_end_of_calls_words_go_and_nothing_is_changed() -> None:
    async with rehearsal(card_settings=WITH, has_room=lambda: False) as house:
        await post(house)
        assert [way for way, _ in seen(house)] == ["private"]
        edit = to_person("", card=CARD, edits='{"card":"x"}')
        assert house.client.ways(edit, house.clock()) == ()


async def test_without_a_template_buttons_say_the_word_as_whoever_taps(house: Rehearsal) -> None:
    async with rehearsal(card_settings=CardSettings(has_links=True)) as plain:
        assert (plain.client.capabilities.buttons, plain.client.capabilities.edits) == (True, False)
        await post(plain)
        sent = json.loads(plain.fake.rules.asked[-1].body)
        param = json.loads(sent["msgParam"])
        assert sent["msgKey"] == "sampleActionCard2"
        assert unquote(param["actionURL1"]) == "dtmd://dingtalkclient/sendMessage?content=收到 2026-0123"
        assert "1 收到" in param["text"]
        await post(plain, target=to_group().target, mentions=("u2002",), mention_names=("王路长",))
        group = plain.fake.deliveries[-1]
        assert (group.way, group.mentions) == ("webhook", ("u2002",))


async def test_words_alone_where_nothing_is_set() -> None:
    async with rehearsal() as bare:
        assert (bare.client.capabilities.buttons, bare.client.capabilities.edits) == (False, False)
        await post(bare)
        assert json.loads(bare.fake.rules.asked[-1].body)["msgKey"] == "sampleText"


def test_markdown_shows_our_text_as_it_stands() -> None:
    assert cards.as_markdown("# 一\n- *二*\n3. [三](x)") == "＃ 一  \n－ ＊二＊  \n3． ［三］(x)"


# taps over HTTP


SECRET = "roadchief-app-secret"
CLICK = {
    "type": "actionCallback", "outTrackId": CARD.thread, "userId": "u2002", "spaceType": "IM_GROUP", "spaceId": GROUP,
    "content": '{"cardPrivateData":{"actionIds":["ack"],"params":{}}}',
}  # fmt: skip


def signed(at: int | None = None) -> dict[str, str]:
    stamp = str(at if at is not None else int(START.timestamp() * 1000))
    key = sign(cards.secret_of(SECRET), stamp)
    return {"X-Ddpaas-Signature-Timestamp": stamp, "X-Ddpaas-Signature": key}


def test_a_tap_over_http_is_a_choice_on_its_card() -> None:
    callback = CardCallback(SECRET)
    accepted = callback.accept("POST", {}, signed(), json.dumps(CLICK).encode(), START)
    found = callback.parse(accepted.payload, START)
    assert (found.kind, found.choice, found.card, found.chat_id) == (Kind.CHOICE, "ack", CARD.thread, GROUP)
    assert accepted.redrawn is not None
    face = json.loads(accepted.redrawn(CARD))
    assert face["cardData"]["cardParamMap"]["title"] == CARD.title
    assert accepted.redraw_seconds < 2


@pytest.mark.parametrize(
    ("method", "headers", "body"),
    [
        pytest.param("GET", signed(), json.dumps(CLICK).encode(), id="method"),
        pytest.param("POST", {}, json.dumps(CLICK).encode(), id="unsigned"),
        pytest.param("POST", signed() | {"X-Ddpaas-Signature": "x"}, json.dumps(CLICK).encode(), id="forged"),
        pytest.param("POST", signed(1), json.dumps(CLICK).encode(), id="stale"),
        pytest.param("POST", signed(), b"\xff", id="no text"),
        pytest.param("POST", signed(), b"[]", id="no object"),
        pytest.param("POST", signed(), b"{}", id="no card"),
        pytest.param("POST", signed(), b"x" * 70_000, id="too large"),
    ],
)
def test_what_is_no_tap_is_refused(method: str, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Refused):
        CardCallback(SECRET).accept(method, {}, headers, body, START)


async def test_over_http_the_address_of_taps_is_registered_once() -> None:
    settings = replace(WITH, callback="https://lz.example.gov.cn/callback/dingtalk/card")
    async with rehearsal(card_settings=settings) as house:
        await post(house)
        await post(house, card=replace(CARD, thread="2026-0123_work-2"))
        assert house.fake.cards.route == (settings.callback, cards.secret_of(SECRET))
        assert house.fake.rules.count("/v1.0/card/callbacks/register") == 1


async def test_a_questions_card_has_buttons_that_say_its_digit_whatever_the_template() -> None:
    places = (Choice("XC001", "人民路（建设街—文化街）"), Choice("XC002", "人民路（文化街—新华路）"))
    asked = asking.draw(f"请确认位置：{numbered(places)}", places, asking.thread("q", "k"))
    settings = CardSettings("case.schema", has_links=True)
    async with rehearsal(card_settings=settings) as house:
        await post(house, text=f"请确认位置：{numbered(places)}", card=asked, choices=places)
        param = json.loads(house.fake.rules.asked[-1].json()["msgParam"])  # type: ignore[index]
    assert "1 人民路（建设街—文化街） 2 人民路（文化街—新华路）" in param["text"]
    assert unquote(param["actionURL2"]) == "dtmd://dingtalkclient/sendMessage?content=2"
