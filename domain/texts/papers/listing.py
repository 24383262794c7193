"""The lists for each use of the results as a workbook: what they are for stands above the table, not in every row."""

from collections.abc import Sequence
from datetime import date

from domain.exports import Listing
from domain.imprint import Imprint
from domain.papers import Book, Column, Sheet

_NARROW, _SHORT, _WIDE = 8, 12, 44
_PAPER = 160  # characters of all columns together: more would be small print
_MOST_LOOKED_AT = 500  # rows that a column's width is taken from


def book(listings: Sequence[Listing], imprint: Imprint, dated: date) -> Book:
    """Return the lists of one use, a sheet each."""
    first = listings[0]
    return Book(f"{first.title}.xlsx", tuple(_sheet(one, imprint) for one in listings), first.basis, dated)


def _sheet(listing: Listing, imprint: Imprint) -> Sheet:
    widths = _widths([_width(listing, n) for n in range(len(listing.columns))])
    columns = tuple(
        Column(title, width, is_centred=width <= _SHORT, is_money=title.endswith("（元）"))
        for title, width in zip(listing.columns, widths, strict=True)
    )
    notes = (f"送达：{listing.use.audience}", f"依据：{listing.basis}")
    return Sheet(listing.use.name, f"{imprint.city}{listing.title}", columns, listing.rows, notes)


def _widths(wished: Sequence[int]) -> list[int]:
    """Return the widths with the widest made narrower until all fit the paper."""
    widest = max(wished)
    while widest > _NARROW and sum(min(width, widest) for width in wished) > _PAPER:
        widest -= 1
    return [min(width, widest) for width in wished]


def _width(listing: Listing, column: int) -> int:
    cells = [listing.columns[column], *(str(row[column]) for row in listing.rows[:_MOST_LOOKED_AT])]
    return min(_WIDE, max(_NARROW, *(2 + sum(2 if ord(c) > 0x2E80 else 1 for c in cell) for cell in cells)))
