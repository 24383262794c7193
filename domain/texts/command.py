"""What the command seat, second-level chiefs, township heads and the office (指挥席、二级路长、路长办) read."""

from collections.abc import Sequence

from domain.case import Case
from domain.messages import Choice
from domain.texts.reporter import origin_mark
from domain.texts.wording import Wording, numbered, one_line, pictures


def unlocated(case: Case, w: Wording) -> str:
    """Return what the seat hears of a report without a place."""
    hint = f"可能路段：{'、'.join(case.candidates)}。" if case.candidates else ""
    return (
        f"【{case.number}】待定位｜{origin_mark(case)}{w.category(case)}{pictures(len(case.photos))}｜“{one_line(case.text)[:60]}”。"
        f"{hint}回复“定位 {case.short} 路段编号”，或“不予立案 {case.short} 原因”。"
    )


def returned(case: Case, w: Wording, by: str, reason: str) -> str:
    """Return what the seat hears of a case that came back."""
    again = "（第2次退回，请定夺）" if case.returns >= 2 else ""
    return f"【{case.number}】待改派{again}｜{w.category(case)}｜{w.spot(case)}｜{by}退回：{reason}。回复“改派 {case.short} 姓名”或“定位 {case.short} 路段编号”。"


def verify(case: Case, w: Wording, doubts: Sequence[str] = ()) -> str:
    """Return what a verifier hears; doubts about the pictures are his to judge."""
    before, after = len(case.photos_of("before")), len(case.photos_of("after"))
    evidence = f"整改前{before}张、整改后{after}张" if after else "无图办结，已由上级确认"
    to_look_at = f"请核对照片：{'；'.join(doubts)}。" if doubts else ""
    return (
        f"【{case.number}】待复核｜{w.category(case)}｜{w.spot(case)}｜{w.name(case.resolved_by)}报处理完毕，{evidence}。{to_look_at}"
        f"回复“{case.short} 通过”或“{case.short} 不通过 原因”。"
    )


def review_label(case: Case, w: Wording) -> str:
    """Return 0123占道经营, as a line of the list."""
    return f"{case.short}{w.category(case)}"


def review_list(count: int, options: Sequence[Choice]) -> str:
    """Return a verifier's list, answered by position."""
    return f"待您复核{count}件：{numbered(options)}。回复“1 通过，2 不通过 原因”。"


def passed(case: Case) -> str:
    """Return that a verdict was recorded."""
    return f"{case.number}已办结。"


def failed(case: Case, w: Wording) -> str:
    """Return that a case was sent back."""
    due = f"，新时限{w.when(case.handler_due)}" if case.handler_due else ""
    return f"{case.number}退回重办（第{case.reworks}次）{due}，已通知{w.name(case.handler)}。"


def extension(case: Case, w: Wording) -> str:
    """Return a request for an extension, to be decided."""
    request = case.extension
    until = w.when(request.until) if request and request.until else "未写明"
    reason = request.reason if request else ""
    due = f"，原时限{w.when(case.due)}" if case.due else ""
    return (
        f"【{case.number}】申请延期｜{w.category(case)}｜{w.spot(case)}｜{w.name(case.handler)}：{reason}，延至{until}{due}。"
        f"回复“批准延期 {case.short}”或“不批准延期 {case.short} 原因”。"
    )


def without_photo(case: Case, w: Wording) -> str:
    """Return a request to close without a photo."""
    reason = case.no_photo.reason if case.no_photo else ""
    return (
        f"【{case.number}】无图办结待确认｜{w.category(case)}｜{w.spot(case)}｜{w.name(case.handler)}：{reason}。"
        f"回复“确认无图 {case.short}”或“不确认无图 {case.short}”。"
    )


def told_tier(case: Case, w: Wording) -> str:
    """Return what the level that must own a prominent or major case hears (S11)."""
    return (
        f"【{case.number}】{case.severity}问题｜{w.category(case)}｜{w.spot(case)}｜承办 {w.name(case.handler)}。"
        f"请确认牵头：回复“接受 {case.short}”或“交回 {case.short} 原因”。"
    )


def asks_for_people(who: str, words: str) -> str:
    """Return what the office hears of somebody who asks for a person."""
    said = f"：“{words[:60]}”" if words else ""
    return f"{who}请求人工联系{said}。请与其联系，事项不在群内讨论。"


