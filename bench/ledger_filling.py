"""A database whose ledger has many entries, chained and headed as the service would have written them."""

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from domain.ledger import GENESIS, canonical, commitment, head, sealed
from store.columns import to_micros

STEPS = ("report", "acknowledge", "resolve", "pass")  # of a case, a day apart
CASES_A_DAY = 250
PERSONS = 2_000

_BEGIN = datetime(2020, 1, 1, 1, tzinfo=UTC)
_INSERT = "INSERT INTO ledger (stream, seq, at, kind, payload, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"


def fill_ledger(database: Path, entries: int) -> list[str]:
    """Add so many entries, a thousand a day, with persons, words of every report and a head for each day.

    Returns the lines of the heads file.
    """
    salts = [secrets.token_hex(16) for _ in range(PERSONS)]
    marks = [commitment(salt, f"wecom:r{number}") for number, salt in enumerate(salts)]
    lines: list[str] = []
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        persons = [(f"wecom:r{number}", salt, marks[number]) for number, salt in enumerate(salts)]
        connection.executemany("INSERT INTO ledger_person VALUES (?, ?, ?)", persons)
        last, previous, streams = 0, GENESIS, 0
        for day, listed in _days(entries, marks, connection):
            connection.executemany(_INSERT, listed)
            last += len(listed)
            streams += sum(row[1] == 1 for row in listed)
            closed = head(previous, day, ((row[0], row[1], row[6]) for row in listed), streams)
            connection.execute(
                "INSERT INTO ledger_head VALUES (?, ?, ?, ?)", (day.isoformat(), streams, closed.hash, last)
            )
            lines.append(f"{day.isoformat()} {streams} {closed.hash}")
            previous = closed.hash
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return lines


Stored = tuple[str, int, int, str, str, str, str]


def _days(entries: int, marks: list[str], connection: sqlite3.Connection) -> Iterator[tuple[date, list[Stored]]]:
    ends: dict[int, str] = {}
    given, first, day = 0, 0, 0
    while given < entries:
        at = _BEGIN + timedelta(days=day)
        listed: list[Stored] = []
        words: list[tuple[str, int, str, str, str]] = []
        for step, kind in enumerate(STEPS):
            begin = first - step * CASES_A_DAY
            for number in range(max(0, begin), max(0, begin + CASES_A_DAY)):
                stream = f"case:{2020 + number // 100_000}-{number % 100_000:05d}"
                facts = {"state": kind, "segment": f"XC{number % 999:03d}", "category": "zang.litter"}
                content: dict[str, object] = {"facts": facts, "persons": {"by": marks[number % PERSONS]}}
                if not step:
                    salt, text = secrets.token_hex(16), f"第{number}号门前垃圾没有人清理，请派人处理一下"
                    content["words"] = {"text": commitment(salt, text)}
                    words.append((stream, 1, "text", text, salt))
                entry = sealed(stream, step + 1, at, kind, canonical(content), ends.get(number, GENESIS))
                ends[number] = entry.hash
                listed.append((stream, entry.seq, to_micros(at), kind, entry.payload, entry.prev, entry.hash))
        connection.executemany("INSERT INTO ledger_word VALUES (?, ?, ?, ?, ?)", words)
        listed = listed[: entries - given]
        given, first, day = given + len(listed), first + CASES_A_DAY, day + 1
        yield at.date(), listed
