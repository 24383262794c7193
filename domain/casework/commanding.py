"""What seat, second-level chiefs, township heads and office do: 改派, 批准延期, 不予立案, 作废, 并案, 催办, 提级, 挂账."""

from dataclasses import replace
from datetime import datetime

from domain import authority
from domain.authority import Standing
from domain.case import Case, Event, Request, State, advance
from domain.casework.handling import NOTHING_ASKED
from domain.casework.opening import MAJOR, PROMINENT, announce, started, tier_notices, working_message
from domain.casework.work import Work
from domain.effects import Effects, Notice, Timer, ToPerson
from domain.errors import Missing, NotAllowed, RuleError, WrongState
from domain.roster import Role
from domain.texts import command, handler, reporter

TIERS = ("一般", PROMINENT, MAJOR)
APPROVALS = 2


def reassign(work: Work, case: Case, by: str, to: str) -> tuple[Case, Effects]:
    """Return the case in another's hands (改派): the handler's clock starts again, the case's deadline stays."""
    mine = authority.standings(by, case, work.roster, work.day)
    if not mine & authority.MAY[Event.REASSIGN]:
        raise NotAllowed(authority.refusal(case, authority.MAY[Event.REASSIGN], work.roster))
    if to == case.handler and case.state is not State.RETURNED:
        raise RuleError(f"{case.number}已由{work.w.name(to)}承办。")
    old = case.handler
    held = _handed_to(work, case, to)
    effects = Effects()
    effects.case_event(held, Event.REASSIGN, persons={"by": by, "from": old, "to": to}, handler_due=held.handler_due)
    effects.merge(work.ladder(held))
    effects.merge(working_message(work, held))
    if old and old != to:
        effects.notices += work.tell([old], handler.moved_away(held, work.w), "moved", held)
    return held, effects


def _handed_to(work: Work, case: Case, to: str) -> Case:
    moved = advance(case, Event.REASSIGN, frozenset({"person"}), handler=to, acknowledged_at=None, **NOTHING_ASKED)
    return started(work, moved)


def _resumed_due(work: Work, due: datetime, paused_at: datetime) -> datetime:
    """Return the deadline moved by the working time for which nobody held the case."""
    paused = work.rules.calendar.working_between(paused_at, work.now)
    return work.rules.calendar.add_working(due, paused) if paused else due


def decide_extension(work: Work, case: Case, by: str, reason: str, *, granted: bool) -> tuple[Case, Effects]:
    """Return the case after an extension was granted (its deadline moves) or refused."""
    event = Event.GRANT_EXTENSION if granted else Event.REFUSE_EXTENSION
    authority.require(by, case, event, work.roster, work.day)
    request = case.extension
    if request is None or request.until is None:
        raise WrongState(f"{case.number}没有待批的延期申请。")
    if by == request.by:
        raise NotAllowed(f"{case.number}延期不能由申请人本人批准。")
    if granted and request.until <= work.now:
        raise RuleError(f"{case.number}申请延至{work.w.when(request.until)}，该时间已过，请承办人重新申请。")
    if granted:
        moved = advance(
            case,
            event,
            extension=None,
            extensions=case.extensions + 1,
            extension_approver=by,
            due=request.until,
            handler_due=request.until,
        )
        moved = work.levelled(moved)
        text = handler.extension_granted(moved, work.w)
    else:
        moved = advance(case, event, extension=None)
        text = handler.extension_refused(moved, work.w.titled(by), work.w)
    effects = Effects()
    effects.case_event(moved, event, persons={"by": by}, words={"reason": reason}, due=moved.due)
    effects.merge(work.ladder(moved))
    effects.notices += work.tell([request.by], text, event.value, moved)
    return moved, effects


