"""The month's letter, 通报.docx."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from domain.assessment import INSPECTED, SEQUENCE_NAMES, SequenceKind
from domain.papers import Cell, Grid, Letter, Level, Paragraph
from domain.scoring import Row
from domain.texts import leadership
from domain.texts.leadership import Correction
from domain.texts.papers.month import CORRECTED, CORRECTIONS, NOT_RANKED, MonthFacts, side_by_side
from domain.texts.papers.naming import day, enclosures, flag, issued

SEE_TABLE = "更正前后的数据见附件1。"


def letter(facts: MonthFacts) -> Letter:
    """Return 通报.docx: the announcement's own words, with the lists of flags under it."""
    bulletin, month = facts.bulletin, facts.month
    issue = f"第{month.number}期"
    office = facts.imprint.office
    return Letter(
        file=f"{issue}通报{facts.suffix}.docx",
        office=office,
        number=facts.imprint.number(month.year, month.number)
        + (f"（更正{facts.version - 1}）" if facts.version > 1 else ""),
        mark=facts.mark,
        title=f"{office}关于{month.title}份\n路长制考评结果的{CORRECTED if facts.correction else ''}通报",
        recipient="各乡镇、街道、管委会，各责任单位",
        body=tuple(_body(facts)),
        signature=office,
        day=day(bulletin.published_on),
        enclosures=enclosures(_enclosed(facts)),
        copies=facts.imprint.copies,
        issued=issued(bulletin.published_on, is_final=facts.is_final),
        source=facts.source,
        dated=month.last,
    )


def _body(facts: MonthFacts) -> Iterator[Paragraph]:
    bulletin = facts.bulletin
    if facts.correction:
        yield Paragraph(leadership.corrects(facts.correction, facts.month) + SEE_TABLE)
    yield Paragraph(_aim(bulletin.goals) + leadership.opening(bulletin))
    parts = leadership.sections(bulletin, is_short=True)
    if remarks := leadership.remarks(bulletin):
        parts.append(("说明", f"{'；'.join(remarks)}。"))
    for number, (title, text) in zip("一二三四五六", parts, strict=False):
        yield Paragraph(f"{number}、{title}", Level.FIRST)
        yield Paragraph(text)


def _aim(goals: Sequence[str]) -> str:
    """Return what all of it is for, in the scheme's own words (S7)."""
    return f"为建设{'、'.join(goals)}的城市环境，" if goals else ""


def _enclosed(facts: MonthFacts) -> Iterator[tuple[str, list[Grid]]]:
    """Yield what a correction changes, all townships, and the flags of each further sequence, its lists apart."""
    if facts.correction:
        yield CORRECTIONS, list(_changes(facts.correction))
    for kind in INSPECTED:
        is_whole = kind is SequenceKind.TOWNSHIP
        what = "排名" if is_whole else "红旗、黑旗名单"
        lists = [(listed.group, [r for r in listed.rows if is_whole or r.flag]) for listed in facts.scores.of(kind)]
        yield f"{SEQUENCE_NAMES[kind]}{what}", [_ranking(kind, group, rows) for group, rows in lists if rows]


def _ranking(kind: SequenceKind, group: str | None, rows: Sequence[Row]) -> Grid:
    head = ("名次", SEQUENCE_NAMES[kind], "得分", "等级", "红黑旗")
    return Grid(_group(group), (head, *(_ranked(row) for row in rows)), (14, 38, 16, 16, 16))


def _changes(correction: Correction) -> Iterator[Grid]:
    """Yield the changed lines of each list, old and new side by side."""
    for (kind, group), changes in groupby(correction.changes, lambda one: (one.row.sequence, one.row.group)):
        head = (SEQUENCE_NAMES[kind], "原得分", "现得分", "原名次", "现名次", "原挂旗", "现挂旗")
        rows = ((one.row.name, *(_text(cell) for cell in side_by_side(one))) for one in changes)
        title = f"{SEQUENCE_NAMES[kind]}（{_group(group)}）" if group else SEQUENCE_NAMES[kind]
        yield Grid(title, (head, *rows), (34, 11, 11, 11, 11, 11, 11))


def _group(group: str | None) -> str:
    return f"{group}类道路" if group else ""


def _text(cell: Cell) -> str:
    return f"{cell:.2f}" if isinstance(cell, Decimal) else str(cell)


def _ranked(row: Row) -> tuple[str, ...]:
    place = str(row.rank) if row.rank is not None else NOT_RANKED
    return place, row.name, f"{row.score:.2f}", row.grade, flag(row.flag)
