from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.case import (
    BY_EVENT,
    IN_HAND,
    NEED_NAMES,
    OPEN_STATES,
    ORIGIN_NAMES,
    STATE_NAMES,
    TRANSITIONS,
    Case,
    CasePhoto,
    Clock,
    Event,
    Origin,
    State,
    advance,
    id_of,
    may_happen,
    number_of,
)
from domain.errors import Missing, WrongState

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
CASE = Case(id_of(2026, 123), State.ASSIGNED, "cha.manhole", "一般", NOW, "liu", merged_into=id_of(2026, 119))

# The scheme's own table, written out a second time: event → (from, to, needs). One letter for each state:
# U 待定位 A 待认领 K 处置中 R 待复核 C 已办结 T 待改派 W 退回重办 S 挂账 M 并案 D 不予立案 V 作废; "=" keeps the state.
LETTERS = dict(zip("UAKRCTWSMDV", State, strict=True))
TABLE = {
    "locate": ("UT", "A", "segment"),
    "acknowledge": ("AW", "K", ""),
    "resolve": ("AKW", "R", "photo"),
    "pass": ("R", "C", ""),
    "fail": ("R", "W", "reason"),
    "return": ("AKW", "T", "reason"),
    "reassign": ("AKWT", "A", "person"),
    "ask_extension": ("AKW", "=", "reason until"),
    "grant_extension": ("AKW", "=", ""),
    "refuse_extension": ("AKW", "=", ""),
    "ask_no_photo": ("AKW", "=", "reason"),
    "confirm_no_photo": ("AKW", "R", ""),
    "refuse_no_photo": ("AKW", "=", ""),
    "dissuade": ("AKW", "K", ""),
    "ask_shelve": ("AKW", "=", "reason until"),
    "approve_shelve": ("AKW", "=", ""),
    "shelve": ("AKW", "S", ""),
    "resume": ("S", "K", ""),
    "merge": ("UAKRTWS", "M", "case"),
    "decline": ("UAKTWS", "D", "reason"),
    "void": ("UAKRCTWSMD", "V", "reason"),
    "reopen": ("C", "W", ""),
    "raise": ("AKWRT", "=", "reason"),
    "accept_tier": ("AKWRT", "=", ""),
    "hand_back_tier": ("AKWRT", "=", "reason"),
    "reclassify": ("UAKRTWS", "=", ""),
    "supplement": ("UAKRTWS", "=", ""),
    "follow": ("UAKRTWS", "=", ""),
    "urge": ("UAKRTWS", "=", ""),
    "escalate": ("UAKRTWS", "=", ""),
    "finding": ("AKRCTWS", "=", ""),
    "points": ("UAKRCTWSMD", "=", ""),
    "withdraw": ("UA", "V", ""),
    "recalled": ("UAKRCTWSMDV", "=", ""),
    "doubt": ("UAKRCTWSMDV", "=", ""),
    "refused": ("UAKRCTWSMDV", "=", ""),
}
EVERY_PAIR = [pytest.param(state, event, id=f"{state}-{event}") for state in State for event in Event]


def target(state: State, event: Event) -> State | None:
    """Where the scheme's table leads from a state, None where it has no row."""
    sources, to, _ = TABLE.get(event.value, ("", "", ""))
    if state not in {LETTERS[letter] for letter in sources}:
        return None
    return state if to == "=" else LETTERS[to]


def needs(event: Event) -> frozenset[str]:
    return frozenset(TABLE[event.value][2].split()) if event.value in TABLE else frozenset()


@pytest.mark.parametrize(("state", "event"), EVERY_PAIR)
def test_a_case_goes_where_the_table_says_and_nowhere_else(state: State, event: Event) -> None:
    case = replace(CASE, state=state)
    expected = target(state, event)
    assert may_happen(case, event) is (expected is not None)
    if expected is not None:
        after = advance(case, event, needs(event))
        assert (after.state, after.version) == (expected, case.version + 1)
        assert replace(after, state=case.state, version=case.version) == case
        return
    with pytest.raises(WrongState) as refused:
        advance(case, event, needs(event))
    text = refused.value.text
    assert text.startswith(f"2026-0123当前为{STATE_NAMES[state]}，")
    assert "；" in text, "says nothing about what can be done instead"
    assert "{" not in text


