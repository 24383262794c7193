"""A small linear reader that learns from labelled lines what the lexicon's classes weigh, and which turns of phrase matter.

Its weights stand in tables/reader_*.toml and come from `python -m bench.train_reader` over the labelled lines of the
repository, and from nothing else. Weights are bytes (−127…127 times `unit`), one row a feature, one column a label.
"""

import base64
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from domain.errors import TableError
from domain.tables import load_toml
from domain.understand.text import MASK

_MASKS = re.compile(f"{MASK}+")
_BREAKS = re.compile(r"[\s,，。.!！?？;；:：、]+")
_DIGITS = re.compile(r"\d+")


def features(text: str, classes: Iterable[str], facts: Iterable[str] = ()) -> set[str]:
    """Return the features of a normalised text with masked place names: its characters, their pairs, word classes, facts."""
    plain = _DIGITS.sub("0", _BREAKS.sub(" ", _MASKS.sub("~", text)))
    framed = f"^{plain}$"
    found = {framed[at : at + 2] for at in range(len(framed) - 1)}
    found.update(char for char in plain if "\u4e00" <= char <= "\u9fff")
    found.update(f"c:{name}" for name in classes)
    found.update(facts)
    return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Labels, the weight rows of the features, and how much the lexicon's own scores count beside them."""

    labels: tuple[str, ...]
    rows: Mapping[str, tuple[tuple[int, float], ...]]  # feature → (label's position, weight)
    prior: float  # factor of the lexicon's scores
    temperature: float  # by which the sum is divided, so that shares are honest

    @classmethod
    def load(cls, name: str, override: Path | None = None) -> "Reader":
        """Return the packaged reader `name`, such as "reader_intent.toml". Raises TableError when it is damaged."""
        return cls.parse(load_toml(name, override), str(override or name))

    @classmethod
    def parse(cls, table: Mapping[str, Any], file: str) -> "Reader":
        """Return the reader of an already read table."""
        labels, names = tuple(table["labels"]), table["features"].split("\n")
        data = base64.b64decode(table["weights"])
        if len(data) != len(labels) * len(names):
            raise TableError(f"{file} weights：字节数与features和labels不符，请重新运行训练命令生成。")
        unit, width = float(table["unit"]), len(labels)
        signed = memoryview(data).cast("b")
        rows = {
            name: tuple((at, unit * w) for at, w in enumerate(signed[start : start + width]) if w)
            for name, start in zip(names, range(0, len(data), width), strict=True)
        }
        return cls(labels, rows, float(table["prior"]), float(table["temperature"]))

    def shares(self, found: Collection[str], lexicon: Mapping[str, float]) -> dict[str, float]:
        """Return the probability of each label for the features `found`, given the lexicon's score of each label."""
        sums = [self.prior * lexicon.get(label, 0.0) for label in self.labels]
        for name in found:
            for at, weight in self.rows.get(name, ()):
                sums[at] += weight
        return dict(zip(self.labels, softmax([value / self.temperature for value in sums]), strict=True))


def softmax(values: Sequence[float]) -> list[float]:
    """Return the values as shares that add up to 1."""
    top = max(values)
    powers = [exp(value - top) for value in values]
    total = sum(powers)
    return [power / total for power in powers]
