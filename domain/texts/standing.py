"""How somebody or something stands, as leaders ask for it, and how a rank moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.assessment import SequenceKind
from domain.flags import FLAG_NAMES
from domain.messages import Choice
from domain.month import Month
from domain.period import Period
from domain.printed import PrintedMonth, PrintedRow
from domain.quarter import QuarterScores
from domain.roster import Segment
from domain.scores import Row, SequenceScores
from domain.standing import Standing
from domain.subjects import Subject
from domain.texts.inspecting import points
from domain.texts.wording import Wording, numbered
from domain.yearly import YearScores

PROCESS = "过程数据"
_OF = {SequenceKind.TOWNSHIP: "辖区", SequenceKind.UNIT: "责任单位", SequenceKind.DEPARTMENT: "职能单位"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of a month: places in the lists or figures of a place, deductions, visits, cases."""

    title: str
    places: Sequence[str]
    lost: Sequence[Decimal]  # points of each deduction
    seen: int  # segments inspected
    segments: int
    standing: Standing


def change(rank: int | None, before: int | None) -> str:
    """Return 较上月↑3 for a better rank than the month before, "" without one to compare."""
    if rank is None or before is None:
        return ""
    moved = before - rank
    return "较上月持平" if not moved else f"较上月{'↑' if moved > 0 else '↓'}{abs(moved)}"


def status(period: Period, w: Wording) -> str:
    """Return how sure a month's figures are: 已通报, or that they may still change."""
    if period.is_published:
        return "已通报"
    if period.is_frozen:
        return "已定稿，待通报"
    runs = period.month == w.rules.month(w.now)
    return f"{f'截至{w.rules.day(w.now).day}日' if runs else '待通报'}，{PROCESS}"


def asked(answer: Answer, period: Period, w: Wording) -> str:
    """Return the answer to 东关街道这个月怎么样: score and rank, cases, share in time, what there is most of."""
    figures = ["；".join(answer.places), *_lost(answer)]
    parts = [
        "，".join(figure for figure in figures if figure),
        _cases(answer.standing, is_clean=not answer.lost),
        _main(answer.standing, w),
    ]
    month = named(period.month, w)
    return f"{answer.title}{month}（{status(period, w)}）：{'；'.join(part for part in parts if part)}。"


def named(month: Month, w: Wording) -> str:
    """Return 6月, or 2025年12月 of another year."""
    return f"{month.number}月" if month.year == w.rules.month(w.now).year else month.title


def place(
    listed: SequenceScores, row: Row, before: int | None, *, is_own: bool = True, is_published: bool = False
) -> str:
    """Return a score with its rank: 得分95.60，全市第1/12（红旗），较上月↑2; of somebody's unit or township with its name.

    Flags are hung by the announcement alone.
    """
    ranked = sum(other.rank is not None for other in listed.rows)
    where = f"{listed.group}类" if listed.group else "全市"
    rank = f"{where}第{row.rank}/{ranked}" if row.rank else "不参与排名"
    moved = change(row.rank, before)
    who = "得分" if is_own else f"{_OF[listed.sequence]}{row.name}"
    flag = f"（{FLAG_NAMES[row.flag]}）" if row.flag and is_published else ""
    return f"{who}{row.score:.2f}，{rank}{flag}" + (f"，{moved}" if moved else "")


def on_places(score: Decimal, segments: Sequence[Segment], where: str = "") -> str:
    """Return the mean of some segments, which no list ranks."""
    mean = f"（{len(segments)}个路段平均）" if len(segments) > 1 else ""
    return f"{where}得分{score:.2f}{mean}"


def _lost(answer: Answer) -> list[str]:
    taken = f"扣分{len(answer.lost)}处共{points(sum(answer.lost, Decimal(0)))}分" if answer.lost else ""
    seen = f"督查过{answer.segments}个路段中的{answer.seen}个" if answer.segments else ""
    if answer.segments == 1:
        seen = "已督查" if answer.seen else "未督查"
    return [part for part in (taken, seen) if part]


def _cases(standing: Standing, *, is_clean: bool) -> str:
    if not standing.problems:
        return "没有问题上报" if is_clean else "没有立案"  # findings that were imported open no case
    share = f"，按期办结率{standing.in_time * 100 / standing.settled:.1f}%" if standing.settled else ""
    late = "没有超时"
    if standing.late:
        rest = f"，其中{standing.late_open}件仍在办" if standing.late_open else "均已办结"
        late = f"超时{standing.late}件{rest}"
    return f"问题{standing.problems}处{share}，{late}"


