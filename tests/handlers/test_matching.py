"""Which words are commands, which figures are case numbers; and no pattern takes long on hostile text."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import domain
import handlers
from domain.understand.text import without_mentions
from handlers.matching import MOST_NUMBERS, Spoken, clauses, digit, may_speak, normalise, printed_number, spoken
from handlers.table import COMMANDS, OPENINGS, Command
from handlers.timewords import read_days, read_until

EVERY_WORD = [pytest.param(c, w, id=f"{c.key}-{w}") for c in COMMANDS for w in c.words.words]
NUMBERED = [
    pytest.param(c, w, id=f"{c.key}-{w}")
    for c in COMMANDS
    if c.words.takes_number
    for w in (*c.words.words, *c.words.asked)
]


def understood(text: str) -> tuple[str, Spoken] | None:
    """The first command that a text speaks, as `decide` looks for it."""
    plain = normalise(text)
    found = ((command.key, spoken(plain, command.words)) for command in COMMANDS)
    return next(((key, said) for key, said in found if said is not None), None)


def numbers(text: str) -> list[tuple[int | None, int]]:
    found = understood(text)
    assert found is not None, "no command"
    return list(found[1].numbers)


@pytest.mark.parametrize(("command", "word"), EVERY_WORD)
def test_every_word_reaches_its_own_command(command: Command, word: str) -> None:
    found = understood(word)
    assert found is not None
    assert found == (command.key, Spoken(normalise(word), (), ""))


@pytest.mark.parametrize(("command", "word"), NUMBERED)
@pytest.mark.parametrize(
    "form",
    [
        pytest.param("{word} 0123", id="after"),
        pytest.param("{word}0123", id="after, without a blank"),
        pytest.param("0123 {word}", id="before"),
        pytest.param("0123{word}", id="before, without a blank"),
        pytest.param("#123，{word}", id="hash and comma"),
        pytest.param("2026-0123 {word}", id="full number"),
        pytest.param("２０２６－０１２３　{word}", id="full width"),
        pytest.param("\u200b0123\u200d {word}\ufeff", id="zero-width characters"),
        pytest.param("123号案件 {word}", id="spoken out"),
    ],
)
def test_a_number_may_stand_before_or_after(command: Command, word: str, form: str) -> None:
    found = understood(form.format(word=word))
    assert found is not None
    key, said = found
    assert key == command.key
    assert [number[1] for number in said.numbers] == [123]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("收到 1，2、3", [(None, 1), (None, 2), (None, 3)], id="several"),
        pytest.param("并入 0125 0119", [(None, 125), (None, 119)], id="two"),
        pytest.param("0125 并入 0119", [(None, 125), (None, 119)], id="one on each side"),
        pytest.param("查 2025-0007", [(2025, 7)], id="last year's"),
        pytest.param("查 2026-10000", [(2026, 10_000)], id="five digits"),
        pytest.param("挂账 0119 12月31日 管线", [(None, 119)], id="a date is no number"),
        pytest.param("挂账 0119 12号 管线", [(None, 119)], id="a day of the month"),
        pytest.param("延期 2天", [], id="days"),
        pytest.param("延期 3 天", [], id="days, set off"),
        pytest.param("延期 24小时", [], id="hours"),
        pytest.param("延期 18:00", [], id="clock"),
        pytest.param("延期 18点", [], id="o'clock"),
        pytest.param("延期 6/3", [], id="date with a slash"),
        pytest.param("延期 2026-06-05", [], id="full date"),
        pytest.param("延期 12号前", [], id="by the twelfth"),
        pytest.param("延期 0123 12号前", [(None, 123)], id="number, then day"),
        pytest.param("已处理 2件", [], id="how many"),
        pytest.param("劝阻 3户", [], id="households"),
        pytest.param("无图 50米外", [], id="metres"),
        pytest.param("非我路段 100号楼以东", [], id="a building"),
        pytest.param("非我路段 0123 100号楼以东", [(None, 123)], id="number, then building"),
        pytest.param("未通过 0.5分", [], id="points"),
        pytest.param("0123 不通过 还有2处", [(None, 123)], id="places left"),
        pytest.param("催办 13800001111", [], id="a phone number"),
        pytest.param("查 123456789", [], id="nine digits"),
        pytest.param("收到 " + " ".join(str(n) for n in range(1, 60)), [(None, n) for n in range(1, 21)], id="a flood"),
    ],
)
def test_numbers(text: str, found: list[tuple[int | None, int]]) -> None:
    assert numbers(text) == found
    assert len(found) <= MOST_NUMBERS


@pytest.mark.parametrize(
    ("text", "key", "rest"),
    [
        pytest.param("非我路段 0123 文化街以东", "give_back", "文化街以东", id="reason after the number"),
        pytest.param("0123 不通过 物料仍在", "fail", "物料仍在", id="verdict with its reason"),
        pytest.param("延期0098当日有批准的临时疏导点", "extend", "当日有批准的临时疏导点", id="without blanks"),
        pytest.param("收到，马上去", "acknowledge", "马上去", id="set off by a comma"),
        pytest.param("不批准延期 0123 原因不足", "refuse_extension", "原因不足", id="refusal before its positive"),
        pytest.param("不确认无图 0123", "confirm_no_photo", "", id="not confirmed"),
        pytest.param("复核不通过 0123 物料仍在", "fail", "物料仍在", id="the longer word wins"),
        pytest.param("定位 0124 XC018", "locate", "XC018", id="segment id"),
        pytest.param("请假 6月3日-6月5日 赵强代", "leave", "6月3日-6月5日 赵强代", id="dates stay in the rest"),
        pytest.param("Help", "help", "", id="a phone's capital"),
        pytest.param("？", "help", "", id="full-width question mark"),
    ],
)
def test_what_is_said_besides(text: str, key: str, rest: str) -> None:
    found = understood(text)
    assert found is not None
    assert (found[0], found[1].rest) == (key, rest)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("通过路口时发现井盖破损", id="通过 as a verb"),
        pytest.param("收到垃圾投诉三起", id="收到 as a verb"),
        pytest.param("合格证掉在路上", id="合格 in a noun"),
        pytest.param("办结率怎么算", id="办结 in a noun"),
        pytest.param("认领的花坛没人浇水", id="认领 as a verb"),
        pytest.param("恢复路面施工扬尘", id="恢复 as a verb"),
        pytest.param("人民路12号已处理", id="the word at the end"),
        pytest.param("人民路建设街口有烧烤店占道", id="a report"),
        pytest.param("helpful", id="help in a word"),
        pytest.param("好的", id="a reply"),
        pytest.param("0123", id="a number alone"),
        pytest.param("12月31日", id="a date alone"),
        pytest.param("", id="nothing"),
        pytest.param("\u200b\u202e", id="nothing visible"),
    ],
)
def test_what_is_no_command(text: str) -> None:
    assert understood(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("1", 1, id="digit"),
        pytest.param("２", 2, id="full width"),
        pytest.param("③", 3, id="circled"),
        pytest.param("1.", 1, id="full stop"),
        pytest.param(" 1 、", 1, id="list mark"),
        pytest.param("0", None, id="nought"),
        pytest.param("12", None, id="two digits"),
        pytest.param("1 通过", None, id="a verdict"),
        pytest.param("一", None, id="Chinese numeral is no choice"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_digits(text: str, number: int | None) -> None:
    assert digit(text) == number


@pytest.mark.parametrize(
    ("quoted", "number"),
    [
        pytest.param("【2026-0123】已交办｜占道经营", (2026, 123), id="a receipt"),
        pytest.param("2026-12345已认领", (2026, 12345), id="five digits"),
        pytest.param("补充0123的照片", None, id="a short number is not printed in full"),
        pytest.param("2026-06-01 垃圾未清", None, id="a date"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_printed_numbers(quoted: str, number: tuple[int, int] | None) -> None:
    assert printed_number(quoted) == number


def test_clauses_are_normalised() -> None:
    assert clauses("１ 通过，２ 不通过　物料仍在；\n3\u200b 通过,,") == ["1 通过", "2 不通过 物料仍在", "3 通过"]


def test_normalising() -> None:
    assert normalise("  ０１２３\u3000已\u200b处理\n\n 好 ") == "0123 已处理 好"


@settings(max_examples=150)
@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "\n" not in once


# ---- every pattern is linear ------------------------------------------------------------------------------------------

ZONE, NOW = ZoneInfo("Asia/Shanghai"), datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
SEEDS = [
    " ",
    "1",
    "12 ",
    "0001 ",
    "a",
    "a1-",
    "@",
    "@a",
    "路",
    "街口",
    "到至",
    "人民",
    "星期",
    "两",
    "十",
    "代",
    "第一",
    "[",
    "不是 ",
    "年月",
    ", ",
]
SEEDS += ["12月", "2026-", "上午 ", "-", "（", ".", "\u200b", "由 ", "1号", "已"]


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in (handlers, domain):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            for name, value in vars(module).items():
                yield from ((f"{info.name}.{name}", one) for one in _compiled(value))


def _compiled(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _compiled(inner)


PATTERNS = sorted({(name, pattern.pattern): pattern for name, pattern in patterns()}.items())


def seconds(work: Callable[[], object]) -> float:
    """The least CPU time of three goes."""
    best = float("inf")
    for _ in range(3):
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return best


def assert_linear(run: Callable[[str], object], seed: str, size: int) -> None:
    """Four times the text takes a linear reader four times as long, a quadratic one sixteen times."""
    short, long = seed * (size // len(seed)), seed * (4 * size // len(seed))
    before = seconds(lambda: run(short))
    assert before < 0.5, f"{seed!r}: {size} characters took {before:.1f} s"
    after = seconds(lambda: run(long))
    assert after < 10 * before + 0.001, f"{seed!r}: {before * 1000:.2f} ms grew to {after * 1000:.2f} ms"


@pytest.mark.parametrize("pattern", [pytest.param(pattern, id=name) for (name, _), pattern in PATTERNS])
def test_every_pattern_is_linear(pattern: re.Pattern[str]) -> None:
    for seed in SEEDS:
        for end in ("", "\0"):
            assert_linear(lambda text, end=end: pattern.search(text + end), seed, 500)  # type: ignore[misc]


READERS: list[Callable[[str], object]] = [
    normalise,
    understood,
    clauses,
    without_mentions,
    lambda text: read_until(text, NOW, ZONE),
    lambda text: read_days(text, date(2026, 6, 1)),
]


@pytest.mark.parametrize("read", [pytest.param(read, id=f"{read.__name__}{n}") for n, read in enumerate(READERS)])
def test_reading_is_linear(read: Callable[[str], object]) -> None:
    for seed in SEEDS:
        assert_linear(read, seed, 2_000)


@pytest.mark.parametrize("seed", ["延期 ", "0001 收到", "请假 6月", "2 "])
def test_commands_take_a_hundred_kilobytes(seed: str) -> None:
    text = seed * (100_000 // len(seed))
    assert len(text) > 99_000
    understood(text)


@given(
    command=st.sampled_from(COMMANDS),
    before=st.sampled_from(["", "0123 ", "#0123，", "2026-0123 0124 ", " ：", "0123 、"]),
    after=st.sampled_from(["", " 0123", "0123", " 原因", "，谢谢", "的"]),
    data=st.data(),
)
def test_no_command_is_passed_over_by_the_first_look(
    command: Command, before: str, after: str, data: st.DataObject
) -> None:
    text = normalise(before + data.draw(st.sampled_from(command.words.openings)) + after)
    if spoken(text, command.words) is not None:
        assert may_speak(text, OPENINGS)


def test_a_report_needs_no_second_look() -> None:
    assert not may_speak("人民路百货大楼门口占道经营，已报过一次", OPENINGS)
