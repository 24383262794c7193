import json
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.effects import Effects, LedgerEvent
from domain.ledger import Flaw, sealed
from store import Store
from store.audit import find_flaw, read_heads
from store.columns import from_micros
from store.sqlite_driver import OneHopConnection
from tests.store.samples import NOW, plan, save

DAY = timedelta(days=1)
MONDAY = date(2026, 10, 5)


def event(stream: str, number: int, **words: str) -> LedgerEvent:
    return LedgerEvent(stream, "urge", {"n": number}, {"by": f"p{number % 3}"}, words)


async def fill(store: Store) -> None:
    """Three days, closed, and an open one: six streams of up to eight entries."""
    for day in range(4):
        now = NOW + day * DAY
        events = [event(f"case:2026-{n:04d}", day, text=f"第{day}天") for n in range(1, 4 + day % 3)]
        await save(store, Effects(events=events), Effects(events=events), now=now)
        if day < 3:
            await store.ledger.close_day(MONDAY + day * DAY, now)


async def test_streams_grow_without_gaps_within_and_between_batches(store: Store) -> None:
    await save(store, Effects(events=[event("case:1", n) for n in range(3)] + [event("case:2", 0)]))
    await save(store, Effects(events=[event("case:1", 3)]), now=NOW + DAY)
    assert [(e.seq, e.event.facts["n"]) for e in await store.ledger.events("case:1")] == [
        (1, 0),
        (2, 1),
        (3, 2),
        (4, 3),
    ]
    assert await store.ledger.verify() is None


async def test_a_head_covers_what_came_after_the_one_before(store: Store, tmp_path: Path) -> None:
    heads = tmp_path / "outside" / "heads.txt"
    await save(store, Effects(events=[event("case:1", 1)]))
    first = await store.ledger.close_day(MONDAY, NOW)
    await save(store, Effects(events=[event("case:1", 2), event("case:2", 1)]))
    assert await store.ledger.close_day(MONDAY, NOW) == first  # idempotent, late entries belong to the next day
    empty = await store.ledger.close_day(MONDAY + DAY, NOW + DAY)
    assert (first.streams, empty.streams) == (1, 2)
    assert empty == await store.ledger.latest_head()
    assert heads.read_text("utf-8").splitlines() == [
        f"2026-10-05 1 {first.hash}",
        f"2026-10-06 2 {empty.hash}",
    ]
    assert await store.ledger.verify() is None


async def test_days_are_closed_in_order_and_not_before_they_begin(on_sqlite: Store) -> None:
    await on_sqlite.ledger.close_day(MONDAY, NOW)
    with pytest.raises(ValueError, match="order"):
        await on_sqlite.ledger.close_day(MONDAY - DAY, NOW)
    with pytest.raises(ValueError, match="begun"):
        await on_sqlite.ledger.close_day(MONDAY + DAY, NOW)


async def test_a_head_that_a_killed_process_did_not_publish_comes_with_the_next(
    on_sqlite: Store, tmp_path: Path
) -> None:
    heads = tmp_path / "outside" / "heads.txt"
    await fill(on_sqlite)
    whole = heads.read_text("utf-8")
    heads.write_text("".join(whole.splitlines(keepends=True)[:-1]), "utf-8")
    assert await on_sqlite.ledger.verify() == Flaw("日校验值", 3, "2026-10-07的校验值不在公布文件中")
    await on_sqlite.ledger.close_day(MONDAY + 2 * DAY, NOW + 2 * DAY)
    assert heads.read_text("utf-8") == whole


async def test_no_person_and_no_word_stands_in_the_chain(on_sqlite: Store, tmp_path: Path) -> None:
    spoken = LedgerEvent("case:1", "urge", {}, {"by": "wang-xiaoming"}, {"text": "人民路坑洼"})
    await save(on_sqlite, Effects(events=[spoken]))
    target = tmp_path / "ledger.jsonl"
    assert await on_sqlite.ledger.export(target) == 1
    text = target.read_text("utf-8")
    assert "wang-xiaoming" not in text
    assert "坑洼" not in text
    assert json.loads(text.splitlines()[0])["payload"]["facts"] == {}


# Where the check must find a change: an entry, or (日校验值, n) for the head of the n-th day.
Places = set[tuple[str, int]]
Mutation = Callable[[sqlite3.Connection, random.Random], Places]
HEADS = "日校验值"
EDITS = int(os.environ.get("LEDGER_EDITS", "500"))


def _row(db: sqlite3.Connection, dice: random.Random, where: str = "1") -> tuple[int, str, int]:
    rows = db.execute(f"SELECT id, stream, seq FROM ledger WHERE {where} ORDER BY id").fetchall()
    found: tuple[int, str, int] = dice.choice(rows)
    return found


