"""The grid by which a place in a picture is named."""

import pytest

from domain.casework import leaving


@pytest.mark.parametrize("cell", range(1, leaving.CELLS + 1))
def test_the_middle_of_a_cell_lies_in_it(cell: int) -> None:
    assert leaving.cell_of(leaving.cell_box(cell)) == cell


def test_the_cells_cover_the_frame_and_nothing_twice() -> None:
    boxes = [leaving.cell_box(cell) for cell in range(1, leaving.CELLS + 1)]
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) == leaving.FRAME**2
    assert leaving.cell_of(leaving.WHOLE) == 5
    assert leaving.cell_of((990, 990, 1000, 1000)) == leaving.CELLS
