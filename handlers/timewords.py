"""Times as people type them (明天12点, 6月3日, 后天, 两天, 周五下午) → an instant in the city's zone. Pure text work."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "半": 0}
_N = r"(\d{1,3}|[一二两三四五六七八九十])"
_DATE = re.compile(r"(?:(20\d\d)[年/-])?(\d{1,2})[月/-](\d{1,2})[日号]?")
_RELATIVE = re.compile("(今天|今日|明天|明日|后天|大后天)")
_WEEKDAY = re.compile("(下?)(?:周|星期|礼拜)([一二三四五六日天])")
_SPAN = re.compile(f"{_N}(?:个)?(天|日内|小时|个小时|周|星期)")
_CLOCK = re.compile(r"(上午|早上|中午|下午|晚上|晚)?\s*(\d{1,2})(?:[:点时](\d{1,2})?分?(半)?)")
_HALF = re.compile("(上午|中午|下班|下午|晚上)前?")
_RELATIVE_DAYS = {"今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3}
_HALF_TIMES = {"上午": time(12), "中午": time(12), "下午": time(18), "下班": time(18), "晚上": time(20)}
END_OF_DAY = time(18)


@dataclass(frozen=True, slots=True)
class Until:
    """An instant that was typed, and the words around it."""

    instant: datetime | None  # aware, in the zone given
    rest: str


def read_until(text: str, now: datetime, zone: ZoneInfo) -> Until:
    """Return the instant until which somebody asks; a day without a clock time means 18:00."""
    local = now.astimezone(zone)
    rest = text
    span = _SPAN.search(rest)
    if span and not _DATE.search(rest):
        rest = _cut(rest, span)
        return Until(_after(local, _number(span.group(1)), span.group(2)), rest)
    day, rest = _day(rest, local.date())
    clock, rest = _clock(rest)
    if day is None and clock is None:
        return Until(None, text)
    instant = datetime.combine(day or local.date(), clock or END_OF_DAY, zone)
    return Until(instant, rest)


def read_days(text: str, today: date) -> tuple[date | None, date | None, str]:
    """Return (first, last, rest) of 「6月3日-6月5日 赵强代」; one day alone is both; none → (None, None, text)."""
    first, rest = _day(text, today)
    if first is None:
        return None, None, text
    tail = re.sub(r"^[\s]*(?:-|至|到|~|—)[\s]*", "\0", rest.lstrip(), count=1)
    if tail.startswith("\0"):
        bare = re.match(r"\0(\d{1,2})[日号]", tail)
        if bare:
            return first, first.replace(day=int(bare.group(1))), tail[bare.end() :].strip()
        last, rest = _day(tail[1:], today)
        return first, last or first, rest
    return first, first, rest


def _day(text: str, today: date) -> tuple[date | None, str]:
    if match := _DATE.search(text):
        return _calendar_day(match, today), _cut(text, match)
    if match := _RELATIVE.search(text):
        return today + timedelta(days=_RELATIVE_DAYS[match.group(1)]), _cut(text, match)
    if match := _WEEKDAY.search(text):
        wanted = "一二三四五六日天".index(match.group(2)) % 7 if match.group(2) != "天" else 6
        ahead = (wanted - today.weekday()) % 7 + (7 if match.group(1) else 0)
        return today + timedelta(days=ahead), _cut(text, match)
    return None, text


def _calendar_day(match: re.Match[str], today: date) -> date | None:
    year = int(match.group(1)) if match.group(1) else today.year
    try:
        day = date(year, int(match.group(2)), int(match.group(3)))
    except ValueError:
        return None
    is_past = not match.group(1) and day < today - timedelta(days=180)
    return day.replace(year=year + 1) if is_past else day


def _clock(text: str) -> tuple[time | None, str]:
    if match := _CLOCK.search(text):
        hour, minute = int(match.group(2)), int(match.group(3) or (30 if match.group(4) else 0))
        if match.group(1) in {"下午", "晚上", "晚"} and hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            return time(hour, minute), _cut(text, match)
    if match := _HALF.search(text):
        return _HALF_TIMES[match.group(1)], _cut(text, match)
    return None, text


def _after(local: datetime, count: int, unit: str) -> datetime:
    if unit.endswith("小时"):
        return local + timedelta(hours=count)
    days = count * 7 if unit in {"周", "星期"} else count
    return datetime.combine(local.date() + timedelta(days=days), END_OF_DAY, local.tzinfo)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _CHINESE[text]


def _cut(text: str, match: re.Match[str]) -> str:
    kept = f"{text[: match.start()]} {text[match.end() :]}"
    return re.sub(r"^(?:申请|延期|延至|至|到|缓到|宽限)?\s*|\s*(?:前|之前|以前|为止)?\s*$", "", " ".join(kept.split()))
