"""Verification (复核): pass, rework, and what comes back within three days (反弹)."""

from dataclasses import replace

from domain import authority
from domain.case import Case, Event, Origin, State, advance
from domain.casework.handling import ask_verifiers
from domain.casework.opening import with_photos, working_message
from domain.casework.work import Work
from domain.effects import Effects, Notice, Timer
from domain.errors import Missing, WrongState
from domain.messages import Photo
from domain.texts import command, handler, reporter

__all__ = ["ask_verifiers", "passed", "rejected", "reopened"]


def passed(work: Work, case: Case, by: str) -> tuple[Case, Effects]:
    """Return the closed case (通过); its reporter and followers hear it, its handler too."""
    if case.state is not State.RESOLVED:
        raise WrongState(handler.nothing_to_do(case, work.w) if not case.is_open else f"{case.number}尚未报处理完毕。")
    authority.require_verifier(by, case, work.roster, work.day)
    done = advance(case, Event.PASS, closed_at=work.now, handler_due=None)
    on_time = done.due is None or (done.resolved_at is not None and done.resolved_at <= done.due)
    effects = Effects(timers_dropped=[f"verify:{case.id}", f"ladder:{case.id}"])
    effects.case_event(done, Event.PASS, persons={"by": by}, on_time=on_time, without_photo=done.closed_without_photo)
    if done.photos_of("before") and done.photos_of("after"):
        # told by a timer of this instant, before which both pictures are put into one
        effects.timers.append(Timer(f"done:{done.id}:{done.version}:{by}", "done", str(done.id), work.now))
    else:
        effects.notices += told_done(work, done, by)
    if done.origin is Origin.LEADER and done.is_group:
        effects.notices.append(
            work.tell_room("leadership", done.township, command.instruction_done(done, work.w), "instruction", done)
        )
    effects.notices += work.tell([done.handler], handler.closed(done, work.w), "closed", done)
    return done, effects


def told_done(work: Work, case: Case, by: str, photos: tuple[Photo, ...] = ()) -> list[Notice]:
    """Return what reporter and followers hear of a closed case, but for who closed or handled it."""
    if case.origin is Origin.PATROL:
        return []
    hearers = [p for p in (case.reporter, *case.followers) if p not in (by, case.handler)]
    return work.tell(hearers, reporter.done(case, is_shown=bool(photos)), "done", case, photos=photos)


def rejected(work: Work, case: Case, by: str, reason: str, photos: tuple[Photo, ...] = ()) -> tuple[Case, Effects]:
    """Return the case sent back (不通过): the handler's clock starts again, the case's deadline stays."""
    if case.state is not State.RESOLVED:
        raise WrongState(handler.nothing_to_do(case, work.w) if not case.is_open else f"{case.number}尚未报处理完毕。")
    authority.require_verifier(by, case, work.roster, work.day)
    if not reason:
        raise Missing(f"{case.number}请写明不通过的原因，如“{case.short} 不通过 物料仍在”。")
    shown = with_photos(case, photos, "other", by, work)
    back = advance(
        shown,
        Event.FAIL,
        frozenset({"reason"}),
        reworks=case.reworks + 1,
        handler_due=work.rules.due(case, work.now),
        resolved_at=None,
        resolved_by="",
        raised=0,
        closed_without_photo=False,
    )
    added = back.photos[len(case.photos) :]
    effects = Effects(timers_dropped=[f"verify:{case.id}"], photos=[(back.id, photo) for photo in added])
    effects.case_event(back, Event.FAIL, persons={"by": by}, words={"reason": reason}, reworks=back.reworks)
    effects.merge(work.ladder(back))
    text = handler.rework(back, reason, work.w)
    effects.notices += work.tell([back.handler], text, "rework", back, photos=photos)
    return back, effects


def reopened(work: Work, case: Case, by: str, words: str, photos: tuple[Photo, ...]) -> tuple[Case, Effects]:
    """Return a closed case that came back within the rebound window (反弹, 未解决)."""
    authority.require(by, case, Event.REOPEN, work.roster, work.day)
    if case.state is not State.CLOSED or case.closed_at is None:
        raise WrongState(f"{case.number}当前为{work.w.state(case)}，正在处理，无需重提。")
    if work.now - case.closed_at > work.rules.waits.rebound:
        raise WrongState(reporter.too_late_to_reopen(case))
    shown = with_photos(case, photos, "before", by, work)
    back = advance(
        shown,
        Event.REOPEN,
        rebounds=case.rebounds + 1,
        handler_due=work.rules.due(case, work.now),
        closed_at=None,
        resolved_at=None,
        resolved_by="",
        raised=0,
    )
    added = back.photos[len(case.photos) :]
    effects = Effects(photos=[(back.id, photo) for photo in added])
    effects.case_event(back, Event.REOPEN, persons={"by": by}, words={"words": words}, rebounds=back.rebounds)
    effects.merge(work.ladder(back))
    effects.merge(working_message(work, replace(back)))
    return back, effects
