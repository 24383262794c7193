"""Why the bot judged a case as it did (为什么): the words and the place that decided, as they were recorded then."""

from domain.case import Case
from domain.texts.wording import Wording

_BY = {
    "location": "按发来的位置",
    "watermark": "按照片水印（上报人已确认）",
    "exif": "按照片自带的定位",
    "own": "未写位置，按上报人所在路段",
}


def why(case: Case, w: Wording) -> str:
    """Return the reasons, a line each."""
    told = dict(entry.split("=", 1) for entry in case.why if "=" in entry)
    by_people = {entry.removeprefix("person=") for entry in case.why if entry.startswith("person=")}
    lines = [f"{case.number}判定依据："]
    lines.append(f"类别：{_category(case, w, told.get('words', ''), is_by_people='category' in by_people)}")
    lines.append(f"位置：{_place(case, w, told, is_by_people='place' in by_people)}")
    if told.get("severity"):
        lines.append(f"程度：{case.severity}，{told['severity']}。")
    if case.is_hazard:
        lines.append("紧急：文字中出现危及人身安全的情形，立即通知，不等人工判断。")
    return "\n".join(lines)


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
