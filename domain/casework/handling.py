"""What the handler does with a case: 收到, 已处理, 无图, 劝阻, 非我路段, 延期."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain import authority
from domain.case import Case, Event, Request, advance
from domain.casework import doubts
from domain.casework.opening import with_photos
from domain.casework.work import Work
from domain.effects import Effects, Timer
from domain.errors import Missing, NotAllowed, RuleError, WrongState
from domain.messages import Photo
from domain.texts import command, handler

MAX_EXTENSIONS = 2
# What was asked for ends when the case leaves the hands of who asked.
NOTHING_ASKED: Mapping[str, Any] = {"extension": None, "no_photo": None, "shelving": None}


def acknowledge(work: Work, case: Case, by: str) -> tuple[Case, Effects]:
    """Return the case in hand (收到)."""
    authority.require(by, case, Event.ACKNOWLEDGE, work.roster, work.day)
    taken = work.levelled(advance(case, Event.ACKNOWLEDGE, acknowledged_at=work.now, ack_due=None))
    effects = Effects()
    late = case.ack_due is not None and work.now > case.ack_due
    effects.case_event(taken, Event.ACKNOWLEDGE, persons={"by": by}, late=late)
    return taken, effects.merge(work.ladder(taken))


async def evidence(work: Work, case: Case, photos: Sequence[Photo]) -> None:
    """Raise RuleError when a picture is no evidence: byte-equal to a photo of any case (S10)."""
    for photo in photos:
        used = await work.view.photo_cases(photo.sha256)
        if used:
            other = "本件" if case.id in used else await _number_of(work, used[0])
            raise RuleError(handler.photo_reused(case, other))


async def _number_of(work: Work, case_id: int) -> str:
    other = await work.view.case(case_id)
    return other.number if other else "其他案件"


async def resolve(work: Work, case: Case, by: str, photos: Sequence[Photo]) -> tuple[Case, Effects]:
    """Return the case waiting for verification (已处理), with its after-photos."""
    authority.require(by, case, Event.RESOLVE, work.roster, work.day)
    if not photos:
        if not _may_resolve(case):
            raise WrongState(handler.nothing_to_do(case, work.w))
        raise Missing(handler.photo_needed(case, work.w, _names(work, authority.confirmers_without_photo(case))))
    await evidence(work, case, photos)
    shown = with_photos(case, photos, "after", by, work)
    found = await doubts.copies(work, case, photos)
    shown = replace(shown, doubts=await _with_doubts(work, shown, case, found))
    done = advance(
        shown,
        Event.RESOLVE,
        frozenset({"photo"}),
        resolved_at=work.now,
        resolved_by=by,
        acknowledged_at=case.acknowledged_at or work.now,
        ack_due=None,
        raised=0,
        closed_without_photo=False,
        **NOTHING_ASKED,
    )
    return done, _resolved(work, case, done, Event.RESOLVE, by, doubts.both(photos, found))


async def _with_doubts(work: Work, shown: Case, before: Case, found: Sequence[doubts.Copy]) -> tuple[str, ...]:
    """Return the case's doubts with those about its new pictures, for the verifier to see."""
    added = shown.photos[len(before.photos) :]
    return tuple(dict.fromkeys((*shown.doubts, *await doubts.of_photos(work, before, added, found))))


def _may_resolve(case: Case) -> bool:
    return case.is_open and case.state.value in {"assigned", "acknowledged", "rework"}


def _resolved(work: Work, before: Case, done: Case, event: Event, by: str, pictures: tuple[Photo, ...] = ()) -> Effects:
    added = [p for p in done.photos if p not in before.photos]
    effects = Effects(photos=[(done.id, photo) for photo in added])
    on_time = before.due is None or work.now <= before.due
    effects.case_event(done, event, persons={"by": by}, photos=[p.sha256 for p in added], on_time=on_time)
    effects.merge(work.ladder(done))
    effects.merge(ask_verifiers(work, done, pictures))
    return effects


def ask_verifiers(work: Work, case: Case, pictures: tuple[Photo, ...] = ()) -> Effects:
    """Return what the verifiers hear, and the timer after which the office does.

    pictures: those in doubt, with what they resemble.
    """
    people = authority.verifiers(case, work.roster, work.day)
    text = command.verify(case, work.w, [doubts.lines_of(work, doubt) for doubt in case.doubts])
    effects = Effects(notices=work.tell(people, text, "verify", case, photos=pictures))
    due = work.rules.calendar.add_working(work.now, work.rules.waits.verify)
    effects.timers.append(Timer(f"verify:{case.id}", "verify", str(case.id), due))
    return effects


async def more_evidence(work: Work, case: Case, by: str, photos: Sequence[Photo]) -> tuple[Case, Effects]:
    """Return a case waiting for verification with further after-photos."""
    await evidence(work, case, photos)
    shown = replace(with_photos(case, photos, "after", by, work), version=case.version + 1)
    added = shown.photos[len(case.photos) :]
    effects = Effects(photos=[(shown.id, photo) for photo in added])
    effects.case_event(shown, Event.SUPPLEMENT, persons={"by": by}, photos=[p.sha256 for p in added])
    return shown, effects


