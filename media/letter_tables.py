"""The tables of a letter: their head on every page, no row cut in two, no row alone on a page."""

from collections.abc import Iterator
from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm

from domain.papers import Grid, clean
from media.letter_styles import STYLE_CELL, TEXT_WIDTH


def table_of(document: Any, grid: Grid) -> Any:
    """Return the grid as a table at the end of the document, to be moved to its place."""
    table = document.add_table(rows=len(grid.rows), cols=len(grid.widths))
    if "Table Grid" in [s.name for s in document.styles]:
        table.style = "Table Grid"
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, _widths(grid), strict=True):
        column.width = width
    style = next((s for s in document.styles if s.name == STYLE_CELL), None)  # the library reads them all each time
    cells = iter(table._cells)
    for number, row in enumerate(grid.rows):
        # head and first row stay together, and the last two
        is_joined = number < min(2, len(grid.rows) - 1) or number == len(grid.rows) - 2
        for text, width in zip(row, _widths(grid), strict=True):
            _fill(next(cells), text, width, style, is_joined=is_joined)
    _mark_rows(table)
    return table


def _widths(grid: Grid) -> Iterator[Length]:
    whole = sum(grid.widths)
    return (Mm(TEXT_WIDTH.mm * share / whole) for share in grid.widths)


def _fill(cell: Any, text: str, width: Length, style: Any, *, is_joined: bool) -> None:
    cell.width = width
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    inner = cell.paragraphs[0]
    if style is not None:
        inner._p.style = style.style_id
    inner.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if is_joined:
        inner.paragraph_format.keep_with_next = True
    inner.add_run(clean(text))


def _mark_rows(table: Any) -> None:
    """Let no row be cut by the end of a page, and the first stand on every one."""
    for number, row in enumerate(table._tbl.tr_lst):
        shape = row.get_or_add_trPr()
        for name in ("cantSplit", "tblHeader")[: 2 if number == 0 else 1]:
            shape.append(shape.makeelement(f"{{{shape.nsmap['w']}}}{name}", {}))
