"""The month's workbook, 考评得分表.xlsx."""

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter

from domain.assessment import INSPECTED, SEQUENCE_NAMES, SequenceKind
from domain.holdings import Deduction
from domain.papers import Book, Cell, Column, Sheet
from domain.roster import Segment
from domain.scoring import Row, Scores
from domain.texts import leadership
from domain.texts.papers.funds import FUND_COLUMNS
from domain.texts.papers.month import CORRECTIONS, NOT_RANKED, MonthFacts, side_by_side
from domain.texts.papers.naming import case, flag, said, total

_SCORES = (
    Column("名次", 10, is_centred=True),
    Column("名称", 26),
    Column("得分", 10),
    Column("等级", 10, is_centred=True),
    Column("红黑旗", 10, is_centred=True),
    Column("路段数", 10),
    Column("扣分处数", 10),
    Column("扣分合计", 10),
)
_FLAGS = (
    Column("序列", 12),
    Column("名称", 26),
    Column("本月", 10, is_centred=True),
    Column("连续黑旗", 10),
    Column("本年黑旗", 10),
    Column("本年红旗", 10),
    Column("本年参评月数", 14),
)
_DEDUCTIONS = (
    Column("编号", 13),
    Column("时间", 12),
    Column("路段编号", 9),
    Column("路段", 25),
    Column("辖区", 14),
    Column("二级路长", 9),
    Column("责任单位", 15),
    Column("类别", 13),
    Column("扣分", 7),
    Column("细则条款", 18),
    Column("督查员", 9),
    Column("说明", 20),
)
_APPEALS = (
    Column("申诉编号", 14),
    Column("申诉人", 12),
    Column("扣分编号", 14),
    Column("路段", 25),
    Column("扣分", 8),
    Column("状态", 12, is_centred=True),
    Column("理由", 36),
    Column("答复", 36),
)


def book(facts: MonthFacts) -> Book:
    """Return 考评得分表.xlsx with its nine sheets; of a correction old and new figures stand before them."""
    rows = [[_score(row) for row in listed.rows] for listed in facts.scores.sequences]
    sheets = (
        *_corrections(facts),
        _overview(facts, rows),
        *(_listing(facts, rows, kind) for kind in INSPECTED),
        _departments(facts),
        _deductions(facts),
        _register(facts),
        _sheet(facts, "申诉", _APPEALS, facts.appeals, "本月没有申诉。"),
        _sheet(facts, "经费测算", FUND_COLUMNS, facts.funds, facts.funds_note or "本季度尚无经费测算。"),
    )
    name = f"{facts.month.number}月考评得分表{facts.suffix}.xlsx"
    return Book(name, sheets, facts.source, facts.month.last)


def _sheet(
    facts: MonthFacts, title: str, columns: tuple[Column, ...], rows: Sequence[Sequence[Cell]], empty: str, *notes: str
) -> Sheet:
    mark = f"（{facts.mark}）" if facts.mark else ""
    return Sheet(title, f"{facts.title}　{title}{mark}", columns, rows, (facts.source, *notes), empty)


def _corrections(facts: MonthFacts) -> tuple[Sheet, ...]:
    """Return the sheet of what a correction changes, old and new side by side."""
    if facts.correction is None:
        return ()
    columns = (
        Column("序列", 12),
        Column("组别", 10, is_centred=True),
        Column("名称", 26),
        Column("原得分", 10),
        Column("更正后得分", 12),
        Column("原名次", 12, is_centred=True),
        Column("更正后名次", 12, is_centred=True),
        Column("原红黑旗", 10, is_centred=True),
        Column("更正后红黑旗", 14, is_centred=True),
    )
    rows = [
        (SEQUENCE_NAMES[one.row.sequence], one.row.group or "", one.row.name, *side_by_side(one))
        for one in facts.correction.changes
    ]
    note = leadership.corrects(facts.correction, facts.month)
    signed = f"署名：{'、'.join(facts.correction.signed_by)}"
    return (_sheet(facts, CORRECTIONS, columns, rows, "", note, signed),)


