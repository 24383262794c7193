"""Binding by a spoken code: a six-digit number that counts once, for ten minutes, and not after five wrong ones.

It tells who is who without anybody typing a platform's ids: a code spoken in a group binds that group, one spoken by a
person binds the account they speak from.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

SETTING = "bindings"  # setting: the codes that wait, as `to_json` writes them
CHAT, PERSON = "chat", "person"
LIFE = timedelta(minutes=10)
MOST_WRONG = 5
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Pending:
    """A code that waits to be spoken; of the code itself only a salted hash is kept."""

    kind: str  # "chat" | "person"
    subject: str  # the chat's name, or the person's id
    digest: str
    salt: str
    until: datetime
    platform: str = ""  # "" = any
    purpose: str = ""
    scope: str = ""
    wrong: int = 0  # wrong codes heard since it was given out


def digest(salt: str, code: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(f"{salt}\n{code}".encode()).hexdigest()


def with_new(waiting: Sequence[Pending], new: Pending) -> list[Pending]:
    """Return the waiting codes with a new one; an earlier one for the same chat or person no longer counts."""
    return [one for one in waiting if (one.kind, one.subject) != (new.kind, new.subject)] + [new]


def find(waiting: Sequence[Pending], code: str, now: datetime) -> Pending | None:
    """Return what a spoken code stands for, None when it is wrong, spent, late or locked."""
    living = (one for one in waiting if now < one.until and one.wrong < MOST_WRONG)
    return next((one for one in living if one.digest == digest(one.salt, code)), None)


def spent(waiting: Sequence[Pending], found: Pending, now: datetime) -> list[Pending]:
    """Return what still waits once a code has been used."""
    return [one for one in waiting if one != found and now < one.until]


def missed(waiting: Sequence[Pending], now: datetime) -> list[Pending]:
    """Return what still waits after a wrong code: each counts it, and locks at the fifth."""
    return [replace(one, wrong=one.wrong + 1) for one in waiting if now < one.until]


def to_json(waiting: Sequence[Pending]) -> list[dict[str, Any]]:
    """Return the codes as JSON values."""
    return [{**asdict(one), "until": one.until.isoformat()} for one in waiting]


def from_json(rows: Sequence[Mapping[str, Any]] | None) -> list[Pending]:
    """Return the codes that `to_json` wrote; None = none wait."""
    return [Pending(**{**row, "until": datetime.fromisoformat(row["until"])}) for row in rows or ()]
