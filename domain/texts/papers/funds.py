"""The fund's lines, in the month's and the quarter's documents."""

from collections.abc import Sequence

from domain.month import Month, Quarter
from domain.papers import Cell, Column
from domain.quarter import GroupScores, QuarterRow

FUND_COLUMNS = (
    Column("考评组", 14),
    Column("组别", 8, is_centred=True),
    Column("名称", 26),
    Column("季度得分", 10),
    Column("基础分", 10),
    Column("相差", 10),
    Column("计档", 8),
    Column("基准（元）", 14, is_money=True),
    Column("增减（元）", 14, is_money=True),
    Column("合计（元）", 14, is_money=True),
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
