"""How a mistake in the configuration is told: where it stands, which key, what is wrong and what would be right.

A value is repeated only where its key is known and no secret.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.config_file import DELIMITER, Key, Problem, line_of, variable
from bot.config_model import Config

_LONGEST_SHOWN = 60
_QUOTED = re.compile(r"'([^']*)'")
_Telling = Callable[[ErrorDetails], str]

_TEXTS: Mapping[str, _Telling] = {
    "string_too_short": lambda e: "不能为空",
    "too_short": lambda e: "不能为空",
    "string_type": lambda e: "应为文字，须加引号",
    "int_type": lambda e: "应为整数",
    "int_parsing": lambda e: "应为整数",
    "int_from_float": lambda e: "应为整数",
    "bool_type": lambda e: "应为 true 或 false",
    "bool_parsing": lambda e: "应为 true 或 false",
    "decimal_type": lambda e: "应为数字",
    "decimal_parsing": lambda e: "应为数字",
    "decimal_max_places": lambda e: "最多两位小数",
    "time_type": lambda e: "应为时刻，如 08:30",
    "time_parsing": lambda e: "应为时刻，如 08:30",
    "path_type": lambda e: "应为文件路径，须加引号",
    "literal_error": lambda e: f"只能是 {'、'.join(_QUOTED.findall(e['ctx']['expected']))}",
    "greater_than_equal": lambda e: f"不能小于 {e['ctx']['ge']}",
    "less_than_equal": lambda e: f"不能大于 {e['ctx']['le']}",
    "greater_than": lambda e: f"须大于 {e['ctx']['gt']}",
    "less_than": lambda e: f"须小于 {e['ctx']['lt']}",
    "model_type": lambda e: f"应为一节，写作 [{dotted(e['loc'])}] 及其下的键",
    "tuple_type": lambda e: "应为列表；群和考评组每项写作一段 [[chat]]、[[group]]",
    "value_error": lambda e: str(e["ctx"]["error"]),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where each key was written: lines of the file, variables, and the slugs of the chats in file order."""

    file: Path
    lines: Mapping[Key, int]
    variables: Mapping[str, str]
    slugs: tuple[str, ...] = ()

    def variable(self, key: Key) -> str:
        """Return the variable that would set `key`."""
        spelled = [self._chat(part) if key[:1] == ("chat",) else part for part in key]
        return variable(tuple(spelled))

    def _chat(self, part: str | int) -> str | int:
        return self.slugs[part] if isinstance(part, int) and part < len(self.slugs) else part

    def place(self, key: Key) -> str:
        """Return the variable or the file and line where `key` was set, else the line of its section."""
        name = self.variable(key)
        if any(set_name == name or set_name.startswith(name + DELIMITER) for set_name in self.variables):
            return f"环境变量 {name}"
        line = line_of(self.lines, key)
        return f"{self.file}:{line}" if line else f"{self.file}"


def problems(error: ValidationError, origin: Origin) -> tuple[Problem, ...]:
    """Return the first problem of each key; a list with a wrong item is not also called empty."""
    found: dict[tuple[str, str], Problem] = {}
    for detail in error.errors():
        key = detail["loc"]
        found.setdefault((origin.place(key), dotted(key)), _problem(detail, origin))
    return tuple(found.values())


def _problem(detail: ErrorDetails, origin: Origin) -> Problem:
    key, kind = detail["loc"], detail["type"]
    place = origin.place(key)
    if kind == "extra_forbidden":
        return Problem(place, f"不认识的键 {key[-1]}{nearest(str(key[-1]), _section_at(key[:-1]))}")
    if kind == "missing":
        return Problem(place, _missing(key, origin))
    text = text_of(detail)
    if may_be_shown(key, detail["input"]):
        text += f"，现为 {detail['input']}"
    return Problem(place, f"{dotted(key) or '配置'} {text}。")


def text_of(detail: ErrorDetails) -> str:
    """Return in Chinese what a failed check says; the value is not repeated."""
    kind = detail["type"]
    return _TEXTS[kind](detail) if kind in _TEXTS else f"取值有误（{kind}）"


def _missing(key: Key, origin: Origin) -> str:
    if _section_at(key):
        return f"缺少 [{dotted(key)}] 一节。"
    section = dotted(key[:-1])
    if key[0] in ("chat", "group") and key[-1] == "name":
        return f"缺少必填项 name：写在这一段 [[{section}]] 里。"
    return f"缺少必填项 {dotted(key)}：写在 [{section}] 一节，或设环境变量 {origin.variable(key)}。"


def dotted(key: Key) -> str:
    """Return the key as people write it: wecom.app.secret."""
    return ".".join(part for part in key if isinstance(part, str))


def nearest(word: str, section: type[BaseModel] | None) -> str:
    """Return the end of a sentence about an unknown `word`: the key that was probably meant, else all keys there."""
    names = list(section.model_fields) if section else []
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    if near:
        return f"：{word} → {near[0]}？"
    return f"；可用的键：{'、'.join(names)}。" if names else "。"


def may_be_shown(key: Key, value: object) -> bool:
    """Tell whether `value` may be repeated: a short scalar of a key we know to be no secret."""
    found = field_at(key)
    if found is None or section_in(found.annotation) or not isinstance(value, str | int | float):
        return False
    is_secret = not found.repr or SecretStr in (found.annotation, *get_args(found.annotation))
    return not is_secret and 0 < len(str(value)) <= _LONGEST_SHOWN


def field_at(key: Key) -> FieldInfo | None:
    """Return the field of `key`; indexes in it are passed over. None for a key we don't know."""
    section: type[BaseModel] | None = Config
    found: FieldInfo | None = None
    for part in key:
        if isinstance(part, int):
            continue
        found = section.model_fields.get(part) if section else None
        section = section_in(found.annotation) if found else None
    return found


def section_in(annotation: Any) -> type[BaseModel] | None:
    """Return the section inside `Section`, `Section | None` or `tuple[Section, ...]`."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((section for part in get_args(annotation) if (section := section_in(part))), None)


def _section_at(key: Key) -> type[BaseModel] | None:
    found = field_at(key)
    return section_in(found.annotation) if found else Config if not key else None
