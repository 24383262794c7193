"""Escalation: who is told when, for each kind of ladder, across nights, holidays and pauses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar
from domain.case import Case, State
from domain.deadlines import ClockKind, Span
from domain.errors import TableError
from domain.escalation import Ladder, LadderKind, Step, StepRule, ladder, merge

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()
LADDER = Ladder.load()
ORDINARY = [LadderKind.ACK, LadderKind.RESOLVE]
HANDLER_AND_CHIEF = ("handler", "chief")

instants = st.integers(0, 60 * 24 * 700).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def told(steps: tuple[Step, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(f"{step.at.astimezone(SHANGHAI):%m-%d %H:%M}", step.roles) for step in steps]


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize(
    ("due", "expected"),
    [
        pytest.param(
            "10-12 10:00",
            ["10-12 10:00", "10-12 15:50", "10-12 16:00", "10-13 10:00", "10-14 10:00", "10-15 10:00"],
            id="a Monday morning",
        ),
        pytest.param(
            "10-12 09:05",
            ["10-12 09:05", "10-12 14:55", "10-12 15:05", "10-13 09:05", "10-14 09:05", "10-15 09:05"],
            id="over lunch",
        ),
        pytest.param(
            "10-12 14:05",
            ["10-12 14:05", "10-13 07:55", "10-13 08:05", "10-13 14:05", "10-14 14:05", "10-15 14:05"],
            id="the notice is ten minutes ahead also before work begins",
        ),
        pytest.param(
            "09-30 16:00",
            ["09-30 16:00", "10-08 09:50", "10-08 10:00", "10-08 16:00", "10-09 16:00", "10-10 16:00"],
            id="seven days of holiday and a make-up Saturday",
        ),
        pytest.param(
            "10-12 21:00",
            ["10-12 21:00", "10-13 11:50", "10-13 12:00", "10-13 18:00", "10-14 18:00", "10-15 18:00"],
            id="a running limit that passed at night",
        ),
    ],
)
def test_ordinary_ladders(kind: LadderKind, due: str, expected: list[str]) -> None:
    roles = [HANDLER_AND_CHIEF, ("handler",), ("second_level",), ("township_head",), ("first_level",), ("office",)]
    assert told(ladder(kind, at(due), CALENDAR, LADDER)) == list(zip(expected, roles, strict=True))


def test_only_the_notice_announces_and_only_the_office_gets_a_draft() -> None:
    steps = ladder(LadderKind.RESOLVE, at("10-12 10:00"), CALENDAR, LADDER)
    assert [step.level for step in steps if step.announces_handler] == ["second_level"]
    assert [step.level for step in steps if step.drafts_order] == ["office"]
    assert len({step.key for step in steps}) == len(steps)


def test_a_hazard_goes_up_in_running_time_at_night() -> None:
    steps = ladder(LadderKind.HAZARD, at("10-03 02:15"), CALENDAR, LADDER)  # reported at 02:00 on a holiday
    assert told(steps) == [
        ("10-03 02:15", ("second_level", "seat")),
        ("10-03 02:30", ("township_head", "office")),
    ]


@given(kind=st.sampled_from(LadderKind), due=instants)
def test_no_step_is_before_the_limit_and_all_are_in_order(kind: LadderKind, due: datetime) -> None:
    times = [step.at for step in ladder(kind, due, CALENDAR, LADDER)]
    assert times == sorted(times)
    assert times[0] == due
    assert all(time.tzinfo is UTC for time in times)


SPANS = st.none() | st.builds(Span, st.sampled_from(ClockKind), st.integers(1, 500))
WORDS = st.sampled_from(["office", "二级路长", "", '"'])
RULES = st.lists(
    st.builds(StepRule, WORDS, st.lists(WORDS, max_size=2).map(tuple), SPANS, st.timedeltas(), st.booleans()),
    max_size=3,
)


@given(rules=st.dictionaries(st.sampled_from(LadderKind), RULES.map(tuple), max_size=3))
def test_json_keeps_a_ladder_and_its_fingerprint(rules: dict[LadderKind, tuple[StepRule, ...]]) -> None:
    table = Ladder(rules)
    kept = Ladder.from_json(table.to_json())
    assert kept == table
    assert kept.fingerprint == table.fingerprint


def test_another_delay_is_another_fingerprint() -> None:
    later = LADDER.retimed(LadderKind.ACK, {"second_level": Span(ClockKind.WORKING_HOURS, 5)})
    assert later.fingerprint != LADDER.fingerprint


def case(state: State = State.ASSIGNED, **changes: object) -> Case:
    base = Case(1, state, "zang.litter", "一般", at("10-12 08:00"), "p1")
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", sorted(set(State) - {State.ASSIGNED, State.ACKNOWLEDGED, State.REWORK}))
def test_no_steps_while_nobody_must_act(state: State) -> None:
    waiting = case(state, ack_due=at("10-12 10:00"), due=at("10-12 14:00"))
    assert LADDER.steps(waiting, CALENDAR) == ()


def test_an_acknowledged_case_goes_up_by_its_handlers_deadline() -> None:
    taken = case(State.ACKNOWLEDGED, due=at("10-12 14:00"), handler_due=at("10-13 09:00"))
    assert LADDER.steps(taken, CALENDAR) == ladder(LadderKind.RESOLVE, at("10-13 09:00"), CALENDAR, LADDER)
    without = replace(taken, handler_due=None)
    assert LADDER.steps(without, CALENDAR) == ladder(LadderKind.RESOLVE, at("10-12 14:00"), CALENDAR, LADDER)


def test_a_case_without_a_deadline_has_no_steps() -> None:
    assert LADDER.steps(case(), CALENDAR) == ()


def test_an_unacknowledged_case_tells_each_level_once_at_its_earlier_limit() -> None:
    fresh = case(ack_due=at("10-12 10:00"), due=at("10-12 16:00"))
    assert LADDER.steps(fresh, CALENDAR) == ladder(LadderKind.ACK, at("10-12 10:00"), CALENDAR, LADDER)


def test_a_night_limit_comes_before_the_acknowledgement_of_the_morning() -> None:
    fresh = case(ack_due=at("10-13 10:00"), due=at("10-12 21:00"))  # 2 running hours, reported at 19:00
    assert LADDER.steps(fresh, CALENDAR) == ladder(LadderKind.RESOLVE, at("10-12 21:00"), CALENDAR, LADDER)


def test_an_unacknowledged_hazard_has_both_ladders_without_a_level_twice() -> None:
    fresh = case(is_hazard=True, ack_due=at("10-13 02:15"), due=at("10-13 04:00"))
    assert told(LADDER.steps(fresh, CALENDAR)) == [
        ("10-13 02:15", ("second_level", "seat")),
        ("10-13 02:30", ("township_head", "office")),
        ("10-13 04:00", HANDLER_AND_CHIEF),
        ("10-14 18:00", ("first_level",)),
        ("10-15 18:00", ("office",)),
    ]


def test_merging_nothing_is_nothing() -> None:
    assert merge([]) == ()


def test_a_city_may_wait_longer() -> None:
    later = LADDER.retimed(
        LadderKind.RESOLVE,
        {"second_level": Span(ClockKind.WORKING_DAYS, 2), "township_head": Span(ClockKind.WORKING_DAYS, 2)},
        notice=timedelta(minutes=30),
    )
    steps = ladder(LadderKind.RESOLVE, at("10-12 10:00"), CALENDAR, later)
    assert [time for time, _ in told(steps)[:4]] == ["10-12 10:00", "10-14 09:30", "10-14 10:00", "10-14 10:00"]
    assert later.rules[LadderKind.ACK] == LADDER.rules[LadderKind.ACK]


def test_a_city_may_leave_the_notice_out() -> None:
    steps = ladder(LadderKind.ACK, at("10-12 10:00"), CALENDAR, LADDER.retimed(LadderKind.ACK, {}, timedelta()))
    assert not any(step.announces_handler for step in steps)


@pytest.mark.parametrize(
    ("level", "after", "words"),
    [
        pytest.param("mayor", None, "mayor", id="unknown level"),
        pytest.param("office", Span(ClockKind.WORKING_HOURS, 1), "早于上一步", id="before the level below"),
        pytest.param(
            "second_level", Span(ClockKind.RUNNING_MINUTES, 10), "notice_minutes", id="shorter than its notice"
        ),
    ],
)
def test_a_wrong_delay_is_refused(level: str, after: Span | None, words: str) -> None:
    with pytest.raises(TableError, match=words):
        LADDER.retimed(LadderKind.RESOLVE, {level: after})


GOOD = """
[[step]]
ladders = ["ack", "resolve", "hazard"]
level = "limit"
after_working_hours = 0
tell = ["handler"]

