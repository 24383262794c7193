"""audit: the exit code says whether the ledger is whole, the text or JSON names the first broken entry."""

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.commands.audit import export, verify
from bot.tables_in import read_rows
from domain.assessment import load_assessments
from domain.casework.deducting import withdrawn
from domain.categories import Categories
from domain.effects import Effects, LedgerEvent
from domain.finding import VOID, as_scored
from domain.imports.findings import parse_findings
from domain.imports.roster import parse_roster
from domain.month import Month
from domain.rulebook import load_rules
from domain.scoring import Evidence, Settings, score_month
from store import Store
from tests.domain.scoring import oracle
from tests.domain.scoring.replay import Replay

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
CITY = Path(__file__).parents[3] / "bot" / "demo" / "city"
ROSTER_COLUMNS = "segment_id,road,township,grade,unit,l2_userid,l2_name"
FINDING_COLUMNS = "found_at,segment_id,category,points,inspector,note"


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


async def test_a_month_is_computed_anew_from_the_export_alone(tmp_path: Path) -> None:
    codes = {row.code: row.name for row in Categories.load(None).rows}
    rules = load_rules(codes)
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/luzhang.db", planner=lambda notice, view: [])
    segments = parse_roster("roster.csv", read_rows(CITY / "roster.csv"))
    await store.rosters.import_roster(segments, date(2026, 4, 1), NOW)
    handed_on = [replace(s, second_level="new", second_level_name="新任") if s.grade == "A" else s for s in segments]
    await store.rosters.import_roster(handed_on, date(2026, 6, 12), NOW)
    roster = await store.rosters.load()
    found = parse_findings(
        "findings.csv", read_rows(CITY / "findings.csv"), roster=roster, categories=codes, rules=rules
    )
    await store.findings.add(found, NOW)
    async with store.deciding(NOW) as view:  # taken back later: the last that is said of a finding counts
        for one in found[:3]:
            view.apply(withdrawn(one, VOID))
    await store.ledger.export(tmp_path / "ledger.jsonl")
    await store.close()
    counted = as_scored([replace(one, withdrawn=VOID) if n < 3 else one for n, one in enumerate(found)])
    scores = score_month(Month(2026, 6), Evidence(counted, roster), Settings(rules, load_assessments())).to_json()
    assert told(scores["sequences"]) == told(anew((tmp_path / "ledger.jsonl").read_text(encoding="utf-8"), "2026-06"))


def anew(export: str, month: str) -> list[dict[str, Any]]:
    """Return the lists of a month by the second computation, which knows nothing but the lines of the export."""
    rosters = []
    for entry in map(json.loads, export.splitlines()):
        if entry.get("kind") == "import_roster":
            facts, persons = entry["payload"]["facts"], entry["payload"]["persons"]
            rows = [[*row, persons[f"second_level {row[0]}"], ""] for row in facts["list"]]
            rosters.append((facts["since"] or "", table(ROSTER_COLUMNS, rows)))
    findings = [row.values() for row in Replay().read(export).file()]
    return oracle.figures(month, rosters, table(FINDING_COLUMNS, findings), {}, "sequence,subject\n")


def table(columns: str, rows: Iterable[Iterable[object]]) -> str:
    return "\n".join([columns, *(",".join(map(str, row)) for row in rows)])


def told(lists: Iterable[dict[str, Any]]) -> list[object]:
    """Return what both tell; who stands behind a commitment the export does not say."""
    return [(one["sequence"], one["group"], sorted(line(one["sequence"], row) for row in one["rows"])) for one in lists]


def line(sequence: str, row: dict[str, Any]) -> tuple[object, ...]:
    subject = "" if sequence == "second_level" else row["subject"]
    deductions = [tuple(d.values())[-3:] if isinstance(d, dict) else d for d in row["deductions"]]
    return subject, row["score"], row["rank"] or 0, row["flag"] or "", sorted(deductions)
