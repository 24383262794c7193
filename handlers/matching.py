"""Which command a message speaks (口令), which case numbers it names, and what else it says. Pure text work."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

# What follows a figure that is a time or an amount, never a case: 12月31日, 2天, 50米, 16:30, 6/3, 3户, 12号楼.
_UNITS = (
    r"[天日月点时周年元米分次栋楼路个件人名户家台辆处张块条袋桶棵盏吨车段层%]|小时|[-:/.]\d|\s(?:天|小时|个月|分钟)"
)
_SHORT = rf"(\d{{1,8}})(?!\d|{_UNITS}|(?<!\d{{4}})号(?!案件))"
_PADDED = r"(0\d{3,7})(?!\d)"  # as printed: no amount begins with a nought
_NUMBER = re.compile(rf"[\s,，、:：;；。.!！]{{0,8}}#?(?:(20\d\d)-)?(?:{_PADDED}|{_SHORT})(?:号案件|[号件])?")
MOST_NUMBERS = 20  # of one message; more are not looked up
_PRINTED = re.compile(r"(20\d\d)-(\d{4,8})")
_ONLY_PRINTED = re.compile(r"(?:#?(?:20\d\d-\d{4,8}|0\d{3,7})[ ,，、。.?]{0,3}){1,20}")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DIGIT = re.compile(r"^([1-9])\s*[.、。)）]?$")

_BEFORE = " ,，、:："  # may stand before a command

Number = tuple[int | None, int]  # (year or None, sequence)


@dataclass(frozen=True)
class Words:
    """How a command is spoken.

    words: the 口令, longest match first. takes_number: a case number may stand before or after it.
    open_ended: words may follow without a blank (申诉0098当日…); otherwise what follows must be set off.
    asked: everyday words that are this command only with a case number (0123 到哪一步了).
    """

    words: tuple[str, ...]
    takes_number: bool = True
    open_ended: bool = False
    asked: tuple[str, ...] = ()

    @cached_property
    def openings(self) -> tuple[str, ...]:
        """Return every word by which the command may begin."""
        return (*self.words, *self.asked)


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


def only_numbers(text: str) -> tuple[Number, ...]:
    """Return the case numbers that a normalised text consists of, each as printed (0123, 2026-0123), else nothing."""
    return _take_numbers(text)[0] if _ONLY_PRINTED.fullmatch(text) else ()


def spoken(text: str, command: Words) -> Spoken | None:
    """Return what a normalised text says if it speaks this command, else None."""
    numbers, body = _take_numbers(text) if command.takes_number else ((), text)
    body = body.lstrip(_BEFORE)
    if not body.startswith(command.openings):
        return None
    word = max((w for w in command.openings if body.startswith(w)), key=len)
    tail = body[len(word) :]
    more, rest = _take_numbers(tail) if command.takes_number else ((), tail)
    if word in command.asked and not (numbers or more):
        return None
    if not command.open_ended and not more and tail and not _is_set_off(tail):
        return None
    return Spoken(word, (*numbers, *more), rest.strip(" ,，、:：;；。."))


def may_speak(text: str, openings: tuple[str, ...]) -> bool:
    """Tell whether a normalised text begins with one of the words, perhaps after case numbers: most reports do not."""
    return text.lstrip(_BEFORE).startswith(openings) or _take_numbers(text)[1].lstrip(_BEFORE).startswith(openings)


def _is_set_off(tail: str) -> bool:
    return not (tail[0].isalnum() or "\u4e00" <= tail[0] <= "\u9fff")


@lru_cache(maxsize=256)  # each of the forty commands asks the same of one message
def _take_numbers(text: str) -> tuple[tuple[Number, ...], str]:
    found: list[Number] = []
    end = 0
    while len(found) < MOST_NUMBERS and (match := _NUMBER.match(text, end)):
        year, sequence = match.group(1), match.group(2) or match.group(3)
        found.append((int(year) if year else None, int(sequence)))
        end = match.end()
    return tuple(found), text[end:]


def clauses(text: str) -> Sequence[str]:
    """Return the parts, normalised, of 「1 通过，2 不通过 物料仍在」."""
    parts = (normalise(part) for part in re.split(r"[,，;；\n]", text))
    return [part for part in parts if part]
