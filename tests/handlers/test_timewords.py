from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.timewords import read_days, read_until

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
SATURDAY = datetime(2026, 6, 6, 1, 0, tzinfo=UTC)
LAST_OF_YEAR = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)


def read(text: str, now: datetime = MONDAY) -> tuple[str | None, str]:
    until = read_until(text, now, ZONE)
    return f"{until.instant:%Y-%m-%d %H:%M}" if until.instant else None, until.rest


@pytest.mark.parametrize(
    ("text", "instant", "rest"),
    [
        pytest.param("需商户搬迁 明天12点", "2026-06-02 12:00", "需商户搬迁", id="reason, then day and clock"),
        pytest.param("明天12点 需商户搬迁", "2026-06-02 12:00", "需商户搬迁", id="day and clock, then reason"),
        pytest.param("今天18:00", "2026-06-01 18:00", "", id="colon"),
        pytest.param("今日17:30前", "2026-06-01 17:30", "", id="trailing before"),
        pytest.param("10点前", "2026-06-01 10:00", "", id="clock alone is today"),
        pytest.param("明日12时30分", "2026-06-02 12:30", "", id="hours and minutes"),
        pytest.param("下午3点半", "2026-06-01 15:30", "", id="half past, afternoon"),
        pytest.param("明天下午三点 等料", "2026-06-02 15:00", "等料", id="Chinese numeral"),
        pytest.param("明天十一点半前", "2026-06-02 11:30", "", id="Chinese eleven and a half"),
        pytest.param("明天三点一刻", "2026-06-02 03:15", "", id="a quarter past"),
        pytest.param("明天上午 10点", "2026-06-02 10:00", "", id="blank between part and hour"),
        pytest.param("中午1点", "2026-06-01 13:00", "", id="one at noon is 13:00"),
        pytest.param("中午12点", "2026-06-01 12:00", "", id="twelve at noon"),
        pytest.param("晚上8点", "2026-06-01 20:00", "", id="evening"),
        pytest.param("今晚12点", "2026-06-01 23:59", "", id="midnight ends the day"),
        pytest.param("明天24点前", "2026-06-02 23:59", "", id="24:00 ends the day"),
        pytest.param("凌晨2点", "2026-06-01 02:00", "", id="small hours"),
        pytest.param("明早8点", "2026-06-02 08:00", "", id="tomorrow morning"),
        pytest.param("今晚8点", "2026-06-01 20:00", "", id="tonight"),
        pytest.param("后天", "2026-06-03 18:00", "", id="a day alone ends at 18:00"),
        pytest.param("大后天中午", "2026-06-04 12:00", "", id="three days on, noon"),
        pytest.param("6月3日", "2026-06-03 18:00", "", id="calendar day"),
        pytest.param("6月3号下午", "2026-06-03 18:00", "", id="calendar day, afternoon"),
        pytest.param("6/5", "2026-06-05 18:00", "", id="slash"),
        pytest.param("2026-06-05 10:00", "2026-06-05 10:00", "", id="full date"),
        pytest.param("2027年1月5日", "2027-01-05 18:00", "", id="with its year"),
        pytest.param("12月31日 管线迁改未完成", "2026-12-31 18:00", "管线迁改未完成", id="shelving"),
        pytest.param("5号前", "2026-06-05 18:00", "", id="day of this month"),
        pytest.param("下月5日", "2026-07-05 18:00", "", id="day of the next month"),
        pytest.param("月底前", "2026-06-30 18:00", "", id="end of the month"),
        pytest.param("年底", "2026-12-31 18:00", "", id="end of the year"),
        pytest.param("周五", "2026-06-05 18:00", "", id="this Friday"),
        pytest.param("本周五前", "2026-06-05 18:00", "", id="this week's Friday"),
        pytest.param("周一", "2026-06-01 18:00", "", id="today by its weekday"),
        pytest.param("下周五", "2026-06-12 18:00", "", id="next week's Friday"),
        pytest.param("星期天", "2026-06-07 18:00", "", id="Sunday"),
        pytest.param("周五下午3点", "2026-06-05 15:00", "", id="weekday and clock"),
        pytest.param("两天", "2026-06-03 18:00", "", id="two days"),
        pytest.param("3天", "2026-06-04 18:00", "", id="three days"),
        pytest.param("3-5天", "2026-06-06 18:00", "", id="a range is its end, not a date"),
        pytest.param("十五天", "2026-06-16 18:00", "", id="fifteen days, not five"),
        pytest.param("二十天", "2026-06-21 18:00", "", id="twenty days"),
        pytest.param("两三天", "2026-06-04 18:00", "", id="two or three days"),
        pytest.param("一周", "2026-06-08 18:00", "", id="a week"),
        pytest.param("两个月", "2026-07-31 18:00", "", id="two months"),
        pytest.param("24小时", "2026-06-02 09:00", "", id="hours run on"),
        pytest.param("三个小时", "2026-06-01 12:00", "", id="three hours"),
        pytest.param("半小时", "2026-06-01 09:30", "", id="half an hour"),
        pytest.param("需2名工人 明天", "2026-06-02 18:00", "需2名工人", id="a head count is no clock"),
        pytest.param("路面1.5天硬化 后天", "2026-06-03 18:00", "路面1.5天硬化", id="a decimal is no span"),
        pytest.param("人民路12号商户搬迁 明天", "2026-06-02 18:00", "人民路12号商户搬迁", id="a house is no day"),
        pytest.param("需商户搬迁", None, "需商户搬迁", id="no time"),
        pytest.param("2月30日", None, "2月30日", id="no such day"),
        pytest.param("25点", None, "25点", id="no such hour"),
        pytest.param("10:75", None, "10:75", id="no such minute"),
        pytest.param("有三点意见", None, "有三点意见", id="points of an argument are no clock"),
        pytest.param("", None, "", id="nothing"),
    ],
)
def test_until(text: str, instant: str | None, rest: str) -> None:
    assert read(text) == (instant, rest)


