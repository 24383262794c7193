"""Which command a message speaks (口令), which case numbers it names, and what else it says. Pure text work."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# What follows a figure that is a time or an amount, never a case: 12月31日, 2天, 50米, 16:30.
_UNITS = "天|日|月|点|时|小时|个|周|年|元|米|分|次|栋|楼|路|%|-|:|\\."
_NUMBER = rf"#?(?:(20\d\d)-)?(\d{{1,8}})(?:号案件|号|件)?(?!\d|{_UNITS}|\s?(?:天|小时|个月|分钟))"
_GAP = r"[\s,，、:：;；。.!！]*"
_LEADING = re.compile(f"^{_GAP}{_NUMBER}")
_PRINTED = re.compile(r"(20\d\d)-(\d{4,8})")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DIGIT = re.compile(r"^([1-9])\s*[.、。)）]?$")

Number = tuple[int | None, int]  # (year or None, sequence)


@dataclass(frozen=True, slots=True)
class Words:
    """How a command is spoken.

    words: the 口令, longest match first. takes_number: a case number may stand before or after it.
    open_ended: words may follow without a blank (申诉0098当日…); otherwise what follows must be set off.
    """

    words: tuple[str, ...]
    takes_number: bool = True
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was recognised in a message."""

    word: str
    numbers: tuple[Number, ...]
    rest: str


def normalise(text: str) -> str:
    """Return the text in half-width form, without invisible characters, blanks folded."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return " ".join(folded.split())


def digit(text: str) -> int | None:
    """Return the digit a message consists of, or None."""
    match = _DIGIT.match(normalise(text))
    return int(match.group(1)) if match else None


def printed_number(text: str) -> Number | None:
    """Return the full case number (2026-0123) that stands in a quoted text, or None."""
    match = _PRINTED.search(text)
    return (int(match.group(1)), int(match.group(2))) if match else None


def spoken(text: str, command: Words) -> Spoken | None:
    """Return what a normalised text says if it speaks this command, else None."""
    numbers, body = _take_numbers(text) if command.takes_number else ((), text)
    body = body.lstrip(" ,，、:：")
    word = next((w for w in sorted(command.words, key=len, reverse=True) if body.startswith(w)), None)
    if word is None:
        return None
    tail = body[len(word) :]
    more, rest = _take_numbers(tail) if command.takes_number else ((), tail)
    if not command.open_ended and not more and tail and not _is_set_off(tail):
        return None
    return Spoken(word, (*numbers, *more), rest.strip(" ,，、:：;；。."))


def _is_set_off(tail: str) -> bool:
    return not (tail[0].isalnum() or "\u4e00" <= tail[0] <= "\u9fff")


def _take_numbers(text: str) -> tuple[tuple[Number, ...], str]:
    found: list[Number] = []
    rest = text
    while match := _LEADING.match(rest):
        found.append((int(match.group(1)) if match.group(1) else None, int(match.group(2))))
        rest = rest[match.end() :]
    return tuple(found), rest


def clauses(text: str) -> Sequence[str]:
    """Return the parts of 「1 通过，2 不通过 物料仍在」."""
    return [part.strip() for part in re.split(r"[,，;；\n]", text) if part.strip()]
