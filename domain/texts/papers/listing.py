"""The lists for each use of the results as a workbook: what they are for stands above the table, not in every row."""

from collections.abc import Sequence
from datetime import date

from domain.exports import Listing
from domain.papers import Book, Column, Sheet

_NARROW, _WIDE = 8, 44
_MOST_LOOKED_AT = 500  # rows that a column's width is taken from


def book(listings: Sequence[Listing], dated: date) -> Book:
    """Return the lists of one use, a sheet each."""
    first = listings[0]
    return Book(f"{first.title}.xlsx", tuple(_sheet(one) for one in listings), first.basis, dated)


def _sheet(listing: Listing) -> Sheet:
    columns = tuple(Column(title, _width(listing, n)) for n, title in enumerate(listing.columns))
    notes = (f"送达：{listing.use.audience}", f"依据：{listing.basis}")
    return Sheet(listing.use.name, listing.title, columns, listing.rows, notes)


def _width(listing: Listing, column: int) -> int:
    cells = [listing.columns[column], *(str(row[column]) for row in listing.rows[:_MOST_LOOKED_AT])]
    return min(_WIDE, max(_NARROW, *(2 + sum(2 if ord(c) > 0x2E80 else 1 for c in cell) for cell in cells)))
