"""The patrols file: what liaison officers record for chiefs, patrols and meetings alike (S23–S29, S39)."""

from collections.abc import Sequence
from datetime import date

from domain.imports.rows import Columns, RawRow, Row, open_rows, read_date, read_person, refuse_if_any
from domain.patrols import Patrol, PatrolKind, Quotas, is_recordable, owed
from domain.roster import Roster
from domain.texts import patrols as texts
from domain.texts.wording import calendar_day
from domain.versions import Versions

COLUMNS = Columns(required=("person", "kind", "date"), optional=("place", "note"))
NAMES = {texts.KIND_NAMES[kind]: kind for kind in PatrolKind} | {kind.value: kind for kind in PatrolKind}


def parse_patrols(
    file: str, rows: Sequence[RawRow], *, roster: Roster, quotas: Versions[Quotas], today: date
) -> list[Patrol]:
    """Return the records of a file, each once.

    Raises ImportRefused with every problem, by line: nobody of that id or name, an unknown kind, no day, a day to come
    or long past, a person whose posts on that day owe nothing of the kind, one record with two different notes.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    found: dict[tuple[str, PatrolKind, date, str], tuple[Patrol, int]] = {}
    for row in read:
        record = _record(row, roster, quotas, today)
        if record is None:
            continue
        first, line = found.setdefault(record.key, (record, row.line))
        if first != record:
            row.refuse("note", f"与第{line}行是同一次记录，说明不同，请只保留一行")
    refuse_if_any(file, problems)
    return [record for record, _line in found.values()]


def _record(row: Row, roster: Roster, quotas: Versions[Quotas], today: date) -> Patrol | None:
    person, kind, day = read_person(row, "person", roster), _kind(row), _day(row, today)
    if not person or kind is None or day is None:
        return None
    if not owed(quotas, roster, person, kind, day):
        posts = texts.posts(quotas.on(day.replace(day=1)).roles(kind))
        row.refuse("person", f"{row.text('person')}在{calendar_day(day)}不是{posts}，不登记{texts.KIND_NAMES[kind]}")
        return None
    return Patrol(person, kind, day, row.text("place"), row.text("note"))


def _kind(row: Row) -> PatrolKind | None:
    text = row.needed("kind")
    if text and text not in NAMES:
        row.refuse("kind", f"未知的事项“{text}”，可用：{'、'.join(texts.KIND_NAMES.values())}")
    return NAMES.get(text)


def _day(row: Row, today: date) -> date | None:
    day = read_date(row, "date") if row.needed("date") else None
    if day is not None and not is_recordable(day, today):
        row.refuse("date", texts.not_recordable(day, today))
        return None
    return day
