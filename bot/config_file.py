"""Where the configuration comes from, and how a mistake in it is told: file, line, key and the fix.

Values come from `LUZHANG__SECTION__KEY` in the environment, then from files of that name in the systemd credentials
folder, then from the TOML file. tomllib knows no lines, so `key_lines` finds them by reading the file once more.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never

from bot.system_words import reason
from domain.errors import ConfigError

PREFIX = "LUZHANG__"
DELIMITER = "__"

Key = tuple[str | int, ...]

_WAY_OUT = "可用 luzhang init 一步步写一份，或由 config.example.toml 复制一份再修改；文件在别处的，用 --config 写明。"
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=(.*)$""")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{}]')
_AT_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: `where` is file:line or an environment variable, `text` what is wrong and how to mend it."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where} {self.text}"


class ConfigRefused(ConfigError):
    """配置有误，未启动。"""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join([f"配置有{len(problems)}处错误：", *map(str, problems)]))


def refuse(where: str, text: str) -> Never:
    """Raise ConfigRefused with one problem."""
    raise ConfigRefused((Problem(where, text),)) from None


def read_toml(path: Path) -> tuple[dict[str, Any], dict[Key, int]]:
    """Return the file's table and the line of each key in it.

    Raises ConfigRefused when the file is missing, is not UTF-8 or is not TOML; the text never repeats a value.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(str(path), "不是UTF-8编码，请用UTF-8另存。")
    except OSError as error:
        refuse(str(path), f"无法读取（{reason(error)}）。{_WAY_OUT}")
    try:
        return tomllib.loads(text), key_lines(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = found[1] if found else str(text.count("\n") + 1)
        refuse(f"{path}:{line}", "不合TOML格式：文字须加引号，每行一个“键 = 值”，括号和引号须成对。")


def key_lines(text: str) -> dict[Key, int]:
    """Return the line (from 1) of each table header and key; arrays of tables have their index in the key."""
    lines: dict[Key, int] = {}
    section: Key = ()
    counts: dict[Key, int] = {}
    for number, code in _statements(text):
        if header := _HEADER.match(code):
            section = _parts(header[2])
            if header[1] == "[[":
                index = counts[section] = counts.get(section, -1) + 1
                section = (*section, index)
            lines.setdefault(section, number)
        elif pair := _PAIR.match(code):
            lines.setdefault((*section, *_parts(pair[1])), number)
    return lines


def _parts(dotted: str) -> Key:
    names: list[str] = re.findall(r"\"[^\"]*\"|'[^']*'|[\w-]+", dotted)
    return tuple(name.strip("\"'") for name in names)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that begin a statement; those inside a long string, list or inline table are left out."""
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not quote and not depth:
            yield number, line
        pair = _PAIR.match(line) if not quote and not depth else None
        if quote or depth or pair:
            quote, depth = _after(pair[2] if pair else line, quote, depth)


def _after(code: str, quote: str, depth: int) -> tuple[str, int]:
    """Return the open long quote and the bracket depth after `code`."""
    position = 0
    while position < len(code):
        if quote:
            end = code.find(quote, position)
            if end < 0:
                return quote, depth
            position, quote = end + len(quote), ""
            continue
        token = _TOKEN.search(code, position)
        if token is None:
            break
        position = token.end()
        if token[0] in ('"""', "'''"):
            quote = token[0]
        else:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
    return quote, depth


def line_of(lines: Mapping[Key, int], key: Key) -> int | None:
    """Return the line of `key`, else that of the nearest table around it, else None."""
    for length in range(len(key), 0, -1):
        if key[:length] in lines:
            return lines[key[:length]]
    return None


def environment() -> dict[str, str]:
    """Return our variables by upper-case name: the process's own before files in $CREDENTIALS_DIRECTORY."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    files = sorted(Path(folder).glob(f"{PREFIX}*")) if folder else []
    found = {file.name.upper(): file.read_text(encoding="utf-8").strip() for file in files}
    return found | {name.upper(): value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}


def variable(key: Key) -> str:
    """Return the environment variable that sets `key`: LUZHANG__WECOM__APP__SECRET."""
    return PREFIX + DELIMITER.join(str(part).upper() for part in key)


def read_list(name: str, value: str) -> Any:
    """Return a variable's list or table: JSON when it begins like it, else the words between commas."""
    if not value.lstrip().startswith(("[", "{")):
        return [word.strip() for word in value.split(",") if word.strip()]
    try:
        return json.loads(value)
    except ValueError:
        refuse(f"环境变量 {PREFIX}…{name.upper()}", "不是正确的JSON；列表可用逗号分隔书写。")


def slug(name: str) -> str:
    """Return a chat's name as it stands in a variable: lower case, anything but letters and digits as one `_`."""
    return re.sub(r"[\W_]+", "_", name).strip("_").lower()
