"""The counts, flags and ranks of an announcement, asked back to the numbers that lead to their photos."""

from collections import Counter
from collections.abc import Iterable, Sequence

from domain.assessment import SEQUENCE_NAMES
from domain.finding import Finding
from domain.flags import FLAG_NAMES, Flag
from domain.period import Period
from domain.roster import Segment
from domain.scores import Coverage, Row, Scores, SequenceScores
from domain.texts.appealing import category, place
from domain.texts.standing import named, status
from domain.texts.wording import Wording

MOST_PARTS = 5  # categories or roads that are counted by name
MOST_NUMBERS, MOST_NUMBERS_IN_GROUP = 40, 8
MOST_SEGMENTS, MOST_SEGMENTS_IN_GROUP = 30, 8
MOST_ROWS, MOST_ROWS_IN_GROUP = 60, 15
NOT_RANKED = "按考评办法只排辖区、二级路长、责任单位和职能单位，不对{}单独排名。可回“二级路长排名”“责任单位排名”。"


def counted(
    name: str, what: str, found: Sequence[Finding], period: Period, w: Wording, *, by_road: bool, is_group: bool
) -> str:
    """Return how many problems inspectors found, what they were or where, and their numbers, the newest first."""
    month = named(period.month, w)
    head = f"{name}{month}督查发现{what}{len(found)}处（{status(period, w)}）"
    if not found:
        return f"{head}。"
    most = MOST_NUMBERS_IN_GROUP if is_group else MOST_NUMBERS
    parts = (_road(one, w) for one in found) if by_road else (category(one, w) for one in found)
    newest = found[::-1][:most]
    listed = "、".join(one.label for one in newest)
    more = "" if len(newest) == len(found) else f"（列最近{len(newest)}件）"
    narrower = f"；其余可按路查，如“{_road(found[0], w)}{month}{what}有哪些”" if more and by_road else ""
    return f"{head}：{_most(parts)}。\n编号{more}：{listed}。\n看某处的照片和依据请回“查 {newest[0].label}”{narrower}。"


def _road(finding: Finding, w: Wording) -> str:
    segment = w.roster.segment(finding.segment, w.rules.day(finding.found_at))
    return segment.road if segment else place(segment, finding)


def _most(parts: Iterable[str]) -> str:
    counts = Counter(parts).most_common()
    shown = "、".join(f"{part}{count}处" for part, count in counts[:MOST_PARTS])
    return f"{shown}{f'等{len(counts)}项' if len(counts) > MOST_PARTS else ''}"


def flags(scores: Scores, lists: Sequence[SequenceScores], wanted: Flag | None, period: Period, w: Wording) -> str:
    """Return who hangs which flag, list by list, and how a flag is asked back."""
    month = named(scores.month, w)
    colours = [wanted] if wanted else list(Flag)
    lines = [f"{month}{''.join(FLAG_NAMES[flag] for flag in colours)}（{status(period, w)}）："]
    for listed in lists:
        parts = [f"{FLAG_NAMES[flag]} {names}" for flag in colours if (names := _with(listed.rows, flag))]
        if parts:
            lines.append(f"{_title(listed)}：{'；'.join(parts)}")
    flagged = [row for listed in lists for row in listed.rows if row.flag in colours]
    if not flagged:
        return f"{lines[0]}没有。"
    return "\n".join([*lines, f"逐条依据请回“为什么扣分 {flagged[-1].name} {month}”。"])


def _with(rows: Iterable[Row], flag: Flag) -> str:
    return "、".join(f"{row.name}{row.score:.2f}" for row in rows if row.flag is flag)


def _title(listed: SequenceScores) -> str:
    return f"{SEQUENCE_NAMES[listed.sequence]}{f'{listed.group}类' if listed.group else ''}"


def not_yet(period: Period, w: Wording) -> str:
    """Return that flags are hung by the announcement alone."""
    return f"{named(period.month, w)}考评尚未通报，红旗、黑旗以通报为准。过程得分请回“辖区排名”。"


def ranking(lists: Sequence[SequenceScores], period: Period, w: Wording, *, is_group: bool) -> str:
    """Return the places of some lists, a line a list."""
    lines = [f"{named(period.month, w)}排名（{status(period, w)}）："]
    return "\n".join(
        [
            *lines,
            *(
                f"{_title(listed)}：{_places(listed.rows, is_group=is_group, is_published=period.is_published)}。"
                for listed in lists
            ),
        ]
    )


def _places(rows: Sequence[Row], *, is_group: bool, is_published: bool) -> str:
    most = MOST_ROWS_IN_GROUP if is_group else MOST_ROWS
    places = [_place(row, is_published=is_published) for row in rows if row.rank is not None]
    if len(places) <= most:
        return "；".join(places)
    half = most // 2  # who leads and who is last is what is asked for
    return f"{'；'.join(places[:half])}；……；{'；'.join(places[-half:])}（共{len(places)}）"


def _place(row: Row, *, is_published: bool) -> str:
    flag = f"（{FLAG_NAMES[row.flag]}）" if row.flag and is_published else ""
    return f"{row.rank}.{row.name}{row.score:.2f}分{flag}"


def nothing_ranked(period: Period, what: str, w: Wording) -> str:
    """Return that a list has nobody in it."""
    return f"{named(period.month, w)}没有{what}的成绩。"


def coverage(figures: Coverage, left: Sequence[Segment] | None, period: Period, w: Wording, *, is_group: bool) -> str:
    """Return how much was inspected, and which segments were not; None = who asks may not know what is to come."""
    share = f"（{figures.visited * 100 / figures.segments:.1f}%）" if figures.segments else ""
    head = (
        f"{named(period.month, w)}督查覆盖{figures.segments}个路段中的{figures.visited}个{share}，"
        f"督查记录{figures.visits}条（{status(period, w)}）。"
    )
    if not left:
        return head
    shown = left[: MOST_SEGMENTS_IN_GROUP if is_group else MOST_SEGMENTS]
    more = f"等{len(left)}个" if len(shown) < len(left) else ""
    return f"{head}\n未督查：{'、'.join(f'{s.id} {s.title}' for s in shown)}{more}。"
