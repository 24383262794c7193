"""Why the bot judged a case as it did (为什么): the words and the place that decided, as they were recorded then."""

from collections.abc import Sequence

from domain.case import Case
from domain.texts.wording import Wording

_SHOWN = 4  # pictures that are told of
_ROLES = {"before": "整改前", "after": "整改后", "other": "其他"}
_BY = {
    "location": "按发来的位置",
    "watermark": "按照片水印（上报人已确认）",
    "exif": "按照片自带的定位",
    "own": "未写位置，按上报人所在路段",
}


def why(case: Case, w: Wording, pictures: Sequence[str], doubts: Sequence[str]) -> str:
    """Return the reasons, a line each; `pictures` and `doubts` are what its pictures tell, and what is doubtful in them."""
    told = dict(entry.split("=", 1) for entry in case.why if "=" in entry)
    by_people = {entry.removeprefix("person=") for entry in case.why if entry.startswith("person=")}
    lines = [f"{case.number}判定依据："]
    lines.append(f"类别：{_category(case, w, told.get('words', ''), is_by_people='category' in by_people)}")
    lines.append(f"位置：{_place(case, w, told, is_by_people='place' in by_people)}")
    if told.get("severity"):
        lines.append(f"程度：{case.severity}，{told['severity']}。")
    if case.is_hazard:
        lines.append("紧急：文字中出现危及人身安全的情形，立即通知，不等人工判断。")
    if pictures:
        more = f"；等{len(pictures)}张" if len(pictures) > _SHOWN else ""
        lines.append(f"照片：{'；'.join(pictures[:_SHOWN])}{more}。")
    if doubts:
        lines.append(f"照片待核：{'；'.join(doubts)}。须人工核对，系统不作认定。")
    return "\n".join(lines)


def photo(number: int, role: str, told: Sequence[str]) -> str:
    """Return what one picture tells."""
    return f"第{number}张（{_ROLES[role]}）{'，'.join(told)}"


def watermark(address: str, at: str, segments: Sequence[str]) -> str:
    """Return what a watermark says, and which segments it means: none, one, or a few that a person must choose from."""
    read = f"水印“{' '.join(part for part in (address, at) if part)}”" if address or at else "水印坐标"
    return f"{read}{_means(segments, is_place=bool(address) or not at)}"


def taken(at: str) -> str:
    """Return when a camera says that a picture was taken."""
    return f"摄于{at}（照片自带）"


def located(segments: Sequence[str]) -> str:
    """Return where a picture's own position lies."""
    return f"自带定位{_means(segments, is_place=True)}"


def _means(segments: Sequence[str], *, is_place: bool) -> str:
    if len(segments) == 1:
        return f"对应{segments[0]}"
    if segments:
        return f"可能是{'、'.join(segments)}"
    return "不在责任路段内" if is_place else ""


def _category(case: Case, w: Wording, words: str, *, is_by_people: bool) -> str:
    if is_by_people:
        return f"由人工改为{w.category(case)}。"
    if words:
        return f"因“{words}”判为{w.category(case)}。"
    return f"没有明确词语，暂按{w.category(case)}受理，可由指挥席改类。"


def _place(case: Case, w: Wording, told: dict[str, str], *, is_by_people: bool) -> str:
    if not case.segment:
        return f"“{told['places']}”不能确定路段，待人工定位。" if told.get("places") else "未写明位置，待人工定位。"
    segment = w.segment(case)
    if is_by_people:
        return f"由人工确认为{segment}。"
    if told.get("by") in _BY:
        return f"{_BY[told['by']]}对应{segment}。"
    places = told.get("places") or case.place
    return f"“{places}”对应{segment}。" if places else f"{segment}。"
