"""`luzhang export KIND --period P --out DIR`: for each use a workbook for people, and its lists as CSV for programs."""

import asyncio
import csv
import re
from collections.abc import Sequence
from pathlib import Path

from bot.commands.session import OK, Session, UsageError, say
from domain.casework.exports import EXPORTS
from domain.exports import Cell, Listing
from domain.texts.papers import listing as papers

# what a table program would take for a formula, in both widths; a number with its sign is none
_FORMULA = re.compile(r"[=@＝＠＋－\t\r\n]|[+-](?![0-9.]+$)")


async def export(session: Session, kind: str, period: str, folder: Path) -> int:
    """Write the lists of a kind. Raises UsageError for an unknown kind, RuleError while the figures are not frozen."""
    from media import books  # loads the library that writes them

    if kind not in EXPORTS:
        raise UsageError(f"没有导出 {kind}，可用：{'、'.join(EXPORTS)}。")
    listings = await session.read(lambda work: EXPORTS[kind].gather(work, period))
    book = papers.book(listings, session.rules.imprint, session.today)
    await asyncio.to_thread(_save, folder, book.file, books.render(book), listings)
    say(f"{folder / book.file}：送{listings[0].use.audience}。")
    for listing in listings:
        file = folder / f"{listing.file}.csv"
        say(f"  {file}：{listing.use.name}，{len(listing.rows)}行，供程序读取（{listing.use.source}）。")
    return OK


def _save(folder: Path, name: str, book: bytes, listings: Sequence[Listing]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(book)
    for listing in listings:
        _write(folder / f"{listing.file}.csv", listing)


def _write(file: Path, listing: Listing) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # with the mark, table programs read it as UTF-8
        rows = [listing.header, *listing.full_rows]
        csv.writer(out).writerows([[cell(value) for value in row] for row in rows])


def cell(value: Cell) -> str:
    """Return a cell that no table program takes for a formula."""
    text = str(value).replace("\0", "")
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text
