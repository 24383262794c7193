"""`luzhang export KIND --period P --out DIR`: one CSV for each use of the results, audience and period in every row."""

import csv
import re
from pathlib import Path

from bot.commands.session import OK, Session, UsageError, say
from domain.casework.exports import EXPORTS
from domain.exports import Cell, Listing

_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9.]+$)")  # what a table program would take for one


async def export(session: Session, kind: str, period: str, folder: Path) -> int:
    """Write the lists of a kind. Raises UsageError for an unknown kind, RuleError while the figures are not frozen."""
    if kind not in EXPORTS:
        raise UsageError(f"没有导出 {kind}，可用：{'、'.join(EXPORTS)}。")
    listings = await session.read(lambda work: EXPORTS[kind].gather(work, period.upper()))
    for listing in listings:
        file = folder / f"{listing.title}.csv"
        _write(file, listing)
        say(f"{file}：{listing.use.name}，送{listing.use.audience}，{len(listing.rows)}行（{listing.use.source}）。")
    return OK


def _write(file: Path, listing: Listing) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # with the mark, table programs read it as UTF-8
        rows = [listing.header, *listing.full_rows]
        csv.writer(out).writerows([[cell(value) for value in row] for row in rows])


def cell(value: Cell) -> str:
    """Return a cell that no table program takes for a formula."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text
