"""What people read about pictures: watermarks to be confirmed, copies, pictures older than their case, blurred copies."""

from collections.abc import Sequence

from domain.case import Case
from domain.messages import Choice
from domain.texts.reporter import NEED_WORDS_EXAMPLE
from domain.texts.wording import numbered

WATERMARK_CHOICES = (Choice("right", "正确"), Choice("again", "重新填写"))
CONFIRM = Choice("confirm", "确认")
_ROLES = {"before": "整改前照片", "after": "整改照片", "other": "照片"}


def watermark(read: str) -> str:
    """Return the question whether a watermark was read right."""
    return f"按照片水印识别为“{read}”，是否正确？{numbered(WATERMARK_CHOICES)}"


def watermark_of(case: Case, read: str) -> str:
    """Return the question whether a watermark says where a report lies."""
    return f"{case.number}{watermark(read)}"


def fill_in() -> str:
    """Return the answer to 重新填写."""
    return f"请重新填写位置和问题，{NEED_WORDS_EXAMPLE}。"


def reused(number: str, role: str) -> str:
    """Return that a picture resembles one of a case, and how to insist."""
    return f"该照片与{number}{_ROLES[role]}高度相似，请核对后重新上传；如确为本件，请回复“{CONFIRM.label}”。"


def to_be_looked_at(case: Case, doubts: Sequence[str]) -> str:
    """Return what the desk hears of doubtful pictures; nothing follows from it by itself."""
    return f"【{case.number}】照片待核｜{'；'.join(doubts)}。请人工核对，系统不作认定。"


def alike(number: str, role: str) -> str:
    """Return that a picture resembles another case's."""
    return f"与{number}{_ROLES[role]}高度相似"


def taken_before(role: str, at: str) -> str:
    """Return that a picture is older than what it is to show."""
    return f"照片摄于{at}，早于{'交办' if role == 'after' else '上报'}时间"


def elsewhere(read: str) -> str:
    """Return that a watermark names another place than the case's."""
    return f"照片水印地点为“{read}”，与案件路段不一致"
