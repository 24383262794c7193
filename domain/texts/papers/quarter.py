"""The quarter's documents: ranking of each assessment group, fund worked out, flags counted; drafts until approved (S80)."""

from datetime import date

from domain.assessment import SEQUENCE_NAMES
from domain.imprint import Imprint
from domain.papers import Book, Cell, Column, Grid, Letter, Level, Line, Panel, Paragraph, Poster, Sheet
from domain.quarter import GroupScores, QuarterRow, QuarterScores
from domain.texts.papers.funds import FUND_COLUMNS, fund_row
from domain.texts.papers.naming import DRAFT, day, source

MOST_LINES = 30

_SCORES = (
    Column("考评组", 14),
    Column("序列", 12),
    Column("名次", 8, is_centred=True),
    Column("名称", 26),
    Column("季度得分", 10),
    Column("首月", 9),
    Column("次月", 9),
    Column("末月", 9),
    Column("参评月数", 10),
)
_FLAGS = (
    Column("序列", 12),
    Column("名称", 26),
    Column("连续黑旗", 10),
    Column("本年黑旗", 10),
)


def book(scores: QuarterScores, imprint: Imprint, head: str) -> Book:
    """Return the quarter's workbook."""
    proof = source(scores.rules, head)
    empty = missing(scores) or "没有设定考评组：请在配置里写[[group]]。"
    rows = [_score(group, row) for group in scores.groups for row in group.rows]
    funds = [fund_row(group, row) for group in scores.groups if group.group.fund for row in group.rows]
    flags: list[tuple[Cell, ...]] = [
        (SEQUENCE_NAMES[count.sequence], count.name, count.streak, count.year_total) for count in scores.flags
    ]
    sheets = (
        _sheet(scores, imprint, "考评组排名", _SCORES, rows, proof, empty),
        _sheet(scores, imprint, "经费测算", FUND_COLUMNS, funds, proof, empty),
        _sheet(scores, imprint, "红黑旗累计", _FLAGS, flags, proof, "季末没有黑旗累计。"),
    )
    return Book(f"{_name(scores)}考评得分表（{DRAFT}）.xlsx", sheets, proof, scores.quarter.last.last)


def _sheet(
    scores: QuarterScores,
    imprint: Imprint,
    title: str,
    columns: tuple[Column, ...],
    rows: list[tuple[Cell, ...]],
    proof: str,
    empty: str,
) -> Sheet:
    return Sheet(title, f"{_title(scores, imprint)}　{title}（{DRAFT}）", columns, rows, (proof,), empty)


def _score(group: GroupScores, row: QuarterRow) -> tuple[Cell, ...]:
    sequence = SEQUENCE_NAMES[group.group.sequence]
    return (group.group.name, sequence, row.rank, row.name, row.score, *row.printed, row.months)


def letter(scores: QuarterScores, imprint: Imprint, head: str, published_on: date) -> Letter:
    """Return the draft letter: what each group reached, and the fund as worked out, to be approved."""
    quarter = scores.quarter
    body = [Paragraph(f"现将{quarter.title}路长制考评结果报告如下。")]
    if unset := missing(scores):
        body.append(Paragraph(unset))
    for group in scores.groups:
        body += [Paragraph(group.group.name, Level.FIRST), Paragraph(_ranking(group))]
    if any(group.group.fund for group in scores.groups):
        body += [
            Paragraph("经费测算", Level.FIRST),
            Paragraph("按季度得分与基础分逐档计算，不足一档不计，见附件；未经领导小组批准不执行。"),
        ]
    return Letter(
        file=f"{_name(scores)}考评通报（{DRAFT}）.docx",
        office=imprint.office,
        number=imprint.number(quarter.year, quarter.last.number)
        if not imprint.number_prefix
        else f"{imprint.number_prefix}〔{quarter.year}〕　号",
        mark=DRAFT,
        title=f"关于{quarter.title}路长制考评结果的报告",
        recipient="市路长制工作领导小组",
        body=tuple(body),
        signature=imprint.office,
        day=day(published_on),
        grids=tuple(_grid(n, group) for n, group in enumerate(_with_fund(scores), 1)),
        copies=imprint.copies,
        source=source(scores.rules, head),
        dated=quarter.last.last,
    )


def _with_fund(scores: QuarterScores) -> list[GroupScores]:
    return [group for group in scores.groups if group.group.fund and group.rows]


def _ranking(group: GroupScores) -> str:
    if not group.rows:
        return "没有成绩。"
    unscored = f"本季没有参加排名：{'、'.join(group.unscored)}。" if group.unscored else ""
    return "；".join(f"{row.rank}.{row.name}{row.score:.2f}分" for row in group.rows) + "。" + unscored


def _grid(number: int, group: GroupScores) -> Grid:
    head = ("名次", "名称", "季度得分", "计档", "测算（元）")
    rows = tuple(
        (str(row.rank), row.name, f"{row.score:.2f}", f"{row.award.steps:+d}" if row.award else "", _yuan(row))
        for row in group.rows
    )
    return Grid(
        f"附件{number}　{group.group.name}经费测算（{group.group.fund}组）", (head, *rows), (12, 40, 16, 14, 18)
    )


def _yuan(row: QuarterRow) -> str:
    return f"{row.award.amount:,}" if row.award else ""


def poster(scores: QuarterScores, imprint: Imprint, head: str, published_on: date) -> Poster:
    """Return the ranking of each group as a picture; money and measures are not for a group of people."""
    panels = [
        Panel(
            group.group.name,
            tuple(Line(str(row.rank), row.name, f"{row.score:.2f}") for row in group.rows[:MOST_LINES]),
            note="" if group.rows else "没有成绩",
        )
        for group in scores.groups
    ]
    if unset := missing(scores):
        panels = [Panel("尚无成绩", note=unset)]
    return Poster(
        file=f"{_name(scores)}考评排名.png",
        title=f"{scores.quarter.title}路长制考评",
        subtitle=f"{imprint.office}　{day(published_on)}",
        panels=tuple(panels) or (Panel("尚无成绩", note="没有设定考评组"),),
        footer=(f"依据版本：{'、'.join(scores.rules)}", f"台账校验值：{head or '尚未生成'}"),
        mark=DRAFT,
    )


def missing(scores: QuarterScores) -> str:
    """Return which months are not frozen yet, "" when all are."""
    waits = "、".join(f"{month.number}月" for month in scores.missing)
    return f"{waits}考评尚未定稿，季度成绩待三个月齐后得出。" if waits else ""


def _name(scores: QuarterScores) -> str:
    return scores.quarter.title


def _title(scores: QuarterScores, imprint: Imprint) -> str:
    return f"{imprint.city}{_name(scores)}路长制考评"
