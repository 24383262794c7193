"""The figures, and the floor they must not fall below on lines nobody tuned to."""

import json
from typing import Any

import pytest

from domain.understand import Understander
from domain.understand.evaluation import Evaluation, Share, evaluate
from tests.domain.understand.conftest import DATA


def figures(understander: Understander, name: str) -> Evaluation:
    rows: list[dict[str, Any]] = [json.loads(row) for row in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return evaluate([(row, understander.understand(row["text"])) for row in rows])


def reported(name: str) -> set[str]:
    """Texts that say more than 收到 or 早上好各位: those may well come twice."""
    rows = map(json.loads, (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["text"] for row in rows if row["intent"] == "report"}


def test_a_share_carries_its_interval() -> None:
    low, high = Share(90, 100).interval
    assert (low, high) == pytest.approx((0.826, 0.945), abs=0.001)
    assert Share(0, 0).value == 1.0


def test_the_held_back_lines_are_in_no_training_set() -> None:
    held = {text for name in ("lines-held", "lines-trust", "lines-test") for text in reported(name)}
    for name in ("lines-train", "reports-dev", "lines-third", "phrases-train", "phrases-bare"):
        assert held.isdisjoint(reported(name)), name


def test_held_back_lines_keep_their_floor(second: Understander) -> None:
    found = figures(second, "lines-held.jsonl")
    floor = {
        "precision": 0.95, "recall": 0.97, "intent": 0.92, "category": 0.88, "category_of_three": 0.96,
        "acted": 0.70, "acted_right": 0.94, "segment": 0.96, "severity": 0.90,
    }  # fmt: skip
    short = {name: getattr(found, name) for name, least in floor.items() if getattr(found, name).value < least}
    assert not short
    assert found.segment_wrong.value <= 0.01
    assert found.ambiguous_decided.right == 0
    assert found.calibration_error <= 0.05


def test_development_lines_keep_their_floor(town: Understander) -> None:
    found = figures(town, "reports-dev.jsonl")
    assert found.category.value >= 0.95
    assert found.segment_wrong.right == 0
    assert found.calibration_error <= 0.12