def _days(db: sqlite3.Connection) -> list[tuple[str, int]]:
    return db.execute("SELECT day, last_id FROM ledger_head ORDER BY day").fetchall()


def _day_of(db: sqlite3.Connection, row_id: int) -> Places:
    """The head that covers an entry, none for one of the open day."""
    return {
        (HEADS, n) for n, (_day, last) in enumerate(_days(db), 1) if row_id <= last and not _is_before(db, n, row_id)
    }


def _is_before(db: sqlite3.Connection, number: int, row_id: int) -> bool:
    return number > 1 and row_id <= _days(db)[number - 2][1]


def _flip(text: str, dice: random.Random) -> str:
    place = dice.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ (1 << dice.randrange(6))) + text[place + 1 :]


def edit_text(db: sqlite3.Connection, dice: random.Random) -> Places:
    column = dice.choice(["kind", "payload", "prev", "hash"])
    row_id, stream, seq = _row(db, dice)
    (old,) = db.execute(f"SELECT {column} FROM ledger WHERE id = ?", (row_id,)).fetchone()
    db.execute(f"UPDATE ledger SET {column} = ? WHERE id = ?", (_flip(old, dice), row_id))
    return {(stream, seq)}


def move_to_another_stream(db: sqlite3.Connection, dice: random.Random) -> Places:
    row_id, stream, _seq = _row(db, dice)
    db.execute("UPDATE ledger SET stream = ? WHERE id = ?", (f"{stream}x", row_id))
    return {(f"{stream}x", 1)}


def edit_number(db: sqlite3.Connection, dice: random.Random) -> Places:
    change = dice.choice(["at = at + 1", "seq = seq + 100", "at = 'never'", "payload = x'00ff'", "at = -at"])
    row_id, stream, seq = _row(db, dice)
    db.execute(f"UPDATE ledger SET {change} WHERE id = ?", (row_id,))
    return {(stream, seq)}


def delete_inner(db: sqlite3.Connection, dice: random.Random) -> Places:
    row_id, stream, seq = _row(db, dice, "seq < (SELECT max(seq) FROM ledger AS l WHERE l.stream = ledger.stream)")
    db.execute("DELETE FROM ledger WHERE id = ?", (row_id,))
    return {(stream, seq), *_day_of(db, row_id)}


def cut_stream(db: sqlite3.Connection, dice: random.Random) -> Places:
    """Cut off the end of a stream that a head has covered, or the whole stream."""
    row_id, stream, seq = _row(db, dice, "id <= (SELECT max(last_id) FROM ledger_head)")
    db.execute("DELETE FROM ledger WHERE stream = ? AND seq >= ?", (stream, seq))
    return _day_of(db, row_id)


def truncate(db: sqlite3.Connection, dice: random.Random) -> Places:
    """Forget the last day or days in full, their heads included."""
    rows = _days(db)
    day, _last = rows[keep := dice.randrange(len(rows))]
    db.execute("DELETE FROM ledger_head WHERE day >= ?", (day,))
    db.execute("DELETE FROM ledger WHERE id > ?", (rows[keep - 1][1] if keep else 0,))
    return {(HEADS, keep + 1)}


def insert_entry(db: sqlite3.Connection, dice: random.Random) -> Places:
    """Add an entry that continues its stream's chain properly, into a day that is closed."""
    _id, stream, _seq = _row(db, dice)
    (end,) = db.execute("SELECT max(seq) FROM ledger WHERE stream = ?", (stream,)).fetchone()
    at, kind, payload, prev = db.execute(
        "SELECT at, kind, payload, hash FROM ledger WHERE stream = ? AND seq = ?", (stream, end)
    ).fetchone()
    new = sealed(stream, end + 1, from_micros(at), kind, payload, prev)
    (before,) = db.execute("SELECT count(*) FROM ledger WHERE stream = ? AND id < 7", (stream,)).fetchone()
    db.execute("UPDATE ledger SET id = id + 1000 WHERE id > 6")
    db.execute("UPDATE ledger SET id = id - 999 WHERE id > 1000")
    values = (new.stream, new.seq, at, new.kind, new.payload, new.prev, new.hash)
    db.execute("INSERT INTO ledger VALUES (7, ?, ?, ?, ?, ?, ?, ?)", values)
    return {(stream, before + 1), (HEADS, 1)}


