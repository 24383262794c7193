"""A small linear reader that learns from labelled lines what the lexicon's classes weigh, and which turns of phrase matter.

Its weights stand in tables/reader_*.toml and come from `python -m bench.train_reader` over the labelled lines of the
repository, and from nothing else. Weights are bytes (−127…127 times `unit`), one row a feature, one column a label.
"""

import base64
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from operator import add
from pathlib import Path
from typing import Any

from domain.errors import TableError
from domain.tables import load_toml
from domain.understand.text import MASK

CLASS = "c:"  # begins the feature of a lexicon's class; longer than any pair of characters, so that nothing is both
_SHIFT = 128
_MASKS = re.compile(f"{MASK}+")
_BREAKS = re.compile(r"[\s,，。.!！?？;；:：、]+")
_DIGITS = re.compile(r"\d+")
_OTHER_SIGNS = re.compile("[^\u4e00-\u9fff]+")


def written(text: str) -> set[str]:
    """Return the features of a normalised text with masked place names that its writing gives: characters and their pairs."""
    plain = _DIGITS.sub("0", _BREAKS.sub(" ", _MASKS.sub("~", text)))
    framed = f"^{plain}$"
    return {*map(add, framed, framed[1:]), *_OTHER_SIGNS.sub("", plain)}


@dataclass(frozen=True, slots=True)
class Reader:
    """Labels, the weight rows of the features, and how much the lexicon's own scores count beside them."""

    labels: tuple[str, ...]
    rows: Mapping[str, int]  # feature → its weights, a lane of 32 bits for each label: one addition adds them all
    unit: float  # what a lane counts in, after _SHIFT is taken off
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
        rows = {
            name: _lanes(data[start : start + width])
            for name, start in zip(names, range(0, len(data), width), strict=True)
        }
        return cls(labels, rows, unit, float(table["prior"]), float(table["temperature"]))

    def shares(self, found: Iterable[str], lexicon: Mapping[str, float]) -> dict[str, float]:
        """Return the probability of each label for the features `found`, given the lexicon's score of each label."""
        known = [*filter(None, map(self.rows.get, found))]
        width = len(self.labels)
        lanes = struct.unpack(f"<{width}I", sum(known).to_bytes(4 * width, "little"))
        unit, prior, temperature = self.unit, self.prior, self.temperature
        shift = _SHIFT * len(known)
        sums = [
            (prior * lexicon.get(label, 0.0) + unit * (lane - shift)) / temperature
            for label, lane in zip(self.labels, lanes, strict=True)
        ]
        return dict(zip(self.labels, softmax(sums), strict=True))


def _lanes(weights: bytes) -> int:
    """Return signed bytes as one number with a lane for each, all raised by _SHIFT so that no lane is negative."""
    raised = ((weight + _SHIFT) % 256 for weight in weights)
    return int.from_bytes(struct.pack(f"<{len(weights)}I", *raised), "little")


def softmax(values: Sequence[float]) -> list[float]:
    """Return the values as shares that add up to 1."""
    top = max(values)
    powers = [exp(value - top) for value in values]
    total = sum(powers)
    return [power / total for power in powers]
