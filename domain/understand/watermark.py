"""What the lines of a watermark say: when, where, in which words, and what was noted. Pure text work.

Watermark cameras print a big clock with a date beside it, a table of labels and values (时间：… 地点：… 经度：…), or bare lines.
A field that is not there stays empty; nothing is guessed from half a line.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.photo_facts import Watermark
from domain.understand.coordinates import Point, wgs84_from_gcj02
from domain.understand.text import normalise


@dataclass(frozen=True, slots=True)
class Line:
    """One recognised line; left, top, width and height in thousandths of the frame."""

    text: str
    left: int = 0
    top: int = 0
    width: int = 0
    height: int = 0


_LABELS: Mapping[str, str] = {
    **dict.fromkeys(("时间", "拍摄时间", "拍照时间", "日期", "巡查时间"), "time"),
    **dict.fromkeys(("地点", "地址", "位置", "拍摄地点", "拍照地点", "定位", "详细地址", "拍摄位置", "巡查地点"), "place"),
    **dict.fromkeys(("经度", "东经", "lng", "lon", "longitude"), "longitude"),
    **dict.fromkeys(("纬度", "北纬", "lat", "latitude"), "latitude"),
    **dict.fromkeys(("经纬度", "坐标", "gps"), "point"),
    **dict.fromkeys(("备注", "内容", "事由", "巡查内容", "工作内容", "问题", "描述", "问题描述", "事项"), "note"),
    **dict.fromkeys(
        ("天气", "气温", "海拔", "方位", "方向", "拍摄人", "拍照人", "巡查人", "姓名", "单位", "项目", "工程名称", "防伪", "温度", "标题", "主题"),
        "other",
    ),
}  # fmt: skip
_LABEL = re.compile(
    r"^\W{0,3}("
    + "|".join(sorted((r"\s{0,4}".join(label) for label in _LABELS), key=len, reverse=True))
    + r")\s*[:;]\s*"
)
_PLACE_LABEL = re.compile(r"^\W{0,3}(地\s{0,4}点|地\s{0,4}址|位\s{0,4}置)\s*(?=\S{3})")  # its colon was not made out
# the second halves of labels that are set apart (时    间): the first halves are read as a column of their own
_HALVES: Mapping[str, str] = {"间": "time", "点": "place", "址": "place", "置": "place", "注": "note", "气": "other"}
_HALF = re.compile(r"^([间点址置注气])\s*[:;]?\s*")
_SAME_COLUMN = 25  # thousandths
_BARE_LABEL = re.compile(r"^\W{0,3}(" + "|".join(sorted(_LABELS, key=len, reverse=True)) + r")\s*$")
_DATE = re.compile(r"(20\d\d)\s*[-./年_]\s*(0?[1-9]|1[0-2])\s*[-./月_]\s*(3[01]|[12]\d|0?[1-9])\s*日?")
_TIGHT = re.compile(r"(20\d\d)[-./年]?(0[1-9]|1[0-2])[-./月]?(0[1-9]|[12]\d|3[01])(?!\d)")  # a mark was lost
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])\s*[:;]\s*([0-5]\d)(?:\s*[:;.]\s*([0-5]\d))?(?!\d)")
_GLUED = re.compile(r"(20\d\d[-./年]\d\d[-./月]\d\d日?)(\d\d:\d\d)")
_DECIMAL = re.compile(r"(?<![\d.])(\d{1,3})\s?[.]\s?(\d{3,10})(?!\d)")
_BARRED = re.compile(
    r"^\W{0,2}((?:[01]?\d|2[0-3])[:;][0-5]\d)\s?[1l|i!/\]](?:$|(?=20\d\d[-./年]).*)"
)  # the bar beside a large clock
_HOURS = re.compile(r"\d{1,2}\s?[:;]\s?\d\d\s?[-~—–至到]{1,2}\s?\d{1,2}\s?[:;]\s?\d\d")  # of a shop
_DEGREES = re.compile(r"(\d{1,3})\s*[°º度]\s*(\d{1,2})\s*['’′分]\s*(\d{1,2}(?:\.\d+)?)")
_WEATHER = re.compile(r"[℃°]\s*c?$|星期|周[一二三四五六日]|^(?:晴|阴|多云|小雨|中雨|大雨|雾|霾)|海拔")
_ADDRESS = re.compile(r"[路街道巷镇乡村区县市]|大厦|广场|小区|公园|医院|学校|\d{1,6}号|交叉口|路口")
_MARKS = (
    "省",
    "市",
    "[区县旗]",
    "[镇乡村]",
    "[路街道巷]",
    r"\d{1,6}号|交叉口|路?口|\d{1,4}米",
    "大厦|广场|小区|公园|医院|学校|超市|店|[院所局馆]",
)
_NO_ADDRESS = re.compile(r"巡查|记录|打卡|相机|水印|防伪|营业|电话|外卖|出租")  # heads, badges and shop signs
_TRIM = " ,.;:|·-—_'\"、。"
_FIRST = re.compile(r"^(?:[@◎●○•◆■▼▲★☆♡◇□⊙]|[qQ9oO0]\s?(?=[\u4e00-\u9fff]))+\s*")
_LONGEST_GAP = 14  # thousandths between a line and the one that continues it …
_SAME_LEFT = 30  # … which begins at about the same place
_LONGITUDES, _LATITUDES = (73.0, 136.0), (3.0, 54.0)  # of China


def parse(lines: Iterable[Line], received_at: datetime, zone: ZoneInfo) -> Watermark:
    """Return what the lines say. A clock without a date is of the day of receipt, or of the day before when it is ahead."""
    ordered = _labelled([_mended(line) for line in sorted(lines, key=lambda line: (line.top, line.left))])
    fields, rest = _fields(_joined_labels(ordered))
    everything = _GLUED.sub(r"\1 \2", " ".join(normalise(line.text) for line in _by_date(ordered)))
    return Watermark(
        address=_address(fields, rest, _when(ordered)),
        taken_at=_taken(fields, everything, received_at, zone),
        point=_point(fields, everything),
        note=_note(fields, rest),
    )


def _mended(line: Line) -> Line:
    """Return a line without a shop's opening hours, and a large clock without the bar that was read as a figure."""
    text = normalise(line.text)
    barred = _BARRED.match(text)
    mended = barred[1] if barred else _HOURS.sub(" ", text)
    return line if mended == text else replace(line, text=mended)