def decline(work: Work, case: Case, by: str, reason: str) -> tuple[Case, Effects]:
    """Return the case not filed (不予立案): the reporter hears why."""
    authority.require(by, case, Event.DECLINE, work.roster, work.day)
    if not reason:
        raise Missing(f"请写明不予立案的原因，如“不予立案 {case.short} 属小区内部道路”。")
    ended = advance(case, Event.DECLINE, frozenset({"reason"}))
    effects = _ended(work, ended, Event.DECLINE, by, reason)
    effects.notices += work.tell(
        [ended.reporter, *ended.followers], reporter.declined(ended, reason), "declined", ended
    )
    return ended, effects


def void(work: Work, case: Case, by: str, reason: str) -> tuple[Case, Effects]:
    """Return the case void (作废): its record stays, its reason too."""
    authority.require(by, case, Event.VOID, work.roster, work.day)
    if not reason:
        raise Missing(f"请写明作废的原因，如“作废 {case.short} 误报”。")
    ended = advance(case, Event.VOID, frozenset({"reason"}))
    effects = _ended(work, ended, Event.VOID, by, reason)
    effects.notices += work.tell([ended.handler], handler.nothing_to_do(ended, work.w), "void", ended)
    return ended, effects


def _ended(work: Work, case: Case, event: Event, by: str, reason: str) -> Effects:
    effects = Effects(timers_dropped=[f"{kind}:{case.id}" for kind in ("ladder", "verify", "shelve", "locate")])
    effects.case_event(case, event, persons={"by": by}, words={"reason": reason})
    return effects


def merge(work: Work, case: Case, other: Case, by: str) -> tuple[Case, Effects]:
    """Return the case joined to another (并案); its reporter follows that one."""
    authority.require(by, case, Event.MERGE, work.roster, work.day)
    if case.id == other.id or not other.is_open:
        raise RuleError(f"{other.number}不能作为并入的案件，请核对编号。")
    ended = advance(case, Event.MERGE, frozenset({"case"}), merged_into=other.id)
    followers = tuple(dict.fromkeys([*other.followers, case.reporter, *case.followers]))
    followed = replace(other, followers=followers, version=other.version + 1)
    effects = _ended(work, ended, Event.MERGE, by, "")
    effects.case_event(followed, Event.FOLLOW, persons={"by": by}, joined=ended.number)
    return ended, effects


def urge(work: Work, case: Case, by: str) -> Effects:
    """Return one personal urge to the handler (催办)."""
    authority.require(by, case, Event.URGE, work.roster, work.day)
    if not case.is_open or not case.handler:
        raise WrongState(handler.nothing_to_do(case, work.w))
    noted = advance(case, Event.URGE)
    effects = Effects()
    effects.case_event(noted, Event.URGE, persons={"by": by})
    text = handler.urged(noted, work.w, work.w.titled(by))
    effects.notices += work.tell([noted.handler], text, "urge", noted)
    return effects


def raise_tier(work: Work, case: Case, by: str, severity: str, reason: str) -> tuple[Case, Effects]:
    """Return the case raised to 突出 or 重大 with its reason; that level accepts or hands back (S11)."""
    authority.require(by, case, Event.RAISE, work.roster, work.day)
    if severity not in TIERS or TIERS.index(severity) <= TIERS.index(case.severity):
        raise RuleError(
            f"{case.number}现为{case.severity}问题，可提为：{'、'.join(TIERS[TIERS.index(case.severity) + 1 :]) or '已是最高'}。"
        )
    if not reason:
        raise Missing(f"请写明提级原因，如“提级 {case.short} {severity} 需多部门配合”。")
    request = Request(by, reason, work.now, value=case.severity)
    raised = advance(case, Event.RAISE, frozenset({"reason"}), severity=severity, tier=request)
    effects = Effects()
    effects.case_event(raised, Event.RAISE, persons={"by": by}, words={"reason": reason}, severity=severity)
    effects.notices += [n for n in tier_notices(work, raised) if n.to != ToPerson(by, raised.township)]
    return raised, effects


