"""IN lists of a few lengths only."""

from hypothesis import given
from hypothesis import strategies as st

from store.bulk import padded


@given(st.lists(st.integers(), max_size=200))
def test_a_padded_list_holds_the_same_values(values: list[int]) -> None:
    assert set(padded(values)) == set(values)
    assert padded(values)[: len(values)] == values


def test_a_batch_of_any_size_makes_one_of_nine_statements() -> None:
    lengths = {len(padded(range(size))) for size in range(129)}
    assert lengths == {0, 1, 2, 4, 8, 16, 32, 64, 128}
