import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from domain.effects import Effects, LedgerEvent
from store import Damaged, Store, health
from tests.store.samples import case, effects_of, plan, save


async def filled(url: str) -> Path:
    store = await Store.open(url, planner=plan)
    for number in range(60):
        words = {"text": "路面坑洼积水" * 40}
        await save(store, effects_of(case(number + 1)), Effects(events=[LedgerEvent("rules", "k", {}, {}, words)]))
    await store.close()
    return store.database.file


@pytest.mark.parametrize("seed", range(6))
async def test_a_page_of_zeros_is_found_before_anything_else(sqlite_url: str, seed: int) -> None:
    file = await filled(sqlite_url)
    content = bytearray(file.read_bytes())
    page = random.Random(seed).randrange(1, len(content) // 4096)
    content[page * 4096 : (page + 1) * 4096] = bytes(4096)
    file.write_bytes(content)
    with pytest.raises(Damaged, match="restore"):
        await Store.open(sqlite_url, planner=plan)


async def test_what_is_no_database_is_refused(sqlite_url: str) -> None:
    file = await filled(sqlite_url)
    file.write_bytes(b"dear diary" * 1000)
    with pytest.raises(Damaged, match="file is not a database"):
        await Store.open(sqlite_url, planner=plan)


async def test_a_flipped_bit_in_a_text_is_seen_by_the_ledger(sqlite_url: str) -> None:
    file = await filled(sqlite_url)
    content = file.read_bytes()
    file.write_bytes(content.replace("积水".encode(), "积冰".encode(), 1))
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store = await Store.open(sqlite_url, planner=plan)
    assert await store.ledger.verify() is not None
    await store.close()


async def test_a_large_file_is_checked_beside_the_work(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = await filled(sqlite_url)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("PRAGMA writable_schema = ON")
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_cases_reporter'").fetchone()
    content = bytearray(file.read_bytes())
    content[(root - 1) * 4096 + 3 : (root - 1) * 4096 + 5] = b"\x00\x00"  # the index has lost its rows
    file.write_bytes(content)
    monkeypatch.setattr(health, "SMALL", 0)
    store = await Store.open(sqlite_url, planner=plan)
    await store.checked()
    assert "restore" in store.damage
    await store.close()


async def test_a_sound_large_file_is_found_sound(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SMALL", 0)
    store = await Store.open(sqlite_url, planner=plan)
    await store.checked()
    assert store.damage == ""
    await store.close()
