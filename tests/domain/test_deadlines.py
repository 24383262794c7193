"""Deadlines: the built-in table is whole and specific, a wrong one is refused, limits fall on the right instants."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar
from domain.categories import SEVERITIES, Categories
from domain.deadlines import ClockKind, Limit, Limits, Span
from domain.errors import TableError
from domain.tables import load_toml

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()
CODES = [row.code for row in Categories.load().rows]
LIMITS = Limits.load(CODES)
MONDAY = datetime(2026, 10, 12, 8, tzinfo=SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_every_category_has_a_row_for_every_severity() -> None:
    assert set(LIMITS.rows) == {(code, severity) for code in CODES for severity in SEVERITIES}
    assert len(LIMITS.rows) == 141


def test_every_row_names_its_source_a_national_item_or_the_city() -> None:
    for row in LIMITS.rows.values():
        assert row.source.startswith(("事件", "部件", "市级默认")), row


def test_a_national_source_says_the_very_limit_of_its_row() -> None:
    units = {
        ClockKind.WORKING_HOURS: "工作时",
        ClockKind.WORKING_DAYS: "工作日",
        ClockKind.RUNNING_HOURS: "紧急工作时",
    }
    for row in [*LIMITS.rows.values(), *LIMITS.hazards.values()]:
        if not row.source.startswith("市级默认"):
            assert row.source.endswith(f" {row.resolve.amount}{units[row.resolve.clock]}"), row


def test_each_category_has_a_closing_standard_of_its_own() -> None:
    standards = {code: LIMITS.row(code, "一般").closing for code in CODES}
    assert len(set(standards.values())) == len(CODES)
    assert all(10 <= len(text) <= 45 and text.endswith("。") for text in standards.values())


def test_acknowledgement_limits_follow_the_severity() -> None:
    hours = {severity: LIMITS.row("zang.litter", severity).ack for severity in SEVERITIES}
    assert hours == {
        "一般": Span(ClockKind.WORKING_HOURS, 2),
        "突出": Span(ClockKind.WORKING_HOURS, 1),
        "重大": Span(ClockKind.WORKING_HOURS, 1),
    }


def test_every_hazard_is_to_be_acknowledged_in_fifteen_running_minutes() -> None:
    start = at("2026-10-03 02:00")  # a night of the National Day week
    for code in CODES:
        row = LIMITS.row(code, "一般", is_hazard=True)
        assert row.ack.after(start, CALENDAR) == start + timedelta(minutes=15)
        assert row.resolve.after(start, CALENDAR) <= start + timedelta(hours=2)


def test_a_category_may_have_a_hazard_limit_of_its_own() -> None:
    assert LIMITS.row("wu.sewage", "突出", is_hazard=True).resolve == Span(ClockKind.RUNNING_HOURS, 1)
    assert LIMITS.row("cha.manhole", "突出", is_hazard=True).resolve == Span(ClockKind.RUNNING_HOURS, 2)


@pytest.mark.parametrize(
    ("category", "severity", "start", "expected"),
    [
        pytest.param("zang.litter", "一般", "2026-10-12 10:00", "2026-10-12 16:00", id="4 working hours over lunch"),
        pytest.param("zang.litter", "一般", "2026-10-12 17:00", "2026-10-13 11:00", id="into tomorrow"),
        pytest.param("zang.stain", "一般", "2026-10-01 09:00", "2026-10-08 10:00", id="a holiday does not count"),
        pytest.param("zang.flyposting", "突出", "2026-10-09 10:00", "2026-10-10 10:00", id="a day, make-up Saturday"),
        pytest.param("cha.road", "突出", "2026-09-28 10:00", "2026-10-10 10:00", id="5 days around National Day"),
        pytest.param("luan.dig_build", "重大", "2026-10-12 08:00", "2026-10-30 18:00", id="15 working days"),
        pytest.param("luan.stall", "一般", "2026-10-12 19:00", "2026-10-12 21:00", id="2 running hours at night"),
        pytest.param("cha.manhole", "重大", "2026-10-03 03:00", "2026-10-03 05:00", id="running on a holiday"),
        pytest.param("zang.dumping", "重大", "2026-10-12 19:00", "2026-10-13 19:00", id="24 running hours"),
    ],
)
def test_due(category: str, severity: str, start: str, expected: str) -> None:
    due = LIMITS.due(at(start), LIMITS.row(category, severity), CALENDAR)
    assert due == at(expected)
    assert due.tzinfo is UTC


def test_a_hazard_beats_the_severity() -> None:
    row, start = LIMITS.row("cha.road", "突出"), at("2026-10-03 02:00")
    assert LIMITS.ack_due(start, row, CALENDAR, is_hazard=True) == at("2026-10-03 02:15")
    assert LIMITS.due(start, row, CALENDAR, is_hazard=True) == at("2026-10-03 04:00")
    assert LIMITS.ack_due(start, row, CALENDAR) == at("2026-10-08 09:00")


@pytest.mark.parametrize("code", CODES)
def test_a_hazard_never_has_longer_than_the_gravest_row(code: str) -> None:
    hazard = LIMITS.row(code, "重大", is_hazard=True)
    assert LIMITS.due(MONDAY, hazard, CALENDAR) <= MONDAY + timedelta(hours=2)


@given(
    row=st.sampled_from(list(LIMITS.rows.values())), minutes=st.integers(0, 60 * 24 * 400), later=st.integers(0, 5000)
)
def test_due_is_after_the_start_and_later_for_a_later_start(row: Limit, minutes: int, later: int) -> None:
    limit = LIMITS.row(row.category, row.severity)
    start = MONDAY - timedelta(days=200) + timedelta(minutes=minutes)
    due = LIMITS.due(start, limit, CALENDAR)
    assert start < due <= LIMITS.due(start + timedelta(minutes=later), limit, CALENDAR)


def test_a_working_day_is_eight_working_hours() -> None:
    for hour in range(24):
        start = MONDAY + timedelta(hours=hour)
        day = Span(ClockKind.WORKING_DAYS, 3).after(start, CALENDAR)
        assert day == Span(ClockKind.WORKING_HOURS, 24).after(start, CALENDAR)


GOOD = """
[ack]
"一般" = { working_hours = 2 }
"突出" = { working_hours = 1 }
"重大" = { working_hours = 1 }
[hazard]
ack = { running_minutes = 15 }
resolve = { running_hours = 2, source = "市级默认" }
[[limit]]
category = "a"
closing = "门前干净。"
"一般" = { working_days = 1, source = "市级默认" }
"突出" = { working_hours = 4.5, source = "市级默认" }
"重大" = { running_hours = 4, source = "市级默认" }
"""


def load(tmp_path: Path, text: str) -> Limits:
    table = tmp_path / "city.toml"
    table.write_text(text, encoding="utf-8")
    return Limits.load(["a"], table)


def test_a_city_may_bring_a_table_of_its_own(tmp_path: Path) -> None:
    limits = load(tmp_path, GOOD)
    assert LIMITS.due(MONDAY, limits.row("a", "突出"), CALENDAR) == at("2026-10-12 14:30")


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        pytest.param(
            swap('"突出" = { working_hours = 4.5', '"x" = { working_hours = 4.5'), "（a） x", id="unknown field"
        ),
        pytest.param(
            lambda t: "\n".join(r for r in t.split("\n") if "4.5" not in r), "（a） 突出：缺少时限", id="no severity"
        ),
        pytest.param(swap("working_days = 1", "working_days = 0"), "（a） 一般.working_days", id="zero"),
        pytest.param(swap("working_days = 1", "working_days = -1"), "（a） 一般.working_days", id="negative"),
        pytest.param(swap("working_days = 1", "working_days = true"), "（a） 一般.working_days", id="not a number"),
        pytest.param(swap("working_days = 1", "working_days = inf"), "（a） 一般.working_days", id="endless"),
        pytest.param(swap("working_days = 1", 'working_days = "1"'), "（a） 一般.working_days", id="quoted"),
        pytest.param(swap("working_days = 1", "weeks = 1"), "（a） 一般：计时方式“weeks”", id="unknown clock"),
        pytest.param(swap("working_days = 1,", ""), "（a） 一般：计时方式“空”", id="no clock"),
        pytest.param(swap("working_days = 1", "working_days = 1, working_hours = 2"), "计时方式", id="two clocks"),
        pytest.param(swap("working_days = 1, source", "working_days = 1, sauce"), "sauce", id="misspelt source"),
        pytest.param(swap('4.5, source = "市级默认"', "4.5"), "（a） 突出.source", id="no source"),
        pytest.param(swap("门前干净。", " "), "（a） closing", id="empty closing standard"),
        pytest.param(swap('category = "a"', 'category = "b"'), "第1个[[limit]]（b） category", id="unknown category"),
        pytest.param(swap('category = "a"', ""), "（无category） category", id="no category"),
        pytest.param(lambda t: t[: t.index("[[limit]]")], "缺少分类 a", id="missing category"),
        pytest.param(lambda t: t + t[t.index("[[limit]]") :], "第2个[[limit]]（a） category", id="doubled category"),
        pytest.param(swap('"重大" = { working_hours = 1 }', ""), "[ack] 重大", id="no acknowledgement limit"),
        pytest.param(swap("ack = { running_minutes = 15 }", ""), "[hazard] ack", id="no hazard acknowledgement"),
        pytest.param(swap("resolve = {", "fix = {"), "（a） hazard", id="no hazard limit"),
    ],
)
def test_a_wrong_table_is_refused_by_row_and_field(tmp_path: Path, spoil: Callable[[str], str], names: str) -> None:
    with pytest.raises(TableError) as refusal:
        load(tmp_path, spoil(GOOD))
    assert "city.toml" in refusal.value.text
    assert names in refusal.value.text


def test_an_unknown_pair_is_refused() -> None:
    with pytest.raises(TableError, match=r"zang\.litter.*紧急"):
        LIMITS.row("zang.litter", "紧急")
    with pytest.raises(TableError, match="nowhere"):
        LIMITS.row("nowhere", "一般", is_hazard=True)


def test_the_table_is_written_in_the_order_of_the_categories() -> None:
    assert [row["category"] for row in load_toml("deadlines.toml")["limit"]] == CODES
