"""The waits of single cases and messages: each re-reads the state and does nothing when it no longer applies."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from domain import authority
from domain.case import State
from domain.casework import (
    accountability,
    appealing,
    commanding,
    inspecting,
    month,
    opening,
    publication,
    verifying,
    watermarks,
)
from domain.casework import day as days
from domain.casework.kept import kept
from domain.casework.work import Work
from domain.effects import Effects, Notice, Timer, ToChat, ToPerson, ToPurpose, Urgency
from domain.month import Month
from domain.roster import Role
from domain.texts import appealing as appeals
from domain.texts import inspecting as texts
from domain.texts import reporter
from schedules.ladder import ladder
from schedules.telling import next_digest

TimerFunction = Callable[[Work, Timer], Awaitable[Effects]]


async def gather(work: Work, timer: Timer) -> Effects:
    """Ask for words to photos that came alone."""
    platform, chat_id, person, place = timer.subject.split("\n")
    waiting = await work.view.gather(platform, chat_id, person)
    if waiting is None:
        return Effects()
    if mark := await watermarks.of_gather(work, waiting):
        return watermarks.ask_about_photos(work, waiting, mark, is_group=place == "group")
    text = reporter.photos_waiting(len(waiting.photos))
    to = ToChat(platform, chat_id, place == "group")
    return Effects(notices=[Notice(f"gather:{waiting.message_id}", to, text, "gather", urgency=Urgency.REPLY)])


async def photos(work: Work, timer: Timer) -> Effects:
    """Tell once of all photos that joined a report."""
    case = await work.view.case(int(timer.subject))
    if case is None:
        return Effects()
    added = len(case.photos_of("before")) - case.photos_at_report
    to = ToChat(case.platform, case.chat_id, case.is_group)
    key = f"photos:{case.id}:{case.version}"
    text = reporter.photos_added(case, added)
    return Effects(notices=[Notice(key, to, text, "photos", case.id, Urgency.REPLY)])


async def locate(work: Work, timer: Timer) -> Effects:
    """Hand a report that nobody placed to the seat's queue."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.UNLOCATED:
        return Effects()
    return opening.queue_for_desk(work, case)


async def duplicate(work: Work, timer: Timer) -> Effects:
    """Treat a possible duplicate that nobody confirmed as a case of its own, marked 疑似重复."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.ASSIGNED:
        return Effects()
    effects = opening.announce(work, case)
    to = ToChat(case.platform, case.chat_id, case.is_group)
    text = reporter.receipt(case, work.w, has_gap=not work.roster.duty(case.segment, work.day))
    key = f"duplicate:{case.id}:receipt"
    effects.notices.append(Notice(key, to, text, "receipt", case.id, Urgency.REPLY))
    return effects


async def verify(work: Work, timer: Timer) -> Effects:
    """Bring a case that nobody verified in four working hours into the office's next digest."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.RESOLVED:
        return Effects()
    people = [
        p
        for p in work.roster.holders(Role.OFFICE, None, work.day)
        if not authority.is_barred_from_verifying(p, case, work.roster, work.day)
    ]
    return Effects(notices=[next_digest(work, person, case.township) for person in people])


async def shelve(work: Work, timer: Timer) -> Effects:
    """End a shelving at its date."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.SHELVED:
        return Effects()
    _, effects = commanding.resume(work, case, "")
    return effects


async def walk(work: Work, timer: Timer) -> Effects:
    """End a walk that its inspector has not ended, with the day, and tell him what it came to."""
    running = await work.view.inspected.walk(timer.subject)
    if running is None:
        return Effects()
    figures, effects = await inspecting.ended(work, timer.subject)
    text = texts.ended_by_itself(running, figures.problems, figures.fixed, figures.points, work.w)
    key = f"walk:{running.started_at.isoformat()}:{running.person}"
    effects.notices.append(Notice(key, ToPerson(running.person), text, "walk"))
    return effects


async def appeal(work: Work, timer: Timer) -> Effects:
    """Remind the office, each working day, of an appeal that should have been answered."""
    waiting = await work.view.inspected.appeal(int(timer.subject))
    if waiting is None or not waiting.is_open:
        return Effects()
    text = appeals.overdue(waiting, work.w)
    notice = Notice(f"appeal:{waiting.id}:late:{work.day}", ToPurpose("office"), text, "appeal")
    return Effects(notices=[notice], timers=[replace(timer, due_at=appealing.next_reminder(work))])


async def publish(work: Work, timer: Timer) -> Effects:
    """Publish a month at its time, or try again on the next working day."""
    period = Month.parse(timer.subject)
    effects = await publication.publish(work, period)
    work.view.apply(effects)
    left = await month.period_of(work, period)
    if left.is_published or left.publish_at is None:
        return Effects()
    return Effects(timers=[replace(timer, due_at=left.publish_at)])


async def settle(work: Work, timer: Timer) -> Effects:
    """Work out what a published month leads to: proposals and early notices."""
    return await accountability.settle(work, Month.parse(timer.subject))


async def done(work: Work, timer: Timer) -> Effects:
    """Tell the reporter of a closed case, with before and after in one picture where that could be made."""
    case = await work.view.case(int(timer.subject))
    if case is None or case.state is not State.CLOSED:
        return Effects()
    made = await kept(work, days.pair_key(case))
    by = timer.key.split(":", 3)[3]
    return Effects(notices=verifying.told_done(work, case, by, made.photos if made else ()))


TIMERS: Mapping[str, TimerFunction] = {
    "gather": gather,
    "photos": photos,
    "locate": locate,
    "duplicate": duplicate,
    "ladder": ladder,
    "verify": verify,
    "done": done,
    "shelve": shelve,
    "publish": publish,
    "settle": settle,
    "walk": walk,
    "appeal": appeal,
}

OF_CASES = frozenset({"photos", "locate", "duplicate", "ladder", "verify", "done", "shelve"})  # subject = case id
