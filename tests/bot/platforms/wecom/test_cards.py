"""Cards on WeCom: drawn within the platform's limits, tapped, changed in time, and words where a card is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fakes.rules import Fault, wall_clock
from bot.fakes.wecom.cards import Cards as CardRules
from bot.fakes.wecom.state import Delivery
from bot.platforms.wecom import app_message, bot_message
from bot.platforms.wecom.cards import template_card
from domain.case import State
from domain.messages import Card, Choice, Kind, Misconfigured, OutcomeUnknown, Undeliverable
from tests.bot.platforms.wecom.line_rig import rigged, speaking
from tests.bot.platforms.wecom.line_stage import line_staged
from tests.bot.platforms.wecom.samples import NOW
from tests.bot.platforms.wecom.stage import GROUP, Stage, staged, to_group, to_person
from tests.bot.stage import WECOM_GROUP, until
from tests.bot.stage import Stage as Service
from tests.bot.stage import staged as serving
from tests.house import picture

SEND, UPDATE = "/cgi-bin/message/send", "/cgi-bin/message/update_template_card"
CARD = Card(
    "2026-0123_work-3fa9c1d2e4b5",
    "待认领【0123】占道经营｜人民路建设街口",
    "2026-0123｜人民路（建设街—文化街）北侧",
    (("位置", "建设街口东50米"), ("时限", "16:30前办结")),
    (Choice("ack", "收到"), Choice("resolve", "已处理")),
    "处理后直接发照片即可。",
)
OVER = replace(CARD, title="✔已办结 15:58【0123】占道经营", choices=(Choice("status", "查进度"),), is_over=True)
TAP = (
    "<xml><ToUserName>ww1234567890abcdef</ToUserName><FromUserName>zhao</FromUserName><CreateTime>1767225720</CreateTime>"
    "<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>{key}</EventKey><TaskId>2026-0123_work-ab</TaskId>"
    "<CardType>button_interaction</CardType><ResponseCode>RC</ResponseCode><AgentID>1000002</AgentID>{more}</xml>"
)
WORDS = st.text(max_size=60)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


def cards(deliveries: list[Delivery], way: str = "card") -> list[str]:
    return [post.text.partition("\n")[0] for post in deliveries if post.way == way]


@given(
    WORDS, WORDS, st.lists(st.tuples(WORDS, WORDS), max_size=9), st.lists(WORDS, min_size=1, max_size=25, unique=True)
)
def test_whatever_stands_on_a_card_the_platform_takes_it(
    title: str, note: str, rows: list[tuple[str, str]], labels: list[str]
) -> None:
    choices = tuple(Choice(f"k{place}", label or "好") for place, label in enumerate(labels))
    card = Card("2026-0001_work-ab", title or "题", note, tuple(rows), choices)
    drawn = template_card(card)
    assert CardRules(wall_clock).problem(drawn) == 0
    assert "<@" not in json.dumps(drawn, ensure_ascii=False)


def test_few_short_choices_are_buttons_many_are_a_list() -> None:
    assert [b["key"] for b in template_card(CARD)["button_list"]] == ["ack", "resolve"]  # type: ignore[attr-defined]
    many = replace(CARD, choices=tuple(Choice(str(n), f"第{n}个") for n in range(8)))
    drawn = template_card(many)
    assert (drawn["card_type"], drawn["submit_button"]) == ("vote_interaction", {"text": "确定", "key": "submit"})


# taps


def test_a_tap_in_the_app_names_button_and_card_and_brings_a_code() -> None:
    found = app_message.parse(TAP.format(key="ack", more=""), NOW)
    assert (found.kind, found.choice, found.card, found.sender) == (Kind.CHOICE, "ack", "2026-0123_work-ab", "zhao")
    assert found.card_handle is not None
    assert json.loads(found.card_handle.data)["tap"] == "RC"


def test_a_choice_from_a_list_counts_before_the_button_that_sent_it() -> None:
    more = (
        "<SelectedItems><SelectedItem><QuestionKey>choice</QuestionKey><OptionIds><OptionId>XZ018</OptionId></OptionIds>"
        "</SelectedItem></SelectedItems>"
    )
    assert app_message.parse(TAP.format(key="submit", more=more), NOW).choice == "XZ018"
    items = {"selected_item": [{"question_key": "choice", "option_ids": {"option_id": ["XZ018"]}}]}
    event = {"card_type": "vote_interaction", "event_key": "submit", "task_id": "t", "selected_items": items}
    assert bot_message.parse(bot_tap(event), NOW, None).choice == "XZ018"


@pytest.mark.parametrize(
    "items",
    [
        None,
        [],
        "x",
        {"selected_item": None},
        {"selected_item": [{}]},
        {"selected_item": [{"option_ids": {"option_id": 7}}]},
    ],
)
def test_an_odd_choice_is_the_button(items: object) -> None:
    assert (
        bot_message.parse(bot_tap({"event_key": "ack", "task_id": "t", "selected_items": items}), NOW, None).choice
        == "ack"
    )


def bot_tap(event: object) -> str:
    body = {"msgid": "E1", "from": {"userid": "zhao"}, "chattype": "single", "msgtype": "event"}
    return json.dumps({**body, "event": {"eventtype": "template_card_event", "template_card_event": event}})


# the self-built app


async def test_the_app_shows_a_card_in_place_of_the_words(stage: Stage) -> None:
    outgoing = to_person("【2026-0123】占道经营", card=CARD)
    receipt = await stage.client.send(outgoing, stage.client.ways(outgoing, stage.clock())[0])
    (post,) = stage.fake.deliveries
    assert (post.way, post.text.partition("\n")[0]) == ("card", CARD.title)
    assert receipt.card
    assert receipt.complaint is None


@pytest.mark.parametrize("code", [48002, 40058, 301002])
async def test_a_refused_card_goes_as_words_once_and_says_why(stage: Stage, code: int) -> None:
    stage.fake.refuses_cards = code
    outgoing = to_person("【2026-0123】占道经营", card=CARD)
    receipt = await stage.client.send(outgoing, stage.client.ways(outgoing, stage.clock())[0])
    assert [post.way for post in stage.fake.deliveries] == ["private"]
    assert isinstance(receipt.complaint, Misconfigured | Undeliverable)
    assert not receipt.card


async def test_a_card_of_unknown_outcome_is_not_said_in_words(stage: Stage) -> None:
    stage.fake.rules.arm(Fault("reset", SEND, is_carried_out=True))
    outgoing = to_person("【2026-0123】占道经营", card=CARD)
    way = stage.client.ways(outgoing, stage.clock())[0]
    with pytest.raises(OutcomeUnknown):
        await stage.client.send(outgoing, way)
    await stage.client.send(replace(outgoing, is_resend=True), way)  # the duplicate check drops it
    assert [post.way for post in stage.fake.deliveries] == ["card"]


async def test_the_senders_code_is_kept_for_the_end(stage: Stage) -> None:
    outgoing = to_person("【2026-0123】占道经营", card=CARD)
    receipt = await stage.client.send(outgoing, stage.client.ways(outgoing, stage.clock())[0])
    edit = replace(outgoing, text="", edits=receipt.card)
    assert stage.client.ways(edit, stage.clock()) == ()
    last = replace(edit, card=OVER)
    (way,) = stage.client.ways(last, stage.clock())
    assert (await stage.client.send(last, way)).card == ""
    assert cards(stage.fake.deliveries, "update") == [OVER.title]
    with pytest.raises(Undeliverable):
        await stage.client.send(last, way)  # used up


async def test_a_webhook_shows_no_card(stage: Stage) -> None:
    await stage.post(to_group("【2026-0123】占道经营", card=CARD))
    assert [post.way for post in stage.fake.deliveries] == ["webhook"]


# the AI bot


async def test_the_bot_pushes_a_card_or_the_words(stage: Stage) -> None:
    async with rigged() as rig:
        await rig.live(rig.start())
        async with speaking(rig) as (client, channel):
            await rig.reply_id(chat_id=GROUP)
            channel.spoken.add(to_group().target)
            outgoing = to_group("【2026-0123】占道经营", card=CARD)
            way = client.ways(outgoing, rig.clock())[0]
            assert (await client.send(outgoing, way)).complaint is None
            receipt = await client.send(outgoing, way)  # the same task id: refused for ever
            assert isinstance(receipt.complaint, Undeliverable)
            assert [post.way for post in rig.fake.deliveries] == ["card", "push"]


async def working_card(deliveries: list[Delivery]) -> str:
    """Wait for the working message's card; return its task id."""

    async def is_there() -> bool:
        return bool(cards(deliveries))

    await until(is_there)
    raw = next(post.raw for post in deliveries if post.way == "card" and "_work-" in post.raw)
    return str(json.loads(raw)["task_id"])


