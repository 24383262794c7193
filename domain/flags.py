"""Red and black flags (红旗, 黑旗) of one list, from its ranks alone (S45c, S45d, S53, S56, S58)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile

from domain.assessment import FlagCounts, SequenceKind
from domain.month import Month


class Flag(StrEnum):
    """A flag; the value is stored and never renamed."""

    RED = "red"  # the best
    BLACK = "black"  # the worst


FLAG_NAMES = {Flag.RED: "红旗", Flag.BLACK: "黑旗"}


@dataclass(frozen=True, slots=True)
class FlagEntry:
    """One row of the flag register: all that stands behind a flag (S67, S68)."""

    month: Month
    sequence: SequenceKind
    group: str | None
    subject: str
    name: str
    score: Decimal
    rank: int
    grade: str
    flag: Flag
    rules: tuple[str, ...]  # versions by which it was given


def hang_flags(ranks: Sequence[int], counts: FlagCounts) -> list[Flag | None]:
    """Return the flag of each of one list's competition ranks, in their order.

    Red goes to rank ≤ `counts.red`, black to the place from the end ≤ `counts.black`, so all who are tied at an edge
    hang it. Black comes before red, but who has or shares rank 1 is never black; one alone, or all equal, hang none.
    """
    if max(ranks, default=1) == 1:
        return [None] * len(ranks)
    ordered = sorted(ranks)
    flags = dict.fromkeys(takewhile(lambda rank: rank <= counts.red, ordered), Flag.RED)
    flags |= {rank: Flag.BLACK for rank in ordered[max(0, len(ordered) - counts.black) :] if rank > 1}
    return list(map(flags.get, ranks))
