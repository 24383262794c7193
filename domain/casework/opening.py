"""A report becomes a case (上报 → 交办): number, place, who answers, clocks, and who is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain import authority
from domain.assign import assign
from domain.case import Case, CasePhoto, Event, Origin, State, advance, id_of
from domain.casework import deducting, doubts
from domain.casework.work import Work
from domain.effects import Effects, Notice, Urgency
from domain.messages import Choice, Photo
from domain.roster import Role, Segment
from domain.texts import command, handler

PROMINENT, MAJOR = "突出", "重大"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a report before it is a case."""

    category: str
    severity: str
    reporter: str
    text: str = ""
    place: str = ""
    also: tuple[str, ...] = ()
    is_hazard: bool = False
    origin: Origin = Origin.PUBLIC
    relayed_for: str = ""
    platform: str = ""
    chat_id: str = ""
    is_group: bool = False
    message_id: str = ""
    township: str = ""
    photos: tuple[Photo, ...] = ()
    evidence: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    suspected_duplicate_of: int = 0
    inspector: str = ""  # whose finding it is (S47)
    points: str = ""  # as he gave them, "" = by the rule book


async def number(work: Work) -> int:
    """Take the next case id of the city's year."""
    year = work.rules.local(work.now).year
    return id_of(year, await work.view.next_sequence(year))


async def open_case(work: Work, draft: Draft, segment: Segment | None) -> tuple[Case, Effects]:
    """Return the new case with the effects that record it; with a segment it is assigned but not yet announced.

    Announcing is a step of its own (`announce`): a report that may be a duplicate waits for its reporter first.
    """
    case = with_photos(_case_of(work, draft, await number(work)), draft.photos, "before", draft.reporter, work)
    if case.photos:
        case = replace(case, photos_at_report=len(case.photos))
    if segment is not None:
        case = assigned(work, case, segment)
    case, found = deducting.entered(work, case)
    effects = Effects(photos=[(case.id, photo) for photo in case.photos])
    effects.case_event(
        case,
        Event.REPORT,
        persons={"reporter": case.reporter, "handler": case.handler},
        words={"text": case.text, "place": case.place},
        severity=case.severity,
        also=list(case.also),
        hazard=case.is_hazard,
        origin=case.origin.value,
        photos=[photo.sha256 for photo in case.photos],
        due=case.due,
    )
    effects.merge(found)
    effects.merge(work.ladder(case))
    return await looked_at(work, case, case.photos, effects)


def _case_of(work: Work, draft: Draft, case_id: int) -> Case:
    """Return a case as it is reported, before anybody answers for it."""
    return Case(
        id=case_id,
        state=State.UNLOCATED,
        category=draft.category,
        severity=draft.severity,
        reported_at=work.now,
        reporter=draft.reporter,
        also=draft.also,
        is_hazard=draft.is_hazard,
        township=draft.township,
        place=draft.place,
        text=draft.text,
        origin=draft.origin,
        relayed_for=draft.relayed_for,
        platform=draft.platform,
        chat_id=draft.chat_id,
        is_group=draft.is_group,
        message_id=draft.message_id,
        suspected_duplicate_of=draft.suspected_duplicate_of,
        candidates=draft.candidates,
        evidence=draft.evidence,
        why=draft.why,
        inspector=draft.inspector,
        points=draft.points,
    )


async def looked_at(work: Work, case: Case, added: Sequence[CasePhoto], effects: Effects) -> tuple[Case, Effects]:
    """Return case and effects with what a person must look at in pictures of a report that were just added."""
    copies = await doubts.copies(work, case, added)
    found = await doubts.of_photos(work, case, added, copies)
    photos = [Photo(photo.sha256, photo.ext, 0) for photo in added]
    case, held = doubts.held(work, case, found, doubts.both(photos, copies) or photos)
    return case, effects.merge(held)


def with_photos(case: Case, photos: Sequence[Photo], role: str, sender: str, work: Work) -> Case:
    """Return the case with further pictures; one that it already holds is not taken twice."""
    held = {photo.sha256 for photo in case.photos}
    added = [CasePhoto(p.sha256, p.ext, role, work.now, sender) for p in photos if p.sha256 not in held]
    return replace(case, photos=(*case.photos, *added)) if added else case


def assigned(work: Work, case: Case, segment: Segment) -> Case:
    """Return the case in the hands of who answers for the segment today, with its clocks running from now."""
    owner = assign(segment, work.roster, work.day)
    placed = replace(
        case,
        state=State.ASSIGNED,
        segment=segment.id,
        township=segment.township,
        chain=owner.chain,
        chief=owner.chief,
        handler=owner.handler,
        candidates=(),
    )
    return started(work, placed)


