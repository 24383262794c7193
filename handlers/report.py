"""上报: words and photos become one case, or several; unsure of the place → one question, never a guess."""

import re
from dataclasses import dataclass, replace

from domain import authority
from domain.case import IN_HAND, OPEN_STATES, Case, Event, Origin, State
from domain.casework import opening, placing, watermarks
from domain.casework.opening import Draft, with_photos
from domain.casework.placing import Placed, Source
from domain.effects import Effects, Gather, Timer
from domain.messages import Choice, Photo
from domain.ports import CaseQuery
from domain.roster import Role, Segment
from domain.texts import inspecting, reporter
from domain.understand import Problem, Understanding
from handlers import spot
from handlers.talk import Talk, leaves_room_for_privacy

_ORIGIN = re.compile(r"^[【\[]?(领导交办|上级指派|上级交办|群众举报|群众反映)[】\]]?[:：,，\s]*")
_RELAYED = re.compile("代([\u4e00-\u9fffA-Za-z]{1,8}?)(?:上报|反映|报)[:：,，\\s]")
_ORIGINS = {
    "领导交办": Origin.LEADER,
    "上级指派": Origin.SUPERIOR,
    "上级交办": Origin.SUPERIOR,
    "群众举报": Origin.CROWD,
    "群众反映": Origin.CROWD,
}
_MAY_MARK = (Role.SEAT, Role.COORDINATOR, Role.OFFICE, Role.LEADER, Role.GENERAL, Role.FIRST_LEVEL, Role.TOWNSHIP_HEAD)
_ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Marked:
    """A report's words with its marks of origin taken off."""

    text: str
    origin: Origin
    relayed_for: str


def marks(talk: Talk) -> Marked:
    """Return the marks 领导交办／上级指派／群众举报 and 代报; the first three count only from desk and leaders."""
    text = talk.heard.text
    origin = Origin.PUBLIC
    match = _ORIGIN.match(text)
    if match and (talk.has_role(*_MAY_MARK) or _ORIGINS[match.group(1)] is Origin.CROWD):
        origin = _ORIGINS[match.group(1)]
        text = text[match.end() :]
    relayed = _RELAYED.search(text)
    who = relayed.group(1) if relayed else ""
    return Marked(text.replace(relayed.group(0), "", 1) if relayed else text, origin, who)


async def run(talk: Talk) -> Effects:
    """Open what the message reports: one case, or one for each separate problem."""
    u = talk.heard.understanding
    gathered = await talk.work.view.gather(talk.platform, talk.chat_id, talk.me)
    photos = all_photos(talk, gathered)
    effects = Effects()
    if gathered is not None:
        effects.gathers_closed.append((talk.platform, talk.chat_id, talk.me))
        effects.timers_dropped.append(gather_key(talk))
    where = await _where(talk, photos)
    if len(u.problems) > 1:
        return effects.merge(await _several(talk, photos, where))
    draft = draft_of(talk, u, photos)
    return effects.merge(await open_at(talk, replace(draft, why=_why(u, where)), where))


async def _where(talk: Talk, photos: tuple[Photo, ...]) -> Placed:
    known = await talk.work.view.photo_facts(photo.sha256 for photo in photos)
    facts = [known.of(photo.sha256) for photo in photos]
    u, point = talk.heard.understanding, talk.heard.incoming.coordinates
    if point is None and not u.is_placed_by_words:
        point = await spot.kept(talk)
    return placing.placed(talk.work, u, point, facts)


def _why(u: Understanding, where: Placed, problem: Problem | None = None) -> tuple[str, ...]:
    """Return why a report, or one of its several problems, was judged as it was, for 「为什么」."""
    words = problem.words if problem else u.category_words
    whole = [word for word in words if not any(word != other and word in other for other in words)]
    told = (
        ("words", "、".join(whole)),
        ("places", "、".join(u.place_words)),
        ("severity", problem.severity_reason if problem else u.severity_reason),
        ("by", where.source.value),
    )
    return tuple(f"{name}={value}" for name, value in told if value)


def gather_key(talk: Talk) -> str:
    """Return the key of the timer that ends the gathering of photos."""
    return f"gather:{talk.platform}:{talk.chat_id}:{talk.me}"


def all_photos(talk: Talk, gathered: Gather | None) -> tuple[Photo, ...]:
    """Return the pictures of a report: those that waited for it, quoted ones and its own, each once."""
    earlier = gathered.photos if gathered else ()
    every = (*earlier, *talk.heard.quote_photos, *talk.photos)
    return tuple({photo.sha256: photo for photo in every}.values())


def draft_of(talk: Talk, u: Understanding, photos: tuple[Photo, ...]) -> Draft:
    """Return the draft of a case from what was understood."""
    marked = marks(talk)
    return Draft(
        category=u.category or "other",
        also=u.also,
        severity=u.severity or "一般",
        is_hazard=u.is_hazard,
        reporter=talk.me,
        text=marked.text,
        place=u.location_text or "",
        origin=marked.origin,
        relayed_for=marked.relayed_for,
        platform=talk.platform,
        chat_id=talk.chat_id,
        is_group=talk.is_group,
        message_id=talk.heard.incoming.message_id,
        township=talk.township,
        photos=photos,
        evidence=u.evidence,
        candidates=tuple(candidate[0] for candidate in u.segment_candidates) if not u.segment else (),
    )