def swap(db: sqlite3.Connection, dice: random.Random) -> Places:
    """Exchange what two entries say."""
    one, other = sorted(dice.sample(db.execute("SELECT id, stream, seq FROM ledger").fetchall(), 2))
    names = "at, kind, payload, prev, hash"
    values = {n: db.execute(f"SELECT {names} FROM ledger WHERE id = ?", (n[0],)).fetchone() for n in (one, other)}
    for target, source in ((one, other), (other, one)):
        db.execute(f"UPDATE ledger SET ({names}) = (?, ?, ?, ?, ?) WHERE id = ?", (*values[source], target[0]))
    return {(one[1], one[2])}


def forge_head(db: sqlite3.Connection, dice: random.Random) -> Places:
    change = dice.choice(["hash = 'f' || substr(hash, 2) || 'x'", "streams = streams + 1", "last_id = last_id - 1"])
    number = dice.randrange(len(_days(db)))
    db.execute(f"UPDATE ledger_head SET {change} WHERE day = ?", (_days(db)[number][0],))
    return {(HEADS, number + 1)}


def drop_head(db: sqlite3.Connection, dice: random.Random) -> Places:
    number = dice.randrange(len(_days(db)))
    db.execute("DELETE FROM ledger_head WHERE day = ?", (_days(db)[number][0],))
    return {(HEADS, number + 1)}


def rewrite_words(db: sqlite3.Connection, dice: random.Random) -> Places:
    stream, seq = dice.choice(db.execute("SELECT stream, seq FROM ledger_word ORDER BY stream, seq").fetchall())
    change = dice.choice(["value = value || '。'", "salt = substr(salt, 2)", "name = name || 'x'"])
    db.execute(f"UPDATE ledger_word SET {change} WHERE stream = ? AND seq = ?", (stream, seq))
    return {(stream, seq)}


def change_person(db: sqlite3.Connection, dice: random.Random) -> Places:
    person = dice.choice(["p0", "p1", "p2"])
    db.execute("UPDATE ledger_person SET person = 'another' WHERE person = ?", (person,))
    return {("人员another", 0)}


MUTATIONS = [
    edit_text, move_to_another_stream, edit_number, delete_inner, cut_stream, truncate, insert_entry, swap, forge_head,
    drop_head, rewrite_words, change_person,
]  # fmt: skip


@pytest.mark.parametrize("mutation", [pytest.param(one, id=one.__name__) for one in MUTATIONS])
async def test_tampering_shows_where_it_was_done(on_sqlite: Store, tmp_path: Path, mutation: Mutation) -> None:
    """Half a thousand changes in all; LEDGER_EDITS=10000 makes it ten thousand."""
    await fill(on_sqlite)
    assert await on_sqlite.ledger.verify() is None
    published = read_heads((tmp_path / "outside" / "heads.txt").read_text("utf-8"))
    assert isinstance(published, list)
    missed = []
    async with on_sqlite.database.writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, OneHopConnection)
        for seed in range(-(-EDITS // len(MUTATIONS))):
            transaction = await connection.begin()
            places: Places = await driver.run(mutation, driver.raw, random.Random(seed))
            flaw = await find_flaw(connection, published)
            if flaw is None or (flaw.stream, flaw.seq) not in places:
                missed.append((seed, flaw, places))
            await transaction.rollback()
    assert missed == []


async def test_the_first_bad_entry_is_named(on_sqlite: Store) -> None:
    await fill(on_sqlite)
    with closing(sqlite3.connect(on_sqlite.database.file)) as db, db:
        db.execute("UPDATE ledger SET payload = replace(payload, '1', '2') WHERE stream = 'case:2026-0002' AND seq = 3")
        db.execute("DELETE FROM ledger WHERE stream = 'case:2026-0001' AND seq = 6")
    flaw = await on_sqlite.ledger.verify()
    assert flaw is not None
    assert (flaw.stream, flaw.seq) == ("case:2026-0002", 3)


async def test_a_rewritten_history_differs_from_the_published_heads(on_sqlite: Store, tmp_path: Path) -> None:
    """A ledger that is valid in itself, with another past: only the file outside tells."""
    await fill(on_sqlite)
    assert await on_sqlite.ledger.verify() is None
    other = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/other.db", planner=plan)
    await fill(other)
    assert await other.ledger.verify() is None
    flaw = await other.ledger.verify(tmp_path / "outside" / "heads.txt")
    assert flaw is not None
    assert flaw.stream == "日校验值"
    await other.close()


async def test_a_spoiled_line_of_the_heads_file_is_named(on_sqlite: Store, tmp_path: Path) -> None:
    await fill(on_sqlite)
    heads = tmp_path / "outside" / "heads.txt"
    heads.write_text(heads.read_text("utf-8").replace(" ", "-", 1), "utf-8")
    flaw = await on_sqlite.ledger.verify()
    assert flaw == Flaw("日校验值", 1, "公布文件的这一行无法识别")
