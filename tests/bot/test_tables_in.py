import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from bot import tables_in
from bot.tables_in import read_rows
from domain.errors import ImportRefused


def csv_file(folder: Path, data: bytes | str, name: str = "花名册.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def xlsx_file(folder: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    path = folder / "表.xlsx"
    book.save(path)
    return path


def problem(path: Path) -> str:
    with pytest.raises(ImportRefused) as caught:
        read_rows(path)
    return caught.value.text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("road,unit\n人民路, 市水利局 \n".encode(), id="UTF-8"),
        pytest.param("\ufeffroad,unit\r\n人民路,市水利局\r\n".encode(), id="UTF-8 with a mark"),
        pytest.param("road,unit\n人民路,市水利局\n".encode("gb18030"), id="GB18030"),
        pytest.param("road,unit,\n人民路,市水利局,\n".encode(), id="blank columns at the end"),
    ],
)
def test_csv(tmp_path: Path, data: bytes) -> None:
    assert read_rows(csv_file(tmp_path, data)) == [(2, {"road": "人民路", "unit": "市水利局"})]


def test_lines_count_blank_rows_and_quoted_line_breaks(tmp_path: Path) -> None:
    rows = read_rows(csv_file(tmp_path, 'road,note\n甲,"一\n二"\n\n乙,\n,\n丙,x\n'))
    assert rows == [
        (2, {"road": "甲", "note": "一\n二"}),
        (5, {"road": "乙", "note": ""}),
        (7, {"road": "丙", "note": "x"}),
    ]


def test_a_short_row_is_filled_up(tmp_path: Path) -> None:
    assert read_rows(csv_file(tmp_path, "a,b\n1\n")) == [(2, {"a": "1", "b": ""})]


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        pytest.param("", "a.csv", "是空的", id="empty"),
        pytest.param("\n\n", "a.csv", "是空的", id="blank lines alone"),
        pytest.param("a,b\n", "a.csv", "没有数据行", id="header alone"),
        pytest.param("a,b,a\n1,2,3\n", "a.csv", "列 a 重复", id="a column twice"),
        pytest.param("a,,b\n1,2,3\n", "a.csv", "表头为空", id="a column without a name"),
        pytest.param("a,b\n1,2,3\n", "a.csv", "第2行 第3列", id="a cell too many"),
        pytest.param('a,b\n1,"2\n', "a.csv", "引号不成对", id="an open quote"),
        pytest.param(b"a,b\n\xff\xff\xff,1\n", "a.csv", "编码无法识别", id="no text at all"),
        pytest.param(b"PK\x03\x04rest", "a.csv", "不是CSV", id="a workbook called csv"),
        pytest.param("a,b\n1,2\n".encode("utf-16"), "a.csv", "不是CSV", id="UTF-16"),
        pytest.param("a,b\n1,2\n", "a.xlsx", "不是有效的.xlsx", id="a text called xlsx"),
        pytest.param(b"\xd0\xcf\x11\xe0", "a.xls", "格式不支持", id="old Excel"),
    ],
)
def test_refused(tmp_path: Path, data: bytes | str, name: str, words: str) -> None:
    assert words in problem(csv_file(tmp_path, data, name))


def test_no_such_file(tmp_path: Path) -> None:
    assert "无法读取" in problem(tmp_path / "none.csv")


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_file(tmp_path, "a\n1\n2\n3\n")
    monkeypatch.setattr(tables_in, "MAX_ROWS", 3)
    assert len(read_rows(path)) == 3
    monkeypatch.setattr(tables_in, "MAX_ROWS", 2)
    assert "超过2行" in problem(path)
    monkeypatch.setattr(tables_in, "MAX_BYTES", 3)
    assert "MB" in problem(path)


def test_xlsx_cells_become_the_text_a_person_sees(tmp_path: Path) -> None:
    values: list[object] = [
        165.0, 0.1, 7, True, " 甲 ", dt.datetime.fromisoformat("2026-10-01"),
        dt.datetime.fromisoformat("2026-10-01T09:30"), dt.date(2026, 10, 2), dt.time(9, 30), None, 13812345678,
    ]  # fmt: skip
    names: list[object] = [f"c{n}" for n in range(len(values))]
    line, cells = read_rows(xlsx_file(tmp_path, names, [], values))[0]
    assert line == 3
    assert list(cells.values()) == [
        "165", "0.1", "7", "TRUE", "甲", "2026-10-01", "2026-10-01T09:30:00", "2026-10-02", "09:30:00", "",
        "13812345678",
    ]  # fmt: skip


def test_a_formula_is_read_as_its_result(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, ["points", "note"], ["=1/2", "x"])
    assert "公式没有算出的结果" in problem(path)
    # what a spreadsheet program writes: the formula together with its result
    edited = tmp_path / "算过.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(edited, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v></v>", b"<v>0.5</v>").replace(b"<v />", b"<v>0.5</v>"))
    assert read_rows(edited) == [(2, {"points": "0.5", "note": "x"})]


def test_a_text_that_looks_like_a_formula_is_a_text(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, ["points", "note"], [1, "'=甲"], [2, None])
    assert read_rows(path) == [(2, {"points": "1", "note": "'=甲"}), (3, {"points": "2", "note": ""})]


def test_a_damaged_workbook_is_refused_in_words(tmp_path: Path) -> None:
    whole = xlsx_file(tmp_path, ["a", "b"], [1, 2], ["x", "y"]).read_bytes()
    for cut in range(20, len(whole), 400):
        assert "xlsx" in problem(csv_file(tmp_path, whole[:cut], "坏.xlsx"))
    for place in range(0, len(whole), 97):
        data = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            read_rows(csv_file(tmp_path, data, "坏.xlsx"))
        except ImportRefused:
            continue


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx_file(tmp_path, ["a"], [1])
    monkeypatch.setattr(tables_in, "MAX_UNPACKED", 100)
    assert "解开后超过" in problem(path)
