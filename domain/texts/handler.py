"""What duty persons and segment chiefs (轮值、路段长) read: the working message and the answers to what they do."""

from collections.abc import Sequence

from domain.case import Case
from domain.messages import Choice
from domain.texts.reporter import origin_mark
from domain.texts.wording import Wording, numbered, pictures

WORK_CHOICES = (
    Choice("ack", "收到"),
    Choice("resolve", "已处理"),
    Choice("return", "非我路段"),
    Choice("extend", "申请延期"),
)


def work(case: Case, w: Wording) -> str:
    """Return the working message: what, where, until when, and how "done" looks."""
    urgent = "紧急｜" if case.is_hazard else ""
    due = case.handler_due or case.due
    until = f"｜{w.when(due)}前办结" if due else ""
    ack = f"，{w.when(case.ack_due)}前认领" if case.ack_due else ""
    head = (
        f"【{case.number}】{urgent}{origin_mark(case)}{w.category(case)}｜{w.spot(case)}"
        f"{pictures(len(case.photos_of('before')))}{until}{ack}"
    )
    lines = [head, f"路段：{w.segment(case)}｜协办：{w.department(case)}"]
    lines.append(f"办结标准：{w.closing(case)}")
    lines.append(f"处理后直接发照片即可。回复：{numbered(WORK_CHOICES)}")
    return "\n".join(lines)


def delivered_late(case: Case, w: Wording) -> str:
    """Return that a working message came late through no fault of its reader, and until when there is time now."""
    ack = f"，请于{w.when(case.ack_due)}前认领" if case.ack_due else ""
    due = case.handler_due or case.due
    until = f"，{w.when(due)}前办结" if due else ""
    return f"{case.number}的交办通知因系统原因延误送达，时限已顺延{ack}{until}。"


def acknowledged(case: Case, w: Wording) -> str:
    """Return that a case is in hand."""
    return f"{case.number}已认领，{w.clock(case.acknowledged_at or w.now)}。"


def registered(case: Case, count: int, verifier: str) -> str:
    """Return that evidence was taken and goes to verification."""
    return f"已登记{case.number}整改照片{count}张，转{verifier}复核。10分钟内可继续补图。"


def more_photos(case: Case) -> str:
    """Return that further evidence joined a case waiting for verification."""
    return f"{case.number}已补充整改照片，共{len(case.photos_of('after'))}张。"


def which_case(cases: Sequence[Case], w: Wording, choices: Sequence[Choice], what: str) -> str:
    """Return the question which of several open cases is meant."""
    return f"您有{len(cases)}件在办，{what}：{numbered(choices)}"


def case_label(case: Case, w: Wording) -> str:
    """Return 0123占道经营, as an option."""
    return f"{case.short}{w.category(case)}"


def photo_needed(case: Case, w: Wording, confirmer: str) -> str:
    """Return that closing needs a photo, and the one way without."""
    return f"{case.number}办结须附整改后照片，请直接发送。确无法拍照，回复“无图 原因”，由{confirmer}确认。"


def photo_reused(case: Case, other: str) -> str:
    """Return that the very picture stands on another case, or is the report's own."""
    return f"该照片与{other}已有照片相同，不能作为{case.number}的整改照片，请重新拍照发送。"


def without_photo_asked(case: Case, w: Wording, confirmer: str) -> str:
    """Return that closing without a photo waits for confirmation."""
    return f"{case.number}无图办结已报{confirmer}确认，确认前状态不变。"


def without_photo_refused(case: Case, who: str) -> str:
    """Return that closing without a photo was refused."""
    return f"{case.number}无图办结未获{who}确认，请补拍整改后照片。"


def returned(case: Case, desk: str, reason: str) -> str:
    """Return that a case went back to the desk."""
    return f"{case.number}已退回{desk}改派，原因“{reason}”，时限暂停计算。"


def extension_asked(case: Case, approver: str) -> str:
    """Return that an extension was asked for."""
    return f"{case.number}延期申请已报{approver}，未批准前原时限不变。"


