from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.finding import finding_key

AT = datetime(2026, 10, 5, 1, 30, tzinfo=UTC)
ROWS = st.tuples(
    st.sampled_from([AT, AT.replace(second=1)]),
    st.text(max_size=3),
    st.text(max_size=3),
    st.none() | st.decimals(0, 100, places=2),
    st.text(max_size=3),
    st.text(max_size=3),
)


@given(ROWS, ROWS)
def test_keys_are_equal_just_for_equal_rows(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert (finding_key(*one) == finding_key(*other)) == (one == other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("s", "c", None, "", ""), ("s", "c", Decimal(0), "", ""), id="blank points and nothing taken"),
        pytest.param(("s", "c", None, "李明", ""), ("s", "c", None, "李", "明"), id="cells that run together"),
        pytest.param(("s", "c", None, "", "1"), ("s", "c", None, "", "2"), id="the note alone"),
    ],
)
def test_rows_that_look_alike_are_two(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert finding_key(AT, *one) != finding_key(AT, *other)


def test_a_key_stays_what_it_is() -> None:
    # stored: another way to build it would import every old file a second time
    assert finding_key(AT, "XZ001", "luan.stall", Decimal("0.5"), "李明", "") == "626bd94ed0af53fe35b402125881ce70"
