"""The case (案件): its states, and the one table that says what may happen to it.

Each row of TRANSITIONS answers for one event: from which states, into which state, what must be attached, and which
clock runs afterwards. `authority` says who may; `advance` applies a row and refuses everything that has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.errors import Missing, WrongState

YEAR_SPAN = 10**8  # cases a year that an id can tell apart


class State(StrEnum):
    """Where a case stands; values are stored and never renamed."""

    UNLOCATED = "unlocated"  # 待定位
    ASSIGNED = "assigned"  # 待认领
    ACKNOWLEDGED = "acknowledged"  # 处置中
    RESOLVED = "resolved"  # 待复核
    CLOSED = "closed"  # 已办结
    RETURNED = "returned"  # 待改派
    REWORK = "rework"  # 退回重办
    SHELVED = "shelved"  # 挂账
    MERGED = "merged"  # 并案
    DECLINED = "declined"  # 不予立案
    VOID = "void"  # 作废


STATE_NAMES: Mapping[State, str] = {
    State.UNLOCATED: "待定位",
    State.ASSIGNED: "待认领",
    State.ACKNOWLEDGED: "处置中",
    State.RESOLVED: "待复核",
    State.CLOSED: "已办结",
    State.RETURNED: "待改派",
    State.REWORK: "退回重办",
    State.SHELVED: "挂账",
    State.MERGED: "并案",
    State.DECLINED: "不予立案",
    State.VOID: "作废",
}

OPEN_STATES = frozenset(
    {State.UNLOCATED, State.ASSIGNED, State.ACKNOWLEDGED, State.RESOLVED, State.RETURNED, State.REWORK, State.SHELVED}
)
IN_HAND = frozenset({State.ASSIGNED, State.ACKNOWLEDGED, State.REWORK})  # the handler must act now


class Event(StrEnum):
    """What can happen to a case; values are stored in the ledger and never renamed."""

    REPORT = "report"  # 上报
    LOCATE = "locate"  # 定位
    ACKNOWLEDGE = "acknowledge"  # 认领
    RESOLVE = "resolve"  # 处置完成
    PASS = "pass"  # 复核通过
    FAIL = "fail"  # 复核不通过
    RETURN = "return"  # 退回改派
    REASSIGN = "reassign"  # 改派
    ASK_EXTENSION = "ask_extension"  # 申请延期
    GRANT_EXTENSION = "grant_extension"  # 批准延期
    REFUSE_EXTENSION = "refuse_extension"  # 不批准延期
    ASK_NO_PHOTO = "ask_no_photo"  # 无图办结申请
    CONFIRM_NO_PHOTO = "confirm_no_photo"  # 二级路长确认无图
    REFUSE_NO_PHOTO = "refuse_no_photo"
    DISSUADE = "dissuade"  # 教育劝阻 (S10)
    ASK_SHELVE = "ask_shelve"  # 申请挂账
    APPROVE_SHELVE = "approve_shelve"  # 同意挂账 (two approvals)
    SHELVE = "shelve"  # 挂账
    RESUME = "resume"  # 挂账到期或恢复
    MERGE = "merge"  # 并案
    DECLINE = "decline"  # 不予立案
    VOID = "void"  # 作废
    REOPEN = "reopen"  # 反弹 / 未解决
    RAISE = "raise"  # 提级 (S11)
    ACCEPT_TIER = "accept_tier"  # 提级受理
    HAND_BACK_TIER = "hand_back_tier"  # 提级交回
    RECLASSIFY = "reclassify"  # 改类
    SUPPLEMENT = "supplement"  # 补充
    FOLLOW = "follow"  # 有人并入关注
    URGE = "urge"  # 催办
    ESCALATE = "escalate"  # 逐级上报 (S38)
    FINDING = "finding"  # 认定为督查问题 (S42)
    POINTS = "points"  # 分值更正
    WITHDRAW = "withdraw"  # 撤回: its reporter took the message back before anybody acted
    RECALLED = "recalled"  # the message was taken back too late: the case goes on
    DOUBT = "doubt"  # 照片存疑: a person must look, nothing else follows
    REFUSED = "refused"  # a person tried what they may not (recorded, no change)


class Clock(StrEnum):
    """What an event does to the handler's clock."""

    KEEP = "keep"
    RESTART = "restart"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class Origin(StrEnum):
    """Where a case came from (S37)."""

    PUBLIC = "public"  # 群内上报
    LEADER = "leader"  # 领导交办
    SUPERIOR = "superior"  # 上级指派
    CROWD = "crowd"  # 群众举报
    PATROL = "patrol"  # 督查发现


ORIGIN_NAMES: Mapping[Origin, str] = {
    Origin.PUBLIC: "上报",
    Origin.LEADER: "领导交办",
    Origin.SUPERIOR: "上级指派",
    Origin.CROWD: "群众举报",
    Origin.PATROL: "督查发现",
}


@dataclass(frozen=True, slots=True)
class CasePhoto:
    """A picture of a case: taken before or after handling, or sent by a bystander."""

    sha256: str
    ext: str
    role: str  # "before" | "after" | "other"
    received_at: datetime
    sender: str

    @property
    def name(self) -> str:
        """Return the file's name in the media folder."""
        return f"{self.sha256}.{self.ext}"