def _overview(facts: MonthFacts, scores: Sequence[Sequence[tuple[Cell, ...]]]) -> Sheet:
    columns = (Column("序列", 12), Column("组别", 10, is_centred=True), *_SCORES)
    rows = [
        (SEQUENCE_NAMES[listed.sequence], listed.group or "", *row)
        for listed, found in zip(facts.scores.sequences, scores, strict=True)
        for row in found
    ]
    covered = facts.scores.coverage
    notes = (
        f"督查覆盖{covered.segments}个路段中的{covered.visited}个，共{covered.visits}次",
        *leadership.remarks(facts.bulletin),
    )
    return _sheet(facts, "总表", columns, rows, "没有参评对象。", "；".join(notes))


def _listing(facts: MonthFacts, scores: Sequence[Sequence[tuple[Cell, ...]]], kind: SequenceKind) -> Sheet:
    lists = [pair for pair in zip(facts.scores.sequences, scores, strict=True) if pair[0].sequence is kind]
    has_groups = any(listed.group for listed, _ in lists)
    columns = ((Column("组别", 8, is_centred=True),) if has_groups else ()) + _SCORES
    rows = [((listed.group or "",) if has_groups else ()) + row for listed, found in lists for row in found]
    return _sheet(facts, SEQUENCE_NAMES[kind], columns, rows, f"本月没有参评的{SEQUENCE_NAMES[kind]}。")


def _score(row: Row) -> tuple[Cell, ...]:
    lost = total([d.points for d in row.deductions])
    place: Cell = row.rank if row.rank is not None else NOT_RANKED
    return (place, row.name, row.score, row.grade, flag(row.flag), len(row.segments), len(row.deductions), lost)


def _departments(facts: MonthFacts) -> Sheet:
    """Return the departments' list (S59): ranked, without flags; empty until their figures are entered."""
    rows = [
        (row.rank if row.rank is not None else NOT_RANKED, row.name, row.score, row.grade, len(row.deductions))
        for listed in facts.scores.sequences
        if listed.sequence is SequenceKind.DEPARTMENT
        for row in listed.rows
    ]
    columns = (*_SCORES[:4], Column("问题处数", 10))
    return _sheet(facts, "职能单位", columns, rows, "本月没有职能单位的评分数据。")


def deductions_of(scores: Scores) -> list[Deduction]:
    """Return every deduction of the month once, the oldest first."""
    found = {d.finding: d for listed in scores.sequences for row in listed.rows for d in row.deductions}
    return sorted(found.values(), key=attrgetter("found_at", "finding"))


def _deductions(facts: MonthFacts) -> Sheet:
    names = facts.bulletin.category_names
    place = cache(lambda segment, day: _place(facts.segment(segment, day)))
    spoken = cache(said)  # the same words over and over
    rows = [
        _deduction(facts, one, place(one.segment, one.day), names.get(one.category, one.category), spoken)
        for one in deductions_of(facts.scores)
    ]
    return _sheet(facts, "扣分明细", _DEDUCTIONS, rows, "本月没有扣分。")


def _place(segment: Segment | None) -> tuple[str, ...]:
    """Return segment, township, second-level chief and unit as they stood on the day."""
    if segment is None:
        return ("", "", "", "")
    return segment.title, segment.township, segment.second_level_name, segment.unit if segment.has_unit else ""


def _deduction(
    facts: MonthFacts, found: Deduction, place: tuple[str, ...], category: str, spoken: Callable[[str], str]
) -> tuple[Cell, ...]:
    finding = facts.findings.get(found.finding)
    label = finding.label if finding else found.finding[:8]
    return (
        case(label, facts.imprint) if finding and finding.case else label,
        facts.clock(found),
        found.segment,
        *place,
        category,
        found.points,
        facts.clause(found.category, found.day),
        spoken(facts.name(finding.inspector)) if finding else "",
        spoken(finding.note) if finding else "",
    )


def _register(facts: MonthFacts) -> Sheet:
    rows = [
        (SEQUENCE_NAMES[t.sequence], t.name, flag(t.now), t.streak, t.black, t.red, t.months) for t in facts.tallies
    ]
    note = "连续数跨年计算，未参加排名的月份不计也不中断；本年数为公历年"
    return _sheet(facts, "红黑旗累计", _FLAGS, rows, "本年还没有挂旗。", note)
