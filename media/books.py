"""Workbooks (xlsx): every sheet with a frozen head, on A4 across, numbers as numbers and text as text.

The library lays out book, pages and looks; the rows are written here, because a hundred thousand of them cell by cell
through it take a quarter of a minute. Each cell is written by its kind, so nothing becomes a formula by itself. A row is
as high as its longest text needs, for programs that only show a sheet don't work that out. The same book gives the same
bytes.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from itertools import chain
from typing import Any, cast

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from domain.papers import Book, Cell, Column, Link, Sheet, continued
from media.book_cells import MOST_CHARACTERS, Texts, lines_of, styled, tall_of, writable

MOST_LINKS = 65_530  # Excel repairs a sheet with more by throwing all of them away
MOST_ROWS = 1_048_576  # of a sheet, its head included
TEXT_SIZE, _NOTE_SIZE = 10.5, 9  # points
_A4 = 9
_PAPER_WIDTH = 1045  # pixels between the margins of A4 across
_BASE = {"font_name": "宋体", "font_size": TEXT_SIZE, "valign": "vcenter"}
_BOX = {**_BASE, "border": 1, "border_color": "#808080", "text_wrap": True}
_FORMATS: dict[str, dict[str, Any]] = {
    "heading": {**_BASE, "font_size": 16, "bold": True, "text_wrap": True},
    "note": {**_BASE, "font_size": _NOTE_SIZE, "font_color": "#595959", "text_wrap": True},
    "empty": {**_BASE, "align": "center"},
    "head": {**_BOX, "bold": True, "align": "center", "bg_color": "#F2DCDB"},
    "text": _BOX,
    "centred": {**_BOX, "align": "center"},
    "figure": {**_BOX, "num_format": "0.00", "align": "center"},
    "count": {**_BOX, "num_format": "0", "align": "center"},
    "money": {**_BOX, "num_format": "#,##0", "align": "right"},
    "link": {**_BOX, "font_color": "#0563C1", "underline": 1},
    "red": {**_BOX, "align": "center", "bold": True, "font_color": "#C00000"},
    "black": {**_BOX, "align": "center", "bold": True, "bg_color": "#404040", "font_color": "#FFFFFF"},
}
_LINE, _ROW, _NOTE, _HEADING, _EMPTY, _TALLEST = 14, 18, 13, 26, 30, 409  # points


def render(book: Book) -> bytes:
    """Return the workbook as a file; a sheet with more rows than one holds goes on in a further one."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    written = datetime.combine(book.dated, time(), UTC).replace(tzinfo=None)
    workbook.set_properties({"title": book.file.rpartition(".")[0], "created": written})
    formats = {name: workbook.add_format(looks) for name, looks in _FORMATS.items()}
    for sheet in book.sheets:
        for part in continued(sheet, MOST_ROWS):
            page = workbook.add_worksheet(part.title, worksheet_class=_Page)
            page.fill(part, formats, book.footer)
    workbook.close()
    return buffer.getvalue()


def printed_size(sheet: Sheet) -> float:
    """Return the size of the sheet's text on paper, in points: it is made narrower to fit the page."""
    return min(1.0, _PAPER_WIDTH / _pixels(sheet.columns)) * TEXT_SIZE


def _pixels(columns: Sequence[Column]) -> int:
    return sum(7 * column.width + 5 for column in columns)


