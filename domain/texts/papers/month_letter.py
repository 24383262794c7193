"""The month's letter, 通报.docx."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.assessment import INSPECTED, SEQUENCE_NAMES, SequenceKind
from domain.papers import Cell, Grid, Letter, Level, Paragraph
from domain.scoring import Row
from domain.texts import leadership
from domain.texts.leadership import Correction
from domain.texts.papers.month import CORRECTED, CORRECTIONS, NOT_RANKED, MonthFacts, side_by_side
from domain.texts.papers.naming import day, flag

SEE_TABLE = "更正前后的数据见附件1。"


def letter(facts: MonthFacts) -> Letter:
    """Return 通报.docx: the announcement's own words, with the lists of flags under it."""
    bulletin, month = facts.bulletin, facts.month
    issue = f"第{month.number}期"
    paragraphs = [Paragraph(leadership.corrects(facts.correction, month) + SEE_TABLE)] if facts.correction else []
    paragraphs.append(Paragraph(_aim(bulletin.goals) + leadership.opening(bulletin)))
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


def _aim(goals: Sequence[str]) -> str:
    """Return what all of it is for, in the scheme's own words (S7)."""
    return f"为建设{'、'.join(goals)}的城市环境，" if goals else ""


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
        (f"{SEQUENCE_NAMES[one.row.sequence]}　{one.row.name}", *(_text(cell) for cell in side_by_side(one)))
        for one in correction.changes
    )
    return Grid(f"附件{number}　{CORRECTIONS}", (head, *body), (30, 12, 12, 12, 12, 11, 11))


def _text(cell: Cell) -> str:
    return f"{cell:.2f}" if isinstance(cell, Decimal) else str(cell)


def _grid_row(row: Row) -> tuple[str, ...]:
    place = str(row.rank) if row.rank is not None else NOT_RANKED
    return place, row.name, f"{row.score:.2f}", row.grade, flag(row.flag)
