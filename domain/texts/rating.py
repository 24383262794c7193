"""What chiefs read about their ratings (评分): sealed, only means are published."""

from domain.month import Month


def in_private() -> str:
    """Return that a rating is given in private."""
    return "评分请私聊发送：评分密封保存，只公布平均分。"


def how() -> str:
    """Return how to rate."""
    return "请写单位和分数（0至100），如“评分 市农业局 92”。"


def sealed(subject: str, month: Month) -> str:
    """Return that a rating was sealed."""
    return f"已密封登记您对{subject}{month.number}月的评分，定稿前再发一次即可更改；只公布平均分。"