def started(work: Work, case: Case) -> Case:
    """Return the case with the handler's clocks running from now; the case's own deadline is set only once."""
    due = work.rules.due(case, work.now)
    return replace(
        case,
        first_assigned_at=case.first_assigned_at or work.now,
        ladder=case.ladder or work.rules.ladder_id,
        assigned_at=work.now,
        ack_due=min(work.rules.ack_due(case, work.now), due),  # nobody takes a case after it should be done
        handler_due=due,
        due=case.due or due,
        paused_at=None,
        raised=0,
    )


def announce(work: Work, case: Case) -> Effects:
    """Return what people hear of a case that was just assigned: handler, and at once the levels it concerns."""
    away = case.handler == case.chain.second_level and not case.chief
    effects = _pick(work, case) if away else working_message(work, case)
    warned: list[str] = []
    if case.is_hazard:
        warned = [case.chain.second_level, *authority.desk(case.township, work.roster, work.day)]
        text = command.hazard(case, work.w)
        effects.notices += work.tell(warned, text, "hazard", case, urgency=Urgency.HAZARD)
    effects.notices += tier_notices(work, case, besides=warned)
    department = work.rules.categories.department_name(case.category)
    helpers = [p for p in work.roster.holders(Role.DEPARTMENT, department, work.day) if p != case.handler]
    effects.notices += work.tell(helpers, command.helping(case, work.w), "helper", case)
    return effects


def working_message(work: Work, case: Case) -> Effects:
    """Return the working message to the handler, whose digits the bot will understand for three days."""
    text = handler.work(case, work.w)
    urgency = Urgency.HAZARD if case.is_hazard else Urgency.NORMAL
    effects = Effects(
        notices=work.tell(
            [case.handler],
            text,
            "work",
            case,
            urgency=urgency,
            photos=work.before_photos(case),
            choices=handler.WORK_CHOICES,
        )
    )
    until = work.now + work.rules.waits.question_work
    effects.questions.append(work.ask(case, "work", case.handler, handler.WORK_CHOICES, until=until))
    return effects


def _pick(work: Work, case: Case) -> Effects:
    """Ask the second-level chief who handles a case whose chief is away without a stand-in."""
    segment = work.roster.segment(case.segment, work.day)
    people = [p for p in work.roster.duty(case.segment, work.day) if not work.roster.leave_of(p, work.day)]
    colleagues = [
        p.id for p in work.roster.people.values() if segment and p.unit == segment.unit and p.id != segment.chief
    ]
    options = [Choice(p, work.w.name(p)) for p in dict.fromkeys([*people, *colleagues])][:2]
    options.append(Choice(case.chain.second_level, "本人办理"))
    text = command.pick_handler(case, work.w, work.w.name(case.chain.chief), options)
    second = case.chain.second_level
    effects = Effects(notices=work.tell([second], text, "pick", case, choices=tuple(options)))
    until = work.now + work.rules.waits.question_work
    effects.questions.append(work.ask(case, "pick", second, tuple(options), until=until))
    return effects


def tier_notices(work: Work, case: Case, besides: Sequence[str] = ()) -> list[Notice]:
    """Return what the level that must own a prominent or major case hears (S11, S28, S32), but for those in `besides`."""
    if case.severity == PROMINENT:
        people = [case.chain.chief, case.chain.second_level]
    elif case.severity == MAJOR:
        people = [case.chain.township_head, *work.roster.holders(Role.OFFICE, None, work.day)]
    else:
        return []
    urgency = Urgency.HAZARD if case.is_hazard else Urgency.NORMAL
    others = [p for p in people if p != case.handler and p not in besides]
    return work.tell(others, command.told_tier(case, work.w), "tier", case, urgency=urgency)


def queue_for_desk(work: Work, case: Case) -> Effects:
    """Return what the seat hears of a case without a place."""
    urgency = Urgency.HAZARD if case.is_hazard else Urgency.NORMAL
    text = command.unlocated(case, work.w)
    return Effects(notices=work.tell_desk(text, "unlocated", case, urgency=urgency))


async def locate(work: Work, case: Case, segment: Segment, by: str) -> tuple[Case, Effects]:
    """Return the case placed on a segment (定位), assigned and announced."""
    why = case.why if by == case.reporter else (*case.why, "person=place")
    moved = advance(case, Event.LOCATE, frozenset({"segment"}), why=why)
    placed, found = deducting.entered(work, assigned(work, moved, segment))
    effects = Effects()
    effects.case_event(placed, Event.LOCATE, persons={"by": by, "handler": placed.handler}, due=placed.due)
    effects.merge(await deducting.placed_late(work, placed, found))
    effects.merge(work.ladder(placed))
    effects.merge(announce(work, placed))
    return placed, effects
