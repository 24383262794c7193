"""What people read where somebody's words were erased at their own wish."""

from domain.case import YEAR_SPAN
from domain.erased import ERASED_WORDS


def words_gone(case_id: int) -> str:
    """Return what a post says that was still to be sent when the words of its report were erased."""
    short = f"{case_id % YEAR_SPAN:04d}"
    return f"案件{short}的上报内容{ERASED_WORDS}，办理情况请回复“查看 {short}”。"