def _tier_owners(case: Case, work: Work) -> list[str]:
    if case.severity == MAJOR:
        return [case.chain.township_head, *work.roster.holders(Role.OFFICE, None, work.day)]
    return [case.chain.chief, case.chain.second_level, case.chain.township_head]


def decide_tier(work: Work, case: Case, by: str, reason: str, *, accepted: bool) -> tuple[Case, Effects]:
    """Return the case after the level that must own it accepted the lead or handed it back."""
    event = Event.ACCEPT_TIER if accepted else Event.HAND_BACK_TIER
    owners = _tier_owners(case, work)
    stand_ins = [authority.present(person, work.roster, work.day) for person in owners]
    if by not in {*owners, *stand_ins} or case.severity == TIERS[0]:
        raise NotAllowed(f"{case.number}的牵头确认由{case.severity}问题对应的上级办理，您无需操作。")
    if accepted:
        held = advance(case, event, tier=Request(by, "", work.now, value="accepted"))
    else:
        if not reason:
            raise Missing(f"请写明交回原因，如“交回 {case.short} 路段内可解决”。")
        before = case.tier.value if case.tier and case.tier.value in TIERS else TIERS[TIERS.index(case.severity) - 1]
        held = advance(case, event, frozenset({"reason"}), severity=before, tier=None)
    effects = Effects()
    effects.case_event(held, event, persons={"by": by}, words={"reason": reason}, severity=held.severity)
    who = work.w.titled(by)
    text = command.tier_accepted(held, work.w, who) if accepted else command.tier_handed_back(held, work.w, who, reason)
    effects.notices += work.tell([p for p in (held.handler,) if p != by], text, event.value, held)
    return held, effects


def ask_shelving(work: Work, case: Case, by: str, reason: str, until: datetime | None) -> tuple[Case, Effects]:
    """Return the case with a request to shelve it (挂账): reason, end date, two approvals."""
    mine = authority.require(by, case, Event.ASK_SHELVE, work.roster, work.day)
    if not reason or until is None or until <= work.now:
        raise Missing(f"请写明挂账截止日期和原因，如“挂账 {case.short} 12月31日 管线迁改未完成”。")
    own = (by,) if mine & authority.MAY[Event.APPROVE_SHELVE] else ()
    request = Request(by, reason, work.now, until=until, approvals=own)
    asked = advance(case, Event.ASK_SHELVE, frozenset({"reason", "until"}), shelving=request)
    effects = Effects()
    effects.case_event(asked, Event.ASK_SHELVE, persons={"by": by}, words={"reason": reason}, until=until)
    office = work.roster.holders(Role.OFFICE, None, work.day)
    people = [p for p in (case.chain.second_level, case.chain.township_head, *office) if p != by]
    effects.notices += work.tell(people, command.shelving_asked(asked, work.w), "shelving", asked)
    return asked, effects


def approve_shelving(work: Work, case: Case, by: str) -> tuple[Case, Effects]:
    """Return the case after one more approval; with the second it is shelved and its clock stops."""
    authority.require(by, case, Event.APPROVE_SHELVE, work.roster, work.day)
    request = case.shelving
    if request is None or request.until is None:
        raise WrongState(f"{case.number}没有待批的挂账申请。")
    if by in request.approvals:
        raise RuleError(f"您已同意{case.number}挂账，还需另一人同意。")
    approvals = (*request.approvals, by)
    noted = advance(case, Event.APPROVE_SHELVE, shelving=replace(request, approvals=approvals))
    effects = Effects()
    effects.case_event(noted, Event.APPROVE_SHELVE, persons={"by": by}, approvals=len(approvals))
    if len(approvals) < APPROVALS:
        return noted, effects
    shelved = advance(noted, Event.SHELVE, paused_at=work.now, ack_due=None, extension=None, no_photo=None)
    effects.case_event(shelved, Event.SHELVE, persons={"by": by}, until=request.until)
    effects.merge(work.ladder(shelved))
    effects.timers.append(Timer(f"shelve:{case.id}", "shelve", str(case.id), request.until))
    text = command.shelved(shelved, work.w)
    effects.notices += work.tell([p for p in (shelved.handler, request.by) if p != by], text, "shelved", shelved)
    return shelved, effects