async def test_a_tap_over_the_long_connection_turns_the_card_within_seconds(tmp_path: Path) -> None:
    async with line_staged(tmp_path) as stage:
        await stage.hand.say("你好", userid="zhao")
        await stage.hand.say("人民路百货大楼门口占道经营", userid="fang", chat_id=WECOM_GROUP)
        await stage.settled()
        task_id = await working_card(stage.wecom.deliveries)
        await stage.hand.tap("ack", userid="zhao", task_id=task_id)

        async def is_turned() -> bool:
            return bool(cards(stage.wecom.deliveries, "update"))

        await until(is_turned)
        assert cards(stage.wecom.deliveries, "update")[0].startswith("处置中·赵强")
        (case,) = await stage.cases()
        assert case.state is State.ACKNOWLEDGED
        assert len(cards(stage.wecom.deliveries)) == 1


async def test_a_tap_by_the_wrong_person_leaves_the_card_and_is_explained_in_private(tmp_path: Path) -> None:
    async with line_staged(tmp_path) as stage:
        for person in ("zhao", "sun_li"):
            await stage.hand.say("你好", userid=person)
        await stage.hand.say("人民路百货大楼门口占道经营", userid="fang", chat_id=WECOM_GROUP)
        await stage.settled()
        task_id = await working_card(stage.wecom.deliveries)
        await stage.hand.tap("ack", userid="sun_li", chat_id=WECOM_GROUP, task_id=task_id)
        await stage.settled()
        (case,) = await stage.cases()
        assert case.state is State.ASSIGNED
        told = [(post.chat_id, post.text) for post in stage.wecom.deliveries if post.userids == ("sun_li",)]
        assert told[1:] == [("", f"{case.number}由赵强负责，您无需操作。")]  # after the welcome