def _widths(columns: Sequence[Column]) -> list[float]:
    """Return the columns' widths, together as wide as the page at least."""
    spare = max(0, _PAPER_WIDTH - _pixels(columns))
    whole = sum(column.width for column in columns)
    return [column.width + spare * column.width / whole // 1 / 7 for column in columns]


class _Page(Worksheet):  # type: ignore[misc]
    """A worksheet whose rows are written in one go."""

    def fill(self, sheet: Sheet, formats: dict[str, Any], footer: str) -> None:
        self._paper, self._looks = sheet, formats
        self._widths = _widths(sheet.columns)
        self._head = 1 + len(sheet.notes)
        self.dim_rowmin = self.dim_colmin = 0
        self.dim_rowmax, self.dim_colmax = self._head + max(1, len(sheet.rows)), len(sheet.columns) - 1
        for column, width in enumerate(self._widths):
            self.set_column(column, column, width)
        self.set_default_row(_ROW)
        self.freeze_panes(self._head + 1, 0)
        self.set_landscape()
        self.set_paper(_A4)
        self.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
        self.fit_to_pages(1, 0)
        self.repeat_rows(0, self._head)
        self.set_footer(f"&L&8{footer.replace('&', '&&')[:180]}&R&8第&P页 共&N页")
        if sheet.rows:
            self.autofilter(self._head, 0, self._head + len(sheet.rows), self.dim_colmax)
        self._join(() if sheet.rows else (self._head + 1,))
        self._linked = 0
        self._read()

    def _join(self, others: Sequence[int]) -> None:
        """Join the cells of the rows that hold one text: heading, notes and others."""
        if self.dim_colmax:
            self.merge += [[row, 0, row, self.dim_colmax] for row in (*range(self._head), *others)]

    def _read(self) -> None:
        """Look once at every column: which texts stand in the book's table of them, what opens an address, how high rows are."""
        rows = self._paper.rows
        self._shared: list[dict[str, int]] = []
        tall: list[list[int]] = []
        for column, width in enumerate(self._widths):
            cells = [cells[column] for cells in rows]
            kinds = set(map(type, cells))
            texts = cast(list[str], cells if kinds == {str} else [cell for cell in cells if isinstance(cell, str)])
            if Link in kinds:
                self._link(column, cells)
            different = list(dict.fromkeys(texts))
            self._shared.append(self._share(different, len(texts)))
            if several := tall_of(different, width):
                tall.append([several.get(cell, 1) for cell in cells])
        self._lines = list(map(max, *tall)) if len(tall) > 1 else tall[0] if tall else [1] * len(rows)

    def _share(self, different: Sequence[str], used: int) -> dict[str, int]:
        """Put a column's texts into the book's table of them, if most stand there again and again.

        Only before the book is closed: its parts are counted first of all.
        """
        if 2 * len(different) > used:
            return {}
        self.str_table.count += used - len(different)  # asking counts the others
        number = self.str_table._get_shared_string_index
        return {text: number(writable(text)[:MOST_CHARACTERS]) for text in different}

    def _link(self, column: int, cells: Sequence[Cell]) -> None:
        """Make the addresses known; where there are too many for the program that reads them, the text stays."""
        for number, cell in enumerate(cells, self._head + 1):
            if isinstance(cell, Link) and self._linked < MOST_LINKS:
                self.write_url(number, column, cell.url, None, cell.text)
                self._linked += 1

    def _write_sheet_data(self) -> None:
        style: dict[str, int] = {name: looks._get_xf_index() for name, looks in self._looks.items()}
        self._xml_start_tag("sheetData")
        self.fh.writelines(chain(self._top(style), self._rows(style)))
        self._xml_end_tag("sheetData")

    def _top(self, style: Mapping[str, int]) -> Iterator[str]:
        """Yield heading, notes, and the columns' titles."""
        sheet, head = self._paper, self._head
        yield _row(0, [_text("A1", style["heading"], sheet.heading)], _HEADING)
        for number, note in enumerate(sheet.notes, 1):
            lines = lines_of(note, sum(self._widths) * TEXT_SIZE / _NOTE_SIZE)
            yield _row(number, [_text(f"A{number + 1}", style["note"], note)], _NOTE * lines + 3)
        lines = max(lines_of(c.title, width) for c, width in zip(sheet.columns, self._widths, strict=True))
        titles = [_text(f"{xl_col_to_name(n)}{head + 1}", style["head"], c.title) for n, c in enumerate(sheet.columns)]
        yield _row(head, titles, _LINE * lines + 8)

    def _rows(self, style: Mapping[str, int]) -> Iterator[str]:
        sheet, first = self._paper, self._head + 1
        columns = [Texts(column, style, shared) for column, shared in zip(sheet.columns, self._shared, strict=True)]
        names = [xl_col_to_name(column) for column in range(len(columns))]
        heights = [
            _height(0),
            _height(0),
            *(_height(_LINE * lines + 4) for lines in range(2, max(self._lines, default=0) + 1)),
        ]
        for line, (cells, lines) in enumerate(zip(sheet.rows, self._lines, strict=True), first + 1):
            written = [
                f'<c r="{name}{line}"{column[cell] if type(cell) is str else column.other(cell)}'
                for name, column, cell in zip(names, columns, cells, strict=True)
            ]
            yield f'<row r="{line}"{heights[lines]}>{"".join(written)}</row>'
        if not sheet.rows:
            yield _row(first, [_text(f"A{first + 1}", style["empty"], sheet.empty)], _EMPTY)


def _row(number: int, cells: Sequence[str], height: int) -> str:
    return f'<row r="{number + 1}"{_height(height)}>{"".join(cells)}</row>'


def _height(points: int) -> str:
    return f' ht="{min(points, _TALLEST)}" customHeight="1"' if points else ""


def _text(place: str, style: int, text: str) -> str:
    return f'<c r="{place}"{styled(style, text)}'