@pytest.mark.parametrize(
    ("text", "now", "instant"),
    [
        pytest.param("下周五", SATURDAY, "2026-06-12 18:00", id="the next week begins on Monday"),
        pytest.param("周五", SATURDAY, "2026-06-12 18:00", id="the coming Friday"),
        pytest.param("5号", SATURDAY, "2026-07-05 18:00", id="a day that is over means the next month's"),
        pytest.param("1月5日", LAST_OF_YEAR, "2027-01-05 18:00", id="over the new year"),
        pytest.param("明天", LAST_OF_YEAR, "2027-01-01 18:00", id="tomorrow is next year"),
        pytest.param("下月3日", LAST_OF_YEAR, "2027-01-03 18:00", id="the month after December"),
        pytest.param("2月29日", datetime(2028, 10, 1, tzinfo=UTC), None, id="no 29 February next year"),
    ],
)
def test_until_depends_on_the_day(text: str, now: datetime, instant: str | None) -> None:
    assert read(text, now)[0] == instant


@pytest.mark.parametrize(
    ("text", "first", "last", "rest"),
    [
        pytest.param("6月3日-6月5日 赵强代", (6, 3), (6, 5), "赵强代", id="dash"),
        pytest.param("6月3日至6月5日 赵强代", (6, 3), (6, 5), "赵强代", id="至"),
        pytest.param("6月3日到5日 赵强代", (6, 3), (6, 5), "赵强代", id="to a bare day"),
        pytest.param("6月3日~5号", (6, 3), (6, 5), "", id="tilde"),
        pytest.param("赵强代 6月3日 — 6月5日", (6, 3), (6, 5), "赵强代", id="stand-in first"),
        pytest.param("6月30日-7月2日", (6, 30), (7, 2), "", id="over the month's end"),
        pytest.param("周一至周三 赵强代", (6, 1), (6, 3), "赵强代", id="weekdays"),
        pytest.param("今天到后天", (6, 1), (6, 3), "", id="relative days"),
        pytest.param("今天-6月3日 周敏代", (6, 1), (6, 3), "周敏代", id="from a relative day to a date"),
        pytest.param("明天 赵强代", (6, 2), (6, 2), "赵强代", id="one day"),
        pytest.param("6月5日-6月3日", (6, 5), (6, 3), "", id="upside down is the caller's to refuse"),
    ],
)
def test_days(text: str, first: tuple[int, int], last: tuple[int, int], rest: str) -> None:
    assert read_days(text, date(2026, 6, 1)) == (date(2026, *first), date(2026, *last), rest)


def test_days_over_the_new_year() -> None:
    first, last, _ = read_days("12月30日-1月2日", date(2026, 9, 1))
    assert (first, last) == (date(2026, 12, 30), date(2027, 1, 2))


@pytest.mark.parametrize("text", ["赵强代", "6月3日-40日", "6月31日", "13月1日", "6.3-6.5", ""])
def test_no_days(text: str) -> None:
    assert read_days(text, date(2026, 6, 1)) == (None, None, text)


WORDS = [
    "明天",
    "后天",
    "下周五",
    "6月",
    "31日",
    "40日",
    "2月29日",
    "-",
    "至",
    "点",
    "半",
    "十",
    "两",
    "天",
    "小时",
    "号",
    " ",
]


@settings(max_examples=300)
@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.integers(0, 99_999).map(str)), max_size=8).map("".join),
    st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_any_words_are_read_without_error(text: str, at: datetime) -> None:
    now = at.replace(tzinfo=UTC)
    until = read_until(text, now, ZONE)
    first, last, _ = read_days(text, now.date())
    assert until.instant is None or until.instant.tzinfo is ZONE
    assert (first is None) == (last is None)
