"""`luzhang template`: what it writes is what the import reads."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from bot.commands.session import UsageError
from bot.commands.templates import COLUMNS, NOTES, header, sample, write
from bot.tables_in import SAMPLE_MARK, read_rows
from domain.categories import Categories
from domain.errors import ImportRefused
from domain.imports.duty import parse_duty
from domain.imports.findings import parse_findings
from domain.imports.people import parse_people
from domain.imports.roster import parse_roster
from domain.roster import Dated, Roster
from domain.rulebook import load_rules
from tests.bot.commands.files import roster_lines
from tests.bot.commands.files import write as write_file


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_column_is_there_and_explained(kind: str) -> None:
    assert set(NOTES[kind]) == set(COLUMNS[kind].known)
    assert set(COLUMNS[kind].required) <= {c for c in header(kind) if NOTES[kind][c][1] or kind == "findings"}


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
@pytest.mark.parametrize("kind", COLUMNS)
def test_an_untouched_template_has_no_data(kind: str, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"{kind}{ending}"
    assert write(kind, file) == 0
    with pytest.raises(ImportRefused, match="只有表头"):
        read_rows(file)


def test_filled_in_below_the_sample_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"
    write("roster", file)
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    columns = [cell.value for cell in sheet[1]]
    head, first, *_ = roster_lines()
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    sheet.append([cells.get(str(column), "") for column in columns])
    book.save(file)
    assert [segment.id for segment in parse_roster(file.name, read_rows(file))] == [cells["segment_id"]]
    assert sheet["A1"].comment is not None


def test_every_sample_would_pass_the_import() -> None:
    def rows(kind: str) -> list[tuple[int, dict[str, str]]]:
        cells = sample(kind)
        cells[0] = cells[0].removeprefix(SAMPLE_MARK).strip()
        return [(2, dict(zip(header(kind), cells, strict=True)))]

    codes = {row.code: row.name for row in Categories.load().rows}
    segments = parse_roster("roster", rows("roster"))
    assert parse_people("people", rows("people")).persons[0].name == "赵强"
    assert parse_duty("duty", rows("duty"))
    assert segments[0].chief_name == "王建国"
    roster = Roster(segments=tuple(Dated(segment) for segment in segments))
    found = parse_findings("findings", rows("findings"), roster=roster, categories=codes, rules=load_rules(codes))
    assert (found[0].segment, found[0].points) == ("XC001", Decimal("0.5"))


def test_no_file_is_overwritten_and_wrong_names_are_told(tmp_path: Path) -> None:
    file = write_file(tmp_path, "roster.csv", "mine")
    with pytest.raises(UsageError, match="已存在，没有改动它"):
        write("roster", file)
    assert file.read_text() == "mine"
    with pytest.raises(UsageError, match="只能写"):
        write("roster", tmp_path / "roster.ods")
    with pytest.raises(UsageError, match="可用：roster、people、duty、findings"):
        write("roads", None)