@pytest.mark.parametrize(
    ("event", "need"),
    [pytest.param(row.event, need, id=f"{row.event}-{need}") for row in TRANSITIONS for need in row.needs],
)
def test_a_need_that_is_not_given_is_named(event: Event, need: str) -> None:
    case = replace(CASE, state=min(BY_EVENT[event].sources))
    with pytest.raises(Missing) as missing:
        advance(case, event, needs(event) - {need})
    assert missing.value.text == f"2026-0123缺少{NEED_NAMES[need]}。"


def test_the_state_is_looked_at_before_the_needs() -> None:
    with pytest.raises(WrongState):
        advance(replace(CASE, state=State.CLOSED), Event.RESOLVE)


def test_changes_go_along() -> None:
    after = advance(CASE, Event.ACKNOWLEDGE, acknowledged_at=NOW, ack_due=None)
    assert (after.acknowledged_at, after.ack_due) == (NOW, None)


def test_every_event_but_the_report_has_one_row_with_its_needs() -> None:
    assert sorted(row.event for row in TRANSITIONS) == sorted(set(Event) - {Event.REPORT})
    assert {row.event.value: frozenset(row.needs) for row in TRANSITIONS} == {e: needs(Event(e)) for e in TABLE}


@pytest.mark.parametrize(
    ("clock", "events"),
    [
        pytest.param(Clock.RESTART, {"locate", "fail", "reassign", "reopen"}, id="the handler's clock starts again"),
        pytest.param(Clock.PAUSE, {"return", "shelve"}, id="stands still"),
        pytest.param(Clock.RESUME, {"resume"}, id="goes on"),
        pytest.param(
            Clock.STOP,
            {"resolve", "confirm_no_photo", "pass", "merge", "decline", "void", "withdraw"},
            id="ends",
        ),
    ],
)
def test_clocks(clock: Clock, events: set[str]) -> None:
    assert {row.event.value for row in TRANSITIONS if row.clock is clock} == events


def test_nothing_leads_out_of_the_final_states_but_void() -> None:
    final = set(State) - OPEN_STATES - {State.CLOSED}
    leaving = {row.event for row in TRANSITIONS if row.target and row.sources & final}
    assert leaving == {Event.VOID}


def test_states_in_hand_are_open_and_all_have_names() -> None:
    assert IN_HAND < OPEN_STATES
    assert set(STATE_NAMES) == set(State)
    assert set(ORIGIN_NAMES) == set(Origin)
    assert [State(name).value for name in ("unlocated", "rework", "void")] == ["unlocated", "rework", "void"]


@pytest.mark.parametrize(
    ("year", "sequence", "number", "short"),
    [
        pytest.param(2026, 1, "2026-0001", "0001", id="padded to four digits"),
        pytest.param(2026, 9999, "2026-9999", "9999", id="the last of four"),
        pytest.param(2026, 10_000, "2026-10000", "10000", id="grows"),
        pytest.param(2027, 99_999_999, "2027-99999999", "99999999", id="the last of a year"),
    ],
)
def test_numbers(year: int, sequence: int, number: str, short: str) -> None:
    case = replace(CASE, id=id_of(year, sequence))
    assert (case.number, case.short, number_of(case.id)) == (number, short, number)


def test_ids_of_two_years_never_meet() -> None:
    assert id_of(2026, 10**8 - 1) < id_of(2027, 0)


def test_photos_by_role() -> None:
    photos = tuple(
        CasePhoto(str(i) * 64, "jpg", role, NOW, "liu") for i, role in enumerate(["before", "after", "before"])
    )
    case = replace(CASE, photos=photos)
    assert [photo.name[0] for photo in case.photos_of("before")] == ["0", "2"]
    assert case.photos_of("other") == ()
    assert photos[1].name == f"{'1' * 64}.jpg"


@pytest.mark.parametrize("state", State)
def test_open_means_that_somebody_still_acts(state: State) -> None:
    over = {State.CLOSED, State.MERGED, State.DECLINED, State.VOID}
    assert replace(CASE, state=state).is_open is (state not in over)
