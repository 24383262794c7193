"""The month's documents: 考评得分表.xlsx, 通报.docx and the picture of the leadership groups."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from operator import attrgetter

from domain.assessment import INSPECTED, SEQUENCE_NAMES, SequenceKind
from domain.comparison import Difference
from domain.finding import Finding
from domain.flags import Flag
from domain.holdings import Deduction
from domain.imprint import Imprint
from domain.month import Month, Quarter
from domain.papers import Book, Cell, Column, Grid, Letter, Level, Line, Panel, Paragraph, Poster, Sheet
from domain.printed import PrintedRow
from domain.quarter import GroupScores, QuarterRow
from domain.roster import Segment
from domain.scoring import Row, Scores, SequenceScores
from domain.texts import leadership
from domain.texts.leadership import Bulletin, Correction
from domain.texts.papers.naming import DRAFT, case, day, flag, said, source, total

MOST_LINES = 30  # townships on the picture
MOST_NAMES = 24  # names under one flag on the picture
MOST_CHANGES = 12  # that a correction's picture shows
NOT_RANKED = "不参加排名"
UNLISTED = "未列"
CORRECTED, CORRECTIONS = "更正", "更正对照"
FIRST_CORRECTED = 2  # the version that the first correction makes
SEE_TABLE = "更正前后的数据见附件1。"

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
    Column("时间", 17),
    Column("路段编号", 10),
    Column("路段", 34),
    Column("辖区", 14),
    Column("二级路长", 11),
    Column("责任单位", 16),
    Column("类别", 18),
    Column("扣分", 8),
    Column("细则条款", 26),
    Column("督查员", 10),
    Column("说明", 26),
)
_APPEALS = (
    Column("申诉编号", 15),
    Column("申诉人", 14),
    Column("扣分编号", 14),
    Column("路段", 34),
    Column("扣分", 8),
    Column("状态", 12, is_centred=True),
    Column("理由", 40),
    Column("答复", 40),
)
FUND_COLUMNS = (
    Column("考评组", 14),
    Column("组别", 8, is_centred=True),
    Column("名称", 26),
    Column("季度得分", 10),
    Column("基础分", 10),
    Column("相差", 10),
    Column("计档", 8),
    Column("基准（元）", 14),
    Column("增减（元）", 14),
    Column("合计（元）", 14),
)


NO_FUND_GROUPS = "没有设定经费组：请在配置的[[group]]里写明fund。"


def funds_later(quarter: Quarter, missing: Sequence[Month]) -> str:
    """Return why a quarter's fund is not worked out yet."""
    waits = "、".join(f"{month.number}月" for month in missing)
    return f"经费按季度测算：{quarter.title}还差{waits}，三个月齐后列出。"


def fund_row(listed: GroupScores, row: QuarterRow) -> tuple[Cell, ...]:
    """Return one subject's fund with every figure between score and yuan (S94–S96)."""
    award = row.award
    if award is None:
        return (listed.group.name, listed.group.fund or "", row.name, row.score, *[None] * 6)
    return (
        listed.group.name,
        listed.group.fund or "",
        row.name,
        row.score,
        award.base_score,
        award.difference,
        award.steps,
        award.base,
        award.amount - award.base,
        award.amount,
    )