def resume(work: Work, case: Case, by: str) -> tuple[Case, Effects]:
    """Return a shelved case back in hand, its deadlines moved by the time it rested."""
    if by:
        authority.require(by, case, Event.RESUME, work.roster, work.day)
    paused = case.paused_at or work.now
    due = _resumed_due(work, case.due, paused) if case.due else None
    held_due = _resumed_due(work, case.handler_due, paused) if case.handler_due else due
    back = advance(case, Event.RESUME, paused_at=None, due=due, handler_due=held_due, shelving=None)
    back = work.levelled(back)
    effects = Effects(timers_dropped=[f"shelve:{case.id}"])
    effects.case_event(back, Event.RESUME, persons={"by": by} if by else {}, due=due)
    effects.merge(work.ladder(back))
    effects.notices += work.tell([back.handler], command.resumed(back, work.w), "resumed", back)
    return back, effects


def reclassify(work: Work, case: Case, by: str, category: str) -> tuple[Case, Effects]:
    """Return the case under another category: limits as of that category, counted from the same starts as before.

    An extension that was granted stays where it reaches further.
    """
    authority.require(by, case, Event.RECLASSIFY, work.roster, work.day)
    row = work.rules.categories.by_code(category)
    also, why = tuple(c for c in case.also if c != category), (*case.why, "person=category")
    moved = advance(case, Event.RECLASSIFY, category=category, also=also, why=why)
    moved = _relimited(work, moved)
    effects = Effects()
    effects.case_event(moved, Event.RECLASSIFY, persons={"by": by}, old=case.category, new=row.code, due=moved.due)
    effects.merge(work.ladder(moved))
    if moved.handler:
        text = handler.work(moved, work.w)
        effects.notices += work.tell([moved.handler], text, "reclassified", moved)
    return moved, effects


def _relimited(work: Work, case: Case) -> Case:
    if case.first_assigned_at is None or case.assigned_at is None:
        return case
    due = work.rules.due(case, case.first_assigned_at)
    handler_due = work.rules.due(case, case.assigned_at)
    if case.extensions and case.due is not None:
        due, handler_due = max(due, case.due), max(handler_due, case.due)
    return replace(
        case,
        due=due,
        handler_due=handler_due if case.handler_due else None,
        ack_due=work.rules.ack_due(case, case.assigned_at) if case.ack_due else None,
        raised=0,
    )


def pick(work: Work, case: Case, by: str, to: str) -> tuple[Case, Effects]:
    """Return the case in the hands whom the second-level chief picked."""
    mine = authority.standings(by, case, work.roster, work.day)
    if Standing.SECOND_LEVEL not in mine:
        raise NotAllowed(authority.refusal(case, frozenset({Standing.SECOND_LEVEL}), work.roster))
    if to == case.handler:
        taken = replace(_handed_to(work, case, to), chief=to)
        effects = work.ladder(taken)
        effects.case_event(taken, Event.REASSIGN, persons={"by": by, "to": to})
        return taken, effects.merge(announce(work, taken))
    return reassign(work, case, by, to)


def remind_all(work: Work, cases: list[Case], by: str) -> list[Notice]:
    """Return one merged urge for each handler of the given cases."""
    handlers: dict[str, list[Case]] = {}
    for case in cases:
        handlers.setdefault(case.handler, []).append(case)
    notices = []
    for person, held in handlers.items():
        items = [(case, work.w.spot(case)) for case in held]
        text = f"{work.w.titled(by)}请您尽快处置。{handler.digest(items, work.w, [])}"
        key = f"urge_all:{by}:{person}:{work.now.isoformat()}"
        notices.append(Notice(key, ToPerson(person, held[0].township), text, "urge"))
    return notices
