"""The ledger (台账): what an entry's hash covers, how persons are committed to, and the daily head.

entry hash = SHA-256(previous hash ‖ canonical JSON of stream, seq, instant, kind and payload).
A person or a free text never stands in a payload: it is a commitment SHA-256(salt ‖ value), whose salt and value lie
in a table of their own, so that erasing them leaves the chain valid.
The daily head covers every stream changed that day and the number of streams, so cutting off, deleting or rewriting
shows against any head that was printed before.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is stored: `payload` is canonical JSON text."""

    stream: str
    seq: int  # from 1, without gaps in a stream
    at: datetime
    kind: str
    payload: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The published head of one day (Asia/Shanghai)."""

    day: date
    streams: int  # streams that exist at the end of the day
    hash: str

    @property
    def printed(self) -> str:
        """Return the form that is printed in posts: the first 16 hex digits."""
        return self.hash[:16]


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON with sorted keys, no blanks and no escapes, equal for equal values on every host."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def entry_hash(stream: str, seq: int, at: datetime, kind: str, payload: str, prev: str) -> str:
    """Return the hash of an entry that follows `prev`."""
    body = f"{prev}\n{stream}\n{seq}\n{at.isoformat()}\n{kind}\n{payload}"
    return hashlib.sha256(body.encode()).hexdigest()


def sealed(stream: str, seq: int, at: datetime, kind: str, payload: str, prev: str) -> Entry:
    """Return the entry with its hash."""
    return Entry(stream, seq, at, kind, payload, prev, entry_hash(stream, seq, at, kind, payload, prev))


def commitment(salt: str, value: str) -> str:
    """Return the salted commitment to a value; without the salt it says nothing about it."""
    return hashlib.sha256(f"{salt}\n{value}".encode()).hexdigest()


def head(previous: str, day: date, changed: Iterable[tuple[str, int, str]], streams: int) -> Head:
    """Return the head of `day`.

    changed: (stream, seq, hash) of the last entry of each stream that got one that day, in any order.
    """
    lines = [f"{stream}\n{seq}\n{digest}" for stream, seq, digest in sorted(changed)]
    body = "\n".join([previous, day.isoformat(), str(streams), *lines])
    return Head(day, streams, hashlib.sha256(body.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first wrong place that a check of the ledger found, in Chinese."""

    stream: str
    seq: int
    problem: str

    def __str__(self) -> str:
        return f"台账 {self.stream} 第{self.seq}条：{self.problem}"


def check_entry(entry: Entry, expected_seq: int, prev: str) -> Flaw | None:
    """Return what is wrong with an entry that should stand at `expected_seq` after `prev`, or None."""
    if entry.seq != expected_seq:
        return Flaw(entry.stream, expected_seq, "缺失，后面的记录编号不连续")
    if entry.prev != prev:
        return Flaw(entry.stream, entry.seq, "与前一条不衔接，前面的记录被改动或调换")
    if entry.hash != entry_hash(entry.stream, entry.seq, entry.at, entry.kind, entry.payload, entry.prev):
        return Flaw(entry.stream, entry.seq, "内容与校验值不符，记录被改动")
    return None
