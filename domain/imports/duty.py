"""The duty file (轮值表): who stands on which segment on which weekdays (S30, S31, S33)."""

import re
from collections.abc import Collection, Sequence

from domain.imports.rows import Columns, RawRow, Row, nearest, open_rows, read_dates, refuse_if_any
from domain.roster import Dated, Duty

COLUMNS = Columns(required=("segment_id", "person"), optional=("weekdays", "from", "to"))
EVERY_DAY = frozenset(range(1, 8))
NAMED_DAYS: dict[str, frozenset[int]] = {
    "": EVERY_DAY,
    "每天": EVERY_DAY,
    "每日": EVERY_DAY,
    "全周": EVERY_DAY,
    "工作日": frozenset(range(1, 6)),
    "周末": frozenset({6, 7}),
    "双休日": frozenset({6, 7}),
}

_WRITTEN = str.maketrans(
    {
        **dict(zip("一二三四五六日天", "12345677", strict=True)),
        **dict.fromkeys("至到~～—–－", "-"),
        **dict.fromkeys("、，;；", ","),
    }
)
_RANGE = re.compile("([1-7])-([1-7])")


def parse_duty(
    file: str,
    rows: Sequence[RawRow],
    *,
    segments: Collection[str] | None = None,
    people: Collection[str] | None = None,
) -> list[Dated[Duty]]:
    """Return the duties of a file in file order; blank weekdays mean every day.

    `segments` and `people`, when given, are the ids that may be named. Raises ImportRefused with every problem.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    duties = [_duty(row, segments, people) for row in read]
    first: dict[Dated[Duty], int] = {}
    for row, duty in zip(read, duties, strict=True):
        if first.setdefault(duty, row.line) != row.line:
            row.refuse("person", f"与第{first[duty]}行完全相同，请删除一行")
    refuse_if_any(file, problems)
    return duties


def parse_weekdays(text: str) -> frozenset[int] | None:
    """Return the weekdays (Monday = 1) that `1-5`, `周一至周五`, `1,3,5` or `工作日` mean, None when it means none.

    A range may go over Sunday (`周六至周一`); blank means every day.
    """
    plain = re.sub(r"\s", "", text)
    if plain in NAMED_DAYS:
        return NAMED_DAYS[plain]
    parts = re.sub("星期|礼拜|周", "", plain).translate(_WRITTEN).split(",")
    found = [_weekdays_of(part) for part in parts]
    return None if None in found else frozenset(day for days in found if days for day in days)


def _weekdays_of(part: str) -> list[int] | None:
    span = _RANGE.fullmatch(part)
    if span:
        first, last = int(span[1]), int(span[2])
        return [(first - 1 + step) % 7 + 1 for step in range((last - first) % 7 + 1)]
    return [int(digit) for digit in part] if re.fullmatch("[1-7]{1,7}", part) else None


def _duty(row: Row, segments: Collection[str] | None, people: Collection[str] | None) -> Dated[Duty]:
    segment, person = _known(row, "segment_id", "路段", segments), _known(row, "person", "人员", people)
    weekdays = parse_weekdays(row.text("weekdays"))
    if weekdays is None:
        row.refuse(
            "weekdays",
            f"“{row.text('weekdays')}”不是星期，请写成1-5、周一至周五或1,3,5；若被改成日期，请先把该列设为文本",
        )
    since, until = read_dates(row)
    return Dated(Duty(segment, person, weekdays or EVERY_DAY), since, until)


def _known(row: Row, column: str, what: str, known: Collection[str] | None) -> str:
    text = row.needed(column)
    if text and known is not None and text not in known:
        row.refuse(column, f"没有{what}{text}{nearest(text, known) or '，请先导入或更正'}")
    return text