async def open_at(talk: Talk, draft: Draft, where: Placed) -> Effects:
    """Open one case where it lies; unsure → one question, never a guess."""
    if where.source is Source.WATERMARK:
        return await _to_be_confirmed(talk, draft)
    segment = where.segment
    if segment is None:
        return await _unplaced(talk, replace(draft, candidates=where.candidates))
    other = None if draft.is_hazard else await duplicate_of(talk, draft.category, segment)
    if other is not None:
        draft = replace(draft, suspected_duplicate_of=other.id)
    case, effects = await opening.open_case(talk.work, draft, segment)
    effects.contacts.append(await talk.remember(case))
    if other is not None:
        return effects.merge(_ask_duplicate(talk, case, other))
    effects.merge(opening.announce(talk.work, case))
    text = reporter.receipt(case, talk.work.w, has_gap=_has_gap(talk, case))
    return effects.merge(await receipt(talk, case, text))


async def _to_be_confirmed(talk: Talk, draft: Draft) -> Effects:
    """Open a case whose place only a watermark tells, and ask whether it was read right."""
    case, effects = await opening.open_case(talk.work, draft, None)
    effects.contacts.append(await talk.remember(case))
    known = await talk.work.view.photo_facts(photo.sha256 for photo in draft.photos)
    marks = (known.of(photo.sha256).watermark for photo in draft.photos)
    mark = next(mark for mark in marks if mark is not None and mark.segments)
    due = talk.work.now + talk.work.rules.waits.gather_asked
    effects.timers.append(Timer(f"locate:{case.id}", "locate", str(case.id), due))
    if case.is_hazard:
        effects.merge(opening.queue_for_desk(talk.work, case))
    return effects.merge(watermarks.ask_about_case(talk.work, case, mark))


def _has_gap(talk: Talk, case: Case) -> bool:
    return not talk.work.roster.duty(case.segment, talk.work.day)


async def duplicate_of(talk: Talk, category: str, segment: Segment) -> Case | None:
    """Return the open case of the same kind on the same segment within a day, the newest, or None."""
    since = talk.work.now - talk.work.rules.waits.duplicate
    query = CaseQuery(states=OPEN_STATES, segment=segment.id, category=category, reported_since=since, limit=3)
    found = await talk.work.view.cases(query)
    return next((case for case in found if not case.suspected_duplicate_of), None)


def receipt_text(talk: Talk, case: Case, effects: Effects) -> str:
    """Return the receipt of a case that has its place: an inspector reads what is deducted, everybody else who answers."""
    if case.inspector:
        found = next((one for one in effects.findings if one.case == case.id), None)
        return inspecting.found(case, found, talk.work.w)
    return reporter.receipt(case, talk.work.w, has_gap=_has_gap(talk, case))


def _ask_duplicate(talk: Talk, case: Case, other: Case) -> Effects:
    options = (Choice("same", "同一问题，并入"), Choice("own", "不是，新建"))
    question = talk.ask_here(case, "duplicate", options, other=other.id)
    text = reporter.duplicate(case, other, talk.work.w, options)
    timer = Timer(f"duplicate:{case.id}", "duplicate", str(case.id), question.until)
    return Effects(questions=[question], timers=[timer], notices=[talk.reply(text, about=case, choices=options)])


async def _unplaced(talk: Talk, draft: Draft) -> Effects:
    case, effects = await opening.open_case(talk.work, draft, None)
    effects.contacts.append(await talk.remember(case))
    desk = desk_of(case)
    wait = talk.work.rules.waits.question
    if case.is_hazard or (draft.place and not draft.candidates):
        effects.merge(opening.queue_for_desk(talk.work, case))
        text = reporter.outside(case, desk) if draft.place else reporter.unlocated(case, desk)
        return effects.merge(await receipt(talk, case, text))
    effects.timers.append(Timer(f"locate:{case.id}", "locate", str(case.id), talk.work.now + wait))
    if not draft.candidates:
        return effects.merge(await receipt(talk, case, reporter.unlocated(case, desk)))
    asked = ask_place(talk, case)
    return effects.merge(asked)


def desk_of(case: Case) -> str:
    """Return who places a report that the bot cannot place."""
    return f"{case.township}指挥席" if case.township else "市路长办"


def ask_place(talk: Talk, case: Case, most: int = 2) -> Effects:
    """Return the one durable question for the place, with at most `most` segments to choose from."""
    named = [talk.work.roster.segment(s, talk.work.day) for s in case.candidates[:most]]
    options = [Choice(s.id, s.title) for s in named if s is not None]
    options.append(Choice(_ELSEWHERE, "其他，请写路口或门店名"))
    question = talk.ask_here(case, "locate", tuple(options))
    text = reporter.which_place(case, options)
    return Effects(questions=[question], notices=[talk.reply(text, about=case, choices=tuple(options))])


