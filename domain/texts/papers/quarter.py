"""The quarter's documents: ranking of each assessment group, fund worked out, flags counted; drafts until approved (S80)."""

from datetime import date

from domain.assessment import SEQUENCE_NAMES
from domain.imprint import Imprint
from domain.papers import Book, Cell, Column, Line, Panel, Poster, Sheet
from domain.quarter import GroupScores, QuarterRow, QuarterScores
from domain.texts.papers.funds import FUND_COLUMNS, fund_row
from domain.texts.papers.naming import DRAFT, day, source
from domain.texts.papers.quarter_letter import FUND, RANKING, missing, month_titles

MOST_LINES = 30

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
        _sheet(scores, imprint, RANKING, _columns(scores), rows, proof, empty),
        _sheet(scores, imprint, FUND, FUND_COLUMNS, funds, proof, empty),
        _sheet(scores, imprint, "红黑旗累计", _FLAGS, flags, proof, "季末没有黑旗累计。"),
    )
    return Book(f"{_name(scores)}考评得分表（{DRAFT}）.xlsx", sheets, proof, scores.quarter.last.last)


def _columns(scores: QuarterScores) -> tuple[Column, ...]:
    return (
        Column("考评组", 14),
        Column("序列", 12),
        Column("名次", 8, is_centred=True),
        Column("名称", 26),
        Column("季度得分", 10),
        *(Column(title, 9) for title in month_titles(scores)),
        Column("参评月数", 10),
    )


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


def _name(scores: QuarterScores) -> str:
    return scores.quarter.title


def _title(scores: QuarterScores, imprint: Imprint) -> str:
    return f"{imprint.city}{_name(scores)}路长制考评"
