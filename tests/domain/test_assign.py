from datetime import date

import pytest

from domain.assign import assign
from domain.roster import Leave
from tests.domain.casework.city import MONDAY, on_leave, roster_with, segment


@pytest.mark.parametrize(
    ("place", "leaves", "chief", "handler", "has_gap"),
    [
        pytest.param("XC001", (), "wang", "zhao", False, id="today's duty person handles"),
        pytest.param("XC004", (), "chen", "chen", True, id="no duty: the chief, and the gap shows (S30)"),
        pytest.param("XC001", (on_leave("zhao", "zhou"),), "wang", "zhou", False, id="the duty person's stand-in"),
        pytest.param("XC001", (on_leave("zhao"),), "wang", "wang", True, id="duty person away without one: the chief"),
        pytest.param("XC001", (on_leave("wang", "zhou"),), "zhou", "zhao", False, id="the chief's stand-in answers"),
        pytest.param("XC001", (on_leave("wang"),), "", "zhao", False, id="chief away without one, duty goes on"),
        pytest.param("XC005", (on_leave("he", "ma"),), "ma", "ma", True, id="the stand-in handles too"),
    ],
)
def test_who_answers(place: str, leaves: tuple[Leave, ...], chief: str, handler: str, has_gap: bool) -> None:
    answer = assign(segment(place), roster_with(leaves), MONDAY)
    assert (answer.chief, answer.handler, answer.has_duty_gap, answer.needs_choice) == (chief, handler, has_gap, False)


def test_nobody_there_is_the_second_levels_choice() -> None:
    answer = assign(segment("XC005"), roster_with((on_leave("he"),)), MONDAY)
    assert (answer.chief, answer.handler, answer.has_duty_gap, answer.needs_choice) == ("", "gao", True, True)


def test_the_chain_is_the_rosters_not_the_stand_ins() -> None:
    chain = assign(segment("XC001"), roster_with((on_leave("wang", "zhou"),)), MONDAY).chain
    assert (chain.unit, chain.chief, chain.second_level, chain.township_head) == ("市农业局", "wang", "chen", "li")
    assert chain.has_unit
    assert not assign(segment("XC004"), roster_with(), MONDAY).chain.has_unit


def test_leave_counts_on_its_days_only() -> None:
    roster = roster_with((on_leave("zhao", "zhou", MONDAY, date(2026, 6, 3)),))
    assert [assign(segment("XC001"), roster, date(2026, 6, d)).handler for d in (1, 3, 4)] == ["zhou", "zhou", "zhao"]
