from dataclasses import fields, replace
from datetime import UTC, datetime

from domain.case import Case, Event, State, id_of
from domain.effects import Effects

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
CASE = Case(id_of(2026, 1), State.ASSIGNED, "zang.litter", "一般", NOW, "liu", segment="XC001")
LISTS = [field.name for field in fields(Effects) if field.name != "settings"]


def full(mark: str) -> Effects:
    """Effects with a mark in every list, whatever lists there are."""
    held = Effects(settings={"both": mark, mark: mark})
    for name in LISTS:
        setattr(held, name, [f"{name} {mark}"])
    return held


def test_merging_keeps_everything_in_order() -> None:
    first, second = full("first"), full("second")
    merged = first.merge(second)
    assert merged is first
    assert {name: getattr(merged, name) for name in LISTS} == {n: [f"{n} first", f"{n} second"] for n in LISTS}
    assert merged.settings == {"both": "second", "first": "first", "second": "second"}
    assert second == full("second"), "what was merged in stays as it was"


def test_two_effects_never_share_a_list() -> None:
    Effects().cases.append(CASE)
    assert Effects() == Effects(cases=[])


def test_an_event_of_a_case_records_state_and_place_but_no_person_or_word_in_clear() -> None:
    effects = Effects()
    moved = replace(CASE, state=State.RETURNED)
    effects.case_event(moved, Event.RETURN, persons={"by": "zhao"}, words={"reason": "文化街以东"}, returns=1)
    [event] = effects.events
    assert effects.cases == [moved]
    assert (event.stream, event.kind) == ("case:2026-0001", "return")
    assert event.facts == {"state": "returned", "segment": "XC001", "category": "zang.litter", "returns": 1}
    assert (event.persons, event.words) == ({"by": "zhao"}, {"reason": "文化街以东"})
