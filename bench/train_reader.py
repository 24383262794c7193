"""Train the linear readers of intent and category from the labelled lines: `python -m bench.train_reader`.

Writes domain/tables/reader_intent.toml and reader_category.toml. Deterministic: the same lines give the same bytes.
With `--check` prints the figures of five-fold cross-validation (beside the lexicon alone), and slope and shift for
domain/tables/understanding.toml with the calibration error they leave, and writes nothing.
"""

import argparse
import base64
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.commands.understand import build
from domain.understand.calibration import Trust, log_odds
from domain.understand.evaluation import calibration_error
from domain.understand.intent import INTENTS
from domain.understand.reader import Reader, softmax
from domain.understand.understander import Understander

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "domain" / "data"
# labelled lines and the roster whose places they name; the held-back lines are not among them
LINES = (
    ("reports-dev.jsonl", "roster-demo.csv"),
    ("lines-train.jsonl", "roster-second.csv"),
    ("lines-third.jsonl", "roster-third.csv"),
)
# short reports, many a category: they teach what a problem is called; all of them would teach that everything is a
# report, but some that name no place are wanted for that a bare 井盖缺失 is one
BARE = (("phrases-bare.jsonl", "roster-third.csv"),)
PHRASES = (("phrases-train.jsonl", "roster-third.csv"),)
TRAINING = {"intent": LINES + BARE, "category": LINES + BARE + PHRASES}
# lines that no word list and no weight was made from: they alone say how far a share may be trusted
HELD_BACK = (("lines-held.jsonl", "roster-second.csv"), ("lines-trust.jsonl", "roster-second.csv"))
ROUNDS, RATE, RARE, FAINT = 40, 0.3, 2, 0.004
FOLDS = 5
WANTED = 0.98  # of what is acted upon: more than asked for, as other cities write otherwise

Weights = dict[str, dict[int, float]]
Judged = tuple[dict[str, float], str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled line as a reader sees it."""

    found: tuple[str, ...]
    lexicon: Mapping[str, float]
    label: str


def lines(sets: Sequence[tuple[str, str]]) -> list[tuple[Understander, dict[str, Any]]]:
    """Return every line of the sets with the understander of its roster."""
    read: list[tuple[Understander, dict[str, Any]]] = []
    for name, roster in sets:
        understander = build(DATA / roster)
        rows = (DATA / name).read_text(encoding="utf-8").splitlines()
        read.extend((understander, json.loads(row)) for row in rows)
    return read


def samples(task: str, sets: Sequence[tuple[str, str]] | None = None) -> list[Sample]:
    """Return the samples of "intent" (every line) or "category" (reports), those to train from unless `sets` says."""
    found: list[Sample] = []
    for understander, row in lines(sets or TRAINING[task]):
        seen = understander.see(row["text"])
        if task == "intent":
            found.append(Sample(tuple(sorted(seen.intent_features)), seen.intent_scores, row["intent"]))
        elif row["intent"] == "report":
            found.append(Sample(tuple(sorted(seen.category_features)), seen.category_scores, row["category"]))
    return found


def train(data: Sequence[Sample], labels: Sequence[str], prior: float, decay: float) -> dict[str, list[float]]:
    """Return feature → weights by label: L2-regularised logistic regression, the lexicon's scores as a fixed offset.

    Full-batch AdaGrad over sparse rows: a weight exists once a sample has pulled at it.
    """
    count = Counter(name for sample in data for name in sample.found)
    weights: Weights = {name: {} for name, n in sorted(count.items()) if n >= RARE}
    squares: Weights = {name: {} for name in weights}
    known = [[name for name in sample.found if name in weights] for sample in data]
    offsets = [[prior * sample.lexicon.get(label, 0.0) for label in labels] for sample in data]
    answers = [labels.index(sample.label) for sample in data]
    for _ in range(ROUNDS):
        slopes: Weights = {name: {} for name in weights}
        for names, offset, answer in zip(known, offsets, answers, strict=True):
            _pull(names, offset, answer, weights, slopes)
        _move(weights, squares, slopes, decay)
    return {name: [row.get(at, 0.0) for at in range(len(labels))] for name, row in weights.items()}


def _pull(names: Sequence[str], offset: Sequence[float], answer: int, weights: Weights, slopes: Weights) -> None:
    """Add one sample's slopes."""
    sums = list(offset)
    for name in names:
        for at, weight in weights[name].items():
            sums[at] += weight
    errors = softmax(sums)
    errors[answer] -= 1.0
    active = [(at, error) for at, error in enumerate(errors) if abs(error) > FAINT]
    for name in names:
        row = slopes[name]
        for at, error in active:
            row[at] = row.get(at, 0.0) + error


def _move(weights: Weights, squares: Weights, slopes: Weights, decay: float) -> None:
    for name, row in weights.items():
        square = squares[name]
        for at in row.keys() | slopes[name].keys():
            slope = slopes[name].get(at, 0.0) + decay * row.get(at, 0.0)
            square[at] = square.get(at, 1e-6) + slope * slope
            row[at] = row.get(at, 0.0) - RATE * slope / math.sqrt(square[at])


def table(
    weights: Mapping[str, list[float]], labels: Sequence[str], prior: float, temperature: float
) -> dict[str, Any]:
    """Return the reader's table: weights as signed bytes."""
    unit = max(abs(w) for row in weights.values() for w in row) / 127
    data = bytes(round(w / unit) & 0xFF for row in weights.values() for w in row)
    return {
        "labels": list(labels),
        "unit": unit,
        "prior": prior,
        "temperature": temperature,
        "features": "\n".join(weights),
        "weights": base64.b64encode(data).decode(),
    }


def as_toml(content: Mapping[str, Any]) -> str:
    """Return the table as TOML text."""
    head = "# Written by `python -m bench.train_reader` from the labelled lines; do not edit by hand.\nversion = 1\n"
    return head + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in content.items())


