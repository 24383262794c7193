"""The file of the yearly special fund: whom the office proposes to reward, with how much (S99)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.imports.rows import Columns, RawRow, Row, nearest, open_rows, refuse_if_any
from domain.printed import Party

COLUMNS = Columns(required=("sequence", "subject", "amount", "reason"))
NAMES = {name: kind for kind, name in SEQUENCE_NAMES.items()} | {kind.value: kind for kind in SequenceKind}

_AMOUNT = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class AwardRow:
    """One reward in whole yuan."""

    party: Party
    amount: int
    reason: str


def parse_awards(file: str, rows: Sequence[RawRow], *, parties: Mapping[Party, str]) -> list[AwardRow]:
    """Return the rewards of a file; `parties` are all who have a figure in the year, with their names.

    A subject may be given by its name. Raises ImportRefused with every problem, by line: nobody of that name in the
    sequence, an amount that is no whole number of yuan, a repeated subject.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    lines: dict[Party, int] = {}
    found = [award for row in read if (award := _award(row, parties, lines))]
    refuse_if_any(file, problems)
    return found


def _award(row: Row, parties: Mapping[Party, str], lines: dict[Party, int]) -> AwardRow | None:
    sequence, subject, reason = row.needed("sequence"), row.needed("subject"), row.needed("reason")
    amount = row.needed("amount")
    if amount and not _AMOUNT.fullmatch(amount):
        row.refuse("amount", f"“{amount}”不是金额，请填写整数元")
    if sequence and sequence not in NAMES:
        row.refuse("sequence", f"未知的序列“{sequence}”{nearest(sequence, NAMES)}")
    party = _party(row, NAMES[sequence], subject, parties) if sequence in NAMES and subject else None
    if party is None:
        return None
    first = lines.setdefault(party, row.line)
    if first != row.line:
        row.refuse("subject", f"{subject}与第{first}行重复，请只保留一行")
    return AwardRow(party, int(amount), reason) if _AMOUNT.fullmatch(amount) else None


def _party(row: Row, kind: SequenceKind, subject: str, parties: Mapping[Party, str]) -> Party | None:
    if (kind, subject) in parties:
        return kind, subject
    named = [party for party, name in parties.items() if party[0] is kind and name == subject]
    if len(named) == 1:
        return named[0]
    known = [name for party, name in parties.items() if party[0] is kind]
    problem = (
        f"“{subject}”有{len(named)}个，请写编号"
        if named
        else f"该年没有{SEQUENCE_NAMES[kind]}“{subject}”的成绩{nearest(subject, known)}"
    )
    row.refuse("subject", problem)
    return None
