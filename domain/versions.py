"""Dated versions of a rule table: each holds from its own date, the first also for all earlier ones (S47a, S103)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from domain.errors import TableError
from domain.tables import load_toml


class _HasDate(Protocol):
    @property
    def since(self) -> date: ...


V = TypeVar("V", bound=_HasDate)


@dataclass(frozen=True, slots=True)
class Versions(Generic[V]):
    """Every version of a table, oldest first."""

    all: tuple[V, ...]

    def on(self, day: date) -> V:
        """Return the version in force on `day`."""
        return next((v for v in reversed(self.all) if v.since <= day), self.all[0])


def load_versions(table: str, read: Callable[[str, dict[str, Any]], V], override: Path | None = None) -> Versions[V]:
    """Return the versions of a table, each read by `read(place, row)`.

    Raises TableError when there is none, when two have one date, or when `read` refuses.
    """
    label = str(override) if override else table
    rows = load_toml(table, override).get("version")
    if not isinstance(rows, list) or not rows:
        raise TableError(f"{label}：没有[[version]]，请至少写一版。")
    found = sorted((read(f"{label} 第{n}版", row) for n, row in enumerate(rows, 1)), key=lambda v: v.since)
    if len({v.since for v in found}) < len(found):
        raise TableError(f"{label}：有两版的since相同，请更正其中一版。")
    return Versions(tuple(found))
