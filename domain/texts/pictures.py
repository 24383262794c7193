"""What people read about pictures: watermarks to be confirmed, copies, pictures older than their case, blurred copies."""

from collections.abc import Mapping, Sequence

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


DECIDED: Mapping[str, str] = {
    "photo_cleared": "{number}第{position}张已放行，外发时用打码副本。",
    "photo_kept_back": "{number}第{position}张不外发，原图照常用于办案。",
}


def blurred(case: Case, position: int, cells: Sequence[int]) -> str:
    """Return that a picture, or parts of it, are blurred from now on, and how to undo it."""
    where = f"第{_listed(cells)}格" if cells else "整张"
    undo = f"还原 {case.short} 第{position}张{''.join(f' {cell}' for cell in cells)}"
    return f"{case.number}第{position}张外发时{where}打码，原图不变。恢复回复“{undo}”。"


def boxed(case: Case, position: int, count: int) -> str:
    """Return that some boxes of a picture are blurred from now on."""
    return (
        f"{case.number}第{position}张外发时再打码{count}处，原图不变。恢复用“还原 {case.short} 第{position}张”加格号。"
    )


def unblurred(case: Case, position: int, cells: Sequence[int]) -> str:
    """Return that a picture, or parts of it, are shown again."""
    if not cells:
        return f"{case.number}第{position}张取消打码，可以外发。"
    return f"{case.number}第{position}张第{_listed(cells)}格已还原，其余打码不变。"


def as_it_leaves(case: Case, position: int) -> str:
    """Return the words beside a picture as it would leave, with its parts numbered."""
    name = f"{case.short} 第{position}张"
    return (
        f"{case.number}第{position}张外发时如图（格号只在这里显示）。"
        f"再打码回复“打码 {name} 5”（可写几格），整张回“打码 {name}”，多打了回“还原 {name} 5”。"
    )


def look_first(case: Case, position: int, cells: Sequence[int], *, is_group: bool) -> str:
    """Return that parts can be named only once their numbers were seen."""
    name = f"{case.short} 第{position}张"
    again = f"再回复“打码 {name}{''.join(f' {cell}' for cell in cells)}”"
    if is_group:
        return f"请先私聊回复“外发图 {name}”看格号，{again}。"
    return f"{case.number}第{position}张格号如图，请核对后{again}。"


def _listed(cells: Sequence[int]) -> str:
    return "、".join(map(str, cells))


def to_look_at(waiting: Sequence[tuple[Case, int, str, int]], *, has_more: bool) -> str:
    """Return the office's queue: (case, position of the picture, its role, how many places are blurred) each."""
    if not waiting:
        return "没有待您过目的照片。"
    listed = "；".join(
        f"{case.number}第{position}张（{_ROLES[role]}，已打码{blurred}处）" for case, position, role, blurred in waiting
    )
    case, position, _, _ = waiting[0]
    more = "等" if has_more else ""
    return (
        f"待您过目照片{len(waiting)}张{more}：{listed}。"
        f"回复“放行 {case.short} 第{position}张”“打码 {case.short} 第{position}张 5”（按格号）或“不外发 {case.short} 第{position}张”。"
    )


def look_wanted(count: int) -> str:
    """Return the office's line of the morning: pictures wait for a look."""
    return f"待您过目照片{count}张，过目前不外发。回复“待过目”查看。"


def original(case: Case, position: int) -> str:
    """Return the words beside an original."""
    return f"{case.number}第{position}张原图，本次查看已留痕，请勿外传。"
