"""Workbooks, read back by another program: types of cells, frozen heads, pages, links, and the same bytes each time."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.papers import Book, Cell, Column, Link, Sheet, continued
from domain.texts.papers import month_book
from media import books
from tests.papers import RISKY, month_facts

COLUMNS = (Column("编号", 12), Column("名称", 20, is_centred=True), Column("分", 8))


def rendered(*rows: tuple[Cell, ...], **other: Any) -> Any:
    sheet = Sheet("总表", "六月考评", COLUMNS, rows, ("依据版本：试行",), **other)
    data = books.render(Book("得分表.xlsx", (sheet,), "校验值 & 页脚", date(2026, 6, 30)))
    return openpyxl.load_workbook(io.BytesIO(data))["总表"]


def test_each_cell_is_what_it_is() -> None:
    page = rendered(("2026-0001", 3, Decimal("96.40")), (None, "名", Decimal("100.00")))
    assert [(c.value, c.data_type, c.number_format) for c in page[4]] == [
        ("2026-0001", "s", "General"),
        (3, "n", "0"),
        (96.4, "n", "0.00"),
    ]
    assert page["A5"].value is None


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-0.5", "@王", RISKY, "{=A1}", "http://x.cn", "<b>&\"'", " 空 ", "0123"]
)
def test_text_stays_text(text: str) -> None:
    page = rendered((text, text, Decimal(1)), ("另一行", text, Decimal(1)))  # once in its cell, twice in the table
    for cell in (page["A4"], page["B4"], page["B5"]):
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@settings(max_examples=15)
@given(st.text(max_size=40))
def test_whatever_people_write_can_be_read_back(text: str) -> None:
    page = rendered((text, text, Decimal(1)), ("", text, Decimal(1)))
    for cell in (page["A4"], page["B4"], page["B5"]):
        assert cell.data_type in ("s", "n")  # an empty one has no type of its own
        assert not isinstance(cell.value, int | float)


def test_head_is_frozen_and_pages_are_a4_across() -> None:
    page = rendered(("1", "名", Decimal(1)))
    assert page.freeze_panes == "A4"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToHeight == 0  # as many pages down as it takes
    assert page.print_title_rows == "$1:$3"
    assert [c.value for c in page[3]] == ["编号", "名称", "分"]
    assert page.auto_filter.ref == "A3:C4"


def test_an_empty_sheet_says_why() -> None:
    assert rendered(empty="本月没有申诉。")["A4"].value == "本月没有申诉。"


def test_links_open_and_too_many_stay_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_LINKS", 1)
    page = rendered(*((Link(f"2026-000{n}", f"https://lz.cn/{n}"), "", Decimal(1)) for n in (1, 2)))
    assert page["A4"].hyperlink.target == "https://lz.cn/1"
    assert (page["A5"].value, page["A5"].hyperlink) == ("2026-0002", None)


def test_a_case_among_imported_findings_opens() -> None:
    page = rendered(("2026-督0007", "", Decimal(1)), (Link("2026-0001", "https://lz.cn/1"), "", Decimal(1)))
    assert page["A4"].hyperlink is None
    assert page["A5"].hyperlink.target == "https://lz.cn/1"


def test_a_long_text_gets_the_lines_it_needs() -> None:
    long = "商户经劝阻后仍将桌椅摆放至盲道" * 4
    page = rendered(("1", long, Decimal(1)), ("2", "短", Decimal(1)), ("3", long, Decimal(1)))
    widths = [page.column_dimensions[column].width for column in "ABC"]
    assert sum(7 * width + 5 for width in widths) == pytest.approx(1045, abs=20)  # as wide as the paper
    across = int(widths[1]) // 2  # Chinese characters in a line
    assert page["B4"].alignment.wrap_text
    assert page.row_dimensions[4].height >= 14 * -(-len(long) // across)
    assert page.row_dimensions[5].height is None or page.row_dimensions[5].height <= 18
    assert page.row_dimensions[6].height == page.row_dimensions[4].height


def test_heading_and_notes_reach_across_and_money_is_grouped() -> None:
    sheet = Sheet("表", "题", (Column("名", 9), Column("元", 9, is_money=True)), (("甲", 120000),), ("注" * 300,))
    data = books.render(Book("表.xlsx", (sheet,), "", date(2026, 6, 30)))
    page = openpyxl.load_workbook(io.BytesIO(data))["表"]
    assert {str(joined) for joined in page.merged_cells.ranges} == {"A1:B1", "A2:B2"}
    assert page.row_dimensions[2].height > 3 * 13
    assert page["B4"].number_format == "#,##0"


def test_rows_that_one_sheet_cannot_hold_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_ROWS", 7)  # heading, note, note of the part, titles: three rows are left
    sheet = Sheet("扣分明细", "六月", COLUMNS, [(str(n), "名", Decimal(n)) for n in range(1, 8)], ("依据",))
    data = books.render(Book("表.xlsx", (sheet,), "", date(2026, 6, 30)))
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    assert workbook.sheetnames == ["扣分明细", "扣分明细2", "扣分明细3"]
    assert [page.max_row for page in workbook] == [7, 7, 5]
    assert [row[0].value for page in workbook for row in page.iter_rows(min_row=5)] == [str(n) for n in range(1, 8)]
    assert workbook["扣分明细2"]["A3"].value == "共7行，本表为第4—6行"
    assert workbook["扣分明细2"].freeze_panes == "A5"


def test_a_sheet_that_just_fits_is_not_divided() -> None:
    sheet = Sheet("总表", "六月", COLUMNS, [("1", "名", Decimal(1))] * 4)
    assert [part.title for part in continued(sheet, 6)] == ["总表"]
    assert [part.title for part in continued(sheet, 5)] == ["总表", "总表2"]


def test_every_sheet_of_a_month_prints_large_enough() -> None:
    sizes = {sheet.title: books.printed_size(sheet) for sheet in month_book.book(month_facts()).sheets}
    assert {title: size for title, size in sizes.items() if size < 9} == {}


def test_the_same_month_gives_the_same_bytes_and_carries_its_own_date() -> None:
    book = month_book.book(month_facts())
    data = books.render(book)
    assert data == books.render(book)
    assert openpyxl.load_workbook(io.BytesIO(data)).properties.created.date() == date(2026, 6, 30)


def test_no_cell_of_a_month_is_a_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(books.render(month_book.book(month_facts())))) as archive:
        parts = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert len(parts) == 9
    assert not any(b"<f>" in part or b"<f " in part for part in parts)
