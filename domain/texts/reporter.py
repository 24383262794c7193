"""What a reporter (上报人) reads: at most three messages a case (accepted, done, optionally merged or returned)."""

from collections.abc import Sequence
from datetime import datetime

from domain.case import ORIGIN_NAMES, Case, Origin
from domain.messages import Choice
from domain.texts.wording import Wording, numbered, pictures

PRIVACY = "您的上报仅用于问题处置与考评，交办和通报中不出现您的身份。回复“隐私”了解更多。"
PRIVACY_FULL = (
    "隐私说明：市路长办收集您上报的文字、照片和平台账号，仅用于处置路面问题和依规考评。"
    "承办人只看到来源类别和时间，只有指挥席和市路长办可因工作查看上报人，且每次查看均留痕。"
    "需查询、更正或删除，请私聊回复“转人工”或联系市路长办。"
)
REPORT_BY = "直接发“位置+问题+照片”即可上报，回复“帮助”查看可用的口令。"
UNKNOWN = "未识别。请直接发“位置+问题+照片”，或回复“帮助”。"
NEED_WORDS_EXAMPLE = "如“人民路12号 垃圾未清”"


def origin_mark(case: Case) -> str:
    """Return 领导交办｜ and the like; nothing for an ordinary report."""
    mark = "" if case.origin is Origin.PUBLIC else f"{ORIGIN_NAMES[case.origin]}｜"
    return mark + (f"代{case.relayed_for}报｜" if case.relayed_for else "")


def receipt(case: Case, w: Wording, *, has_gap: bool) -> str:
    """Return the receipt of an assigned case: number, state, who answers, until when."""
    urgent = "紧急" if case.is_hazard else "已交办"
    duty = "今日无轮值，由路段长承办" if has_gap else f"今日轮值 {w.name(case.handler)}"
    lines = [
        f"【{case.number}】{urgent}｜{origin_mark(case)}{w.category(case)}｜{w.segment(case)}",
        f"责任：{w.unit(case)} {w.name(case.chief or case.chain.chief)}路段长，{duty}｜{w.when(_due(case))}前办结",
    ]
    if case.is_hazard:
        lines.append(
            f"请就近人员先设警示。已同时通知{w.name(case.handler)}、二级路长{w.name(case.chain.second_level)}和指挥席。"
            "如有人员受伤请先拨打120。"
        )
    return "\n".join(lines)


def _due(case: Case) -> datetime:
    return case.due or case.reported_at


def photo_missing(number: str) -> str:
    """Return how to bring a photo that the platform did not deliver (群内单独发的图片收不到)."""
    return f"{number}未收到照片：群内单独发的图片机器人收不到。补图请长按照片→引用→@我，或私聊发给我。"


def which_place(case: Case, choices: Sequence[Choice]) -> str:
    """Return the question for the place; the report already has its number."""
    return f"{case.number}已受理，请确认位置：{numbered(choices)}"


def place_in_words(case: Case) -> str:
    """Return the answer to 「其他」: words are wanted."""
    return f"{case.number}请写明路口、门牌或门店名，如“人民路文化路口”。"


def unlocated(case: Case, desk: str) -> str:
    """Return the receipt of a report that a person will place."""
    return f"{case.number}已受理，位置待{desk}人工确认，结果会告知您。补充位置请直接回复。"


def outside(case: Case, desk: str) -> str:
    """Return the receipt of a report off the segments; never "not ours"."""
    return f"该位置不在路长制责任路段内，已转{desk}人工处理，编号{case.number}，结果会告知您。"


def several(cases: Sequence[Case], w: Wording) -> str:
    """Return the receipt of one message with several problems."""
    parts = []
    for case in cases:
        who = w.name(case.handler) if case.handler else "位置待定"
        helper = f"，{w.department(case)}协办，紧急" if case.is_hazard else ""
        parts.append(f"{case.number}{w.category(case)}（{who}{helper}）")
    return f"识别到{len(cases)}个问题，已分别立案：{'；'.join(parts)}。如为同一问题，5分钟内回复“合并”。"


def duplicate(case: Case, other: Case, w: Wording, choices: Sequence[Choice]) -> str:
    """Return the question whether this is the same problem as an open case."""
    who = f"{w.name(other.handler)}{w.state(other)}" if other.handler else w.state(other)
    return (
        f"{case.number}已受理。该路段有在办件{other.number}（{w.category(other)}，{w.when(other.reported_at)}，{who}）。"
        f"{numbered(choices)}"
    )


def joined(case: Case, other: Case) -> str:
    """Return that a report was joined to an open case."""
    return f"{case.number}已并入{other.number}，办结后告知您。"