def judged_by(reader: Reader, data: Sequence[Sample]) -> list[Judged]:
    """Return (shares, right label) of every sample."""
    return [(reader.shares(sample.found, sample.lexicon), sample.label) for sample in data]


def cross_validated(data: Sequence[Sample], labels: Sequence[str], prior: float, decay: float) -> list[Judged]:
    """Return (shares, right label) of every sample, each judged by a reader that never saw it."""
    judged: list[Judged] = []
    for fold in range(FOLDS):
        rest = [sample for at, sample in enumerate(data) if at % FOLDS != fold]
        content = table(train(rest, labels, prior, decay), labels, prior, 1.0)
        judged += judged_by(Reader.parse(content, "cross-validation"), data[fold::FOLDS])
    return judged


def right(judged: Sequence[Judged], among: int) -> float:
    """Return the share of samples whose label is among the first so many."""
    hits = sum(label in sorted(shares, key=lambda k: -shares[k])[:among] for shares, label in judged)
    return hits / len(judged)


def fitted_temperature(judged: Sequence[Judged]) -> float:
    """Return the temperature of the smallest log loss over lines the reader never saw."""

    def loss(temperature: float) -> float:
        total = 0.0
        for shares, label in judged:
            powers = {key: max(share, 1e-12) ** (1.0 / temperature) for key, share in shares.items()}
            total -= math.log(powers[label] / sum(powers.values()))
        return total

    return min((step / 20 for step in range(10, 61)), key=loss)


# factor of the lexicon's scores, and decay of the weights
SETTINGS = {"intent": (0.36, 0.3), "category": (0.4, 0.6)}


def main() -> None:
    """Train both readers, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="cross-validate only")
    check = parser.parse_args().check
    if check:
        _check_trust()
    for task, (prior, decay) in SETTINGS.items():
        data = samples(task)
        labels = INTENTS if task == "intent" else sorted({sample.label for sample in data})
        if check:
            _check(task, data, labels)
            continue
        weights = train(data, labels, prior, decay)
        reader = Reader.parse(table(weights, labels, prior, 1.0), task)
        temperature = fitted_temperature(judged_by(reader, samples(task, HELD_BACK)))
        text = as_toml(table(weights, labels, prior, temperature))
        (ROOT / "domain" / "tables" / f"reader_{task}.toml").write_text(text, encoding="utf-8")
        print(f"{task}: {len(data)} lines, {len(weights)} features, temperature {temperature}")


def _check_trust() -> None:
    """Print slope and shift of the confidence on the held-back lines, and the error by cross-validation."""
    judged: list[tuple[float, bool]] = []
    for understander, row in lines(HELD_BACK):
        if row["intent"] == "report":
            got = understander.understand(row["text"])
            judged.append((understander.trust.share(got.confidence), got.category == row["category"]))
    whole, left, acted = fitted_trust(judged), list[tuple[float, bool]](), list[bool]()
    for fold in range(FOLDS):
        rest = [one for at, one in enumerate(judged) if at % FOLDS != fold]
        trust = fitted_trust(rest)
        line = lowest([(trust.honest(share), is_right) for share, is_right in rest])
        here = [(trust.honest(share), is_right) for share, is_right in judged[fold::FOLDS]]
        left += here
        acted += [is_right for confidence, is_right in here if confidence >= line]
    print(f"confidence: slope {whole.slope:.2f}, shift {whole.shift:.2f}", end=", ")
    print(
        f"calibration error {calibration_error(judged):.3f} before, {calibration_error(left):.3f} by cross-validation"
    )
    line = lowest([(whole.honest(share), is_right) for share, is_right in judged])
    print(
        f"act from {line:.2f}: by cross-validation {len(acted)} of {len(judged)}, right {sum(acted) / len(acted):.3f}"
    )


def lowest(judged: Sequence[tuple[float, bool]]) -> float:
    """Return the lowest confidence, in hundredths, from which on WANTED of the categories are right."""
    for line in range(50, 100):
        kept = [is_right for confidence, is_right in judged if confidence >= line / 100]
        if sum(kept) >= WANTED * len(kept):
            return line / 100
    return 1.0


def fitted_trust(judged: Sequence[tuple[float, bool]]) -> Trust:
    """Return the trust of the smallest log loss, by Newton's steps."""
    slope, shift = 1.0, 0.0
    for _ in range(25):
        trust = Trust(slope, shift)
        rows = [(log_odds(share), trust.honest(share), is_right) for share, is_right in judged]
        pull = [sum((right - sure) * x for x, sure, right in rows), sum(right - sure for _, sure, right in rows)]
        xx, x1, one = (sum(sure * (1 - sure) * x**power for x, sure, _ in rows) for power in (2, 1, 0))
        whole = xx * one - x1 * x1
        slope += (one * pull[0] - x1 * pull[1]) / whole
        shift += (xx * pull[1] - x1 * pull[0]) / whole
    return Trust(slope, shift)


def _check(task: str, data: Sequence[Sample], labels: Sequence[str]) -> None:
    judged = cross_validated(data, labels, *SETTINGS[task])
    alone = [({label: sample.lexicon.get(label, 0.0) for label in labels}, sample.label) for sample in data]
    print(f"{task}: {len(data)} lines, reader {right(judged, 1):.3f} (three: {right(judged, 3):.3f})", end=", ")
    print(f"lexicon alone {right(alone, 1):.3f} (three: {right(alone, 3):.3f})")


if __name__ == "__main__":
    main()