def extension_needs_time(case: Case) -> str:
    """Return how to ask for an extension."""
    return f"{case.number}请写明原因和时间，如“延期 {case.short} 需商户搬迁 明天12点”。"


def extension_granted(case: Case, w: Wording) -> str:
    """Return that an extension was granted."""
    who = w.titled(case.extension_approver)
    due = f"，时限调整至{w.when(case.due)}" if case.due else ""
    return f"{case.number}延期已由{who}批准{due}（第{case.extensions}次，最多2次）。"


def extension_refused(case: Case, who: str, w: Wording) -> str:
    """Return that an extension was refused."""
    due = f"，原时限{w.when(case.due)}不变" if case.due else ""
    return f"{case.number}延期未获{who}批准{due}。"


def dissuaded(case: Case) -> str:
    """Return that education or dissuasion (教育、劝阻) was recorded."""
    return f"{case.number}已记录劝阻，案件继续处置；处理完请发照片。"


def rework(case: Case, reason: str, w: Wording) -> str:
    """Return that a case came back from verification."""
    due = f"，新时限{w.when(case.handler_due)}" if case.handler_due else ""
    return f"【{case.number}】退回重办（第{case.reworks}次）｜{w.spot(case)}｜原因：{reason}{due}。处理后请发新照片。"


def closed(case: Case, w: Wording) -> str:
    """Return that a case passed verification."""
    return f"{case.number}复核通过，已于{w.clock(case.closed_at or w.now)}办结。"


def nothing_to_do(case: Case, w: Wording) -> str:
    """Return the answer to a command on a case that is over."""
    at = f"已于{w.when(case.closed_at)}" if case.closed_at else ""
    return f"{case.number}{at}{w.state(case)}，无需操作。"


def moved_away(case: Case, w: Wording) -> str:
    """Return that a case went to somebody else."""
    return f"{case.number}已改派{w.name(case.handler)}，您无需再处理。"


def bystander_photo(case: Case, w: Wording) -> str:
    """Return the answer to a helper's photo on somebody else's case."""
    return (
        f"{case.number}由{w.name(case.handler)}负责，您的照片已记入案件并转{w.name(case.handler)}确认，状态暂不变更。"
    )


def bystander_offer(case: Case, who: str) -> str:
    """Return what the handler hears about a helper's photo."""
    return f"{who}为{case.number}发来照片，已记入案件。如已处理完毕，请发整改后照片或回复“{case.short} 已处理”。"


def nudge(case: Case, w: Wording, late: str) -> str:
    """Return the notice to the handler before the second level is told; `late`: what is late, and by how long."""
    return f"{case.number}{late}，10分钟后将报二级路长{w.name(case.chain.second_level)}，如已处理请直接发照片。"


def overdue(case: Case, w: Wording, what: str) -> str:
    """Return what the chief hears at the limit of a case that another has in hand."""
    return (
        f"【{case.number}】{what}｜{w.category(case)}｜{w.spot(case)}。承办人{w.name(case.handler)}，请协调尽快处置。"
    )


def urged(case: Case, w: Wording, who: str) -> str:
    """Return a personal urge from the command line."""
    due = case.handler_due or case.due
    until = f"，时限{w.when(due)}" if due else ""
    return f"{who}请您尽快处置{case.number}（{w.category(case)}，{w.spot(case)}{until}）。"


def digest(due: Sequence[tuple[Case, str]], w: Wording, repeated: Sequence[str]) -> str:
    """Return one slot's reminder with everything of one person inside."""
    marks = "①②③④⑤⑥⑦⑧⑨⑩"
    items = [f"{marks[i] if i < len(marks) else '·'}{case.short} {note}" for i, (case, note) in enumerate(due[:10])]
    more = f"……等{len(due)}件" if len(due) > 10 else ""
    again = f"\n仍未办结、已连续提醒2次以上：{'、'.join(repeated)}。" if repeated else ""
    return f"截至{w.clock(w.now)}，您有{len(due)}件需处理：{' '.join(items)}{more}{again}"
