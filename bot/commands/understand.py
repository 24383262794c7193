"""`luzhang understand`: what the bot makes of messages, line by line, without database or network."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.tables_in import read_rows
from domain.categories import Categories
from domain.errors import LuzhangError, TableError
from domain.imports.roster import parse_roster
from domain.understand import Gazetteer, Hints, Understander, Understanding
from domain.understand.evaluation import as_text, evaluate


def run(roster: Path, sender_segment: str | None, evaluate: bool) -> int:
    """Read JSON lines {"text": …} on stdin, write one JSON line each, in the same order; return the exit code.

    A line may bring "sender_segment", "township", "has_photo", "quotes_bot" or "has_open_case" of its own. With
    `evaluate` the lines carry labels, and figures are printed instead. Returns 2, with file and line, on bad input.
    """
    try:
        understander = build(roster)
        if evaluate:
            return _evaluate(understander, sys.stdin, sender_segment)
        for row in _rows(sys.stdin):
            answer = as_json(understander.understand(row["text"], _hints(row, sender_segment)))
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    except LuzhangError as error:
        sys.stderr.write(f"{error.text}\n")
        return 2
    return 0


def build(roster: Path) -> Understander:
    """Return the understander of a roster file (.csv or .xlsx). Raises ImportRefused with every wrong row."""
    segments = parse_roster(roster.name, read_rows(roster))
    return Understander(Categories.load(), Gazetteer.build(segments))


def as_json(got: Understanding) -> dict[str, Any]:
    """Return an understanding under the keys of the command's contract."""
    return {
        "intent": got.intent,
        "category": got.category,
        "category_candidates": [{"category": code, "confidence": share} for code, share in got.category_candidates],
        "also": list(got.also),
        "severity": got.severity,
        "severity_reason": got.severity_reason,
        "is_hazard": got.is_hazard,
        "segment": got.segment,
        "segment_candidates": [
            {"segment": segment, "reason": reason, "score": score} for segment, reason, score in got.segment_candidates
        ],
        "location_text": got.location_text,
        "confidence": got.confidence,
        "decision": got.decision,
        "evidence": list(got.evidence),
    }


def _evaluate(understander: Understander, lines: Iterable[str], sender_segment: str | None) -> int:
    rows = [_labelled(row, number) for number, row in enumerate(_rows(lines), start=1)]
    pairs = [(row, understander.understand(row["text"], _hints(row, sender_segment))) for row in rows]
    sys.stdout.write(as_text(evaluate(pairs)) + "\n")
    return 0


def _rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise TableError(f'标准输入 第{number}行：不是JSON（{error.msg}），每行应为 {{"text": "…"}}。') from error
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise TableError(f'标准输入 第{number}行 text：缺少或不是文字，每行应为 {{"text": "…"}}。')
        yield row


def _labelled(row: dict[str, Any], number: int) -> dict[str, Any]:
    for key in ("intent", *(("category",) if row.get("intent") == "report" else ())):
        if not isinstance(row.get(key), str):
            raise TableError(f"标准输入 第{number}行 {key}：--evaluate 需要标注，请补上。")
    return row


def _hints(row: Mapping[str, Any], sender_segment: str | None) -> Hints:
    return Hints(
        sender_segment=row.get("sender_segment") or sender_segment,
        township=row.get("township") or "",
        has_photo=bool(row.get("has_photo")),
        quotes_bot=bool(row.get("quotes_bot")),
        has_open_case=bool(row.get("has_open_case")),
    )
