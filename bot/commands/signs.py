"""The lines of `luzhang doctor`."""

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