async def receipt(talk: Talk, case: Case, text: str) -> Effects:
    """Return the receipt: one post, with what is wrong with the photos and, once, the privacy line."""
    lines = [text]
    heard = talk.heard
    if heard.incoming.photo_may_be_missing and not case.photos:
        lines.append(reporter.photo_missing(case.number))
    lines += [reporter.photo_unusable(case.number, problem) for problem in dict.fromkeys(heard.photo_problems)]
    contact = await talk.work.view.contact(talk.me)
    if not contact.privacy_told and leaves_room_for_privacy(case):
        lines.append(reporter.PRIVACY)
    return talk.say("\n".join(lines), about=case)


async def _several(talk: Talk, photos: tuple[Photo, ...], where: Placed) -> Effects:
    """Open one case for each problem; all get the message's photos, and one post tells of all."""
    segment = where.segment
    effects = Effects()
    cases: list[Case] = []
    for problem in talk.heard.understanding.problems:
        draft = replace(
            draft_of(talk, talk.heard.understanding, photos),
            category=problem.category,
            severity=problem.severity,
            is_hazard=problem.is_hazard,
            also=(),
            why=_why(talk.heard.understanding, where, problem),
        )
        case, opened = await opening.open_case(talk.work, draft, segment)
        effects.merge(opened)
        if segment is not None:
            effects.merge(opening.announce(talk.work, case))
        cases.append(case)
    effects.contacts.append(await talk.remember(cases[0]))
    text = reporter.several(cases, talk.work.w)
    if segment is None:
        for case in cases:
            effects.merge(opening.queue_for_desk(talk.work, case))
    options = (Choice("merge", "合并"),)
    effects.questions.append(talk.ask_here(cases[0], "split", options, cases=[c.id for c in cases]))
    return effects.merge(await receipt(talk, cases[0], text))


async def recent(talk: Talk) -> Case | None:
    """Return the sender's report of the last minutes, which photos and words in this chat may still join."""
    contact = await talk.work.view.contact(talk.me)
    if not contact.last_case or contact.last_case_at is None:
        return None
    if talk.is_group and contact.last_chat != talk.chat_id:
        return None  # in private the rest may follow what was reported in a group
    if talk.work.now - contact.last_case_at > talk.work.rules.waits.later_photos:
        return None
    case = await talk.work.view.case(contact.last_case)
    return case if case is not None and case.is_open and case.reporter == talk.me else None


async def join_photos(talk: Talk, case: Case) -> Effects:
    """Add photos to a report; one line tells of all that come within a short while."""
    shown = with_photos(case, talk.photos, "before", talk.me, talk.work)
    added = shown.photos[len(case.photos) :]
    if not added:
        return Effects()
    shown = replace(shown, version=case.version + 1)
    effects = Effects(photos=[(shown.id, photo) for photo in added])
    effects.case_event(shown, Event.SUPPLEMENT, persons={"by": talk.me}, photos=[p.sha256 for p in added])
    shown, effects = await opening.looked_at(talk.work, shown, added, effects)
    due = talk.work.now + talk.work.rules.waits.gather / 3
    effects.timers.append(Timer(f"photos:{case.id}", "photos", str(case.id), due))
    return effects


async def join_words(talk: Talk, case: Case) -> Effects:
    """Add words to a report (补充); the handler hears them when he already has it."""
    text = f"{case.text}\n补充：{talk.heard.text}"
    said = replace(case, text=text[:2000], version=case.version + 1)
    effects = Effects()
    effects.case_event(said, Event.SUPPLEMENT, persons={"by": talk.me}, words={"text": talk.heard.text})
    if said.state in IN_HAND:
        note = f"{said.number}上报人补充：{talk.heard.text[:100]}"
        effects.notices += talk.work.tell([said.handler], note, "supplement", said)
    if talk.photos:
        effects.merge(await join_photos(talk, said))
    return effects.merge(talk.say(reporter.words_added(said), about=said))


def is_waiting_for_place(case: Case | None) -> bool:
    """Tell whether a report still lacks its place."""
    return case is not None and case.state is State.UNLOCATED


def may_place(talk: Talk, case: Case) -> bool:
    """Tell whether the sender may say where it is."""
    mine = authority.standings(talk.me, case, talk.work.roster, talk.work.day)
    return bool(mine & authority.MAY[Event.LOCATE])


async def place(talk: Talk, case: Case, segment: Segment) -> Effects:
    """Put a report on the segment its reporter named, and say who answers."""
    placed, effects = await opening.locate(talk.work, case, segment, talk.me)
    effects.timers_dropped.append(f"locate:{case.id}")
    text = receipt_text(talk, placed, effects)
    return effects.merge(talk.say(text, about=placed))
