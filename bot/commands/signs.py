"""The lines of `luzhang doctor`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a line is marked."""

    WELL = "✔"
    WARN = "⚠"
    BROKEN = "✘"


@dataclass(frozen=True, slots=True)
class Sign:
    """One line: what was found, and what to do about it."""

    mark: Mark
    text: str

    def __str__(self) -> str:
        return f"{self.mark.value} {self.text}"


def few(names: Sequence[str], most: int) -> str:
    """Return people's names in one line, `most` of them; the others are counted."""
    return "、".join(names[:most]) + (f"等{len(names)}人" if len(names) > most else "")
