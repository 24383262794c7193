"""Workbooks (xlsx): every sheet with a frozen head, on A4 across, numbers as numbers and text as text.

The library lays out book, pages and looks; the rows are written here, because a hundred thousand of them cell by cell
through it take a quarter of a minute. Each cell is written by its kind, so nothing becomes a formula by itself. The same
book gives the same bytes.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from domain.papers import Book, Cell, Link, Sheet, clean

MOST_LINKS = 65_530  # Excel repairs a sheet with more by throwing all of them away
MOST_CHARACTERS = 32_767  # of a cell
_A4 = 9
_BASE = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter"}
_BOX = {**_BASE, "border": 1, "border_color": "#808080"}
_FORMATS: dict[str, dict[str, Any]] = {
    "heading": {**_BASE, "font_size": 16, "bold": True},
    "note": {**_BASE, "font_size": 9, "font_color": "#595959"},
    "head": {**_BOX, "bold": True, "align": "center", "bg_color": "#F2DCDB", "text_wrap": True},
    "text": _BOX,
    "centred": {**_BOX, "align": "center"},
    "figure": {**_BOX, "num_format": "0.00"},
    "count": {**_BOX, "num_format": "0"},
    "place": {**_BOX, "num_format": "0", "align": "center"},
    "link": {**_BOX, "font_color": "#0563C1", "underline": 1},
    "red": {**_BOX, "align": "center", "bold": True, "font_color": "#C00000"},
    "black": {**_BOX, "align": "center", "bold": True, "bg_color": "#404040", "font_color": "#FFFFFF"},
}
_COLOURED = {"红旗": "red", "黑旗": "black"}
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # a reader takes _x0041_ for a character


def render(book: Book) -> bytes:
    """Return the workbook as a file."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    written = datetime.combine(book.dated, time(), UTC).replace(tzinfo=None)
    workbook.set_properties({"title": book.file.rpartition(".")[0], "created": written})
    formats = {name: workbook.add_format(looks) for name, looks in _FORMATS.items()}
    for sheet in book.sheets:
        page = workbook.add_worksheet(sheet.title, worksheet_class=_Page)
        page.fill(sheet, formats, book.footer)
    workbook.close()
    return buffer.getvalue()


