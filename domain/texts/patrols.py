"""What chiefs read about their patrols and meetings (巡查、例会), and the office's list of a month (S23–S29, S39)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from domain.exports import Listing, Use
from domain.month import Month
from domain.organisation import post_title
from domain.patrols import Count, Cycle, Patrol, PatrolKind, Quota, Span, joined, leave_days
from domain.presence import Presence
from domain.roster import ROLE_NAMES, Role, Roster
from domain.texts.wording import calendar_day, calendar_days

KIND_NAMES: Mapping[PatrolKind, str] = {PatrolKind.PATROL: "巡查", PatrolKind.MEETING: "例会"}
CYCLE_NAMES: Mapping[Cycle, str] = {
    Cycle.MONTH: "每月一次",
    Cycle.HALF_MONTH: "每半月一次",
    Cycle.WEEK: "每周一次",
    Cycle.DAY: "每日一次",
}
PATROLS = Use("巡查例会登记", "市路长办", "S23—S29、S39")
DUTY = Use("轮值在岗", "市路长办", "S30、S39")
MOST_LINES = 3
_SHOWN = 5  # spans named in chat; the rest is counted

_HOW = {
    PatrolKind.PATROL: "登记巡查请写路段，如“巡查 6月3日 人民路”，当天的不写日期，不用照片。发现问题请直接发“位置+问题+照片”。",
    PatrolKind.MEETING: "登记例会请写日期，如“例会 6月5日”，当天的不写日期。",
}


def span(one: Span) -> str:
    """Return 6月3日, or 6月1日至7日."""
    return calendar_days(one.first, one.last)


def posts(roles: Iterable[Role]) -> str:
    """Return posts in a list."""
    return "、".join(ROLE_NAMES[role] for role in roles)


def how(kind: PatrolKind) -> str:
    """Return how a record is made."""
    return _HOW[kind]


def not_recordable(one: date, today: date) -> str:
    """Return why nothing is recorded for a day."""
    if one > today:
        return f"{calendar_day(one)}还没到，届时再登记"
    return f"只登记本月和上月的，不登记{one.year}年{calendar_day(one)}"


def not_theirs(kind: PatrolKind, one: date, roles: Iterable[Role]) -> str:
    """Return that somebody's posts owe nothing of the kind."""
    return f"{KIND_NAMES[kind]}登记限{posts(roles)}本人，{calendar_day(one)}您没有这些任职，无需登记。"


def recorded(record: Patrol, *, is_new: bool, has_photos: bool) -> str:
    """Return that a record is kept; a photo that came along is no part of it."""
    said = f"{calendar_day(record.day)}{KIND_NAMES[record.kind]}{record.place and f'：{record.place}'}"
    text = f"已登记{said}。" if is_new else f"此前已登记{said}。"
    return text + ("照片不作登记，也未立案；发现问题请发“位置+问题+照片”。" if has_photos else "")


def withdrawn(kind: PatrolKind, one: date) -> str:
    """Return that the records of a day are taken back."""
    return f"已撤回{calendar_day(one)}的{KIND_NAMES[kind]}登记。"


def none_to_withdraw(kind: PatrolKind, one: date) -> str:
    """Return that a day has no record."""
    return f"您在{calendar_day(one)}没有{KIND_NAMES[kind]}登记。"


def how_to_withdraw() -> str:
    """Return how a record is taken back."""
    return "请写日期，如“撤回巡查 6月3日”“撤回例会 6月5日”。"


def how_to_explain() -> str:
    """Return how a shortfall is explained."""
    return "请写明原因，如“巡查说明 6月 第1周外出开会”，不写月份为本月。"


def explained(month: Month) -> str:
    """Return that a reason is kept."""
    return f"已登记{month.number}月巡查说明，再发一次即更改。"


def only_recent(month: Month) -> str:
    """Return that a month can no longer be explained, or not yet."""
    return f"只登记本月和上月的说明，不登记{month.title}的。"


def in_private() -> str:
    """Return that one's own record is read in private."""
    return "请私聊发“我的巡查”。"