def helping(case: Case, w: Wording) -> str:
    """Return what the category's department hears, which helps (协办)."""
    due = f"｜{w.when(case.due)}前办结" if case.due else ""
    return f"【{case.number}】请协助｜{w.category(case)}｜{w.spot(case)}｜承办 {w.unit(case)} {w.name(case.handler)}{due}。"


def hazard(case: Case, w: Wording) -> str:
    """Return what second level and seat hear of a hazard at once."""
    return f"【{case.number}】紧急｜{w.category(case)}｜{w.spot(case)}{pictures(len(case.photos))}。已通知{w.name(case.handler)}处置，15分钟未认领将再次提请。"


def escalated(case: Case, w: Wording, late: str) -> str:
    """Return a request for coordination, up the line; `late`: what is late, and by how long."""
    told = f"，已提醒{case.raised}次" if case.raised else ""
    return (
        f"【{case.number}】提请协调｜{late}{told}｜{w.category(case)}｜{w.segment(case)}｜承办 {w.name(case.handler)}。"
        f"回复“催办 {case.short}”“改派 {case.short} 姓名”或“批准延期 {case.short}”。"
    )


def order_draft(case: Case, w: Wording, elapsed: str) -> str:
    """Return the draft of a written order (督办单) for the office, three days after the limit."""
    due = w.when(case.due) if case.due else "—"
    return "\n".join(
        [
            f"督办单（代拟稿）{case.number}",
            f"交办依据：{w.rules.city}路长制实施方案，逐级督办",
            f"问题：{w.category(case)}，{w.spot(case)}，{w.day(case.reported_at)}上报，时限{due}，超时{elapsed}",
            f"承办：{w.unit(case)} {w.name(case.handler)}；整改要求：{w.closing(case)}",
        ]
    )


def pick_handler(case: Case, w: Wording, absent: str, choices: Sequence[Choice]) -> str:
    """Return the question to the second-level chief whom a case goes to."""
    return f"{absent}路段长今日请假未指定代理，{case.number}由您指派：{numbered(choices)}"


def reassigned(case: Case, w: Wording, old: str, by: str) -> str:
    """Return that a case changed hands."""
    due = f"，时限重算至{w.when(case.handler_due)}" if case.handler_due else ""
    return f"{case.number}已由{old}改派{w.name(case.handler)}（{by}批准，{w.clock(w.now)}）{due}，双方已告知。"


def located(case: Case, w: Wording) -> str:
    """Return that a case found its segment."""
    return f"{case.number}已定位{w.segment(case)}，交{w.name(case.handler)}承办。"


def queue(township: str, counts: Sequence[tuple[str, list[str]]], w: Wording) -> str:
    """Return a desk's open work (待办): count and numbers of each kind."""
    filled = [(name, numbers) for name, numbers in counts if numbers]
    where = township or "全市"
    if not filled:
        return f"{w.clock(w.now)} {where}待办：无。"
    head = "、".join(f"{name}{len(numbers)}" for name, numbers in filled)
    parts = [f"{name}：{'、'.join(numbers[:8])}{'…' if len(numbers) > 8 else ''}" for name, numbers in filled]
    return f"{w.clock(w.now)} {where}待办：{head}。\n{'；'.join(parts)}。"


def urge_preview(people: int, cases: int, reminded: int, choices: Sequence[Choice]) -> str:
    """Return what a bulk urge will do, before it is done."""
    again = f"，其中{reminded}人今日已提醒过" if reminded else ""
    return f"将向{people}人各发1条合并提醒（涉及{cases}件{again}）。确认发送？{numbered(choices)}"


def urge_done(people: int) -> str:
    """Return that the urges went out."""
    return f"已向{people}人发出提醒。"


def urged(case: Case, w: Wording) -> str:
    """Return that one handler was urged."""
    return f"已提醒{w.name(case.handler)}处置{case.number}。"


def declined(case: Case) -> str:
    """Return that a case was not filed."""
    return f"{case.number}已不予立案，原因已告知上报人。"


def voided(case: Case) -> str:
    """Return that a case was voided; its record stays."""
    return f"{case.number}已作废，记录保留。"


