"""Sector indicators: each rate counted by hand over one small month."""

from dataclasses import replace
from datetime import timedelta

from domain.case import State
from domain.indicators import INDICATORS, rates
from tests.store.samples import NOW, case

HOUR = timedelta(hours=1)


def test_each_rate_by_hand() -> None:
    due = NOW + 4 * HOUR
    done = replace(case(1), state=State.CLOSED, due=due, resolved_at=NOW + HOUR, closed_at=NOW + 2 * HOUR)
    cases = [
        done,
        replace(done, id=2, reworks=1),  # in time in the end, but only at the second try
        replace(done, id=3, resolved_at=due + HOUR),  # late
        replace(done, id=4, state=State.RESOLVED, closed_at=None),  # in time, not yet verified
        replace(done, id=5, state=State.ACKNOWLEDGED, resolved_at=None, closed_at=None, returns=1),
        replace(done, id=6, state=State.MERGED, due=None, resolved_at=None, closed_at=None, merged_into=1),
        replace(done, id=7, state=State.VOID),  # was no case
    ]
    found = {rate.indicator.name: (rate.count, rate.base, str(rate.percent)) for rate in rates(cases)}
    assert found == {
        "按期处置率": (3, 5, "60.00"),  # 1, 2, 4 of 1–5
        "按期结案率": (2, 5, "40.00"),  # 1, 2
        "返工率": (1, 4, "25.00"),  # 2 of 1–4
        "回退率": (1, 5, "20.00"),  # 5
        "核查通过率": (2, 3, "66.67"),  # 1, 3 of 1–3
        "重复率": (1, 6, "16.67"),  # 6 of all but the void one
    }


def test_without_a_case_there_is_no_figure() -> None:
    assert [(rate.base, rate.percent) for rate in rates([])] == [(0, None)] * len(INDICATORS)
