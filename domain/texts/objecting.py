"""What those assessed hear when the objection window (异议期) of a month opens."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.month import Month
from domain.scores import Row, SequenceScores
from domain.texts.appealing import last_day
from domain.texts.inspecting import points
from domain.texts.leadership import standing
from domain.texts.wording import Wording


def opened(
    month: Month, lines: Sequence[tuple[SequenceScores, Row]], lost: Sequence[Decimal], end: datetime | None, w: Wording
) -> str:
    """Return the draft's figures of one's own, what was taken, and how to object until when."""
    own = "；".join(standing(listed, row) for listed, row in lines)
    until = f"申诉期至{last_day(end, w)}（含）：" if end else ""
    return (
        f"{month.number}月考评草稿已出：{own}，涉及您的扣分{len(lost)}处，共{points(sum(lost, Decimal(0)))}分。"
        f"{until}回“为什么扣分 {month.number}月”看明细，有异议回“申诉 编号 理由”并附材料照片。"
    )
