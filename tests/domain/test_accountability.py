"""Black flags in a row and in a year: every boundary of the settled readings, with its reason (S81a–S83a)."""

from pathlib import Path

import pytest

from domain import tables
from domain.accountability import EntryKind, count_flags, load_accountability
from domain.errors import TableError
from domain.funding import load_funding
from domain.month import Month, Quarter
from domain.printed import PrintedMonth
from tests.domain.quarter.build import BLACK, CHIEF, RULES, TOWN, UNIT, group, month, quarter, row

TABLES = Path(tables.__file__).parent


def year(marks: str, start: str = "2026-01") -> list[PrintedMonth]:
    """Months from `start`: B a black flag, . ranked without, - not ranked."""
    found, at = [], Month.parse(start)
    for mark in marks:
        rows = [row("other", "99.00")]
        if mark != "-":
            rows.append(row("a", "80.00", BLACK if mark == "B" else None))
        found.append(month(str(at), *rows))
        at = at.next()
    return found


def count(marks: str, start: str = "2026-01") -> tuple[int, int, list[str]]:
    found = count_flags(year(marks, start), RULES.accountability)[UNIT, "a"]
    return found.streak, found.year_total, [f"{e.month} {e.kind.value}" for e in found.entries]


@pytest.mark.parametrize(
    ("marks", "start", "streak", "total", "entries"),
    [
        pytest.param("BB", "2026-01", 2, 2, [], id="S81 two in a row"),
        pytest.param("BBB", "2026-01", 3, 3, ["2026-03 streak"], id="S81 three in a row"),
        pytest.param(
            "BBBB",
            "2026-01",
            4,
            4,
            ["2026-03 streak", "2026-04 total"],
            id="S82a once per streak; the 4th of the year counts too",
        ),
        pytest.param(
            "BBBBBB", "2026-01", 6, 6, ["2026-03 streak", "2026-04 total"], id="S82a six in a row are one streak entry"
        ),
        pytest.param("BB-B", "2026-01", 3, 3, ["2026-04 streak"], id="S81a a month not ranked does not break"),
        pytest.param("BB.B", "2026-01", 1, 3, [], id="S81a a ranked month without flag breaks"),
        pytest.param("B.B.B.B", "2026-01", 1, 4, ["2026-07 total"], id="S81 four in total"),
        pytest.param(
            "B.BBB", "2026-01", 3, 4, ["2026-05 streak", "2026-05 total"], id="S82a both in one month are two entries"
        ),
        pytest.param(
            "BBB.BBB",
            "2026-01",
            3,
            6,
            ["2026-03 streak", "2026-05 total", "2026-07 streak"],
            id="S82a a new streak gives a new entry",
        ),
        pytest.param(
            "BBBBBBBBBBBB",
            "2026-01",
            12,
            12,
            ["2026-03 streak", "2026-04 total", "2026-08 total", "2026-12 total"],
            id="S82a the 4th, 8th and 12th",
        ),
        pytest.param("BBB", "2025-11", 3, 1, ["2026-01 streak"], id="S81a a streak over New Year"),
        pytest.param("BBBB", "2025-11", 4, 2, ["2026-01 streak"], id="S81a the total starts anew each year"),
        pytest.param("BBB.", "2025-12", 0, 2, ["2026-02 streak"], id="S81a the streak ends, the total stays"),
    ],
)
def test_counts(marks: str, start: str, streak: int, total: int, entries: list[str]) -> None:
    assert count(marks, start) == (streak, total, entries)


@pytest.mark.parametrize(
    ("marks", "near"),
    [
        pytest.param("B", False, id="one"),
        pytest.param("BB", True, id="S89 one before a streak"),
        pytest.param("B.B.B", True, id="S89 one before the total"),
        pytest.param("B.B", False, id="two of the year, not in a row"),
        pytest.param("B.B.B.B", False, id="the total is reached"),
        pytest.param("BBBBBBB", True, id="S89 one before the 8th"),
    ],
)
def test_one_flag_before_a_trigger(marks: str, near: bool) -> None:
    rule = RULES.accountability.all[0]
    assert count_flags(year(marks), RULES.accountability)[UNIT, "a"].is_near(rule) is near


def test_totals_are_those_of_the_year_asked_for() -> None:
    found = count_flags(year("BB", "2026-11"), RULES.accountability, 2027)[UNIT, "a"]
    assert (found.streak, found.year_total) == (2, 0)


