"""The quarter's letter to the leading group: a report, or with a fund worked out a request to approve it (S80)."""

from collections.abc import Iterator
from datetime import date

from domain.assessment import SEQUENCE_NAMES
from domain.imprint import Imprint
from domain.papers import Grid, Letter, Level, Paragraph
from domain.quarter import GroupScores, QuarterRow, QuarterScores
from domain.texts.papers.naming import DRAFT, day, enclosures, issued, source

RANKING, FUND = "考评组排名", "经费测算"
_NUMBERS = "一二三四五六七八九十"
_ABSENT = "—"
_FIRST = 3  # ranks that the body names


def letter(scores: QuarterScores, imprint: Imprint, head: str, published_on: date) -> Letter:
    """Return the draft: the groups' first and last, and the fund as worked out; the lists are enclosed.

    A report may not ask for anything, so what has to be approved makes it a request.
    """
    quarter, office = scores.quarter, imprint.office
    funded = [group for group in scores.groups if group.group.fund and group.rows]
    kind = "请示" if funded else "报告"
    ranked = [_ranking(group, scores) for group in scores.groups if group.rows]
    return Letter(
        file=f"{quarter.title}考评{kind}（{DRAFT}）.docx",
        office=office,
        number=f"{imprint.number_prefix}〔{quarter.year}〕　号" if imprint.number_prefix else "",
        mark=DRAFT,
        title=f"{office}关于{quarter.title}\n路长制考评结果{'和经费测算' if funded else ''}的{kind}",
        recipient="市路长制工作领导小组",
        body=tuple(_body(scores, funded)),
        signature=office,
        day=day(published_on),
        enclosures=enclosures([(RANKING, ranked), (FUND, [_fund(group) for group in funded])]),
        copies=imprint.copies,
        issued=issued(published_on, is_final=False),
        source=source(scores.rules, head),
        dated=quarter.last.last,
    )


def _body(scores: QuarterScores, funded: list[GroupScores]) -> Iterator[Paragraph]:
    yield Paragraph(f"现将{scores.quarter.title}路长制考评结果{'和经费测算' if funded else ''}报告如下。")
    if unset := missing(scores):
        yield Paragraph(unset)
    parts = [(group.group.name, _summary(group)) for group in scores.groups if scores.is_frozen]
    if funded:
        parts.append((FUND, _funds(funded)))
    for place, (title, text) in enumerate(parts):
        number = _NUMBERS[place] if place < len(_NUMBERS) else str(place + 1)
        yield Paragraph(f"{number}、{title}", Level.FIRST)
        yield Paragraph(text)
    yield Paragraph("妥否，请批示。" if funded else "特此报告。")


def _summary(group: GroupScores) -> str:
    """Return the group's first three and its last: 共6个。第1名东关街道98.72分…；末位河西镇98.26分。"""
    if not group.rows:
        return "没有成绩。"
    first = "、".join(f"第{row.rank}名{_scored(row)}" for row in group.rows if row.rank <= _FIRST)
    last = "、".join(_scored(row) for row in group.rows if row.is_last)
    unscored = f"本季没有参加排名：{'、'.join(group.unscored)}。" if group.unscored else ""
    if len(group.rows) > 1 and group.rows[-1].rank == 1:
        return f"共{len(group.rows)}个，均为{group.rows[0].score:.2f}分，并列第1名。{unscored}"
    return f"共{len(group.rows)}个，{first}{f'；末位{last}' if last else ''}。{unscored}"


def _scored(row: QuarterRow) -> str:
    return f"{row.name}{row.score:.2f}分"


def _funds(funded: list[GroupScores]) -> str:
    awards = [row.award for group in funded for row in group.rows if row.award]
    total = sum(award.amount for award in awards)
    return (
        f"按季度得分与基础分{awards[0].base_score.normalize():f}分之差逐档计算，不足一档不计，"
        f"{len(awards)}个单位合计{total:,}元，见附件2。未经批准不执行。"
    )


def _ranking(group: GroupScores, scores: QuarterScores) -> Grid:
    head = ("名次", SEQUENCE_NAMES[group.group.sequence], *month_titles(scores), "季度得分")
    rows = (
        (str(row.rank), row.name, *(_ABSENT if s is None else f"{s:.2f}" for s in row.printed), f"{row.score:.2f}")
        for row in group.rows
    )
    return Grid(group.group.name, (head, *rows), (10, 38, 13, 13, 13, 13))


def _fund(group: GroupScores) -> Grid:
    """Return a group's fund with every figure between score and yuan."""
    head = ("名称", "季度得分", "与基础分差", "计档", "基准（元）", "增减（元）", "合计（元）")
    rows = (
        (
            row.name,
            f"{row.score:.2f}",
            f"{award.difference:+.2f}",
            f"{award.steps:+d}",
            f"{award.base:,}",
            f"{award.amount - award.base:+,}",
            f"{award.amount:,}",
        )
        for row in group.rows
        if (award := row.award)
    )
    return Grid(f"{group.group.name}（{group.group.fund}组）", (head, *rows), (28, 11, 13, 9, 13, 13, 13))


def month_titles(scores: QuarterScores) -> tuple[str, ...]:
    """Return 7月, 8月, 9月."""
    return tuple(f"{month.number}月" for month in scores.quarter.months)


def missing(scores: QuarterScores) -> str:
    """Return which months are not frozen yet, "" when all are."""
    waits = "、".join(f"{month.number}月" for month in scores.missing)
    return f"{waits}考评尚未定稿，季度成绩待三个月齐后得出。" if waits else ""