def photos_waiting(count: int) -> str:
    """Return the question for words to photos that came alone."""
    return f"已收到照片{count}张，请补充位置和问题，{NEED_WORDS_EXAMPLE}。"


def photos_added(case: Case, added: int) -> str:
    """Return the one line that photos were added to a case."""
    total = len(case.photos_of("before"))
    return f"{case.number}已补充照片{added}张，共{total}张。"


def words_added(case: Case) -> str:
    """Return that words were added to a case."""
    return f"{case.number}已补充说明。"


def category_chosen(case: Case, w: Wording) -> str:
    """Return that a category was corrected."""
    return f"{case.number}已改为{w.category(case)}，由{w.name(case.handler)}承办，{w.when(_due(case))}前办结。"


def done(case: Case, *, is_shown: bool = False) -> str:
    """Return the second message to a reporter: verified; `is_shown`: before and after come with it in one picture."""
    pictures_note = "，整改前后照片见案件" if case.photos_of("after") else ""
    pictures_note = "，整改前后对比如图" if is_shown else pictures_note
    return f"您反映的{case.number}已处理并复核通过{pictures_note}。如未解决，请回复“未解决”。"


def declined(case: Case, reason: str) -> str:
    """Return that a report was not filed, with the reason."""
    return f"您反映的{case.number}经核不予立案：{reason}。如有异议请回复“转人工”。"


def reopened(case: Case, w: Wording) -> str:
    """Return that a closed case came back (反弹)."""
    verdict = "，请督查员复核时认定是否扣分" if case.finding else ""
    due = w.when(case.handler_due or _due(case))
    return f"{case.number}办结3天内反弹，已恢复为处置中（第{case.rebounds}次反弹），时限{due}{verdict}。"


def too_late_to_reopen(case: Case) -> str:
    """Return the words for a problem that came back later than the rebound window."""
    return f"{case.number}办结已超过3天，将按新问题受理，请发“位置+问题+照片”。"


def private_matter() -> str:
    """Return the words for a complaint about a person or a petition."""
    return "该事项不在群内公开办理，已转市路长办人工受理。"


def handed_to_people() -> str:
    """Return the answer to 转人工."""
    return "已转市路长办，工作人员会与您联系。"


def needs_staff_id() -> str:
    """Return the words for a sender whom the platform does not identify."""
    return "未能识别您的员工身份（应用未发布或您不在本单位通讯录），上报不受影响；承办操作请联系管理员。"


def photo_unusable(number: str, reason: str) -> str:
    """Return that a picture could not be used."""
    return f"{number}有照片未能使用：{reason}" + ("" if "再发" in reason or "重新" in reason else "请重新拍照发送。")


def withdrawn(case: Case) -> str:
    """Return what the handler hears of a report that its sender took back."""
    return f"{case.number}已由上报人撤回，无需处理。"


WHICH_BACK = "请写明编号，如“撤回 0123”。只能撤回自己上报的案件。"


def taken_back(case: Case) -> str:
    """Return what its sender hears of a report taken back in words."""
    return f"{case.number}已撤回，不再办理；编号和记录保留。"


def not_taken_back(case: Case, w: Wording) -> str:
    """Return why a report goes on although its sender wishes to take it back."""
    why = "属紧急情况" if case.is_hazard else "由督查发现" if case.inspector or case.finding else f"现为{w.state(case)}"
    return f"{case.number}{why}，不能撤回，照常办理；您的意思已转告承办人。如属误报，请联系指挥席。"


def not_yours_to_take_back(case: Case) -> str:
    """Return that only its reporter takes a report back."""
    return f"{case.number}不是您上报的，不能撤回；如属误报，请联系指挥席。"


def recalled(case: Case) -> str:
    """Return what the handler hears of a message that was taken back when the case goes on."""
    return f"{case.number}的上报消息已被上报人撤回，案件照常办理；如属误报，请联系指挥席。"


def here_kept() -> str:
    """Return the answer to a location that no report waits for."""
    return "已收到位置，请在10分钟内发问题和照片。"


def own_cases(cases: Sequence[Case], w: Wording) -> str:
    """Return a reporter's own reports, newest first."""
    if not cases:
        return "您还没有上报记录。发“位置+问题+照片”即可上报。"
    lines = [f"您最近上报{len(cases)}件："]
    lines += [f"{c.number} {w.category(c)}｜{w.state(c)}{pictures(len(c.photos))}" for c in cases[:5]]
    return "\n".join(lines)


def welcome(name: str) -> str:
    """Return the answer to a greeting in private; `name` is that of somebody who holds a post, else ""."""
    if name:
        return f"您好，{name}。交办和提醒会在这里发给您；{REPORT_BY}"
    return f"您好。{REPORT_BY}"
