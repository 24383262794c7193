"""Small arithmetic over measured figures, and the row of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median as median


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the sorted figures lie; 0 for none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a figure beside what it must be and what it should be."""

    name: str
    value: float
    must: float
    goal: float
    detail: str
    unit: str = "×"
    is_at_least: bool = True  # else: at most

    @property
    def meets_must(self) -> bool:
        """Tell whether the figure is good enough."""
        return self._meets(self.must)

    @property
    def meets_goal(self) -> bool:
        """Tell whether the figure is as good as it should be."""
        return self._meets(self.goal)

    def _meets(self, bound: float) -> bool:
        return self.value >= bound if self.is_at_least else self.value <= bound

    @property
    def verdict(self) -> str:
        """Return goal, must or SHORT."""
        return "goal" if self.meets_goal else "must" if self.meets_must else "SHORT"
