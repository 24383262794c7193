"""audit: the exit code says whether the ledger is whole, the text or JSON names the first broken entry."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.commands.audit import export, verify
from domain.effects import Effects, LedgerEvent
from store import Store

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A city whose ledger has three entries and a published head."""
    file = tmp_path / "config.toml"
    file.write_text('[city]\nname = "溪城市"\n', encoding="utf-8")

    async def fill() -> None:
        (tmp_path / "data").mkdir()
        url, heads = f"sqlite+aiosqlite:///{tmp_path}/data/luzhang.db", tmp_path / "heads" / "ledger-heads.txt"
        store = await Store.open(url, planner=lambda notice, view: [], heads=heads)
        async with store.deciding(NOW) as view:
            events = [LedgerEvent("case:2026-0001", "urge", {"n": n}, {"by": "p1"}, {"text": "坑"}) for n in range(3)]
            view.apply(Effects(events=events))
        await store.ledger.close_day(date(2026, 10, 5), NOW)
        await store.close()

    asyncio.run(fill())
    return file


def change(config: Path, statement: str) -> None:
    with closing(sqlite3.connect(config.parent / "data" / "luzhang.db")) as db, db:
        db.execute(statement)


def test_a_whole_ledger(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(config) == 0
    assert capsys.readouterr().out.startswith("✔ 台账完整，最近的日校验值：2026-10-05 ")


def test_a_changed_entry_is_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(config, "UPDATE ledger SET kind = 'pass' WHERE seq = 2")
    assert verify(config) == 1
    assert "台账 case:2026-0001 第2条：内容与校验值不符" in capsys.readouterr().out


def test_json_for_programs(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(config, as_json=True) == 0
    whole = json.loads(capsys.readouterr().out)
    assert (whole["ok"], whole["broken"], len(whole["head"])) == (True, None, 16)
    change(config, "DELETE FROM ledger WHERE seq = 3")
    assert verify(config, as_json=True) == 1
    broken = json.loads(capsys.readouterr().out)
    assert (broken["ok"], broken["broken"]["stream"]) == (False, "日校验值")


def test_a_file_that_is_broken_itself_is_a_problem_found(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for rest in ("-wal", "-shm"):
        (config.parent / "data" / f"luzhang.db{rest}").unlink(missing_ok=True)
    (config.parent / "data" / "luzhang.db").write_bytes(b"x" * 8192)
    assert verify(config) == 1
    assert "已损坏" in capsys.readouterr().out


def test_the_export_is_lines_of_json(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(config, tmp_path / "ledger.jsonl") == 0
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text("utf-8").splitlines()]
    assert [line["seq"] for line in lines[:3]] == [1, 2, 3]
    assert lines[3]["head"]["day"] == "2026-10-05"
    assert "已导出3条" in capsys.readouterr().out