def _main(standing: Standing, w: Wording) -> str:
    if not standing.main:
        return ""
    name = w.rules.categories.by_code(standing.main).name
    road = ""
    if standing.main_road and standing.main_count > 1:
        is_half = standing.main_road_count * 2 >= standing.main_count
        road = f"，{standing.main_road}{'占半' if is_half else f'{standing.main_road_count}处'}"
        road = f"，均在{standing.main_road}" if standing.main_road_count == standing.main_count else road
    return f"突出问题{name}（{standing.main_count}处{road}）"


def how_to_trace(subject: Subject, month: Month, w: Wording) -> str:
    """Return the words that lead from a score to its deductions and their photos."""
    return f"逐条依据请回“为什么扣分 {subject.name} {named(month, w)}”。"


def of_quarter(
    subject: Subject,
    lists: Sequence[SequenceKind],
    printed: Mapping[Month, PrintedMonth],
    scores: QuarterScores,
    w: Wording,
) -> str:
    """Return a quarter of somebody in the lists: its score once it is whole, and month by month."""
    months = "；".join(
        text for month, one in printed.items() if (text := _of_month(one, subject, lists, month in scores.missing, w))
    )
    rows = [
        f"得分{row.score:.2f}，{group.group.name}第{row.rank}/{len(group.rows)}；"
        for group in scores.groups
        for row in group.rows
        if group.group.sequence in lists and row.subject == subject.key
    ]
    missing = "、".join(named(month, w) for month in scores.missing)
    open_ones = f"（{missing}未定稿，尚无季度成绩）" if missing else "（已定稿）"
    return f"{subject.name}{scores.quarter.title}{open_ones}：{''.join(rows)}{months or '没有参加排名的月份'}。"


def _of_month(one: PrintedMonth, subject: Subject, lists: Sequence[SequenceKind], is_open: bool, w: Wording) -> str:
    texts = [_rank_of(row, one) for row in one.rows if row.sequence in lists and row.subject == subject.key]
    mark = f"（{PROCESS}）" if is_open else ""
    return f"{named(one.month, w)}{'、'.join(texts)}{mark}" if texts else ""


def _rank_of(row: PrintedRow, one: PrintedMonth) -> str:
    total = sum((other.sequence, other.group) == (row.sequence, row.group) for other in one.ranked.values())
    return f"{row.score:.2f}分" + (f"第{row.rank}/{total}" if row.rank else "不参与排名")


def of_year(subject: Subject, lists: Sequence[SequenceKind], scores: YearScores) -> str:
    """Return a year of somebody in the lists: the mean of the frozen months, rank, flags."""
    found = [row for row in scores.rows if row.sequence in lists and row.subject == subject.key]
    if not found:
        return f"{subject.name}{scores.year}年：没有已定稿的月份成绩。"
    texts = []
    for row in found:
        total = sum((other.sequence, other.group) == (row.sequence, row.group) for other in scores.rows)
        texts.append(
            f"平均{row.score:.2f}分（{row.months}个月），第{row.rank}/{total}，红旗{row.red}次、黑旗{row.black}次"
        )
    return f"{subject.name}{scores.year}年（{len(scores.months)}个月已定稿）：{'；'.join(texts)}。"


NO_RATING = "尚无成绩（职能单位须有各级路长评分）"


def which(choices: Sequence[Choice]) -> str:
    """Return the question whom a shared name means."""
    return f"有{len(choices)}个同名，请选择：{numbered(choices)}"


def unknown(name: str) -> str:
    """Return that nobody and nothing goes by a name, and what can be asked."""
    return f"没有找到“{name}”。可以问辖区、责任单位、职能单位、道路、路段编号或路长姓名，一次一个，如“东关街道上个月怎么样”。"


BY_MONTH = "这项请按月查询，请写月份，如“5月占道经营多少处”。季度、全年可问得分和排名。"
NOBODY_NAMED = "请写明问谁，如“东关街道二季度怎么样”，或“二季度辖区排名”。"
ONE_AT_A_TIME = "一次请问一个，如“东关街道上个月怎么样”。比较请回“辖区排名”“责任单位排名”。"


def not_assessed(name: str, unit: str) -> str:
    """Return that no list of the scheme holds a person, and what can be asked instead."""
    instead = f"可问“{unit}这个月怎么样”。" if unit else ""
    return f"{name}不是考评对象：按考评办法，考评辖区总路长、二级路长、责任单位、职能单位和门店。{instead}"


def by_month_only(name: str, example: Month, w: Wording) -> str:
    """Return that a place has figures for months alone."""
    return f"{name}只有月度得分，请写月份，如“{name}{named(example, w)}怎么样”。"


NOT_HERE = "个人考评情况请在领导群、市路长办群或私聊中查询。"
NOT_YOURS = "个人考评情况由本人、其上下级路长、市领导和市路长办查询。"