@dataclass(frozen=True, slots=True)
class FlagTally:
    """One subject's flags so far in the year."""

    sequence: SequenceKind
    name: str
    now: Flag | None
    streak: int
    black: int
    red: int
    months: int  # in which it was ranked


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """Everything that the month's documents print."""

    bulletin: Bulletin
    imprint: Imprint
    is_final: bool  # frozen or published: not marked 代拟稿
    segment: Callable[[str, date], Segment | None]
    clause: Callable[[str, date], str]
    clock: Callable[[Deduction], str]  # when it was found, on the city's clocks
    name: Callable[[str], str]  # of a person
    findings: Mapping[str, Finding] = field(default_factory=dict)  # by key
    tallies: Sequence[FlagTally] = ()
    appeals: Sequence[Sequence[Cell]] = ()
    funds: Sequence[Sequence[Cell]] = ()
    funds_note: str = ""
    version: int = 0  # of the frozen figures

    @property
    def scores(self) -> Scores:
        """Return the figures."""
        return self.bulletin.scores

    @property
    def month(self) -> Month:
        """Return the month."""
        return self.scores.month

    @property
    def mark(self) -> str:
        """Return 代拟稿 until the month is frozen, 更正 of a later version."""
        if not self.is_final:
            return DRAFT
        return CORRECTED if self.correction else ""

    @property
    def correction(self) -> Correction | None:
        """Return what a later version corrects, None of the first."""
        return self.bulletin.correction

    @property
    def suffix(self) -> str:
        """Return what the names of the files end in: （代拟稿）, （更正）, of a second correction （更正2）."""
        number = str(self.version - 1) if self.correction and self.version > FIRST_CORRECTED else ""
        return f"（{self.mark}{number}）" if self.mark else ""

    @property
    def source(self) -> str:
        """Return the proof of the figures."""
        return source(self.scores.rules, self.bulletin.head)

    @property
    def title(self) -> str:
        """Return 溪城市2026年5月路长制考评."""
        return f"{self.imprint.city}{self.month.title}路长制考评"


# ---- the book


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
        (SEQUENCE_NAMES[one.row.sequence], one.row.group or "", one.row.name, *_side_by_side(one))
        for one in facts.correction.changes
    ]
    note = leadership.corrects(facts.correction, facts.month)
    signed = f"署名：{'、'.join(facts.correction.signed_by)}"
    return (_sheet(facts, CORRECTIONS, columns, rows, "", note, signed),)


def _side_by_side(one: Difference) -> tuple[Cell, ...]:
    before, after = one.before, one.after
    return (
        before.score if before else UNLISTED,
        after.score if after else UNLISTED,
        _place_of(before),
        _place_of(after),
        flag(before.flag) if before else "",
        flag(after.flag) if after else "",
    )


def _place_of(row: PrintedRow | None) -> Cell:
    if row is None:
        return UNLISTED
    return row.rank if row.rank is not None else NOT_RANKED


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


# ---- the letter


def letter(facts: MonthFacts) -> Letter:
    """Return 通报.docx: the announcement's own words, with the lists of flags under it."""
    bulletin, month = facts.bulletin, facts.month
    issue = f"第{month.number}期"
    paragraphs = [Paragraph(leadership.corrects(facts.correction, month) + SEE_TABLE)] if facts.correction else []
    paragraphs.append(Paragraph(leadership.opening(bulletin)))
    for number, (title, text) in zip("一二三四五", leadership.sections(bulletin, is_short=True), strict=True):
        paragraphs += [Paragraph(f"{number}、{title}", Level.FIRST), Paragraph(text)]
    paragraphs += [Paragraph(f"{remark}。") for remark in leadership.remarks(bulletin)]
    return Letter(
        file=f"{issue}通报{facts.suffix}.docx",
        office=facts.imprint.office,
        number=facts.imprint.number(month.year, month.number)
        + (f"（更正{facts.version - 1}）" if facts.version > 1 else ""),
        mark=facts.mark,
        title=f"关于{month.title}份路长制考评结果的{CORRECTED if facts.correction else ''}通报",
        recipient="各乡镇、街道、管委会，各责任单位",
        body=tuple(paragraphs),
        signature=facts.imprint.office,
        day=day(bulletin.published_on),
        grids=tuple(_grids(facts)),
        copies=facts.imprint.copies,
        source=facts.source,
        dated=month.last,
    )


def _grids(facts: MonthFacts) -> Iterable[Grid]:
    """Yield what a correction changes, a table of all townships and one of the flags of each further list."""
    number = 0
    if facts.correction:
        number += 1
        yield _corrections_grid(number, facts.correction)
    for listed in facts.scores.sequences:
        is_whole = listed.sequence is SequenceKind.TOWNSHIP
        rows = [row for row in listed.rows if is_whole or row.flag]
        if not rows or listed.sequence not in INSPECTED:
            continue
        number += 1
        what = "排名" if is_whole else "红旗、黑旗名单"
        group = f"（{listed.group}类道路）" if listed.group else ""
        head = ("名次", SEQUENCE_NAMES[listed.sequence], "得分", "等级", "红黑旗")
        body = tuple(_grid_row(row) for row in rows)
        yield Grid(f"附件{number}　{SEQUENCE_NAMES[listed.sequence]}{group}{what}", (head, *body), (14, 38, 16, 16, 16))


