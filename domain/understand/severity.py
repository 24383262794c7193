"""Severity (一般, 突出, 重大) of a problem, with the words that decided it (S11), from tables/severity.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.categories import SEVERITIES, Categories, Category
from domain.errors import TableError
from domain.tables import load_toml

_USUAL, _PROMINENT, _MAJOR = SEVERITIES


@dataclass(frozen=True, slots=True)
class Rule:
    """Sets the severity of one category where the text holds a word of `any`, one of `also` and none of `unless`."""

    any: tuple[str, ...]
    also: tuple[str, ...]
    unless: tuple[str, ...]
    severity: str

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words by which the rule applies to `text`; empty when it does not."""
        found = _first(self.any, text)
        more = _first(self.also, text) if self.also else found
        if not found or not more or _first(self.unless, text):
            return ()
        return tuple(dict.fromkeys((found, more)))


@dataclass(frozen=True)
class SeverityTable:
    """Rules by category, and words that hold for every category."""

    rules: Mapping[str, tuple[Rule, ...]]
    grave: tuple[str, ...]
    serious: tuple[str, ...]
    slight: tuple[str, ...]
    figures: tuple[str, ...]  # figures of speech, which say nothing of danger
    duration: re.Pattern[str]

    @classmethod
    def load(cls, categories: Categories, override: Path | None = None) -> "SeverityTable":
        """Return the table. Raises TableError naming the rule when a row names no category or no severity."""
        raw = load_toml("severity.toml", override)
        rules: dict[str, list[Rule]] = {}
        for number, row in enumerate(raw.get("rule", []), start=1):
            rules.setdefault(row.get("category", ""), []).append(_rule(row, number, categories))
        words, more = raw["words"], categories.severity_rules
        return cls(
            rules={code: tuple(rows) for code, rows in rules.items()},
            grave=tuple(words["grave"]),
            serious=tuple(dict.fromkeys([*words["serious"], *more.repeat])),
            slight=tuple(words["slight"]),
            figures=tuple(words["figures"]),
            duration=re.compile(raw["durations"]["pattern"]),
        )

    def judge(self, category: Category, text: str) -> tuple[str, str]:
        """Return (severity, reason in Chinese) of a problem of `category` described by `text` (normalised)."""
        for figure in self.figures:
            text = text.replace(figure, "")
        base, reason = category.severity, f"{category.name}通常为{category.severity}"
        for rule in self.rules.get(category.code, ()):
            if words := rule.words(text):
                base, reason = rule.severity, f"因“{'、'.join(words)}”定为{rule.severity}"
                break
        else:
            if base == _PROMINENT and (word := _first(self.slight, text)):
                base, reason = _USUAL, f"因“{word}”定为{_USUAL}"
        if word := _first(self.grave, text):
            return _MAJOR, f"因“{word}”定为{_MAJOR}"
        if base == _USUAL and (word := self._lasting(text)):
            return _PROMINENT, f"因“{word}”定为{_PROMINENT}"
        return base, reason

    def _lasting(self, text: str) -> str:
        if word := _first(self.serious, text):
            return word
        match = self.duration.search(text)
        return match.group() if match else ""


def _rule(row: Mapping[str, Any], number: int, categories: Categories) -> Rule:
    code, severity = row.get("category", ""), row.get("severity", "")
    if code not in categories:
        raise TableError(
            f"severity.toml 第{number}个[[rule]] category：没有分类“{code}”，请改成categories.toml里的code。"
        )
    if severity not in SEVERITIES:
        raise TableError(f"severity.toml 第{number}个[[rule]] severity：“{severity}”无效，只能是一般、突出或重大。")
    return Rule(tuple(row["any"]), tuple(row.get("also", ())), tuple(row.get("unless", ())), severity)


def _first(words: tuple[str, ...], text: str) -> str:
    return next((word for word in words if word in text), "")
