"""The answer to 「按照片水印识别为…」: right, and the report takes its place from the picture; or words are wanted."""

from dataclasses import replace

from domain.case import Case
from domain.casework import opening, placing, watermarks
from domain.casework.opening import Draft
from domain.effects import Effects, Question
from domain.errors import WrongState
from domain.photo_facts import Watermark
from domain.texts import pictures, reporter
from handlers import report
from handlers.talk import Talk


async def run(talk: Talk, question: Question, key: str) -> Effects:
    """Carry the answer out."""
    if key == "again":
        return talk.say(pictures.fill_in())
    if question.case:
        return await _case(talk, question)
    return await _photos(talk, question)


async def _case(talk: Talk, question: Question) -> Effects:
    case = await talk.work.view.case(question.case)
    if case is None or not report.is_waiting_for_place(case):
        raise WrongState("该案件已定位，无需再选。")
    talk.subject = case
    known = await talk.work.view.photo_facts(photo.sha256 for photo in case.photos)
    marks = [known.of(photo.sha256).watermark for photo in case.photos]
    mark = next(mark for mark in marks if mark is not None and watermarks.says_where(mark))
    return await _placed(talk, case, mark)


async def _placed(talk: Talk, case: Case, mark: Watermark) -> Effects:
    named = replace(case, place=case.place or mark.address, why=(*case.why, f"by={placing.Source.WATERMARK}"))
    segment = talk.work.roster.segment(mark.segment, talk.work.day) if mark.segment else None
    if segment is not None:
        return await report.place(talk, named, segment)
    if mark.segments:
        asked = replace(named, candidates=mark.segments, version=named.version + 1)
        return Effects(cases=[asked]).merge(report.ask_place(talk, asked))
    effects = Effects(cases=[replace(named, version=named.version + 1)], timers_dropped=[f"locate:{case.id}"])
    effects.merge(opening.queue_for_desk(talk.work, named))
    return effects.merge(talk.say(reporter.outside(named, report.desk_of(named)), about=named))


async def _photos(talk: Talk, question: Question) -> Effects:
    """Open the case that the waiting pictures report, in the words of their watermark."""
    platform, chat_id = question.facts["chat"]
    gather = await talk.work.view.gather(platform, chat_id, talk.me)
    mark = await watermarks.of_gather(talk.work, gather) if gather else None
    if gather is None or mark is None:
        return talk.say(pictures.fill_in())
    effects = Effects(gathers_closed=[(platform, chat_id, talk.me)])
    effects.timers_dropped.append(f"gather:{platform}:{chat_id}:{talk.me}")
    draft = Draft(
        category=mark.category or "other",
        severity=mark.severity or "一般",
        is_hazard=mark.is_hazard,
        reporter=talk.me,
        text=" ".join(part for part in (mark.address, mark.note) if part),
        place=mark.address,
        platform=talk.platform,
        chat_id=talk.chat_id,
        is_group=talk.is_group,
        message_id=gather.message_id,
        township=talk.township,
        photos=gather.photos,
        why=(f"by={placing.Source.WATERMARK}", f"words={mark.note}") if mark.category else ("by=watermark",),
    )
    segment = talk.work.roster.segment(mark.segment, talk.work.day) if mark.segment else None
    where = placing.Placed(segment, () if segment else mark.segments, placing.Source.WORDS, mark.address)
    return effects.merge(await report.open_at(talk, draft, where))
