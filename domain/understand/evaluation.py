"""How well labelled lines are understood: accuracy, confusion pairs, calibration. Printed by `understand --evaluate`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from domain.understand.understander import ACT, Understanding

_BINS = 10


@dataclass(frozen=True, slots=True)
class Share:
    """A share `right` of `total`, with its 95 % Wilson interval."""

    right: int
    total: int

    @property
    def value(self) -> float:
        """Return the share, 1.0 of nothing."""
        return self.right / self.total if self.total else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % confidence interval (Wilson)."""
        if not self.total:
            return 0.0, 1.0
        n, p, z = self.total, self.value, 1.96
        middle, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f}（{self.right}/{self.total}，95%区间{low:.3f}–{high:.3f}）"


@dataclass(frozen=True)
class Evaluation:
    """The figures of one labelled set. Reports are the lines labelled so; places count on lines that carry the label."""

    precision: Share
    recall: Share
    intent: Share
    category: Share
    category_of_three: Share
    acted: Share
    acted_right: Share
    segment: Share
    segment_wrong: Share
    ambiguous_decided: Share
    severity: Share
    calibration_error: float
    bins: tuple[tuple[float, float, int], ...]  # (mean confidence, share right, lines)
    confusions: tuple[tuple[str, str, int], ...]  # (labelled, given, lines), commonest first


Labelled = tuple[Mapping[str, Any], Understanding]


def evaluate(pairs: Sequence[Labelled]) -> Evaluation:
    """Return the figures of (labels, understanding) pairs. Keys of the labels as in the development set."""
    reports = [(row, got) for row, got in pairs if row["intent"] == "report"]
    taken = [(row, got) for row, got in pairs if got.intent == "report"]
    acted = [(row, got) for row, got in reports if got.decision == ACT]
    placed = [(row, got) for row, got in pairs if "segment" in row]
    ambiguous = [(row, got) for row, got in placed if row.get("candidates")]
    bins = _bins([(got.confidence, _category_right(row, got)) for row, got in reports])
    return Evaluation(
        precision=_share(row["intent"] == "report" for row, _ in taken),
        recall=_share(got.intent == "report" for _, got in reports),
        intent=_share(row["intent"] == got.intent for row, got in pairs),
        category=_share(_category_right(row, got) for row, got in reports),
        category_of_three=_share(row["category"] in [c for c, _ in got.category_candidates] for row, got in reports),
        acted=Share(len(acted), len(reports)),
        acted_right=_share(_category_right(row, got) and _segment_right(row, got) for row, got in acted),
        segment=_share(_segment_right(row, got) for row, got in placed),
        segment_wrong=_share(got.segment is not None and not _segment_right(row, got) for row, got in placed),
        ambiguous_decided=_share(got.segment is not None for _, got in ambiguous),
        severity=_share(row.get("severity") == got.severity for row, got in reports),
        calibration_error=_error_of(bins),
        bins=bins,
        confusions=_confusions(pairs),
    )


def _share(tests: Iterable[bool]) -> Share:
    results = list(tests)
    return Share(sum(results), len(results))


def _category_right(row: Mapping[str, Any], got: Understanding) -> bool:
    return bool(got.category == row["category"])


def _segment_right(row: Mapping[str, Any], got: Understanding) -> bool:
    return bool("segment" not in row or got.segment == row["segment"])


def calibration_error(judged: Iterable[tuple[float, bool]]) -> float:
    """Return by how much (confidence, is right) pairs miss in the mean, over tenths of confidence."""
    return _error_of(_bins(judged))


def _error_of(bins: Sequence[tuple[float, float, int]]) -> float:
    return sum(abs(mean - right) * n for mean, right, n in bins) / max(1, sum(n for _, _, n in bins))


def _bins(judged: Iterable[tuple[float, bool]]) -> tuple[tuple[float, float, int], ...]:
    """Return (mean confidence, share right, lines) of each filled tenth of confidence."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, is_right in judged:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, is_right))
    return tuple((sum(c for c, _ in b) / len(b), sum(r for _, r in b) / len(b), len(b)) for b in bins if b)


def _confusions(pairs: Sequence[Labelled]) -> tuple[tuple[str, str, int], ...]:
    count: Counter[tuple[str, str]] = Counter()
    for row, got in pairs:
        wanted, given = row.get("category") or row["intent"], got.category or got.intent
        if wanted != given:
            count[wanted, given] += 1
    return tuple((wanted, given, n) for (wanted, given), n in count.most_common(10))


def as_text(figures: Evaluation) -> str:
    """Return the figures in Chinese, one a line."""
    lines = [
        f"报事识别 精确率 {figures.precision}",
        f"报事识别 召回率 {figures.recall}",
        f"意图（9类）正确率 {figures.intent}",
        f"分类 首选正确 {figures.category}",
        f"分类 前三含正确 {figures.category_of_three}",
        f"不追问直接办理 占比 {figures.acted}",
        f"不追问直接办理 正确 {figures.acted_right}",
        f"路段 正确 {figures.segment}",
        f"路段 错派 {figures.segment_wrong}",
        f"有歧义却擅自定位 {figures.ambiguous_decided}",
        f"严重程度 正确 {figures.severity}",
        f"置信度校准误差 {figures.calibration_error:.3f}",
        "置信度分档（平均置信度 实际正确 条数）：",
        *(f"  {mean:.2f} {right:.2f} {count}" for mean, right, count in figures.bins),
        "最易混淆（标注 → 判为 条数）：",
        *(f"  {wanted} → {given} {count}" for wanted, given, count in figures.confusions),
    ]
    return "\n".join(lines)
