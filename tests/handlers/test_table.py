"""The contract of every row of COMMANDS: found by its words, shown in the help, answered politely whatever happens."""

import logging
from collections import Counter
from datetime import timedelta

import pytest

from domain.case import State
from handlers.helping import IN_OWN_WORDS, TOPICS
from handlers.matching import normalise, spoken
from handlers.table import BY_KEY, COMMANDS, Command
from tests.house import GROUP, House

# Not in the help: said there together with another command, or the help itself.
HIDDEN = {"help", "refuse_extension", "confirm_no_photo", "release", "back", "bind", "walk_end", "accept_appeal"}
ROWS = [pytest.param(command, id=command.key) for command in COMMANDS]
STRANGER = "路人"
A_MINUTE = timedelta(minutes=1)  # a robot's limit must not hold back what is looked for


def test_keys_are_unique() -> None:
    assert len(BY_KEY) == len(COMMANDS)


def test_words_are_unique() -> None:
    said = Counter(word for command in COMMANDS for word in command.words.words)
    assert [word for word, times in said.items() if times > 1] == []


@pytest.mark.parametrize("command", ROWS)
def test_each_word_reaches_its_own_row(command: Command) -> None:
    for word in command.words.words:
        first = next(row.key for row in COMMANDS if spoken(normalise(word), row.words) is not None)
        assert first == command.key, f"{word} is caught by {first}"


@pytest.mark.parametrize("command", ROWS)
def test_each_row_is_in_the_help_or_hidden_on_purpose(command: Command) -> None:
    assert bool(command.help) is (command.key not in HIDDEN)
    if command.help:
        assert any(word in command.help for word in command.words.words), "the help names none of its words"
        assert "！" not in command.help
        assert len(command.help) <= 40


def assert_polite(word: str, posted: list[str]) -> None:
    assert posted, f"{word}: no answer in private"
    for text in posted:
        assert text.strip(), f"{word}: an empty answer"
        assert "！" not in text, text
        assert "None" not in text, text
        assert "Traceback" not in text, text
        assert "{" not in text, text


async def assert_nothing_failed(house: House, caplog: pytest.LogCaptureFixture) -> None:
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []
    assert await house.store.inbox.waiting(10) == []


@pytest.mark.parametrize(
    ("form", "who"),
    [
        pytest.param("{word}", STRANGER, id="a stranger"),
        pytest.param("{word}", "赵强", id="a duty person without a case"),
        pytest.param("{word}", "钱专干", id="the seat"),
        pytest.param("{word}", "吴主任", id="the office"),
        pytest.param("{word} 9876", "吴主任", id="an unknown number"),
        pytest.param("9876 {word} 原因", "赵强", id="an unknown number and a reason"),
        pytest.param("{word} 2025-0001 6月3日 突出 周敏", "陈涛", id="a number of last year and much else"),
        pytest.param("{word} 我是王段长", STRANGER, id="a claim"),
    ],
)
async def test_every_command_is_answered(house: House, caplog: pytest.LogCaptureFixture, form: str, who: str) -> None:
    rows = [row for row in COMMANDS if row.words.takes_number or not form[0].isdigit()]
    for command in rows:
        word = command.words.words[0]
        assert_polite(word, await house.say(who, form.format(word=word)))
        house.clock.advance(A_MINUTE)
    await assert_nothing_failed(house, caplog)
    assert await house.cases() == []


async def closed(house: House) -> None:
    await house.say("刘芳", "人民路百货大楼门口垃圾未清", photo="before", group=GROUP)
    await house.say("赵强", "0001 已处理", photo="after")
    await house.say("钱专干", "0001 通过")
    assert (await house.case(1)).state is State.CLOSED


@pytest.mark.parametrize("who", [STRANGER, "赵强", "钱专干", "陈涛"])
async def test_a_closed_case_stays_closed(house: House, caplog: pytest.LogCaptureFixture, who: str) -> None:
    await closed(house)
    before = await house.case(1)
    for command in COMMANDS:
        if command.key in {"void", "reopen"} or not command.words.takes_number:
            continue
        word = command.words.words[0]
        assert_polite(word, await house.say(who, f"{word} 0001 原因"))
        house.clock.advance(A_MINUTE)
    await assert_nothing_failed(house, caplog)
    after = await house.case(1)
    assert (after.state, after.closed_at, after.handler) == (State.CLOSED, before.closed_at, before.handler)


# ---- what the table's order and guards are for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("定位：人民路人民医院 井盖破损", id="locate"),
        pytest.param("不合格的井盖 人民路人民医院门口井盖破损", id="fail"),
        pytest.param("无图，人民路人民医院垃圾乱堆", id="no_photo"),
        pytest.param("退回来的垃圾又堆在第一小学门口", id="give_back"),
        pytest.param("劝阻无效，滨河公园烧烤店占道经营", id="dissuade"),
        pytest.param("反弹了，滨河公园烧烤店占道经营", id="reopen"),
    ],
)
async def test_a_report_that_begins_with_a_commands_word_is_not_lost(house: House, text: str) -> None:
    await house.say("刘芳", text, group=GROUP)
    assert [case.text for case in await house.cases()] == [text]


async def test_the_handler_may_give_a_reason_that_names_a_problem(house: House) -> None:
    await house.say("刘芳", "人民路百货大楼门口垃圾未清", photo="before", group=GROUP)
    await house.say("赵强", "非我路段 人民路人民医院垃圾属二标段")
    assert [case.state for case in await house.cases()] == [State.RETURNED]


async def test_a_refused_verdict_leaves_its_companion_untouched(house: House) -> None:
    for number, place in ((1, "百货大楼"), (2, "人民医院")):
        await house.say("刘芳", f"人民路{place}门口垃圾未清", photo=f"before{number}", group=GROUP)
        await house.say("赵强", f"000{number} 已处理", photo=f"after{number}")
    [answer] = await house.say("钱专干", "0001 通过，0002 不通过")
    assert "请写明不通过的原因" in answer
    assert [case.state for case in await house.cases()] == [State.RESOLVED, State.RESOLVED]
    [answer] = await house.say("钱专干", "0001 通过，2026-0001 不通过 仍在")
    assert answer == "2026-0001写了两次，请只写一个结论。"
    assert (await house.case(1)).state is State.RESOLVED
    await house.say("钱专干", "0001 通过，0002 不通过 物料仍在")
    assert [case.state for case in await house.cases()] == [State.CLOSED, State.REWORK]


async def test_a_number_said_twice_is_one_case(house: House) -> None:
    await house.say("刘芳", "人民路百货大楼门口垃圾未清", photo="before", group=GROUP)
    before = await house.case(1)
    assert await house.say("赵强", "收到 0001 2026-0001") == ["2026-0001已认领，09:00。"]
    assert (await house.case(1)).version == before.version + 1


def test_each_line_of_the_help_has_one_topic() -> None:
    keys = Counter(key for topic in TOPICS for key in topic.keys)
    assert keys == Counter([*(command.key for command in COMMANDS if command.help), *IN_OWN_WORDS])
