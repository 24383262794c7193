from datetime import UTC, datetime
from decimal import Decimal

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


def test_a_key_stays_what_it_is() -> None:
    # stored: another way to build it would import every old file a second time
    assert finding_key(AT, "XZ001", "luan.stall", Decimal("0.5"), "李明", "") == "626bd94ed0af53fe35b402125881ce70"
