"""The ratings file: what chiefs of every level give responsible units and departments for real work (S57, S59)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.ballots import Cast, Vote
from domain.imports.rows import Columns, RawRow, Row, nearest, open_rows, read_person, refuse_if_any
from domain.imports.votes import read_month, read_score
from domain.month import Month
from domain.roster import ROLE_NAMES, Dated, Role, Roster, Segment

COLUMNS = Columns(required=("period", "sequence", "subject", "rater", "score"))
RATED = (SequenceKind.UNIT, SequenceKind.DEPARTMENT)
NAMES = {SEQUENCE_NAMES[kind]: kind for kind in RATED} | {kind.value: kind for kind in RATED}

_CHIEFS = frozenset({Role.GENERAL, Role.FIRST_LEVEL, Role.TOWNSHIP_HEAD, Role.SECOND_LEVEL})
_MAY_RATE = {SequenceKind.UNIT: _CHIEFS, SequenceKind.DEPARTMENT: _CHIEFS | {Role.CHIEF}}


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating of one month."""

    month: Month
    cast: Cast


def parse_ratings(
    file: str, rows: Sequence[RawRow], *, roster: Roster, departments: Collection[str], frozen: Collection[Month]
) -> list[Rating]:
    """Return the ratings of a file.

    Raises ImportRefused with every problem, by line: no month or score, a unit that no segment has in that month, an
    unknown department, a rater who is no chief of that month or belongs to the rated unit, two rows of one rater for
    one subject, a month that is already frozen.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    book = _Book(roster, departments, frozen)
    found = [rating for row in read if (rating := book.rating(row))]
    refuse_if_any(file, problems)
    return found


class _Book:
    """What every row is checked against."""

    def __init__(self, roster: Roster, departments: Collection[str], frozen: Collection[Month]) -> None:
        self._roster, self._departments, self._frozen = roster, departments, frozen
        self._lines: dict[tuple[Month, SequenceKind, str, str], int] = {}
        self._chiefs: dict[Month, dict[str, set[Role]]] = {}

    def rating(self, row: Row) -> Rating | None:
        month, score = read_month(row), read_score(row)
        sequence = _sequence(row)
        subject, rater = row.needed("subject"), read_person(row, "rater", self._roster)
        if month is None or score is None or sequence is None or not subject or not rater:
            return None
        if month in self._frozen:
            row.refuse("period", f"{month.title}已定稿，不再计入新的评分")
        self._check_subject(row, month, sequence, subject)
        self._check_rater(row, month, sequence, subject, rater)
        first = self._lines.setdefault((month, sequence, subject, rater), row.line)
        if first != row.line:
            row.refuse("rater", f"与第{first}行是同一人对同一单位的评分，请只保留一行")
        return Rating(month, Cast(rater, Vote(sequence, subject, score)))

    def _check_subject(self, row: Row, month: Month, sequence: SequenceKind, subject: str) -> None:
        if sequence is SequenceKind.UNIT:
            known: Collection[str] = {s.unit for s in self._segments(month) if s.has_unit}
            when = month.title
        else:
            known, when = self._departments, ""
        if subject not in known:
            row.refuse("subject", f"{when}没有{SEQUENCE_NAMES[sequence]}“{subject}”{nearest(subject, known)}")

    def _check_rater(self, row: Row, month: Month, sequence: SequenceKind, subject: str, rater: str) -> None:
        allowed = _MAY_RATE[sequence]
        if not self._roles(month).get(rater, set()) & allowed:
            names = "、".join(ROLE_NAMES[role] for role in Role if role in allowed)
            row.refuse("rater", f"{row.text('rater')}在{month.title}不是{names}，不能评分")
        units = {self._roster.person(rater).unit, *(post.unit for post in self._roster.posts_of(rater, month.last))}
        if subject in units:
            row.refuse("rater", f"{row.text('rater')}属于{subject}，不能给本单位评分")

    def _segments(self, month: Month) -> list[Segment]:
        return [r.value for r in self._roster.segments if _overlaps(r, month)]

    def _roles(self, month: Month) -> dict[str, set[Role]]:
        """Return who was a chief of which level at any time in the month, by the roster's rows and by post."""
        if month not in self._chiefs:
            found: dict[str, set[Role]] = {}
            for segment in self._segments(month):
                for role, person in (
                    (Role.CHIEF, segment.chief),
                    (Role.SECOND_LEVEL, segment.second_level),
                    (Role.TOWNSHIP_HEAD, segment.township_head),
                    (Role.FIRST_LEVEL, segment.first_level),
                ):
                    found.setdefault(person, set()).add(role)
            for post in self._roster.posts:
                if _overlaps(post, month):
                    found.setdefault(post.value.person, set()).add(post.value.role)
            self._chiefs[month] = found
        return self._chiefs[month]


def _overlaps(row: Dated[Any], month: Month) -> bool:
    """Tell whether a dated row held on any day of a month."""
    return (row.since is None or row.since <= month.last) and (row.until is None or row.until > month.first)


def _sequence(row: Row) -> SequenceKind | None:
    text = row.needed("sequence")
    if text and text not in NAMES:
        row.refuse("sequence", f"未知的序列“{text}”，可用：{'、'.join(SEQUENCE_NAMES[kind] for kind in RATED)}")
    return NAMES.get(text)