class _Page(Worksheet):  # type: ignore[misc]
    """A worksheet whose rows are written in one go."""

    def fill(self, sheet: Sheet, formats: dict[str, Any], footer: str) -> None:
        self._paper, self._looks = sheet, formats
        self._head = 1 + len(sheet.notes)
        self.dim_rowmin = self.dim_colmin = 0
        self.dim_rowmax, self.dim_colmax = self._head + max(1, len(sheet.rows)), len(sheet.columns) - 1
        for column, title in enumerate(sheet.columns):
            self.set_column(column, column, title.width)
        self.freeze_panes(self._head + 1, 0)
        self.set_landscape()
        self.set_paper(_A4)
        self.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
        self.fit_to_pages(1, 0)
        self.repeat_rows(0, self._head)
        self.set_footer(f"&L&8{footer.replace('&', '&&')[:180]}&R&8第&P页 共&N页")
        if sheet.rows:
            self.autofilter(self._head, 0, self._head + len(sheet.rows), self.dim_colmax)
        self._link()
        self._shared = [self._share(column) for column in range(len(sheet.columns))]

    def _share(self, column: int) -> dict[str, int]:
        """Put a column's texts into the book's table of them, if most stand there again and again.

        Only before the book is closed: its parts are counted first of all.
        """
        texts = [text for cells in self._paper.rows if isinstance(text := cells[column], str)]
        different = dict.fromkeys(texts)
        if 2 * len(different) > len(texts):
            return {}
        self.str_table.count += len(texts) - len(different)  # asking counts the others
        number = self.str_table._get_shared_string_index
        return {text: number(_writable(text)[:MOST_CHARACTERS]) for text in different}

    def _link(self) -> None:
        """Make the addresses known; where there are too many for the program that reads them, the text stays."""
        columns = {column for cells in self._paper.rows[:1] for column, c in enumerate(cells) if isinstance(c, Link)}
        linked = 0
        for number, cells in enumerate(self._paper.rows, self._head + 1):
            for column in columns:
                cell = cells[column]
                if isinstance(cell, Link) and linked < MOST_LINKS:
                    self.write_url(number, column, cell.url, None, cell.text)
                    linked += 1

    def _write_sheet_data(self) -> None:
        style: dict[str, int] = {name: looks._get_xf_index() for name, looks in self._looks.items()}
        self._xml_start_tag("sheetData")
        for row in self._rows(style):
            self.fh.write(row)
        self._xml_end_tag("sheetData")

    def _rows(self, style: dict[str, int]) -> Iterator[str]:
        sheet, head = self._paper, self._head
        yield _row(0, [_text("A1", style["heading"], sheet.heading)], height=26)
        for number, note in enumerate(sheet.notes, 1):
            yield _row(number, [_text(f"A{number + 1}", style["note"], note)])
        names = [xl_col_to_name(column) for column in range(len(sheet.columns))]
        titles = [
            _text(f"{name}{head + 1}", style["head"], c.title) for name, c in zip(names, sheet.columns, strict=True)
        ]
        yield _row(head, titles, height=20)
        columns = self._columns(style)
        for number, cells in enumerate(sheet.rows, head + 1):
            line = number + 1
            written = [
                f'<c r="{name}{line}"{column[cell] if type(cell) is str else column.other(cell)}'
                for name, column, cell in zip(names, columns, cells, strict=True)
            ]
            yield _row(number, written)
        if not sheet.rows:
            yield _row(head + 1, [_text(f"A{head + 2}", style["note"], sheet.empty)])

    def _columns(self, style: dict[str, int]) -> list["_Texts"]:
        plain = [style["centred" if column.is_centred else "text"] for column in self._paper.columns]
        return [_Texts(looks, style, shared) for looks, shared in zip(plain, self._shared, strict=True)]


class _Texts(dict[str, str]):
    """The cells of a column, without their place; `shared` are the numbers of texts in the book's table of them."""

    def __init__(self, plain: int, style: dict[str, int], shared: Mapping[str, int]) -> None:
        super().__init__()
        self._plain, self._style, self._shared = plain, style, shared

    def __missing__(self, text: str) -> str:
        looks = self._style[_COLOURED[text]] if text in _COLOURED else self._plain
        number = self._shared.get(text)
        if number is None:
            return _styled(looks, text)
        cell = self[text] = f' s="{looks}" t="s"><v>{number}</v></c>'
        return cell

    def other(self, value: Cell) -> str:
        """Return the cell of a figure, a whole number, an address, or nothing."""
        if isinstance(value, Decimal):
            return f' s="{self._style["figure"]}"><v>{value}</v></c>'
        if isinstance(value, Link):
            return _styled(self._style["link"], value.text)
        if value is None:
            return f' s="{self._plain}"/>'
        looks = self._style["place" if self._plain == self._style["centred"] else "count"]
        return f' s="{looks}"><v>{value}</v></c>'


def _row(number: int, cells: Sequence[str], height: int = 0) -> str:
    tall = f' ht="{height}" customHeight="1"' if height else ""
    return f'<row r="{number + 1}"{tall}>{"".join(cells)}</row>'


def _text(place: str, style: int, text: str) -> str:
    return f'<c r="{place}"{_styled(style, text)}'


def _styled(style: int, text: str) -> str:
    text = _writable(text)
    if "_x" in text:
        text = _ESCAPE_LIKE.sub("_x005F_", text)
    kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f' s="{style}" t="inlineStr"><is><t{kept}>{escape(text[:MOST_CHARACTERS])}</t></is></c>'


def _writable(text: str) -> str:
    return text if text.isprintable() else clean(text)
