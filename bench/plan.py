"""How thoroughly a run measures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Row


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one run; `folder` is a scratch folder on the disk that is measured."""

    folder: Path
    repetitions: int = 5
    messages: int = 1_000  # of one repetition
    growth: int = 100_000  # messages of the memory row
    stored: int = 1_000_000  # cases of the rows about size
    routed: int = 2_000  # texts of the routing row
    deductions: int = 100_000  # of the row about documents
    month: int = 1_000_000  # of the largest month


def quick(folder: Path) -> Plan:
    """Return the plan that is through in about a minute on an idle machine."""
    return Plan(
        folder, repetitions=3, messages=600, growth=3_000, stored=50_000, routed=500, deductions=5_000, month=100_000
    )


Measure = Callable[[Plan], list[Row]]
