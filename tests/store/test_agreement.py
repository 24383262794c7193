"""Rows that figures are made of, changed past the program: the ledger's check names them."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.appeal import Appeal
from domain.case import id_of
from domain.effects import Effects, PeriodState
from domain.finding import CORRECTION, Finding
from domain.roster import Dated, Person, Post, Role
from store import Store
from store.erasure import erase
from tests.store.samples import NOW, plan, save, segment

FIGURES = "figures:2026-10:1"


def found(key: str, points: str = "1", **changes: object) -> Finding:
    return Finding(key, NOW, "XZ001", "luan.stall", Decimal(points), "sun", **changes)  # type: ignore[arg-type]


async def fill(store: Store) -> None:
    """A roster, imported findings and one of a case, a published month with its votes, groups, appeal and proposals."""
    await store.rosters.import_roster([segment(), segment("XZ002")], date(2026, 10, 1), NOW)
    posts = [Dated(Post("o1", Role.OFFICE, "", ""), None, None)]
    await store.rosters.import_people([Person("o1", "吴静"), Person("o2", "冯涛")], posts, date(2026, 10, 1), NOW)
    await store.findings.add([found(f"k{n}", str(n)) for n in range(1, 4)], NOW)
    settings = {
        FIGURES: {"period": "2026-10", "sequences": [{"rows": [{"score": "96.40", "name": "梁占军"}]}]},
        "groups:2026Q4": [{"name": "甲组", "fund": "A"}],
        "ratings:2026-10": {"salt": "x", "votes": {"m": ["unit", "团市委", "90"]}},
        "proposals:2026-10": [{"number": "2026-10-1"}],
        "standing_approval": ["o1", "o2"],
        "somebody_else_s": 1,
    }
    appeal = Appeal(id_of(2026, 7), "k1", "2026-10", "s1", "已批准", Decimal(1), NOW, NOW + timedelta(days=3))
    period = PeriodState("2026-10", {"stage": "published", "version": 1, "signed_by": ["吴静", "冯涛"]})
    await save(
        store,
        Effects(findings=[found("case", case=id_of(2026, 1))], settings=settings, appeals=[appeal], periods=[period]),
    )
    await save(
        store, Effects(findings=[found("case", "0.5", case=id_of(2026, 1)), found("k3", "3", withdrawn=CORRECTION)])
    )


async def test_what_the_program_wrote_agrees_with_the_ledger(store: Store) -> None:
    assert await store.ledger.verify() is None
    await fill(store)
    assert await store.ledger.verify() is None


CHANGED, GONE, ADDED = "与台账不符，数据表被改动", "已从数据表中删除", "不在台账中，是另外加进数据表的"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE setting SET value = replace(value, '96.40', '99.40')", f"2026-10:1的成绩{CHANGED}"),
        ("DELETE FROM setting WHERE name LIKE 'figures:%'", f"2026-10:1的成绩{GONE}"),
        ("INSERT INTO setting SELECT 'figures:2026-09:1', value FROM setting WHERE name LIKE 'figures:%'", ADDED),
        ("UPDATE setting SET value = replace(value, '\"A\"', '\"B\"')", f"2026Q4的考评组{CHANGED}"),
        ("UPDATE setting SET value = replace(value, '90', '100') WHERE name LIKE 'ratings:%'", f"2026-10的评分{CHANGED}"),
        ("DELETE FROM setting WHERE name LIKE 'proposals:%'", f"2026-10的问责和经费建议{GONE}"),
        ("DELETE FROM setting WHERE name = 'standing_approval'", f"自动通报的授权{GONE}"),
        ("UPDATE period SET facts = replace(facts, 'published', 'open')", f"2026-10的考评进度{CHANGED}"),
        ("UPDATE period SET facts = replace(facts, '吴静', '张三')", f"2026-10的考评进度{CHANGED}"),
        ("UPDATE period SET period = '2026-09'", "2026-09的考评进度"),
        ("UPDATE appeal SET state = 'accepted'", CHANGED),
        ("DELETE FROM appeal", GONE),
        ("UPDATE finding SET points = 1 WHERE key = 'k2'", f"督查问题k2{CHANGED}"),
        ("UPDATE finding SET segment = 'XZ002' WHERE key = 'k1'", f"督查问题k1{CHANGED}"),
        ("UPDATE finding SET found_at = found_at - 3000000000000 WHERE key = 'k1'", f"督查问题k1{CHANGED}"),
        ("UPDATE finding SET category = '' WHERE key = 'case'", f"督查问题case{CHANGED}"),
        ("UPDATE finding SET by_book = 1 WHERE key = 'k1'", f"督查问题k1{CHANGED}"),
        ("DELETE FROM finding WHERE key = 'k2'", f"督查问题k2{GONE}"),
        (
            "INSERT INTO finding SELECT 'more', found_at, segment, category, points, inspector, note, by_book"
            " FROM finding WHERE key = 'k1'",
            "数据表比台账多出1条督查问题",
        ),
        ("UPDATE finding_standing SET withdrawn = '' WHERE key = 'k3'", f"督查问题k3{CHANGED}"),
        ("UPDATE finding_standing SET withdrawn = 'void' WHERE key = 'k1'", f"督查问题k1{CHANGED}"),
        ("UPDATE finding SET points = 100 WHERE key = 'case'", f"督查问题case{CHANGED}"),  # as it first stood
        ("UPDATE roster_segment SET \"row\" = replace(\"row\", 's1', 's2') WHERE id = 1", f"花名册{CHANGED}"),
        ("UPDATE roster_segment SET until = '2026-10-15' WHERE id = 1", f"花名册{CHANGED}"),
        ("DELETE FROM roster_segment", f"花名册{GONE}"),
        ("UPDATE roster_person SET name = '李四' WHERE id = 'o1'", f"花名册{CHANGED}"),
        ("INSERT INTO roster_post (person, role, scope, unit) VALUES ('x', 'office', '', '')", f"花名册{CHANGED}"),
        ("DELETE FROM ledger_word WHERE stream = 'records'", CHANGED),
        ("UPDATE ledger_word SET value = 'x' WHERE stream = 'records'", "原文与承诺值不符"),
    ],
)  # fmt: skip
async def test_a_row_changed_past_the_program_is_named(
    on_sqlite: Store, tmp_path: Path, statement: str, said: str
) -> None:
    await fill(on_sqlite)
    with closing(sqlite3.connect(on_sqlite.database.file)) as db, db:
        assert db.execute(statement).rowcount
    flaw = await on_sqlite.ledger.verify()
    assert flaw is not None
    assert said in str(flaw)


async def test_erasing_a_person_is_no_tampering(store: Store) -> None:
    await fill(store)
    await erase(store.database, Person("s1", "梁占军"), [Person("o1", "吴静")], NOW)
    assert await store.ledger.verify() is None


async def test_what_an_older_version_stored_is_taken_as_it_stands(on_sqlite: Store, sqlite_url: str) -> None:
    await fill(on_sqlite)
    with closing(sqlite3.connect(on_sqlite.database.file)) as db, db:
        for table in ("ledger", "ledger_word"):
            db.execute(f"DELETE FROM {table} WHERE stream IN ('records', 'findings', 'inspection')")
    again = await Store.open(sqlite_url, planner=plan)
    try:
        assert await again.ledger.verify() is None
        await again.findings.add([found("new")], NOW)
        assert await again.ledger.verify() is None
        with closing(sqlite3.connect(on_sqlite.database.file)) as db, db:
            db.execute("UPDATE period SET period = '2026-11'")
        assert "2026-10的考评进度已从数据表中删除" in str(await again.ledger.verify())
    finally:
        await again.close()