@dataclass(frozen=True, slots=True)
class Request:
    """Something asked for and not yet decided: an extension, closing without a photo, shelving, a higher tier."""

    by: str
    reason: str
    at: datetime
    until: datetime | None = None
    approvals: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Who answered for the segment when the case was assigned: frozen, later roster edits don't move it."""

    unit: str = ""
    chief: str = ""
    second_level: str = ""
    township_head: str = ""
    first_level: str = ""
    has_unit: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """One reported problem. Persons are person ids; instants are aware UTC."""

    id: int
    state: State
    category: str
    severity: str
    reported_at: datetime
    reporter: str
    also: tuple[str, ...] = ()
    is_hazard: bool = False
    segment: str = ""
    township: str = ""
    place: str = ""
    text: str = ""
    origin: Origin = Origin.PUBLIC
    relayed_for: str = ""  # 代报: whom the sender reports for, in the sender's words
    platform: str = ""
    chat_id: str = ""  # where the reporter is answered
    is_group: bool = False
    message_id: str = ""
    chain: Chain = Chain()
    handler: str = ""
    first_assigned_at: datetime | None = None
    assigned_at: datetime | None = None  # when the handler's clock last started
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    closed_at: datetime | None = None
    ack_due: datetime | None = None
    due: datetime | None = None  # the case's deadline: moved only by an approved extension or shelving
    handler_due: datetime | None = None  # restarts at 改派 and 退回重办
    paused_at: datetime | None = None
    inspector: str = ""  # whose finding it is
    points: str = ""  # as the inspector gave them (decimal text); "" = by the rule book
    finding: str = ""  # key of the finding (督查问题) that it stands for; "" = none
    extension: Request | None = None
    no_photo: Request | None = None
    shelving: Request | None = None
    tier: Request | None = None
    extensions: int = 0
    extension_approver: str = ""
    reworks: int = 0
    rebounds: int = 0
    returns: int = 0
    ladder: str = ""  # fingerprint of the escalation ladder it was first assigned under; "" = the one in force
    raised: int = 0  # ladder steps taken since the clock last started
    closed_without_photo: bool = False
    merged_into: int = 0
    followers: tuple[str, ...] = ()  # reporters whose report was joined to this case
    suspected_duplicate_of: int = 0
    candidates: tuple[str, ...] = ()
    photos: tuple[CasePhoto, ...] = ()
    photos_at_report: int = 0  # how many came with the report itself
    evidence: tuple[str, ...] = ()  # why the case was judged as it was
    why: tuple[str, ...] = ()  # "what=…" entries: words, places, source of the place, reason of the severity
    doubts: tuple[str, ...] = ()  # what a person must look at in its pictures: "kind:…" (`casework.doubts`)
    chief: str = ""  # who answers for it today: the chain's chief or the stand-in
    version: int = 0

    @property
    def number(self) -> str:
        """Return the number people use: 2026-0123."""
        return number_of(self.id)

    @property
    def short(self) -> str:
        """Return the number without its year: 0123."""
        return f"{self.id % YEAR_SPAN:04d}"

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to act."""
        return self.state in OPEN_STATES

    def photos_of(self, role: str) -> tuple[CasePhoto, ...]:
        """Return the pictures of one role, oldest first."""
        return tuple(p for p in self.photos if p.role == role)


def number_of(case_id: int) -> str:
    """Return 2026-0123 for a case id."""
    return f"{case_id // YEAR_SPAN}-{case_id % YEAR_SPAN:04d}"


def id_of(year: int, sequence: int) -> int:
    """Return the id of the `sequence`-th case of a year (Shanghai's year)."""
    return year * YEAR_SPAN + sequence


@dataclass(frozen=True, slots=True)
class Transition:
    """What one event does."""

    event: Event
    sources: frozenset[State]
    target: State | None  # None = the state stays
    needs: tuple[str, ...] = ()  # "photo" | "reason" | "segment" | "person" | "until" | "case"
    clock: Clock = Clock.KEEP


_ANY_OPEN = OPEN_STATES
_WITH_OWNER = frozenset({State.ASSIGNED, State.ACKNOWLEDGED, State.REWORK, State.RESOLVED, State.RETURNED})

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Event.LOCATE, frozenset({State.UNLOCATED, State.RETURNED}), State.ASSIGNED, ("segment",), Clock.RESTART),
    Transition(Event.ACKNOWLEDGE, frozenset({State.ASSIGNED, State.REWORK}), State.ACKNOWLEDGED),
    Transition(Event.RESOLVE, IN_HAND, State.RESOLVED, ("photo",), Clock.STOP),
    Transition(Event.CONFIRM_NO_PHOTO, IN_HAND, State.RESOLVED, (), Clock.STOP),
    Transition(Event.ASK_NO_PHOTO, IN_HAND, None, ("reason",)),
    Transition(Event.REFUSE_NO_PHOTO, IN_HAND, None),
    Transition(Event.PASS, frozenset({State.RESOLVED}), State.CLOSED, (), Clock.STOP),
    Transition(Event.FAIL, frozenset({State.RESOLVED}), State.REWORK, ("reason",), Clock.RESTART),
    Transition(Event.RETURN, IN_HAND, State.RETURNED, ("reason",), Clock.PAUSE),
    Transition(
        Event.REASSIGN,
        frozenset({State.ASSIGNED, State.ACKNOWLEDGED, State.REWORK, State.RETURNED}),
        State.ASSIGNED,
        ("person",),
        Clock.RESTART,
    ),
    Transition(Event.ASK_EXTENSION, IN_HAND, None, ("reason", "until")),
    Transition(Event.GRANT_EXTENSION, IN_HAND, None),
    Transition(Event.REFUSE_EXTENSION, IN_HAND, None),
    Transition(Event.DISSUADE, IN_HAND, State.ACKNOWLEDGED),
    Transition(Event.ASK_SHELVE, IN_HAND, None, ("reason", "until")),
    Transition(Event.APPROVE_SHELVE, IN_HAND, None),
    Transition(Event.SHELVE, IN_HAND, State.SHELVED, (), Clock.PAUSE),
    Transition(Event.RESUME, frozenset({State.SHELVED}), State.ACKNOWLEDGED, (), Clock.RESUME),
    Transition(Event.MERGE, _ANY_OPEN, State.MERGED, ("case",), Clock.STOP),
    Transition(Event.DECLINE, _ANY_OPEN - {State.RESOLVED}, State.DECLINED, ("reason",), Clock.STOP),
    Transition(Event.VOID, frozenset(State) - {State.VOID}, State.VOID, ("reason",), Clock.STOP),
    Transition(Event.REOPEN, frozenset({State.CLOSED}), State.REWORK, (), Clock.RESTART),
    Transition(Event.RAISE, _WITH_OWNER, None, ("reason",)),
    Transition(Event.ACCEPT_TIER, _WITH_OWNER, None),
    Transition(Event.HAND_BACK_TIER, _WITH_OWNER, None, ("reason",)),
    Transition(Event.RECLASSIFY, _ANY_OPEN, None),
    Transition(Event.SUPPLEMENT, _ANY_OPEN, None),
    Transition(Event.FOLLOW, _ANY_OPEN, None),
    Transition(Event.URGE, _ANY_OPEN, None),
    Transition(Event.ESCALATE, _ANY_OPEN, None),
    Transition(Event.FINDING, _WITH_OWNER | {State.CLOSED, State.SHELVED}, None),
    Transition(Event.POINTS, frozenset(State) - {State.VOID}, None),
    Transition(Event.WITHDRAW, frozenset({State.UNLOCATED, State.ASSIGNED}), State.VOID, (), Clock.STOP),
    Transition(Event.RECALLED, frozenset(State), None),
    Transition(Event.DOUBT, frozenset(State), None),
    Transition(Event.REFUSED, frozenset(State), None),
)

