"""Working time: days by their three sources, and walking along the hours in both directions."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar, load_calendar
from domain.errors import ConfigError, TableError

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()
HOUR = timedelta(hours=1)

instants = st.integers(0, 100_000_000).map(lambda n: datetime(2023, 12, 25, tzinfo=UTC) + timedelta(seconds=n))
amounts = st.timedeltas(timedelta(0), timedelta(hours=200))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param("2026-10-09", True, id="ordinary Friday"),
        pytest.param("2026-10-11", False, id="ordinary Sunday"),
        pytest.param("2026-10-10", True, id="Saturday worked to make up for the National Day week"),
        pytest.param("2026-10-07", False, id="Wednesday inside the National Day week"),
        pytest.param("2026-02-28", True, id="make-up Saturday at a month's end"),
        pytest.param("2024-02-29", True, id="leap day"),
        pytest.param("2025-12-31", True, id="last day of a year"),
        pytest.param("2026-01-01", False, id="New Year's Day"),
        pytest.param("2027-01-01", False, id="no arrangement: statutory day"),
        pytest.param("2027-01-04", True, id="no arrangement: a Monday works"),
        pytest.param("2027-02-05", False, id="no arrangement: New Year's Eve by the moon"),
        pytest.param("2027-05-02", False, id="no arrangement: second day of Labour Day"),
        pytest.param("2028-10-03", False, id="no arrangement: National Day and mid-autumn"),
        pytest.param("2028-10-04", True, id="no arrangement: the rest of the week cannot be known"),
        pytest.param("2099-10-01", False, id="far ahead: fixed days still hold"),
        pytest.param("1988-04-11", True, id="before all arrangements"),
    ],
)
def test_working_days(day: str, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


def test_arranged_years_agree_with_chinesecalendar() -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(7 * 365)]
    assert [CALENDAR.is_working_day(d) for d in days] == [chinese_calendar.is_workday(d) for d in days]


def test_listed_qingming_is_the_solar_term() -> None:
    for year in range(2027, 2033):
        [(day, _)] = [
            t for t in chinese_calendar.get_solar_terms(date(year, 4, 1), date(year, 4, 10)) if t[1] == "清明"
        ]
        assert day in CALENDAR.statutory.dated


def test_spring_festival_is_listed_from_its_eve_for_four_days() -> None:
    for year in range(2027, 2033):
        days = sorted(d for d in CALENDAR.statutory.dated if d.year == year and d.month < 3)
        assert [d - days[0] for d in days] == [timedelta(days=n) for n in range(4)]


@pytest.mark.parametrize(
    ("around", "missing"),
    [
        pytest.param(date(2026, 11, 30), (), id="November: nobody can know yet"),
        pytest.param(date(2026, 12, 1), (2027,), id="from 1 December operators are warned"),
        pytest.param(date(2027, 3, 1), (2027,), id="inside the unknown year"),
        pytest.param(date(2027, 12, 31), (2027, 2028), id="both"),
        pytest.param(date(2025, 12, 15), (), id="next year is arranged"),
    ],
)
def test_missing_years(around: date, missing: tuple[int, ...]) -> None:
    assert CALENDAR.missing_years(around) == missing


def test_an_override_beats_every_source_and_a_complete_year_is_not_missing(tmp_path: Path) -> None:
    table = tmp_path / "days.toml"
    table.write_text(
        "[[year]]\nyear = 2026\nrest = [2026-10-09]\nwork = [2026-10-06]\n"
        "[[year]]\nyear = 2027\ncomplete = true\nwork = [2027-01-01]\n",
        encoding="utf-8",
    )
    calendar = load_calendar(table)
    works = [calendar.is_working_day(d) for d in (date(2026, 10, 9), date(2026, 10, 6), date(2027, 1, 1))]
    assert works == [False, True, True]
    assert calendar.is_working_day(date(2027, 5, 1)) is False
    assert calendar.missing_years(date(2026, 12, 1)) == ()
    assert calendar.missing_years(date(2027, 12, 1)) == (2028,)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("[[year]]\nyear = 2027\nrests = []", ("第1条[[year]] rests", "rest"), id="unknown field"),
        pytest.param("[[year]]\nrest = []", ("第1条[[year]] year",), id="no year"),
        pytest.param('[[year]]\nyear = 2027\nrest = ["2027-10-01"]', ("rest", "不是日期"), id="quoted date"),
        pytest.param(
            "[[year]]\nyear = 2027\n[[year]]\nyear = 2028\nwork = [2027-10-09]",
            ("第2条[[year]] work", "2027-10-09"),
            id="date of another year",
        ),
        pytest.param("[[year]]\nyear = 2027\nrest=[2027-10-09]\nwork=[2027-10-09]", ("同时",), id="both ways"),
        pytest.param("[[year]]\nyear = 2027\nrest=[2027-10-09T08:00:00]", ("不是日期",), id="date with a time"),
        pytest.param("[[year]", ("TOML",), id="not TOML"),
    ],
)
def test_a_wrong_day_table_is_refused_by_row_and_field(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    table = tmp_path / "days.toml"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as refusal:
        load_calendar(table)
    for name in ("days.toml", *names):
        assert name in refusal.value.text


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param((), id="none"),
        pytest.param(((time(12), time(8)),), id="backwards"),
        pytest.param(((time(8), time(12)), (time(11), time(18))), id="overlapping"),
        pytest.param(((time(14), time(18)), (time(8), time(12))), id="not in order"),
    ],
)
def test_wrong_hours_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ConfigError, match=r"city\.work_hours"):
        WorkCalendar(hours)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ConfigError, match="Asia/Shangai"):
        WorkCalendar(zone="Asia/Shangai")


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        pytest.param("2026-10-09 08:00", 2, "2026-10-09 10:00", id="inside one span"),
        pytest.param("2026-10-09 11:00", 2, "2026-10-09 15:00", id="over lunch"),
        pytest.param("2026-10-09 10:00", 2, "2026-10-09 12:00", id="used up at noon falls on noon"),
        pytest.param("2026-10-09 16:00", 2, "2026-10-09 18:00", id="used up at 18:00 stays today"),
        pytest.param("2026-10-09 16:00", 2.5, "2026-10-10 08:30", id="into a make-up Saturday"),
        pytest.param("2026-10-10 17:00", 2, "2026-10-12 09:00", id="from the make-up Saturday over Sunday"),
        pytest.param("2026-10-09 12:30", 1, "2026-10-09 15:00", id="begun at lunch"),
        pytest.param("2026-10-09 03:00", 1, "2026-10-09 09:00", id="begun at night"),
        pytest.param("2026-10-09 23:59", 1, "2026-10-10 09:00", id="begun late in the evening"),
        pytest.param("2026-09-30 17:00", 2, "2026-10-08 09:00", id="over the seven days of National Day"),
        pytest.param("2026-10-03 10:00", 2, "2026-10-08 10:00", id="begun inside a seven-day holiday"),
        pytest.param("2026-02-13 17:00", 10, "2026-02-24 09:00", id="make-up day, then nine days of Spring Festival"),
        pytest.param("2024-02-29 17:00", 2, "2024-03-01 09:00", id="leap day into March"),
        pytest.param("2025-02-28 17:00", 2, "2025-03-03 09:00", id="end of a short February"),
        pytest.param("2025-04-30 17:00", 2, "2025-05-06 09:00", id="end of April over Labour Day"),
        pytest.param("2025-12-31 17:00", 2, "2026-01-04 09:00", id="into the new year"),
        pytest.param("2026-12-31 17:00", 2, "2027-01-04 09:00", id="into a year without an arrangement"),
        pytest.param("2026-10-09 09:00", 8, "2026-10-10 09:00", id="a working day is the same hour tomorrow"),
        pytest.param("2026-10-09 08:00", 80, "2026-10-21 18:00", id="ten working days end in the evening"),
        pytest.param("2026-10-09 12:30", 0, "2026-10-09 14:00", id="nothing to add waits for the next span"),
        pytest.param("2026-10-09 18:00", 0, "2026-10-09 18:00", id="nothing to add on a span's end stays"),
        pytest.param("2026-12-31 19:00", 0, "2027-01-04 08:00", id="nothing to add at a year's end"),
    ],
)
def test_add_working(start: str, hours: float, expected: str) -> None:
    result = CALENDAR.add_working(at(start), timedelta(hours=hours))
    assert result == at(expected)
    assert result.tzinfo is UTC


def test_years_of_work_cross_several_tables() -> None:
    start = at("2024-06-03 09:00")
    assert CALENDAR.working_between(start, CALENDAR.add_working(start, timedelta(hours=5000))) == timedelta(hours=5000)
    assert CALENDAR.local_date(CALENDAR.add_working(start, timedelta(hours=5000))).year == 2026


def test_a_negative_amount_and_a_naive_instant_are_refused() -> None:
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_working(at("2026-10-09 09:00"), -HOUR)
    with pytest.raises(TypeError):
        CALENDAR.add_working(datetime(2026, 10, 9, 9), HOUR)  # noqa: DTZ001


@given(start=instants, first=amounts, second=amounts)
def test_add_working_is_additive(start: datetime, first: timedelta, second: timedelta) -> None:
    stepwise = CALENDAR.add_working(CALENDAR.add_working(start, first), second)
    assert stepwise == CALENDAR.add_working(start, first + second)


@given(start=instants, later=st.timedeltas(timedelta(0), timedelta(days=30)), amount=amounts, more=amounts)
def test_add_working_is_monotone(start: datetime, later: timedelta, amount: timedelta, more: timedelta) -> None:
    base = CALENDAR.add_working(start, amount)
    assert start <= base <= CALENDAR.add_working(start, amount + more)
    assert base <= CALENDAR.add_working(start + later, amount)


@given(start=instants, amount=amounts)
def test_add_working_lands_in_working_hours_of_a_working_day(start: datetime, amount: timedelta) -> None:
    local = CALENDAR.add_working(start, amount).astimezone(SHANGHAI)
    assert CALENDAR.is_working_day(local.date())
    assert time(8) <= local.time() <= time(12) or time(14) <= local.time() <= time(18)


@given(start=instants, amount=amounts)
def test_working_between_is_the_inverse_of_add_working(start: datetime, amount: timedelta) -> None:
    end = CALENDAR.add_working(start, amount)
    assert CALENDAR.working_between(start, end) == amount
    assert CALENDAR.working_between(end, start) == -amount


@given(start=instants, steps=st.integers(0, 48 * 12))
def test_working_between_counts_the_working_half_hours(start: datetime, steps: int) -> None:
    step = timedelta(minutes=30)  # every span begins and ends on the half hour
    start = start.replace(minute=start.minute // 30 * 30, second=0, microsecond=0)
    counted = sum(CALENDAR.is_working_instant(start + n * step) for n in range(steps))
    assert CALENDAR.working_between(start, start + steps * step) == counted * step


@pytest.mark.parametrize(
    ("instant", "works"),
    [
        pytest.param("2026-10-09 07:59", False, id="before the day"),
        pytest.param("2026-10-09 08:00", True, id="the first minute"),
        pytest.param("2026-10-09 12:00", False, id="noon is the end"),
        pytest.param("2026-10-09 14:00", True, id="afternoon"),
        pytest.param("2026-10-09 18:00", False, id="evening"),
        pytest.param("2026-10-07 10:00", False, id="holiday"),
        pytest.param("2026-01-01 00:30", False, id="before the year's first span"),
    ],
)
def test_working_instants(instant: str, works: bool) -> None:
    assert CALENDAR.is_working_instant(at(instant)) is works


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param("2026-09-30", 1, "2026-10-08", id="over National Day"),
        pytest.param("2026-10-01", 3, "2026-10-10", id="three days of objection, the make-up day counts"),
        pytest.param("2026-10-09", 0, "2026-10-09", id="none"),
        pytest.param("2026-12-31", 2, "2027-01-05", id="into an unarranged year"),
        pytest.param("2024-02-28", 1, "2024-02-29", id="leap day"),
    ],
)
def test_working_days_after(day: str, count: int, expected: str) -> None:
    assert CALENDAR.working_days_after(date.fromisoformat(day), count) == date.fromisoformat(expected)


def test_summer_time_of_1986_to_1991_changes_no_working_hour() -> None:
    days = [date(1986, 1, 1) + timedelta(days=n) for n in range(6 * 365 + 1)]
    for day in filter(CALENDAR.is_working_day, days):
        start = CALENDAR.at(day, time(8))
        assert CALENDAR.add_working(start, 8 * HOUR) == CALENDAR.at(day, time(18))
    summer = datetime(1988, 7, 1, 7, tzinfo=UTC)  # 16:00 in summer, 15:00 by the clocks of today
    assert CALENDAR.add_working(summer, 2 * HOUR) == datetime(1988, 7, 1, 9, tzinfo=UTC)


def test_hours_that_lie_on_the_change_to_summer_time_stay_apart() -> None:
    nights = WorkCalendar(
        ((time(1, 30), time(2, 30)), (time(2, 30), time(3, 30))),
        overrides={date(1986, 5, 4) + timedelta(days=n): True for n in range(-1, 2)},
    )
    start = nights.at(date(1986, 5, 3), time(1, 30))
    for half_hours in range(1, 12):
        amount = half_hours * timedelta(minutes=30)
        assert nights.working_between(start, nights.add_working(start, amount)) == amount


def test_a_city_has_hours_and_a_zone_of_its_own() -> None:
    calendar = load_calendar(hours=((time(9), time(12)), (time(13), time(17))), zone="Asia/Urumqi")
    assert calendar.working_day == 7 * HOUR
    start = datetime(2026, 10, 9, 9, 0, tzinfo=UTC)  # 15:00 in Ürümqi
    assert calendar.add_working(start, calendar.working_day) == datetime(2026, 10, 10, 9, 0, tzinfo=UTC)


def test_a_working_day_has_eight_hours() -> None:
    assert CALENDAR.working_day == 8 * HOUR
