"""Files that an office worker brings (.csv, .xlsx) into rows of text, before any rule looks at them."""

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from bot.system_words import reason
from domain.errors import ImportRefused, RowProblem

MAX_ROWS = 200_000
MAX_BYTES = 64 * 2**20  # of the file itself
MAX_UNPACKED = 1024 * 2**20  # of an .xlsx, which is a zip: a small file can unpack without end
SAMPLE_MARK = "#示例"  # begins the sample row of a template, which is no data
ENCODINGS = ("utf-8-sig", "gb18030")  # GB18030 is what Chinese Excel writes as plain CSV

# what openpyxl and the zip and XML readers below it raise for a file that is no workbook or a damaged one
BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)

NumberedCells = tuple[int, list[str]]


def read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a .csv or .xlsx file (first sheet) as (line, {column: cell}).

    The header is line 1, cells are stripped text, rows without any text and samples of a template are left out. Raises ImportRefused when the
    file cannot be read, is empty, too large or of another format, or when its header or the width of a row is wrong.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(path, "文件", f"超过{MAX_BYTES // 2**20}MB，请拆成几个文件")
        lines = list(_lines(path))
    except OSError as error:
        raise _refused(path, "文件", f"无法读取（{reason(error)}），请检查路径和权限") from error
    if len(lines) > MAX_ROWS + 1:
        raise _refused(path, "文件", f"超过{MAX_ROWS}行，请拆成几个文件")
    if not lines:
        raise _refused(path, "文件", "是空的，请检查是否选错了文件")
    header = _header(path, lines[0][1])
    if len(lines) == 1:
        raise _refused(path, "文件", "只有表头，没有数据行")
    return _rows(path, header, lines[1:])


def _lines(path: Path) -> Iterator[NumberedCells]:
    """Yield every line that has text, up to one more than is allowed."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise _refused(path, "文件", "格式不支持，请另存为.xlsx或.csv（UTF-8）")
    cells = _csv_lines(path) if path.suffix.lower() == ".csv" else _xlsx_lines(path)
    count = 0
    for line, texts in cells:
        if any(texts) and not texts[0].startswith(SAMPLE_MARK):
            yield line, texts
            count += 1
        if count > MAX_ROWS + 1:
            return


def _header(path: Path, cells: Sequence[str]) -> list[str]:
    names = list(cells)
    while names and not names[-1]:
        names.pop()
    problems = [
        RowProblem(1, name, f"列 {name} 重复，请只保留一列") for name, n in Counter(names).items() if name and n > 1
    ]
    problems += [
        RowProblem(1, f"第{n}列", "表头为空，请填写列名或删除此列") for n, name in enumerate(names, 1) if not name
    ]
    if problems:
        raise ImportRefused(path.name, problems)
    return names


def _rows(path: Path, header: list[str], lines: Iterable[NumberedCells]) -> list[tuple[int, dict[str, str]]]:
    rows, problems = [], []
    for line, texts in lines:
        if any(texts[len(header) :]):
            problems.append(RowProblem(line, f"第{len(header) + 1}列", "单元格比表头多，请检查是否多了逗号"))
        padded = texts + [""] * (len(header) - len(texts))
        rows.append((line, dict(zip(header, padded, strict=False))))
    if problems:
        raise ImportRefused(path.name, problems)
    return rows


def _csv_lines(path: Path) -> Iterator[NumberedCells]:
    reader = csv.reader(io.StringIO(_decode(path, path.read_bytes()), newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1  # a quoted cell may go over several lines: a row counts from its first
    except csv.Error as error:
        raise ImportRefused(
            path.name, [RowProblem(line, "整行", f"引号不成对或格式有误（{error}），请更正")]
        ) from error


def _decode(path: Path, data: bytes) -> str:
    if data.startswith(b"PK") or b"\0" in data:
        raise _refused(path, "文件", "内容不是CSV文本，请另存为“CSV UTF-8（逗号分隔）”")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(path, "文件", "文字编码无法识别，请另存为“CSV UTF-8（逗号分隔）”")


def _xlsx_lines(path: Path) -> Iterator[NumberedCells]:
    formulas = _uncalculated(path) if _has_formulas(path) else frozenset()
    for line, values in _sheet(path, cached=True):
        missing = [n for n in range(len(values)) if (line, n) in formulas and values[n] is None]
        if missing:
            column = f"第{missing[0] + 1}列"
            problem = "公式没有算出的结果，请在表格软件中打开并保存一次，或改填数值"
            raise ImportRefused(path.name, [RowProblem(line, column, problem)])
        yield line, [_text(value) for value in values]


def _sheet(path: Path, *, cached: bool) -> Iterator[tuple[int, tuple[object, ...]]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=cached, keep_links=False)
        try:
            sheet = book.worksheets[0]
            # a sheet states its own size, and some programs state it wrongly
            sheet.reset_dimensions()
            yield from enumerate(sheet.iter_rows(values_only=True), 1)
        finally:
            book.close()
    except BROKEN as error:
        raise _refused(path, "文件", "不是有效的.xlsx文件，请用表格软件另存为.xlsx") from error


def _has_formulas(path: Path) -> bool:
    """Tell whether any sheet holds a formula; refuses a file that would unpack beyond the limit."""
    try:
        with zipfile.ZipFile(path) as book:
            if sum(entry.file_size for entry in book.infolist()) > MAX_UNPACKED:
                raise _refused(path, "文件", f"解开后超过{MAX_UNPACKED // 2**20}MB，请拆成几个文件")
            sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
            return any(b"<f" in book.read(name) for name in sheets if name.endswith(".xml"))
    except BROKEN as error:
        raise _refused(path, "文件", "不是有效的.xlsx文件（或设了密码），请用表格软件另存为.xlsx") from error


def _uncalculated(path: Path) -> frozenset[tuple[int, int]]:
    """Return the places of all formulas: without a cached result such a cell would look blank."""
    places = (
        (line, n)
        for line, values in _sheet(path, cached=False)
        for n, value in enumerate(values)
        if (isinstance(value, str) and value.startswith("="))
        or (value is not None and "formula" in type(value).__name__.lower())
    )
    return frozenset(places)


def _text(value: object) -> str:
    """Return a cell of a workbook as the text a person sees: 165.0 is 165, a date without time is 2026-10-01."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip()


def _number(value: float) -> str:
    # repr gives the shortest text that means the same float, so 0.1 stays 0.1; Decimal writes it without exponent
    exact = Decimal(repr(value))
    return f"{int(exact)}" if exact == exact.to_integral_value() else f"{exact:f}"


def _refused(path: Path, column: str, problem: str) -> ImportRefused:
    return ImportRefused(path.name, [RowProblem(1, column, problem)])