def shelving_asked(case: Case, w: Wording) -> str:
    """Return a request to shelve a case, which needs two approvals."""
    request = case.shelving
    until = w.when(request.until) if request and request.until else "未写明"
    reason = request.reason if request else ""
    return (
        f"【{case.number}】申请挂账至{until}｜{w.category(case)}｜{w.spot(case)}｜{reason}。"
        f"须两人同意，回复“同意挂账 {case.short}”。"
    )


def shelving_noted(case: Case, w: Wording) -> str:
    """Return that one approval of two is in."""
    return f"{case.number}挂账已有1人同意，还需1人。"


def shelved(case: Case, w: Wording) -> str:
    """Return that a case is shelved."""
    until = w.when(case.shelving.until) if case.shelving and case.shelving.until else ""
    return f"{case.number}已挂账至{until}，期间时限暂停，每周通报一次。"


def resumed(case: Case, w: Wording) -> str:
    """Return that a shelved case is live again."""
    due = f"，时限{w.when(case.due)}" if case.due else ""
    return f"{case.number}挂账结束，恢复处置，由{w.name(case.handler)}承办{due}。"


def tier_raised(case: Case, w: Wording, by: str, reason: str) -> str:
    """Return that a case was raised to a higher tier."""
    return f"{case.number}已由{by}提为{case.severity}问题：{reason}。"


def tier_accepted(case: Case, w: Wording, by: str) -> str:
    """Return that a level took the lead."""
    return f"{case.number}由{by}牵头协调。"


def tier_handed_back(case: Case, w: Wording, by: str, reason: str) -> str:
    """Return that a level handed a case back."""
    return f"{case.number}已由{by}交回：{reason}，仍由{w.name(case.handler)}承办，现为{case.severity}问题。"


def instructed(case: Case, township: str, head: str, w: Wording) -> str:
    """Return the answer to a leader's instruction."""
    due = f"，{w.when(case.due)}前反馈" if case.due else ""
    who = f"{township}总路长{head}" if head else township
    return f"已登记为领导交办件{case.number}，交{who}{due}，结果在本群回复一次。"


def instruction(case: Case, w: Wording) -> str:
    """Return what the township head hears of a leader's instruction."""
    who = f"承办 {w.name(case.handler)}" if case.handler else "待定位，指挥席正在落实承办人"
    due = f"，{w.when(case.due)}前反馈" if case.due else ""
    return (
        f"【{case.number}】领导交办｜{w.category(case)}｜{w.spot(case)}｜{who}{due}。请牵头督促，办结后在领导群回复。"
    )


def instruction_done(case: Case, w: Wording) -> str:
    """Return the one answer in the leadership group when an instruction is done."""
    return f"领导交办件{case.number}（{w.category(case)}，{w.spot(case)}）已办结并复核通过。"


def merged(case: Case, other: Case) -> str:
    """Return that the seat merged a case."""
    return f"{case.number}已并入{other.number}。"


def case_card(case: Case, w: Wording, *, show_reporter: str = "", deduction: str = "") -> str:
    """Return one case in a few lines: state, people, times, photos, and what was deducted for it."""
    times = [f"交办{w.when(case.assigned_at)}"] if case.assigned_at else [f"上报{w.when(case.reported_at)}"]
    times += [f"认领{w.when(case.acknowledged_at)}"] if case.acknowledged_at else []
    times += [f"处理{w.when(case.resolved_at)}"] if case.resolved_at else []
    times += [f"办结{w.when(case.closed_at)}"] if case.closed_at else []
    before, after = len(case.photos_of("before")), len(case.photos_of("after"))
    lines = [
        f"【{case.number}】{w.state(case)}｜{origin_mark(case)}{w.category(case)}｜{w.segment(case)}",
        f"{' '.join(times)}｜照片 前{before} 后{after}",
    ]
    if case.handler:
        due = f"｜时限{w.when(case.due)}" if case.due and case.is_open else ""
        lines.append(f"承办 {w.name(case.handler)}｜责任 {w.unit(case)}{due}")
    if deduction:
        lines.append(deduction)
    if case.evidence:
        lines.append(f"判定依据：{'、'.join(case.evidence[:5])}")
    if show_reporter:
        lines.append(f"上报人：{show_reporter}（本次查看已留痕）")
    return "\n".join(lines)