def owes_nothing(month: Month) -> str:
    """Return that somebody's posts owe nothing in a month."""
    return f"{month.number}月您没有须登记巡查或例会的任职。"


def mine(month: Month, counts: Sequence[Count], reason: str) -> str:
    """Return how somebody's month stands so far, in three lines at most."""
    lines = [_line(count) for count in counts]
    lines[0] = f"{month.number}月{lines[0]}"
    if any(count.missed for count in counts):
        lines.append(f"说明：{reason}" if reason else f"缺的请回“巡查说明 {month.number}月 原因”。")
    return "\n".join([*lines[: MOST_LINES - 1], "；".join(lines[MOST_LINES - 1 :])]).rstrip("\n")


def _line(count: Count) -> str:
    figures = [f"应{count.owed}次", f"已{len(count.done)}次"]
    figures += [f"{name}{len(spans)}次" for name, spans in (("请假", count.excused), ("未到期", count.open)) if spans]
    if count.missed:
        shown = "、".join(span(one) for one in count.gaps[-_SHOWN:])
        more = "等" if len(count.gaps) > _SHOWN else ""
        figures.append(f"缺{len(count.missed)}次（{shown}{more}）")
    return f"{_owed(count.quota)}：{'，'.join(figures)}"


def _owed(quota: Quota) -> str:
    return f"{ROLE_NAMES[quota.role]}{KIND_NAMES[quota.kind]}（{CYCLE_NAMES[quota.every]}）"


def as_of(today: date) -> str:
    """Return until when a list was made: later records change it."""
    return f"截至{today.year}年{calendar_day(today)}的登记"


def listing(month: Month, counts: Iterable[Count], reasons: Mapping[str, str], roster: Roster, basis: str) -> Listing:
    """Return the month's list: of every holder of a post what was owed, recorded, excused and missed, with the reason."""
    rows = [
        (
            *_post(count, roster, month),
            KIND_NAMES[count.quota.kind],
            CYCLE_NAMES[count.quota.every],
            count.owed,
            len(count.done),
            len(count.excused),
            len(count.open),
            len(count.missed),
            "、".join(map(span, count.gaps)),
            reasons.get(count.person, "") if count.missed else "",
            leave_days(roster, count.person, month),
            count.quota.source,
        )
        for count in counts
    ]
    columns = (
        "职务",
        "姓名",
        "单位或辖区",
        "事项",
        "频次",
        "应登记（次）",
        "已登记（次）",
        "请假（次）",
        "未到期（次）",
        "缺（次）",
        "缺的日期",
        "说明",
        "当月请假（天）",
        "条款",
    )
    return Listing(PATROLS, str(month), basis, columns, tuple(rows))


def _post(count: Count, roster: Roster, month: Month) -> tuple[str, str, str]:
    """Return title, name, and the person's unit, else the townships that the post covers."""
    held = [p for one in month.days() for p in roster.posts_of(count.person, one) if p.role is count.quota.role]
    person = roster.person(count.person)
    scopes = () if count.quota.role is Role.GENERAL else (post.unit or post.scope for post in held)
    return post_title(held[-1]), person.name, person.unit or "、".join(dict.fromkeys(scopes))


def duty_listing(month: Month, found: Iterable[Presence], basis: str) -> Listing:
    """Return the month's list of segments: on how many days duty staff were asked for, and on which nobody was there."""
    rows = [
        (
            one.segment.id,
            one.segment.title,
            one.segment.township,
            one.segment.unit,
            one.asked,
            len(one.unlisted) + len(one.away),
            "、".join(map(span, joined(one.unlisted))),
            "、".join(map(span, joined(one.away))),
        )
        for one in found
    ]
    columns = (
        "路段编号",
        "路段",
        "辖区",
        "责任单位",
        "应在岗（天）",
        "缺岗（天）",
        "未排轮值",
        "请假未指定代行",
    )
    return Listing(DUTY, str(month), basis, columns, tuple(rows))