def test_counts_run_per_sequence() -> None:
    history = [month(f"2026-0{n}", row("a", "1.00", BLACK, kind=TOWN), row("a", "9.00")) for n in (1, 2, 3)]
    history[2] = month("2026-03", row("a", "1.00", BLACK, kind=TOWN), row("a", "9.00", BLACK))
    flags = {c.sequence: (c.streak, c.year_total) for c in quarter("2026Q1", history).flags}
    assert flags == {TOWN: (3, 3), UNIT: (1, 1)}


@pytest.mark.parametrize(
    ("marks", "streak", "total", "entry"),
    [
        pytest.param(".." + "B" * 4, 4, 4, "total", id="both in one quarter: the later"),
        pytest.param("B..BB.B..", 0, 4, "total", id="an entry within the quarter stays although the streak is over"),
        pytest.param("..B", 1, 1, None, id="no entry"),
        pytest.param("...B.B.BB", 2, 4, "total", id="the 4th in September"),
        pytest.param("...B..BBB", 3, 4, "streak", id="two in one month: the streak is named"),
        pytest.param("BBB......", 0, 3, None, id="an entry of an earlier quarter is not this one's"),
    ],
)
def test_the_quarter_names_its_entry(marks: str, streak: int, total: int, entry: str | None) -> None:
    scores = quarter(str(Quarter.of(Month(2026, len(marks)))), year(marks), group("a"))
    (found,) = scores.to_json()["black_flags"]
    assert (found["streak"], found["year_total"], found["entry"]) == (streak, total, entry)


def test_second_level_chiefs_are_counted_too_and_nobody_without_flags() -> None:
    history = [
        month(f"2026-0{n}", row("p", "1.00", BLACK, kind=CHIEF), row("q", "9.00", kind=CHIEF)) for n in (1, 2, 3)
    ]
    (found,) = quarter("2026Q1", history).to_json()["black_flags"]
    assert (found["sequence"], found["subject"], found["entry"]) == ("second_level", "p", "streak")


def test_flags_over_new_year_at_the_quarters_end() -> None:
    (found,) = quarter("2026Q1", year("BBB..", "2025-11"), group("a")).to_json()["black_flags"]
    assert (found["streak"], found["year_total"]) == (0, 1)
    assert found["entries"] == [{"month": "2026-01", "entry": "streak"}]


def test_the_latest_entry_prefers_the_streak() -> None:
    (mine,) = quarter("2026Q3", year("...B..BBB")).flags
    latest = mine.latest_in(Quarter.parse("2026Q3").months)
    assert latest is not None
    assert latest.kind is EntryKind.STREAK


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        pytest.param("accountability.toml", "streak = 3", "streak = 0", "须为正数", id="streak"),
        pytest.param("accountability.toml", "run = 2", "run = 4", "逐一递增", id="gap"),
        pytest.param("accountability.toml", "total = 4\n", "", "缺少字段total", id="missing"),
        pytest.param("funding.toml", 'step_points = "3"', 'step_points = "0"', "step_points须大于0", id="step"),
        pytest.param("funding.toml", "B = 50000", "C = 50000", "须有A组和B组", id="no-b"),
        pytest.param("funding.toml", "A = 100000", "A = -1", "不能是负数", id="base"),
        pytest.param("funding.toml", 'base_score = "85"', 'base_score = "101"', "请填写0至100", id="score"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, table: str, old: str, new: str, said: str) -> None:
    text = (TABLES / table).read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / table
    file.write_text(text.replace(old, new), encoding="utf-8")
    load = load_accountability if table.startswith("acc") else load_funding
    with pytest.raises(TableError, match=said):
        load(file)


def test_the_departments_rules_lack_their_year_until_it_is_set(tmp_path: Path) -> None:
    assert load_funding().all[0].departments_by == "数字化城市管理考评办法（试行）（新政〔未设定〕44号）"
    text = (TABLES / "funding.toml").read_text(encoding="utf-8")
    file = tmp_path / "funding.toml"
    file.write_text(text.replace("target_share", "departments_year = 2018\ntarget_share"), encoding="utf-8")
    assert load_funding(file).all[0].departments_by == "数字化城市管理考评办法（试行）（新政〔2018〕44号）"


def test_versions_hold_from_their_date(tmp_path: Path) -> None:
    text = (TABLES / "funding.toml").read_text(encoding="utf-8")
    later = text.replace("since = 2026-01-01", "since = 2026-07-01").replace("A = 100000", "A = 120000")
    file = tmp_path / "funding.toml"
    file.write_text(text + later, encoding="utf-8")
    rules = load_funding(file)
    days = (Month(2025, 1).first, Month(2026, 6).last, Month(2026, 7).first)
    assert [rules.on(day).base_yuan["A"] for day in days] == [100_000, 100_000, 120_000]