def _labelled(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with the labels of a table whose letters stand apart (时    间) made whole.

    One half alone may be the beginning of a word; several, one below the other, are a table's.
    """
    halves = [line for line in lines if _HALF.match(normalise(line.text))]
    column = next(
        (one.left for one in halves if len({_half(o) for o in halves if abs(o.left - one.left) <= _SAME_COLUMN}) > 1),
        None,
    )
    if column is None:
        return list(lines)
    in_column = {line for line in halves if abs(line.left - column) <= _SAME_COLUMN}
    names = {"time": "时间", "place": "地点", "note": "备注", "other": "天气"}
    return [
        replace(line, text=f"{names[_half(line)]}:{_HALF.sub('', normalise(line.text), count=1)}")
        if line in in_column
        else line
        for line in lines
    ]


def _half(line: Line) -> str:
    match = _HALF.match(normalise(line.text))
    return _HALVES[match[1]] if match else ""


def _when(lines: Sequence[Line]) -> Line | None:
    """Return the line with the date, else the first with a clock: the print is about it."""
    dated = (line for line in lines if _DATE.search(normalise(line.text)) or _TIGHT.search(normalise(line.text)))
    clocked = (line for line in lines if _CLOCK.search(normalise(line.text)))
    return next(dated, None) or next(clocked, None)


def _by_date(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, those nearest to the date first: a clock elsewhere is not the print's."""
    date = _when(lines)
    return sorted(lines, key=lambda line: _apart(line, date)) if date is not None else list(lines)


def _apart(line: Line, other: Line) -> int:
    """Return how far two lines are apart, up and down, in thousandths: 0 where they stand beside each other."""
    return max(0, line.top - (other.top + other.height), other.top - (line.top + line.height))


def _joined_labels(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with a label that stands alone joined to the value beside it."""
    found: list[Line] = []
    taken: set[int] = set()
    for n, line in enumerate(lines):
        if n in taken:
            continue
        text = normalise(line.text)
        if _BARE_LABEL.match(text.replace(" ", "").rstrip(":;")):
            beside = [
                m for m, other in enumerate(lines)
                if m != n and m not in taken and other.left > line.left and _are_level(line, other)
            ]  # fmt: skip
            if beside:
                value = min(beside, key=lambda m: lines[m].left)
                taken.add(value)
                other = lines[value]
                label = text.replace(" ", "").rstrip(":;")
                line = Line(f"{label}:{other.text}", other.left, other.top, other.width, other.height)
        found.append(line)
    return found


def _are_level(one: Line, other: Line) -> bool:
    return abs((one.top + one.height / 2) - (other.top + other.height / 2)) < max(one.height, other.height) / 2


def _fields(lines: Sequence[Line]) -> tuple[dict[str, str], list[Line]]:
    """Return the labelled values, each with the lines that continue it, and the lines without a label."""
    fields: dict[str, str] = {}
    rest: list[Line] = []
    current, before = "", None
    for line in lines:
        text = normalise(line.text)
        if match := _LABEL.match(text):
            current = _LABELS[re.sub(r"\s", "", match.group(1))]
            fields.setdefault(current, line.text[match.end() :].strip())
        elif match := _PLACE_LABEL.match(text):
            current = "place"
            fields.setdefault(current, text[match.end() :].strip())
        elif current in ("place", "note") and before is not None and _continues(line, before, text):
            fields[current] += line.text.strip()
        else:
            current = ""
            rest.append(line)
        before = line
    return fields, rest


def _continues(line: Line, before: Line, text: str) -> bool:
    if _DATE.search(text) or _CLOCK.search(text) or _DECIMAL.search(text) or _WEATHER.search(text):
        return False
    gap = line.top - (before.top + before.height)
    begins = before.left - 20 <= line.left <= before.left + max(_SAME_LEFT, before.width // 2)
    return gap <= _LONGEST_GAP and begins


def _address(fields: Mapping[str, str], rest: Sequence[Line], when: Line | None) -> str:
    """Return the labelled place, else the line that is most like an address, with the lines that continue it.

    Of lines that are as good, the one nearest to the date: a shop's sign stands farther away.
    """
    if fields.get("place"):
        return _clean(fields["place"])
    likely = [(n, line) for n, line in enumerate(rest) if _is_address(normalise(line.text))]
    if not likely:
        return ""
    begins, first = max(likely, key=lambda pair: _likeness(pair[1], when))
    while begins and _goes_on(rest[begins - 1], first):
        begins, first = begins - 1, rest[begins - 1]
    found, before = first.text.strip(), first
    for line in rest[begins + 1 :]:
        text = normalise(line.text)
        if _is_beside(line, before):
            continue
        if not _continues(line, before, text):
            break
        found, before = found + line.text.strip(), line
    return _clean(found)


def _goes_on(above: Line, line: Line) -> bool:
    """Tell whether an address begins in the line above: 郑州市新郑市金峰 / 路107号."""
    return _is_address(normalise(above.text)) and _marks(above) > 0 and _continues(line, above, normalise(line.text))


def _is_beside(line: Line, other: Line) -> bool:
    """Tell whether a line begins to the right of another's end, at the same height: a badge, a sign, a plate."""
    return line.left > other.left + other.width and line.top < other.top + other.height


def _is_address(text: str) -> bool:
    is_other = _DATE.search(text) or _CLOCK.search(text) or _DECIMAL.search(text) or _WEATHER.search(text)
    return not is_other and len(text) >= 4 and _ADDRESS.search(text) is not None


def _likeness(line: Line, when: Line | None) -> tuple[int, int]:
    return _marks(line), -_apart(line, when) if when is not None else -line.top


def _marks(line: Line) -> int:
    text = normalise(line.text)
    return sum(re.search(mark, text) is not None for mark in _MARKS) - 2 * (_NO_ADDRESS.search(text) is not None)


def _clean(text: str) -> str:
    return _FIRST.sub("", text.strip()).strip(_TRIM)


def _note(fields: Mapping[str, str], rest: Sequence[Line]) -> str:
    return _clean(fields.get("note", ""))


def _taken(fields: Mapping[str, str], everything: str, received_at: datetime, zone: ZoneInfo) -> datetime | None:
    text = _GLUED.sub(r"\1 \2", normalise(fields.get("time", "")))
    text = text if _CLOCK.search(text) else everything
    date = next(
        (found for rule in (_DATE, _TIGHT) for part in (text, everything) if (found := rule.search(part))), None
    )
    bare = _TIGHT.sub(" ", _DATE.sub(" ", text))
    clock = _CLOCK.search(bare)
    if clock is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock.groups())
    received = received_at.astimezone(zone)
    try:
        if date is not None:
            year, month, day = (int(part) for part in date.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
        at = received.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError:
        return None
    if at > received + timedelta(minutes=10):  # a phone's clock may be ahead
        at -= timedelta(days=1)
    return at.astimezone(UTC)


def _point(fields: Mapping[str, str], everything: str) -> Point | None:
    """Return the WGS-84 point; what phones in China print is GCJ-02."""
    labelled = (fields.get("longitude", ""), fields.get("latitude", ""))
    if all(labelled):
        values = [*_degrees(labelled[0]), *_degrees(labelled[1])]
    else:
        values = _degrees(fields.get("point") or everything)
    longitude = next((value for value in values if _LONGITUDES[0] <= value <= _LONGITUDES[1]), None)
    latitude = next((value for value in values if _LATITUDES[0] <= value <= _LATITUDES[1]), None)
    return wgs84_from_gcj02(longitude, latitude) if longitude and latitude else None


def _degrees(text: str) -> list[float]:
    plain = normalise(text)
    found = [int(d) + int(m) / 60 + float(s) / 3600 for d, m, s in _DEGREES.findall(plain)]
    return found or [float(f"{whole}.{part}") for whole, part in _DECIMAL.findall(plain)]


def corrected(address: str, names: Iterable[str]) -> str:
    """Return the address with one misread character in a road's or place's name mended (人氏路 → 人民路).

    Only where exactly one name of three characters or more fits, and none stands there as it is.
    """
    plain = normalise(address)
    known = [name for name in names if len(name) >= 3]
    if any(name in plain for name in known):
        return address
    fits = {
        (start, name)
        for name in known
        for start in range(len(plain) - len(name) + 1)
        if sum(a != b for a, b in zip(name, plain[start:], strict=False)) == 1
        and plain[start + len(name) - 1] == name[-1]
    }
    if len(fits) != 1:
        return address
    start, name = fits.pop()
    return address[:start] + name + address[start + len(name) :]
