from datetime import UTC, datetime

import pytest

from domain.effects import Question
from domain.messages import Choice
from handlers.answer import ANSWERS, chosen_key

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PLACES = (
    Choice("XC001", "人民路（建设街—文化街）"),
    Choice("XC002", "人民路（文化街—新华路）"),
    Choice("elsewhere", "其他"),
)
WORK = (Choice("ack", "收到"), Choice("resolve", "已处理"))


def question(kind: str, options: tuple[Choice, ...]) -> Question:
    return Question("q", "", "", "zhao", kind, 1, options, NOW, NOW)


@pytest.mark.parametrize(
    ("text", "button", "key"),
    [
        pytest.param("1", "", "XC001", id="digit"),
        pytest.param("２。", "", "XC002", id="full-width digit and stop"),
        pytest.param("③", "", "elsewhere", id="circled digit"),
        pytest.param("4", "", None, id="no such option"),
        pytest.param("0", "", None, id="nought"),
        pytest.param("其他", "", "elsewhere", id="the option's word"),
        pytest.param("其他。", "", "elsewhere", id="the word and a stop"),
        pytest.param("人民路（文化街—新华路）", "", "XC002", id="a whole title, brackets and all"),
        pytest.param("人民路建设街口", "", None, id="words of one's own"),
        pytest.param("1 人民路", "", None, id="a digit and more"),
        pytest.param("", "XC002", "XC002", id="button"),
        pytest.param("", "XC009", None, id="a button of another question"),
        pytest.param("1", "XC009", None, id="a foreign button beats the text"),
        pytest.param("", "", None, id="nothing"),
    ],
)
def test_which_option_is_chosen(text: str, button: str, key: str | None) -> None:
    assert chosen_key(question("locate", PLACES), text, button) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("2", "resolve", id="its digits are answers"),
        pytest.param("已处理", None, id="its words are commands, which may mean another case"),
    ],
)
def test_a_working_message_is_answered_by_digit_only(text: str, key: str | None) -> None:
    assert chosen_key(question("work", WORK), text, "") == key


def test_a_number_that_is_a_key_is_no_word() -> None:
    numbered = (Choice("7", "七号"), Choice("8", "八号"))
    assert chosen_key(question("which", numbered), "8", "") is None


@pytest.mark.parametrize("kind", ["locate", "duplicate", "split", "pick", "work", "which", "urge_all"])
def test_every_kind_of_question_has_its_answer(kind: str) -> None:
    assert kind in ANSWERS