async def test_a_question_in_a_group_is_answered_by_a_tap_and_its_card_is_over(tmp_path: Path) -> None:
    async with line_staged(tmp_path) as stage:
        await stage.hand.say("人民路垃圾成堆没人收", userid="fang", chat_id=WECOM_GROUP)
        await stage.settled()
        asked = json.loads(next(post.raw for post in stage.wecom.deliveries if '"ask-' in post.raw))
        assert asked["main_title"]["title"].endswith("已受理，请确认位置")
        button = asked["button_list"][1]
        assert button["text"].startswith("2 人民路（")
        await stage.hand.tap(button["key"], userid="fang", chat_id=WECOM_GROUP, task_id=asked["task_id"])

        async def is_over() -> bool:
            return bool(cards(stage.wecom.deliveries, "update"))

        await until(is_over)
        assert cards(stage.wecom.deliveries, "update")[0].startswith("此问题已结束")
        await stage.settled()
        (case,) = await stage.cases()
        assert (case.state, case.segment) == (State.ASSIGNED, button["key"])
        assert any("已交办" in post.text for post in stage.wecom.deliveries if post.chat_id == WECOM_GROUP)


# the whole service, by callback


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as service:
        await service.to_wecom.say("人民路百货大楼门口占道经营", userid="fang", chat_id=WECOM_GROUP)
        await service.settled()
        yield service


async def test_a_tap_in_the_app_acts_and_turns_the_card_by_its_code(service: Service) -> None:
    task_id = await working_card(service.wecom.deliveries)
    assert (await service.to_wecom.tap_app("ack", userid="zhao", task_id=task_id)).status == 200
    await service.settled()

    async def is_turned() -> bool:
        return bool(cards(service.wecom.deliveries, "update"))

    await until(is_turned)
    (case,) = await service.cases()
    assert case.state is State.ACKNOWLEDGED
    assert cards(service.wecom.deliveries, "update")[0].startswith("处置中·赵强")
    # the sender's code is still there when nothing is left to do
    await service.to_wecom.say(f"{case.short} 改派 周敏", userid="qian", chat_id=WECOM_GROUP)
    await service.settled()
    assert cards(service.wecom.deliveries, "update")[1].startswith("已改派周敏")


async def test_a_question_asked_through_the_app_is_over_once_it_is_tapped(service: Service) -> None:
    await service.to_wecom.say("人民医院门口路灯不亮", userid="fang", chat_id=WECOM_GROUP)
    await service.settled()
    await service.to_wecom.photo_to_app(picture("after"), userid="zhao")
    await service.settled()

    def asked() -> list[dict[str, Any]]:
        return [json.loads(post.raw) for post in service.wecom.deliveries if '"ask-' in post.raw and post.way == "card"]

    async def is_asked() -> bool:
        return bool(asked())

    await until(is_asked)
    first = asked()[0]["button_list"][0]["key"]
    await service.to_wecom.tap_app(first, userid="zhao", task_id=asked()[0]["task_id"])
    await service.settled()

    async def is_over() -> bool:
        return any(text.startswith("此问题已结束") for text in cards(service.wecom.deliveries, "update"))

    await until(is_over)
    assert [case.state for case in await service.cases() if case.number == first] == [State.RESOLVED]


async def test_a_tap_by_callback_is_answered_with_the_cards_new_face(service: Service) -> None:
    task_id = await working_card(service.wecom.deliveries)
    pushed = await service.to_wecom.tap("ack", userid="zhao", task_id=task_id)
    assert pushed.statuses == (200,)
    assert cards(service.wecom.deliveries, "update")[0].startswith("处置中·赵强")


async def test_a_tap_on_nothing_is_answered_at_once_without_a_card(service: Service) -> None:
    pushed = await service.to_wecom.tap("ack", userid="zhao", task_id="old-card_1")
    assert (pushed.statuses, pushed.answer) == ((200,), "")


async def test_operators_hear_once_that_cards_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        service.wecom.refuses_cards = 48002
        for number in range(3):
            await service.to_wecom.say(
                f"人民路百货大楼门口占道经营{number}", userid=f"fang{number}", chat_id=WECOM_GROUP
            )
            await service.settled()
        told = [post.text for post in service.wecom.deliveries if "未能按原样发送" in post.text]
        assert len({text.partition("（")[0] for text in told}) == len(told) == 2  # the app's cards, and the bot's
        assert all("权限" in text for text in told)
        assert [post.way for post in service.wecom.deliveries if post.userids == ("zhao",)][:1] == ["private"]
