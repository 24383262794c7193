from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from domain.errors import RuleError
from domain.month import Month, Quarter, is_quarter, title_of

CITY = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("text", "month"),
    [
        pytest.param("2026-10-01T00:00:00+08:00", "2026-10", id="the first instant is the new month's"),
        pytest.param("2026-09-30T23:59:59.999999+08:00", "2026-09", id="the last microsecond is the old one's"),
        pytest.param("2026-09-30T16:00:00Z", "2026-10", id="converted first"),
        pytest.param("2026-12-31T15:59:59Z", "2026-12", id="end of a year"),
        pytest.param("2026-12-31T11:00:00-05:00", "2027-01", id="New Year from the west"),
    ],
)
def test_an_instant_belongs_to_one_month(text: str, month: str) -> None:
    instant = datetime.fromisoformat(text)
    assert str(Month.of(instant)) == month
    assert Month.parse(month).holds(instant)
    assert not Month.parse(month).next().holds(instant)
    assert not Month.parse(month).previous().holds(instant)


@pytest.mark.parametrize(
    ("text", "days", "last"),
    [
        pytest.param("2026-02", 28, date(2026, 2, 28), id="short"),
        pytest.param("2028-02", 29, date(2028, 2, 29), id="leap"),
        pytest.param("2026-12", 31, date(2026, 12, 31), id="before New Year"),
    ],
)
def test_days(text: str, days: int, last: date) -> None:
    month = Month.parse(text)
    assert (len(list(month.days())), month.last, list(month.days())[-1]) == (days, last, last)


def test_months_touch_and_start_in_city_time() -> None:
    month = Month(2026, 12)
    assert month.start() == datetime(2026, 12, 1, tzinfo=CITY)
    assert month.start().tzinfo is UTC
    assert month.end() == Month(2027, 1).start()


@pytest.mark.parametrize("text", ["2026-01", "2026-12", "2026-03"])
def test_the_month_before_and_the_month_after(text: str) -> None:
    month = Month.parse(text)
    assert month.previous().next() == month == month.next().previous()
    assert month.previous() < month < month.next()


def test_summer_time_of_the_past_leaves_no_gap() -> None:
    months = [Month(year, number) for year in range(1986, 1992) for number in range(1, 13)]
    assert all(a.end() == b.start() for a, b in pairwise(months))


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "2026年13月", "202610", "2026Q1", "", "1200-01", " 2026-10"]
)
def test_no_month(text: str) -> None:
    with pytest.raises(RuleError):
        Month.parse(text)


@pytest.mark.parametrize(
    ("written", "stored", "title"),
    [
        pytest.param("2026-06", "2026-06", "2026年6月", id="a month"),
        pytest.param("2026年6月", "2026-06", "2026年6月", id="as people write it"),
        pytest.param("2026年06月份", "2026-06", "2026年6月", id="as letters write it"),
        pytest.param("2026Q2", "2026Q2", "2026年第二季度", id="a quarter"),
        pytest.param("2026q4", "2026Q4", "2026年第四季度", id="small"),
        pytest.param("2026年三季度", "2026Q3", "2026年第三季度", id="as people say it"),
        pytest.param("2026年第1季度", "2026Q1", "2026年第一季度", id="with a figure"),
    ],
)
def test_periods_are_written_either_way_and_read_in_chinese(written: str, stored: str, title: str) -> None:
    found = Quarter.parse(written) if is_quarter(written) else Month.parse(written)
    assert (str(found), found.title, title_of(stored)) == (stored, title, title)


def test_a_year_has_a_title_too_and_anything_else_stays() -> None:
    assert (title_of("2026"), title_of("2026-06-01")) == ("2026年", "2026-06-01")


def test_quarters() -> None:
    quarter = Quarter.parse("2026Q3")
    assert [str(m) for m in quarter.months] == ["2026-07", "2026-08", "2026-09"]
    assert {str(Quarter.of(m)) for m in quarter.months} == {"2026Q3"}
    assert str(Quarter.of(Month(2026, 12))) == "2026Q4"
    with pytest.raises(RuleError):
        Quarter.parse("2026Q5")