def _corrections_grid(number: int, correction: Correction) -> Grid:
    head = ("对象", "原得分", "更正后", "原名次", "更正后", "原红黑旗", "更正后")
    body = tuple(
        (f"{SEQUENCE_NAMES[one.row.sequence]}　{one.row.name}", *(_text(cell) for cell in _side_by_side(one)))
        for one in correction.changes
    )
    return Grid(f"附件{number}　{CORRECTIONS}", (head, *body), (30, 12, 12, 12, 12, 11, 11))


def _text(cell: Cell) -> str:
    return f"{cell:.2f}" if isinstance(cell, Decimal) else str(cell)


def _grid_row(row: Row) -> tuple[str, ...]:
    place = str(row.rank) if row.rank is not None else NOT_RANKED
    return place, row.name, f"{row.score:.2f}", row.grade, flag(row.flag)


# ---- the poster


def poster(facts: MonthFacts) -> Poster:
    """Return the picture: the townships' ranking, red and black flags by name, main problems."""
    panels = _corrected(facts)
    panels += [_townships(listed) for listed in facts.scores.of(SequenceKind.TOWNSHIP)]
    for kind in (SequenceKind.SECOND_LEVEL, SequenceKind.UNIT):
        panels += [_named(listed) for listed in facts.scores.of(kind)]
    panels.append(Panel("主要问题", note=leadership.problems(facts.bulletin)))
    return Poster(
        file=f"{facts.month.number}月考评红黑旗榜{facts.suffix if facts.correction else ''}.png",
        title=f"{facts.month.title}路长制考评",
        subtitle=f"{facts.imprint.office}　{day(facts.bulletin.published_on)}",
        panels=tuple(panels),
        footer=(f"依据版本：{'、'.join(facts.scores.rules)}", f"台账校验值：{facts.bulletin.head or '尚未生成'}"),
        mark=facts.mark,
    )


def _corrected(facts: MonthFacts) -> list[Panel]:
    """Return which lines a correction changes, and which notice it takes the place of."""
    if facts.correction is None:
        return []
    shown = facts.correction.changes[:MOST_CHANGES]
    left = len(facts.correction.changes) - len(shown)
    lines = tuple(Line("", one.row.name, _moved(one), one.after.flag if one.after else None) for one in shown)
    note = leadership.corrects(facts.correction, facts.month) + (f"另有{left}项见附件。" if left else "")
    return [Panel("更正内容", lines, note=note)]


def _moved(one: Difference) -> str:
    old, new = (f"{row.score:.2f}" if row else UNLISTED for row in (one.before, one.after))
    return f"{old}→{new}"


def _townships(listed: SequenceScores) -> Panel:
    """Return all townships; of very many the first and those with a flag."""
    shown = [row for place, row in enumerate(listed.rows) if place < MOST_LINES or row.flag]
    lines = tuple(Line(str(row.rank or "—"), row.name, f"{row.score:.2f}", row.flag) for row in shown)
    left = len(listed.rows) - len(shown)
    return Panel("辖区排名", lines, note=f"其余{left}个见得分表" if left else "")


def _named(listed: SequenceScores) -> Panel:
    group = f"（{listed.group}类道路）" if listed.group else ""
    names = tuple((colour, _names([r for r in listed.rows if r.flag is colour])) for colour in Flag)
    shown = tuple((colour, text) for colour, text in names if text)
    return Panel(f"{SEQUENCE_NAMES[listed.sequence]}{group}", names=shown, note="" if shown else "不设红旗、黑旗")


def _names(rows: Sequence[Row]) -> tuple[str, ...]:
    more = (f"等{len(rows)}名",) if len(rows) > MOST_NAMES else ()
    return (*(f"{row.name} {row.score:.2f}" for row in rows[:MOST_NAMES]), *more)