BY_EVENT: Mapping[Event, Transition] = {row.event: row for row in TRANSITIONS}

INSTEAD: Mapping[State, str] = {  # what a person can do about a case in this state
    State.UNLOCATED: "定位后即可办理，补充位置请直接回复路口或门店名",
    State.ASSIGNED: "承办人可回复“收到”，处理后直接发照片",
    State.ACKNOWLEDGED: "处理后请直接发照片",
    State.RESOLVED: "正在等待复核，复核结果会告知",
    State.CLOSED: "问题仍在请回复“未解决 {short}”",
    State.RETURNED: "正在等待指挥席改派",
    State.REWORK: "处理后请直接发新照片",
    State.SHELVED: "提前恢复请回复“恢复 {short}”",
    State.MERGED: "请看并入的{other}",
    State.DECLINED: "如有新情况请重新上报",
    State.VOID: "如有新情况请重新上报",
}

NEED_NAMES: Mapping[str, str] = {
    "photo": "整改后照片",
    "reason": "原因",
    "segment": "路段",
    "person": "接办人",
    "until": "时间",
    "case": "案件编号",
}


def may_happen(case: Case, event: Event) -> bool:
    """Tell whether `event` has a row for the state the case is in."""
    row = BY_EVENT.get(event)
    return row is not None and case.state in row.sources


def advance(case: Case, event: Event, given: frozenset[str] = frozenset(), **changes: Any) -> Case:
    """Return the case after `event`, with `changes` applied.

    given: which of the row's needs are at hand ("photo", "reason" …).
    Raises WrongState, saying what can be done instead, when the table has no row for this state, and Missing when a
    need is not given.
    """
    row = BY_EVENT.get(event)
    if row is None or case.state not in row.sources:
        instead = INSTEAD[case.state].format(short=case.short, other=number_of(case.merged_into))
        raise WrongState(f"{case.number}当前为{STATE_NAMES[case.state]}，不能进行该操作；{instead}。")
    lacking = [NEED_NAMES[need] for need in row.needs if need not in given]
    if lacking:
        raise Missing(f"{case.number}缺少{'、'.join(lacking)}。")
    state = case.state if row.target is None else row.target
    return replace(case, state=state, version=case.version + 1, **changes)