def ask_no_photo(work: Work, case: Case, by: str, reason: str) -> tuple[Case, Effects]:
    """Return the case with a request to close it without a photo (无图)."""
    authority.require(by, case, Event.ASK_NO_PHOTO, work.roster, work.day)
    if not reason:
        raise Missing(f"{case.number}请写明无法拍照的原因，如“无图 {case.short} 夜间无光”。")
    asked = advance(case, Event.ASK_NO_PHOTO, frozenset({"reason"}), no_photo=Request(by, reason, work.now))
    effects = Effects()
    effects.case_event(asked, Event.ASK_NO_PHOTO, persons={"by": by}, words={"reason": reason})
    people = authority.confirmers_without_photo(case)
    effects.notices += work.tell(people, command.without_photo(asked, work.w), "no_photo", asked)
    return asked, effects


def decide_no_photo(work: Work, case: Case, by: str, *, confirmed: bool) -> tuple[Case, Effects]:
    """Return the case after the second-level chief (township head on an S33 segment) spoke on 无图."""
    people = authority.confirmers_without_photo(case)
    stand_ins = [authority.present(person, work.roster, work.day) for person in people]
    if by not in {*people, *stand_ins}:
        raise NotAllowed(f"{case.number}无图办结由{_names(work, people)}确认，您无需操作。")
    if case.no_photo is None:
        raise WrongState(f"{case.number}没有待确认的无图办结申请。")
    asker = case.no_photo.by
    if by == asker:
        raise NotAllowed(f"{case.number}无图办结不能由申请人本人确认。")
    if not confirmed:
        refused = advance(case, Event.REFUSE_NO_PHOTO, no_photo=None)
        effects = Effects()
        effects.case_event(refused, Event.REFUSE_NO_PHOTO, persons={"by": by})
        effects.notices += work.tell(
            [asker], handler.without_photo_refused(refused, work.w.titled(by)), "no_photo_refused", refused
        )
        return refused, effects
    done = advance(
        case,
        Event.CONFIRM_NO_PHOTO,
        resolved_at=work.now,
        resolved_by=asker,
        acknowledged_at=case.acknowledged_at or work.now,
        ack_due=None,
        raised=0,
        closed_without_photo=True,
        **NOTHING_ASKED,
    )
    return done, _resolved(work, case, done, Event.CONFIRM_NO_PHOTO, by)


def dissuade(work: Work, case: Case, by: str, words: str) -> tuple[Case, Effects]:
    """Return the case with a recorded talk to whoever caused it (教育、劝阻, S10)."""
    authority.require(by, case, Event.DISSUADE, work.roster, work.day)
    at = case.acknowledged_at or work.now
    noted = work.levelled(advance(case, Event.DISSUADE, acknowledged_at=at, ack_due=None))
    effects = Effects()
    effects.case_event(noted, Event.DISSUADE, persons={"by": by}, words={"note": words})
    return noted, effects.merge(work.ladder(noted))


def give_back(work: Work, case: Case, by: str, reason: str) -> tuple[Case, Effects]:
    """Return the case in the desk's hands (非我路段, 退回); the clock stops meanwhile."""
    authority.require(by, case, Event.RETURN, work.roster, work.day)
    if not reason:
        raise Missing(f"{case.number}请写明原因，如“非我路段 {case.short} 文化街以东”。")
    back = advance(
        case,
        Event.RETURN,
        frozenset({"reason"}),
        paused_at=work.now,
        returns=case.returns + 1,
        ack_due=None,
        **NOTHING_ASKED,
    )
    effects = Effects()
    effects.case_event(back, Event.RETURN, persons={"by": by}, words={"reason": reason}, returns=back.returns)
    effects.merge(work.ladder(back))
    effects.notices += work.tell_desk(command.returned(back, work.w, work.w.name(by), reason), "returned", back)
    return back, effects


def ask_extension(work: Work, case: Case, by: str, reason: str, until: datetime | None) -> tuple[Case, Effects]:
    """Return the case with a request for more time (延期); the deadline stays until it is granted."""
    authority.require(by, case, Event.ASK_EXTENSION, work.roster, work.day)
    if not reason or until is None:
        raise Missing(handler.extension_needs_time(case))
    if case.extensions >= MAX_EXTENSIONS:
        raise RuleError(
            f"{case.number}已延期{MAX_EXTENSIONS}次，不能再延期；确需暂缓请回复“挂账 {case.short} 日期 原因”。"
        )
    if until <= work.now:
        raise RuleError(f"{case.number}申请的时间已过，请重写时间。")
    if case.due is not None and until <= case.due:
        raise RuleError(f"{case.number}申请的时间不晚于现时限{work.w.when(case.due)}，请重写时间。")
    request = Request(by, reason, work.now, until=until)
    asked = advance(case, Event.ASK_EXTENSION, frozenset({"reason", "until"}), extension=request)
    effects = Effects()
    effects.case_event(asked, Event.ASK_EXTENSION, persons={"by": by}, words={"reason": reason}, until=until)
    people = [p for p in (case.chain.second_level,) if p and p != by] or [case.chain.township_head]
    effects.notices += work.tell(people, command.extension(asked, work.w), "extension", asked)
    return asked, effects


def refused_attempt(case: Case, by: str, command_name: str) -> Effects:
    """Return the record that somebody tried what is not theirs to do; nothing else changes."""
    effects = Effects()
    effects.case_event(case, Event.REFUSED, persons={"by": by}, command=command_name)
    return effects


def _names(work: Work, people: Sequence[str]) -> str:
    return "、".join(work.w.titled(person) for person in people)
