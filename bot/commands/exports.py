"""`luzhang export KIND --period P --out DIR`: for each use a workbook for people, and its lists as CSV for programs."""

import asyncio
import csv
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from bot.commands.session import OK, Session, UsageError, say
from domain.casework.exports import EXPORTS
from domain.exports import DISTRIBUTION, MEDIA, Cell, Listing
from domain.texts.papers import listing as papers
from domain.texts.papers import press
from domain.texts.papers.press import PressFacts

# what a table program would take for a formula, in both widths; a number with its sign is none
_FORMULA = re.compile(r"[=@＝＠＋－\t\r\n]|[+-](?![0-9.]+$)")


async def export(session: Session, kind: str, period: str, folder: Path) -> int:
    """Write the lists of a kind. Raises UsageError for an unknown kind, RuleError while the figures are not frozen."""
    if kind not in EXPORTS:
        raise UsageError(f"没有导出 {kind}，可用：{'、'.join(EXPORTS)}。")
    asked = EXPORTS[kind]
    listings = await session.read(lambda work: asked.gather(work, period))
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    if asked.tell is not None:
        tell = asked.tell
        facts = await session.read(lambda work: tell(work, period))
        await asyncio.to_thread(_print, folder, facts)
    for _, listed in groupby(listings, lambda one: one.use is DISTRIBUTION):  # who else gets it is not for all to read
        await asyncio.to_thread(_save, folder, list(listed), session)
    return OK


def _print(folder: Path, facts: PressFacts) -> None:
    """Write the media's text, to be printed and to be pasted."""
    from media import letter_templates, letters  # load the library that writes them

    letter = press.release(facts)
    file = folder / letter.file
    file.write_bytes(letters.render_letter(letter, letter_templates.press_template()))
    text = file.with_suffix(".txt")
    text.write_text(press.plain(facts), encoding="utf-8-sig")
    say(f"{file}、{text.name}：送{MEDIA.audience}，送出前请核对。")


def _save(folder: Path, listings: Sequence[Listing], session: Session) -> None:
    """Write lists: a book for people, a file each for programs."""
    from media import books  # loads the library that writes them

    book = papers.book(listings, session.rules.imprint, session.today)
    (folder / book.file).write_bytes(books.render(book))
    say(f"{folder / book.file}：送{listings[0].use.audience}。")
    for listing in listings:
        file = folder / f"{listing.file}.csv"
        _write(file, listing)
        say(f"  {file}：{listing.use.name}，{len(listing.rows)}行，供程序读取（{listing.use.source}）。")


def _write(file: Path, listing: Listing) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # with the mark, table programs read it as UTF-8
        rows = [listing.header, *listing.full_rows]
        csv.writer(out).writerows([[cell(value) for value in row] for row in rows])


def cell(value: Cell) -> str:
    """Return a cell that no table program takes for a formula."""
    text = str(value).replace("\0", "")
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text
