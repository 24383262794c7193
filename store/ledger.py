"""The ledger (台账) as rows: appended by the one writer, read back with persons and words where not erased."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import LedgerEvent
from domain.ledger import GENESIS, Entry, canonical, commitment, sealed
from store import bulk
from store.bulk import padded
from store.schema import ledger, ledger_person, ledger_word

SALT_BYTES = 16


def _ends_of_streams() -> Select[Any]:
    streams: BindParameter[list[str]] = bindparam("streams", expanding=True)
    last = select(ledger.c.stream, func.max(ledger.c.seq)).where(ledger.c.stream.in_(streams))
    place = tuple_(ledger.c.stream, ledger.c.seq)
    return select(ledger.c.stream, ledger.c.seq, ledger.c.hash).where(place.in_(last.group_by(ledger.c.stream)))


# built once, for the path of every message
_ENDS = _ends_of_streams()
_PERSONS = select(ledger_person.c.person, ledger_person.c.commitment).where(
    ledger_person.c.person.in_(bindparam("persons", expanding=True))
)
_NEW_ENTRY, _NEW_WORD, _NEW_PERSON = map(insert, (ledger, ledger_word, ledger_person))


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry as people may read it again: an erased person or word is left out."""

    seq: int
    at: datetime
    event: LedgerEvent


async def append(connection: AsyncConnection, events: Sequence[LedgerEvent], now: datetime) -> None:
    """Append events in order, each after the last entry of its stream; the statements don't grow with their number."""
    if not events:
        return
    ends = await _ends(connection, {event.stream for event in events})
    persons = await _person_commitments(connection, {p for event in events for p in event.persons.values() if p})
    entries: list[Entry] = []
    words: list[dict[str, Any]] = []
    for event in events:
        seq, prev = ends.get(event.stream, (0, GENESIS))
        said = [(name, value, secrets.token_hex(SALT_BYTES)) for name, value in event.words.items() if value]
        entry = sealed(event.stream, seq + 1, now, event.kind, _payload(event, persons, said), prev)
        ends[event.stream] = entry.seq, entry.hash
        entries.append(entry)
        words += [
            {"stream": entry.stream, "seq": entry.seq, "name": name, "value": value, "salt": salt}
            for name, value, salt in said
        ]
    await bulk.run(connection, _NEW_ENTRY, [_entry_row(entry) for entry in entries])
    if words:
        await bulk.run(connection, _NEW_WORD, words)


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("stream", "seq", "at", "kind", "payload", "prev", "hash")}


def _payload(event: LedgerEvent, persons: Mapping[str, str], said: Iterable[tuple[str, str, str]]) -> str:
    content: dict[str, Any] = {"facts": event.facts}
    if named := {role: persons[person] for role, person in event.persons.items() if person}:
        content["persons"] = named
    if promised := {name: commitment(salt, value) for name, value, salt in said}:
        content["words"] = promised
    return canonical(content)


async def _ends(connection: AsyncConnection, streams: set[str]) -> dict[str, tuple[int, str]]:
    rows = await connection.execute(_ENDS, {"streams": padded(streams)})
    return {row.stream: (row.seq, row.hash) for row in rows}


async def _person_commitments(connection: AsyncConnection, persons: set[str]) -> dict[str, str]:
    if not persons:
        return {}
    rows = await connection.execute(_PERSONS, {"persons": padded(persons)})
    known = {row.person: row.commitment for row in rows}
    fresh = []
    for person in sorted(persons - known.keys()):
        salt = secrets.token_hex(SALT_BYTES)
        known[person] = commitment(salt, person)
        fresh.append({"person": person, "salt": salt, "commitment": known[person]})
    if fresh:
        await bulk.run(connection, _NEW_PERSON, fresh)
    return known


async def recorded(connection: AsyncConnection, stream: str) -> list[Recorded]:
    """Return the entries of a stream, oldest first."""
    rows = (await connection.execute(select(ledger).where(ledger.c.stream == stream).order_by(ledger.c.seq))).all()
    contents = [json.loads(row.payload) for row in rows]
    marks = {mark for content in contents for mark in content.get("persons", {}).values()}
    persons = select(ledger_person.c.commitment, ledger_person.c.person).where(
        ledger_person.c.commitment.in_(list(marks))
    )
    names = {row.commitment: row.person for row in await connection.execute(persons)} if marks else {}
    said: dict[int, dict[str, str]] = {}
    for row in await connection.execute(select(ledger_word).where(ledger_word.c.stream == stream)):
        said.setdefault(row.seq, {})[row.name] = row.value
    return [
        Recorded(row.seq, row.at, _event(stream, row.kind, content, names, said.get(row.seq, {})))
        for row, content in zip(rows, contents, strict=True)
    ]


def _event(
    stream: str, kind: str, content: Mapping[str, Any], names: Mapping[str, str], words: Mapping[str, str]
) -> LedgerEvent:
    persons = {role: names[mark] for role, mark in content.get("persons", {}).items() if mark in names}
    return LedgerEvent(stream, kind, content["facts"], persons, words)
