"""Times as people type them (明天12点, 6月3日, 后天, 两天, 周五下午) → an instant in the city's zone. Pure text work."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_N = r"(\d{1,3}|[一二两三四五六七八九十]{1,3})"
_BY = r"(?=\s*(?:前|之前|以前|为止|上午|早|中午|下午|晚|\d|-|~|—|至|到|[,，。;；]|\s|$))"  # what may follow a day alone
_DATE = re.compile(
    r"(?<![\d.])(?:(20\d\d)[年/-])?(\d{1,2})[月/-](\d{1,2})(?![\d.]|\s?(?:天|个|小时|周|[人名台户家处]))[日号]?"
)
_OF_MONTH = re.compile(rf"(?<![^\s,，至到])(本月|这个月|下个?月)?(\d{{1,2}})[日号]{_BY}")
_RELATIVE = re.compile("(今天|今日|明天|明日|大后天|后天|[今明](?=[早晚]))")
_END_OF = re.compile("(?:本|这个)?(月底|月末|年底|年末)")
_WEEKDAY = re.compile("(下|本|这)?个?(?:周|星期|礼拜)([一二三四五六日天])")
_SPAN = re.compile(
    rf"(?:(?<![\d.])\d{{1,2}}\s?[-~至到]\s?)?(?<![\d.]){_N}(?:个?(天|日内|小时|周|星期)|(个月))|(半)个?(天|小时)"
)
_PART = "(凌晨|上午|早上|早|中午|下午|晚上|晚)"
_MINUTE = r"(?:(\d{1,2})分?|(半)|(一刻))?"
_CLOCK = re.compile(rf"{_PART}?\s?(?<!\d)(\d{{1,2}})(?:[点时]钟?{_MINUTE}|:(\d\d))")
_SPOKEN_CLOCK = re.compile(
    rf"{_PART}?\s?([一二两三四五六七八九十]{{1,3}})点钟?{_MINUTE}(?=整|前|之前|以前|左右|[\s,，。;；]|$)"
)
_HALF = re.compile("(上午|早上|早|中午|下班|下午|晚上|晚)前?")
_TO = re.compile(r"\s{0,2}(?:-|至|到|~|—){1,3}\s{0,2}")
_BARE_DAY = re.compile(r"(\d{1,2})[日号]")
_PAST_DATE = re.compile(r"(?:(20\d\d)[年/-])?(\d{1,2})[月/-](\d{1,2})(?!\d)[日号]?")
_PAST_DAY = re.compile(r"(?<!\d)(\d{1,2})[日号]")
_PAST_WORD = re.compile("今天|今日|昨天|昨日|前天|前日")
_DAYS_BACK = {"今": 0, "昨": 1, "前": 2}
_LEADING_WORD = re.compile(r"^(?:申请|延期|延至|至|到|缓到|宽限)?\s*")
_TRAILING_WORD = re.compile(r"(?:前|之前|以前|为止)$")
_RELATIVE_DAYS = {"今天": 0, "今日": 0, "今": 0, "明天": 1, "明日": 1, "明": 1, "后天": 2, "大后天": 3}
_HALF_TIMES = {
    "上午": time(12),
    "早上": time(9),
    "早": time(9),
    "中午": time(12),
    "下午": time(18),
    "下班": time(18),
    "晚上": time(20),
    "晚": time(20),
}
END_OF_DAY = time(18)
LAST_MINUTE = time(23, 59)
LONGEST_OVER_NEW_YEAR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Until:
    """An instant that was typed, and the words around it."""

    instant: datetime | None  # aware, in the zone given
    rest: str


def read_until(text: str, now: datetime, zone: ZoneInfo) -> Until:
    """Return the instant until which somebody asks; a day without a clock time means 18:00."""
    local = now.astimezone(zone)
    text = " ".join(text.split())
    span = _SPAN.search(text)
    if span and not _DATE.search(text):
        return Until(_after(local, span), _cut(text, span.start(), span.end()))
    found = _day(text, local.date())
    day, rest = (found[0], _cut(text, *found[1])) if found else (None, text)
    clock, rest = _clock(rest)
    if day is None and clock is None:
        return Until(None, text)
    return Until(datetime.combine(day or local.date(), clock or END_OF_DAY, zone), rest)


def read_days(text: str, today: date) -> tuple[date | None, date | None, str]:
    """Return (first, last, rest) of 「6月3日-6月5日 赵强代」; one day alone is both; none → (None, None, text)."""
    found = _day(text, today)
    if found is None:
        return None, None, text
    first, (start, end) = found
    last: date | None = first
    if to := _TO.match(text, end):
        if bare := _BARE_DAY.match(text, to.end()):
            last, end = _date(first.year, first.month, int(bare.group(1))), bare.end()
        elif (second := _day(text, today, to.end())) and second[1][0] == to.end():
            last, end = _over_new_year(first, second[0]), second[1][1]
    if last is None:
        return None, None, text
    return first, last, " ".join(f"{text[:start]} {text[end:]}".split())


def read_past_day(text: str, today: date) -> tuple[date | None, str]:
    """Return (day, rest) of 「6月3日 人民路」: a day that is over, or today; none at the beginning → (None, text).

    Without a year it is the latest such day, unless that is long past: then somebody means one that is yet to come.
    """
    for pattern, read in ((_PAST_DATE, _past_date), (_PAST_DAY, _past_day), (_PAST_WORD, _past_word)):
        match = pattern.match(text)
        if match and (day := read(match, today)):
            return day, text[match.end() :].strip(" ,，、:：")
    return None, text


def _past_date(match: re.Match[str], today: date) -> date | None:
    month, number = int(match.group(2)), int(match.group(3))
    if match.group(1):
        return _date(int(match.group(1)), month, number)
    this, before = _date(today.year, month, number), _date(today.year - 1, month, number)
    is_before = before and today - before <= LONGEST_OVER_NEW_YEAR and (this is None or this > today)
    return before if is_before else this


def _past_day(match: re.Match[str], today: date) -> date | None:
    number = int(match.group(1))
    if number <= today.day:
        return _date(today.year, today.month, number)
    eve = today.replace(day=1) - timedelta(days=1)
    return _date(eve.year, eve.month, number)


def _past_word(match: re.Match[str], today: date) -> date:
    return today - timedelta(days=_DAYS_BACK[match.group()[0]])


def _over_new_year(first: date, last: date) -> date:
    later = _date(last.year + 1, last.month, last.day)
    return later if last < first and later and later - first <= LONGEST_OVER_NEW_YEAR else last


def _day(text: str, today: date, start: int = 0) -> tuple[date, tuple[int, int]] | None:
    """Return the first day that is named from `start` on, with its place in the text."""
    found = []
    for pattern, read in _DAYS:
        match = pattern.search(text, start)
        if match and (day := read(match, today)):
            found.append((day, match.span()))
    return min(found, key=lambda place: (place[1][0], -place[1][1]), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _calendar_day(match: re.Match[str], today: date) -> date | None:
    month, number = int(match.group(2)), int(match.group(3))
    if match.group(1):
        return _date(int(match.group(1)), month, number)
    day = _date(today.year, month, number)
    is_past = day is None or day < today - timedelta(days=180)
    return _date(today.year + 1, month, number) if is_past else day


def _relative_day(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=_RELATIVE_DAYS[match.group(1)])


def _week_day(match: re.Match[str], today: date) -> date:
    wanted = "一二三四五六日".index(match.group(2).replace("天", "日"))
    if match.group(1) == "下":  # of the next week, which begins on Monday
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday()) % 7)


def _day_of_month(match: re.Match[str], today: date) -> date | None:
    number = int(match.group(2))
    is_next = (match.group(1) or "").startswith("下") or (not match.group(1) and number < today.day)
    year, month = (today.year + today.month // 12, today.month % 12 + 1) if is_next else (today.year, today.month)
    return _date(year, month, number)


def _last_day(match: re.Match[str], today: date) -> date:
    if match.group(1).startswith("年"):
        return date(today.year, 12, 31)
    return date(today.year + today.month // 12, today.month % 12 + 1, 1) - timedelta(days=1)


_DAYS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]]] = (
    (_DATE, _calendar_day),
    (_RELATIVE, _relative_day),
    (_WEEKDAY, _week_day),
    (_OF_MONTH, _day_of_month),
    (_END_OF, _last_day),
)


def _clock(text: str) -> tuple[time | None, str]:
    for pattern in (_CLOCK, _SPOKEN_CLOCK):
        match = pattern.search(text)
        if match and (clock := _time_of(match)):
            return clock, _cut(text, match.start(), match.end())
    if match := _HALF.search(text):
        return _HALF_TIMES[match.group(1)], _cut(text, match.start(), match.end())
    return None, text


def _time_of(match: re.Match[str]) -> time | None:
    part, hour, minutes = match.group(1), _number(match.group(2)), [g for g in match.groups()[2:] if g]
    minute = {"半": 30, "一刻": 15}.get(minutes[0]) or int(minutes[0]) if minutes else 0
    is_night = hour == 24 or (hour == 12 and part in {"晚上", "晚"})
    if is_night and not minute:
        return LAST_MINUTE
    if (part in {"下午", "晚上", "晚"} and hour < 12) or (part == "中午" and hour < 10):
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _after(local: datetime, span: re.Match[str]) -> datetime:
    if span.group(4):
        return local + (timedelta(minutes=30) if span.group(5) == "小时" else timedelta(hours=4))
    count, unit = _number(span.group(1)), span.group(2) or span.group(3)
    if unit == "小时":
        return local + timedelta(hours=count)
    days = count * {"周": 7, "星期": 7, "个月": 30}.get(unit, 1)
    return datetime.combine(local.date() + timedelta(days=days), END_OF_DAY, local.tzinfo)


def _number(text: str) -> int:
    """Return the value of 12, 两, 十五 or 二十四; of 两三 the larger."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    value = _CHINESE[ones[-1]] if ones else 0
    return value + (10 * (_CHINESE[tens[-1]] if tens else 1) if ten else 0)


def _cut(text: str, start: int, end: int) -> str:
    kept = " ".join(f"{text[:start]} {text[end:]}".split())
    return _TRAILING_WORD.sub("", _LEADING_WORD.sub("", kept)).strip()
