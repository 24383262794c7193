"""Watermarks that were read: a question to who sent the picture when no word said where, else facts for people to see."""

from dataclasses import replace

from domain.case import Case, State
from domain.casework import doubts
from domain.casework.work import PRIVATE, Work
from domain.effects import Effects, Gather, Notice, Question, ToChat, Urgency
from domain.messages import Choice, Photo
from domain.photo_facts import PhotoFacts, Watermark
from domain.texts import pictures

KIND = "watermark"  # of the question
TYPED = "by=words"  # an entry of `Case.why`


def read_as(work: Work, mark: Watermark) -> str:
    """Return what was read, for its sender to confirm: 人民路86号 14:02."""
    at = f"{work.rules.local(mark.taken_at):%H:%M}" if mark.taken_at else ""
    return " ".join(part for part in (mark.address or _segment_title(work, mark), at) if part)


def _segment_title(work: Work, mark: Watermark) -> str:
    found = work.roster.segment(mark.segments[0], work.day) if mark.segments else None
    return found.title if found else ""


def says_where(mark: Watermark | None) -> bool:
    """Tell whether a watermark says where a picture was taken."""
    return mark is not None and bool(mark.address or mark.segments)


async def of_gather(work: Work, gather: Gather) -> Watermark | None:
    """Return the watermark that says where the waiting pictures of a person were taken, or None."""
    known = await work.view.photo_facts(photo.sha256 for photo in gather.photos)
    marks = (known.of(photo.sha256).watermark for photo in gather.photos)
    return next((mark for mark in marks if mark is not None and says_where(mark)), None)


def ask_about_photos(work: Work, gather: Gather, mark: Watermark, *, is_group: bool) -> Effects:
    """Return the question that stands in for 请补充位置和问题."""
    question = _question(work, f"{KIND}:{gather.message_id}", gather.platform, gather.chat_id, gather.person, is_group)
    text = pictures.watermark(read_as(work, mark))
    to = ToChat(gather.platform, gather.chat_id, is_group)
    return _asked(question, Notice(f"gather:{gather.message_id}:{KIND}", to, text, KIND, urgency=Urgency.REPLY))


def ask_about_case(work: Work, case: Case, mark: Watermark) -> Effects:
    """Return the question whether an unplaced report lies where its picture's watermark says."""
    question = _question(
        work, f"{KIND}:{case.id}:{case.version}", case.platform, case.chat_id, case.reporter, case.is_group, case.id
    )
    text = pictures.watermark_of(case, read_as(work, mark))
    to = ToChat(case.platform, case.chat_id, case.is_group)
    notice = Notice(f"{KIND}:{case.id}:{case.version}", to, text, KIND, case.id, Urgency.REPLY)
    return _asked(question, notice)


def _question(
    work: Work, name: str, platform: str, chat_id: str, person: str, is_group: bool, case: int = 0
) -> Question:
    where = (platform, chat_id) if is_group else (PRIVATE, PRIVATE)
    until = work.now + work.rules.waits.gather_asked
    facts = {"chat": [platform, chat_id]}
    return Question(name, *where, person, KIND, case, pictures.WATERMARK_CHOICES, work.now, until, facts)


def _asked(question: Question, notice: Notice) -> Effects:
    choices: tuple[Choice, ...] = pictures.WATERMARK_CHOICES
    return Effects(questions=[question], notices=[replace(notice, choices=choices)])


async def read(work: Work, photo: Photo, person: str, chat: tuple[str, str, bool], facts: PhotoFacts) -> Effects:
    """Return what follows from a picture's reading: chat is (platform, chat id, is group), where it was sent."""
    effects = Effects(photo_facts=[facts])
    work.view.apply(Effects(photo_facts=[facts]))
    platform, chat_id, is_group = chat
    mark = facts.watermark
    gather = await work.view.gather(platform, chat_id, person)
    if gather is not None and mark is not None and any(p.sha256 == photo.sha256 for p in gather.photos):
        has_asked = work.now - gather.started_at >= work.rules.waits.gather
        if says_where(mark) and has_asked:  # else the timer that ends the gathering asks
            effects.merge(ask_about_photos(work, gather, mark, is_group=is_group))
    for case_id in await work.view.photo_cases(photo.sha256):
        case = await work.view.case(case_id)
        if case is not None and case.is_open:
            effects.merge(await _on_case(work, case, photo, facts))
    return effects


async def _on_case(work: Work, case: Case, photo: Photo, facts: PhotoFacts) -> Effects:
    mark = facts.watermark
    shown = [p for p in case.photos if p.sha256 == photo.sha256]
    found = await doubts.of_photos(work, case, shown, ())
    is_typed = TYPED in case.why
    if mark is not None and mark.segment and case.segment and not is_typed and mark.segment != case.segment:
        found.append(f"{doubts.ELSEWHERE}:{read_as(work, mark)}")
    held, effects = doubts.held(work, case, found, [photo])
    is_first = not any(p.sha256 != photo.sha256 and p.role == "before" for p in case.photos[:1])
    if case.state is State.UNLOCATED and mark is not None and says_where(mark) and not is_typed and is_first:
        effects.merge(ask_about_case(work, held, mark))
    return effects
