"""Values written into a config.toml that people read: comments stay, what is switched off is switched on.

A base text is the sample or a file that stands; only the lines of the keys given change. What the base lacks is added
at the end of its section, a section at the end of the file.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from bot.config_problems import field_at

MASK, NEW_MASK = "******", "******（新）"

_HEADER = re.compile(r"(#?)(\[\[?)([a-z_.]+)\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(r"(#?)([a-z_]+)\s*=")

Leaf = tuple[tuple[str, ...], Any]


def fill(base: str, values: Mapping[str, Any]) -> str:
    """Return the base text with these values, nested as tomllib gives them; lists of tables are matched by `name`."""
    lines = base.splitlines()
    for section, table in _tables(values):
        if isinstance(table, list):
            for one in table:
                lines = _with_listed(lines, section, one)
        else:
            for key, value in table.items():
                lines = _with_value(lines, _span(lines, section), section, key, value)
    return "\n".join(lines) + "\n"


def _tables(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (section, its own keys) and (section, list of tables), outer sections first."""
    plain = {k: v for k, v in values.items() if not isinstance(v, Mapping) and not _is_listed(v)}
    if plain:
        yield above, plain
    for key, value in values.items():
        name = f"{above}.{key}".strip(".")
        if isinstance(value, Mapping):
            yield from _tables(value, name)
        elif _is_listed(value):
            yield name, value


def _is_listed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _headers(lines: Sequence[str]) -> list[tuple[int, str, bool, bool]]:
    """Return (line, section, is it a list's, is it switched off) of every header."""
    found = [(index, _HEADER.fullmatch(line.strip())) for index, line in enumerate(lines)]
    return [(index, m[3], m[2] == "[[", bool(m[1])) for index, m in found if m]


def _span(lines: list[str], section: str) -> tuple[int, int]:
    """Return the lines of a section, from its header to the next; it is switched on, or made, before."""
    headers = _headers(lines)
    start = next((index for index, name, is_list, _ in headers if name == section and not is_list), None)
    if start is None:
        lines += ["", f"[{section}]"]
        return len(lines) - 1, len(lines)
    lines[start] = lines[start].removeprefix("#")
    return start, _end(lines, start)


def _end(lines: Sequence[str], start: int) -> int:
    """Return where a section ends: before the next header and the explanation that stands above that."""
    end = next((index for index, *_ in _headers(lines) if index > start), len(lines))
    if end < len(lines):
        while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("# ")):
            end -= 1
    return end


def _with_value(lines: list[str], span: tuple[int, int], section: str, key: str, value: Any) -> list[str]:
    start, end = span
    written = f"{key} = {literal(value)}"
    for index in range(start + 1, end):
        found = _PAIR.match(lines[index])
        if found and found[2] == key:
            return [*lines[:index], written, *lines[index + 1 :]]
    return [*lines[:end], written, *lines[end:]]


def _with_listed(lines: list[str], section: str, table: Mapping[str, Any]) -> list[str]:
    """Return the lines with one table of a list: the one of that name changed, else a new one."""
    headers = [(i, off) for i, name, is_list, off in _headers(lines) if name == section and is_list]
    for start in (index for index, is_off in headers if not is_off):
        end = _end(lines, start)
        if tomllib.loads("\n".join(lines[start:end]))[section][0].get("name") == table.get("name"):
            for key, value in table.items():
                lines = _with_value(lines, (start, _end(lines, start)), section, key, value)
            return lines
    block = [f"[[{section}]]", *(f"{key} = {literal(value)}" for key, value in table.items()), ""]
    at = next((index for index, is_off in headers if is_off), None)
    return [*lines, "", *block] if at is None else [*lines[:at], *block, *lines[at:]]


def literal(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(item) for item in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def diff(before: str, after: str) -> list[str]:
    """Return what changes, line by line (`+`, `-`), with every secret masked."""
    old, new = _secrets(before), _secrets(after)
    masks = dict.fromkeys(old, MASK) | {value: NEW_MASK for value in new if value not in old}
    changes = difflib.unified_diff(_masked(before, masks), _masked(after, masks), lineterm="", n=0)
    return [line for line in changes if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def _masked(text: str, masks: Mapping[str, str]) -> list[str]:
    for value, mask in sorted(masks.items(), key=lambda item: -len(item[0])):
        text = text.replace(value, mask)
    return text.splitlines()


def _secrets(text: str) -> list[str]:
    return [value for key, value in leaves(tomllib.loads(text)) if value and is_secret(key)]


def leaves(values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield every key of nested tables with its value."""
    for key, value in values.items():
        place = (*above, key)
        if isinstance(value, Mapping):
            yield from leaves(value, place)
        elif _is_listed(value):
            for one in value:
                yield from leaves(one, place)
        else:
            yield place, value


def is_secret(key: Sequence[str]) -> bool:
    """Tell whether a key holds what must not be shown."""
    found = field_at(tuple(key))
    return found is not None and ("SecretStr" in str(found.annotation) or not found.repr)
