"""The counts, flags and ranks of an announcement, asked back to the numbers that lead to their photos."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.finding import Finding
from domain.flags import FLAG_NAMES, Flag
from domain.period import Period
from domain.quarter import QuarterScores
from domain.roster import Segment
from domain.scores import Coverage, Row, Scores, SequenceScores
from domain.texts.appealing import category, place
from domain.texts.standing import named, status
from domain.texts.wording import Wording
from domain.yearly import YearScores

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
    parts = Counter(_road(one, w) if by_road else category(one, w) for one in found).most_common()
    newest = found[::-1][:most]
    listed = "、".join(_short(one.label, w) for one in newest)
    more = "" if len(newest) == len(found) else f"（列最近{len(newest)}件）"
    narrower = f"；其余可按路查，如“{parts[0][0]}{month}{what}有哪些”" if more and by_road else ""
    return (
        f"{head}：{_most(parts)}。\n编号{more}：{listed}。\n"
        f"看某处的照片和依据请回“查 {_short(newest[0].label, w)}”{narrower}。"
    )


def _short(label: str, w: Wording) -> str:
    """Return a number without the year where it is this one."""
    return label.removeprefix(f"{w.rules.month(w.now).year}-")


def _road(finding: Finding, w: Wording) -> str:
    segment = w.roster.segment(finding.segment, w.rules.day(finding.found_at))
    return segment.road if segment else place(segment, finding)


def _most(parts: Sequence[tuple[str, int]]) -> str:
    shown = "、".join(f"{part}{count}处" for part, count in parts[:MOST_PARTS])
    return f"{shown}{f'等{len(parts)}项' if len(parts) > MOST_PARTS else ''}"


def flags(scores: Scores, lists: Sequence[SequenceScores], wanted: Flag | None, period: Period, w: Wording) -> str:
    """Return who hangs which flag, a line for each sequence, and how a flag is asked back."""
    month = named(scores.month, w)
    colours = [wanted] if wanted else list(Flag)
    head = f"{month}{''.join(FLAG_NAMES[flag] for flag in colours)}（{status(period, w)}）："
    found: dict[SequenceKind, list[str]] = {}
    for listed in lists:
        if text := _hung(listed, colours):
            found.setdefault(listed.sequence, []).append(text)
    flagged = [row for listed in lists for row in listed.rows if row.flag in colours]
    if not flagged:
        return f"{head}没有。"
    lines = [f"{SEQUENCE_NAMES[kind]} {'；'.join(texts)}" for kind, texts in found.items()]
    lines[0] = head + lines[0]
    return "\n".join([*lines, f"逐条依据请回“为什么扣分 {flagged[-1].name} {month}”。"])


def _hung(listed: SequenceScores, colours: Sequence[Flag]) -> str:
    """Return a list's flags; the colour is named where both are asked for."""
    names = {flag: [f"{row.name}{row.score:.2f}" for row in listed.rows if row.flag is flag] for flag in colours}
    parts = [f"{FLAG_NAMES[f] if len(colours) > 1 else ''}{'、'.join(of)}" for f, of in names.items() if of]
    group = f"{listed.group}类 " if listed.group else ""
    return f"{group}{'，'.join(parts)}" if parts else ""


def not_yet(period: Period, w: Wording) -> str:
    """Return that flags are hung by the announcement alone."""
    return f"{named(period.month, w)}考评尚未通报，红旗、黑旗以通报为准。过程得分请回“辖区排名”。"


def ranking(lists: Sequence[SequenceScores], period: Period, w: Wording, *, is_group: bool) -> str:
    """Return the places of one sequence, a line for each of its lists."""
    head = f"{named(period.month, w)}{SEQUENCE_NAMES[lists[0].sequence]}排名（{status(period, w)}）："
    lines = [
        f"{f'{listed.group}类 ' if listed.group else ''}"
        f"{_places(listed.rows, is_group=is_group, is_published=period.is_published)}。"
        for listed in lists
    ]
    return "\n".join([head, *lines]) if len(lines) > 1 else head + lines[0]


def quarter_ranking(scores: QuarterScores, sequence: SequenceKind, w: Wording, *, is_group: bool) -> str:
    """Return a quarter's places, a line for each assessment group; a quarter that is not whole has none."""
    head = f"{scores.quarter.title}{SEQUENCE_NAMES[sequence]}排名"
    if scores.missing:
        return f"{head}：{'、'.join(named(month, w) for month in scores.missing)}未定稿，三个月都定稿后才有季度成绩。"
    groups = [group for group in scores.groups if group.group.sequence is sequence]
    if not groups:
        return f"{head}：没有这一序列的考评组。"
    lines = [
        f"{group.group.name} {_shown([_in_list(row.rank, row.name, row.score) for row in group.rows], is_group)}。"
        for group in groups
    ]
    return "\n".join([f"{head}（已定稿）：", *lines])


def year_ranking(scores: YearScores, sequence: SequenceKind, *, is_group: bool) -> str:
    """Return a year's places so far, a line for each list."""
    head = f"{scores.year}年{SEQUENCE_NAMES[sequence]}排名"
    rows = scores.of(sequence)
    if not rows:
        return f"{head}：没有已定稿的月份成绩。"
    groups = dict.fromkeys(row.group for row in rows)
    lines = [
        f"{f'{group}类 ' if group else ''}"
        f"{_shown([_in_list(row.rank, row.name, row.score) for row in rows if row.group == group], is_group)}。"
        for group in groups
    ]
    return "\n".join([f"{head}（{len(scores.months)}个月已定稿，各月平均）：", *lines])


def _places(rows: Sequence[Row], *, is_group: bool, is_published: bool) -> str:
    return _shown([_place(row, is_published=is_published) for row in rows if row.rank is not None], is_group)


def _shown(places: Sequence[str], is_group: bool) -> str:
    """Return places in a row; of many the first and the last, which are what is asked for."""
    most = MOST_ROWS_IN_GROUP if is_group else MOST_ROWS
    if len(places) <= most:
        return "；".join(places)
    half = most // 2
    return f"{'；'.join(places[:half])}；……；{'；'.join(places[-half:])}（共{len(places)}）"


def _place(row: Row, *, is_published: bool) -> str:
    flag = f"（{FLAG_NAMES[row.flag]}）" if row.flag and is_published else ""
    return f"{_in_list(row.rank, row.name, row.score)}{flag}"


def _in_list(rank: int | None, name: str, score: Decimal) -> str:
    return f"{rank}.{name}{score:.2f}分"


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
