"""Categories (问题分类) of the scheme: 治脏, 治乱, 治差, 治污 and one for everything else.

The rows stand in `tables/categories.toml`; each names the fields of management it belongs to (S2), the responsible
department (S29), the usual severity (S11) and the items of GB/T 30428.2 it corresponds to. A category is a row; nothing here knows a single code but `OTHER`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from domain.errors import TableError
from domain.tables import load_toml

OTHER = "other"
SEVERITIES = ("一般", "突出", "重大")
FIELDS = ("环境卫生", "市容市貌", "公用设施", "绿化", "亮化", "美化")  # what a segment is managed for (S2)
_WORD_FIELDS = ("keywords", "colloquial", "typos")


@dataclass(frozen=True, slots=True)
class Category:
    """One category (小类): who handles it, how grave it usually is, and the words by which people name it."""

    code: str  # stored and never renamed
    name: str
    group: str  # zang | luan | cha | wu | other
    fields: tuple[str, ...]  # one or more of FIELDS
    department: str  # code of the department that is told as helper
    severity: str  # 一般 | 突出 | 重大
    co_departments: tuple[str, ...] = ()
    gbt: tuple[str, ...] = ()  # items of GB/T 30428.2, such as "E0102" (event) or "C0305" (component)
    gbt_sure: bool = False
    in_scheme: bool = True
    note: str = ""
    keywords: tuple[str, ...] = ()
    colloquial: tuple[str, ...] = ()
    typos: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()  # words that make a problem of this category a hazard (紧急)

    @property
    def words(self) -> tuple[str, ...]:
        """Return every word of the row, official ones first."""
        return self.keywords + self.colloquial + self.typos


@dataclass(frozen=True)
class SeverityRules:
    """Words that raise or lower the usual severity of a category (S11)."""

    up: tuple[str, ...] = ()
    repeat: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


@dataclass(frozen=True)
class Categories:
    """The whole table, validated."""

    rows: tuple[Category, ...]
    departments: Mapping[str, str]  # code → name
    groups: Mapping[str, str]  # code → name
    severity_rules: SeverityRules

    @cached_property
    def _by_code(self) -> dict[str, Category]:
        return {row.code: row for row in self.rows}

    @classmethod
    def load(cls, override: Path | None = None) -> "Categories":
        """Return the built-in table, or a city's own. Raises TableError naming file, row, field and the mend."""
        return cls.parse(load_toml("categories.toml", override), str(override or "categories.toml"))

    @classmethod
    def parse(cls, table: Mapping[str, Any], file: str) -> "Categories":
        """Return the categories of an already read table. Raises TableError as `load` does."""
        departments, groups = dict(table.get("departments", {})), dict(table.get("groups", {}))
        rows = tuple(_row(raw, number, file) for number, raw in enumerate(table.get("category", []), start=1))
        _check_rows(rows, departments, groups, file)
        _check_words(rows, table.get("priority", {}), file)
        rules = table.get("severity_rules", {})
        words = {key: tuple(rules.get(f"{key}_words", ())) for key in ("up", "repeat", "down")}
        return cls(rows, departments, groups, SeverityRules(**words))

    def by_code(self, code: str) -> Category:
        """Return the category of that code. Raises TableError when the table has none."""
        found = self._by_code.get(code)
        if found is None:
            raise TableError(f"categories.toml：没有分类“{code}”，请在表中补一行 [[category]]。")
        return found

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def department_name(self, code: str) -> str:
        """Return the name of the department (职能单位) responsible for a category's code."""
        return self.departments[self.by_code(code).department]

    def department_names(self, code: str) -> tuple[str, ...]:
        """Return the names of the responsible department and of those that assist, in this order."""
        row = self.by_code(code)
        return tuple(self.departments[d] for d in (row.department, *row.co_departments))

    def is_hazard(self, code: str, words: Iterable[str]) -> bool:
        """Tell whether any of these words makes a problem of the category a hazard (井盖缺失, 线缆带电, 塌陷 …)."""
        return not set(self.by_code(code).hazards).isdisjoint(words)


def _row(raw: Mapping[str, Any], number: int, file: str) -> Category:
    where = f"{file} 第{number}个[[category]]（{raw.get('code', '无code')}）"
    for field in ("code", "name", "group", "dept", "severity"):
        if not isinstance(raw.get(field), str) or not raw[field]:
            raise TableError(f"{where} {field}：缺少或不是文字，请填写。")
    if raw["severity"] not in SEVERITIES:
        raise TableError(f"{where} severity：“{raw['severity']}”无效，只能是一般、突出或重大。")
    lists = {key: _words(raw, key, where) for key in ("fields", "co", "gbt", "hazards", *_WORD_FIELDS)}
    if not lists["fields"] or not set(lists["fields"]) <= set(FIELDS):
        raise TableError(f"{where} fields：请写明管理内容，从{'、'.join(FIELDS)}中选一项或几项。")
    return Category(
        code=raw["code"],
        name=raw["name"],
        group=raw["group"],
        fields=lists["fields"],
        department=raw["dept"],
        severity=raw["severity"],
        co_departments=lists["co"],
        gbt=lists["gbt"],
        gbt_sure=bool(raw.get("gbt_sure", False)),
        in_scheme=bool(raw.get("in_scheme", True)),
        note=str(raw.get("note", "")),
        hazards=lists["hazards"],
        keywords=lists["keywords"],
        colloquial=lists["colloquial"],
        typos=lists["typos"],
    )


def _words(raw: Mapping[str, Any], field: str, where: str) -> tuple[str, ...]:
    value = raw.get(field, [])
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise TableError(f'{where} {field}：应为文字列表，请改成 {field} = ["…"]。')
    return tuple(value)


def _check_rows(
    rows: tuple[Category, ...], departments: Mapping[str, str], groups: Mapping[str, str], file: str
) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.code in seen:
            raise TableError(f"{file} code：“{row.code}”出现了两次，请删去一行或改名。")
        seen.add(row.code)
        for department in (row.department, *row.co_departments):
            if department not in departments:
                raise TableError(f"{file}（{row.code}）dept：没有单位“{department}”，请先在[departments]中登记。")
        if row.group not in groups:
            raise TableError(f"{file}（{row.code}）group：没有分组“{row.group}”，可用：{'、'.join(groups)}。")
    if OTHER not in seen:
        raise TableError(f"{file} code：缺少兜底分类“{OTHER}”，请补一行。")


def _check_words(rows: tuple[Category, ...], priority: Mapping[str, str], file: str) -> None:
    owner: dict[str, str] = {}
    for row in rows:
        for word in row.words:
            other = owner.setdefault(word, row.code)
            if other != row.code and priority.get(word) not in (other, row.code):
                raise TableError(
                    f"{file}（{row.code}）keywords：“{word}”已属于{other}，请删去一处，或在[priority]写明归谁。"
                )
