"""What all imported files share: their columns, and a row that collects what is wrong with it."""

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.errors import ImportRefused, RowProblem
from domain.roster import Roster

RawRow = tuple[int, dict[str, str]]

_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of file: those that must be there, and those that may be left out."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Return every column the file may have."""
        return self.required + self.optional


@dataclass(slots=True)
class Row:
    """One row while it is read; `refuse` adds to the problems of the whole file."""

    line: int
    cells: dict[str, str]
    problems: list[RowProblem]

    def text(self, column: str) -> str:
        """Return the cell, "" when it is blank or the column was left out."""
        return self.cells.get(column, "").strip()

    def needed(self, column: str) -> str:
        """Return the cell; a blank one is a problem."""
        text = self.text(column)
        if not text:
            self.refuse(column, "不能为空，请补填")
        return text

    def refuse(self, column: str, problem: str) -> None:
        """Note one problem of this row."""
        self.problems.append(RowProblem(self.line, column, problem))


def open_rows(file: str, rows: Sequence[RawRow], columns: Columns) -> tuple[list[Row], list[RowProblem]]:
    """Return the rows ready to be read and the list that gathers their problems.

    Raises ImportRefused when the header lacks a required column or has an unknown one.
    """
    problems = list(_header_problems(rows[0][1].keys() if rows else (), columns))
    if problems:
        raise ImportRefused(file, problems)
    return [Row(line, cells, problems) for line, cells in rows], problems


def refuse_if_any(file: str, problems: list[RowProblem]) -> None:
    """Raise ImportRefused with all problems, by line, unless there are none."""
    if problems:
        raise ImportRefused(file, sorted(problems, key=lambda p: p.line))


def nearest(word: str, known: Collection[str]) -> str:
    """Return a hint that names the most similar known word, "" when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"，是否应为“{near[0]}”？" if near else ""


def split_list(text: str) -> tuple[str, ...]:
    """Return the parts of a cell separated by semicolons, of either width."""
    parts = (part.strip() for part in re.split("[;；]", text))
    return tuple(part for part in parts if part)


def read_person(row: Row, column: str, roster: Roster) -> str:
    """Return the id of a person given by id or by a name that only one bears, "" when (a problem) there is none."""
    text = row.needed(column)
    named = [text] if text in roster.people else [person.id for person in roster.by_name(text)]
    if text and len(named) != 1:
        row.refuse(column, f"“{text}”有{len(named)}人，请写人员编号" if named else f"没有人员“{text}”，请核对")
        return ""
    return named[0] if named else ""


def read_dates(row: Row) -> tuple[date | None, date | None]:
    """Return `since` (inclusive) and `until` (exclusive) from the columns `from` and `to`, both inclusive there."""
    since, last = read_date(row, "from"), read_date(row, "to")
    if since and last and since > last:
        row.refuse("to", f"结束日期{last}早于开始日期{since}，请更正")
    # 9999-12-31 is how many lists say "for ever"; there is no day after it
    return since, None if last is None or last == date.max else last + timedelta(days=1)


def read_date(row: Row, column: str) -> date | None:
    """Return the day of a column, None when it is blank or (a problem) no day."""
    text = row.text(column)
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass  # such as 2026-02-30
    row.refuse(column, f"“{text}”不是日期，请写成2026-10-01")
    return None


def _header_problems(header: Iterable[str], columns: Columns) -> Iterable[RowProblem]:
    names = list(header)
    for name in columns.required:
        if name not in names:
            yield RowProblem(1, name, f"缺少列 {name}{nearest(name, set(names) - set(columns.known))}")
    for name in names:
        if name not in columns.known:
            yield RowProblem(1, name, f"未知的列 {name}{nearest(name, columns.known)}")