[[step]]
ladders = ["resolve"]
level = "second_level"
after_working_hours = 2
tell = ["second_level"]
notice_minutes = 30
"""


def load(tmp_path: Path, text: str) -> Ladder:
    table = tmp_path / "city.toml"
    table.write_text(text, encoding="utf-8")
    return Ladder.load(table)


def test_a_city_may_bring_a_ladder_of_its_own(tmp_path: Path) -> None:
    steps = ladder(LadderKind.RESOLVE, at("10-12 09:00"), CALENDAR, load(tmp_path, GOOD))
    assert [time for time, _ in told(steps)] == ["10-12 09:00", "10-12 10:30", "10-12 11:00"]


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(swap("notice_minutes", "notice"), "第2条[[step]] notice：", id="unknown field"),
        pytest.param(swap('level = "limit"', ""), "第1条[[step]] level", id="no level"),
        pytest.param(swap('["second_level"]', '["mayor"]'), "第2条[[step]] tell", id="unknown recipient"),
        pytest.param(swap('["second_level"]', "[]"), "第2条[[step]] tell", id="no recipient"),
        pytest.param(swap('["second_level"]', '[["second_level"]]'), "第2条[[step]] tell", id="nested recipient"),
        pytest.param(swap('["resolve"]', '["solve"]'), "第2条[[step]] ladders", id="unknown ladder"),
        pytest.param(swap('["resolve"]', "[]"), "第2条[[step]] ladders", id="no ladder"),
        pytest.param(swap(', "hazard"', ""), "没有 hazard 的步骤", id="a ladder without a step"),
        pytest.param(swap("after_working_hours = 2", ""), "第2条[[step]] after", id="no delay"),
        pytest.param(swap("hours = 2", "hours = 2\nafter_working_days = 1"), "第2条[[step]] after", id="two delays"),
        pytest.param(swap("hours = 2", "hours = -2"), "第2条[[step]] after_working_hours", id="negative delay"),
        pytest.param(swap("hours = 2", "hours = true"), "第2条[[step]] after_working_hours", id="no number"),
        pytest.param(swap("hours = 0", "hours = 3"), "早于上一步", id="not in order of time"),
        pytest.param(swap('"second_level"\n', '"limit"\n'), "每级只写一次", id="a level twice"),
        pytest.param(swap("= 30", "= 120"), "第2条[[step]] notice_minutes", id="notice before the limit"),
        pytest.param(swap("= 30", '= 30\ndrafts_order = "yes"'), "第2条[[step]] drafts_order", id="not a yes or no"),
    ],
)
def test_a_wrong_table_is_refused_by_row_and_field(tmp_path: Path, spoil: Callable[[str], str], words: str) -> None:
    with pytest.raises(TableError) as refusal:
        load(tmp_path, spoil(GOOD))
    assert words in refusal.value.text
    assert "city.toml" in refusal.value.text
