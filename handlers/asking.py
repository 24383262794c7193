"""Questions about figures in everyday words: read by `asked`, answered by whoever knows."""

from domain.effects import Effects, Question
from domain.month import Month
from domain.period import Stage
from domain.questions import Topic
from domain.subjects import CITY, Subject, SubjectKind
from domain.texts import standing as texts
from handlers import appealing, asked, counting, leading, report, standing, why
from handlers.asked import Asked
from handlers.matching import Spoken
from handlers.talk import Talk


async def question_in(talk: Talk) -> Asked | None:
    """Return the question about figures that a message is, None when it is none or not the sender's to ask."""
    if talk.photos or not leading.may_ask(talk):
        return None
    is_bare = talk.purpose == "leadership" and not await _awaits_place(talk)
    return of_words(talk, talk.heard.text, is_bare=is_bare)


async def _awaits_place(talk: Talk) -> bool:
    """Tell whether a report of the sender waits for a place, which a bare road then is."""
    waiting = await report.recent(talk)
    return waiting is not None and report.is_waiting_for_place(waiting)


def of_words(talk: Talk, words: str, *, is_bare: bool) -> Asked | None:
    """Return the question that some words are; what only leaders mean as one is answered to them alone."""
    found = asked.read(words, talk.work, is_bare=is_bare)
    is_for_leaders = found is not None and (found.unknown or found.is_soft or found.is_about_many)
    return found if not is_for_leaders or leading.is_leader(talk) else None


async def run(talk: Talk, question: Asked) -> Effects:
    """Answer a question about figures."""
    if question.is_about_many:
        return talk.say(texts.ONE_AT_A_TIME)
    if question.unknown:
        return talk.say(texts.unknown(question.unknown))
    if len(question.subjects) > 1:
        return leading.ask_which(talk, question.subjects)
    subject = question.subjects[0] if question.subjects else None
    return await _answer(talk, question, subject)


async def _answer(talk: Talk, question: Asked, subject: Subject | None) -> Effects:
    span = question.span
    if span is not None and not isinstance(span, Month):
        return await _of_longer(talk, question, subject)
    if question.topic is Topic.WHY:
        return await _why(talk, subject, span)
    if question.topic is Topic.COUNT:
        return await counting.run_count(talk, subject or CITY, question, span)
    if subject is not None:
        year = talk.work.rules.month(talk.work.now).year if question.topic is Topic.FLAGS else None
        return await leading.run(talk, subject, span or year)
    return await _of_city(talk, question, span)


async def _of_city(talk: Talk, question: Asked, month: Month | None) -> Effects:
    """Answer what is asked about nobody: whole lists, or what the sender means by himself."""
    if question.topic is Topic.APPEALS:
        return await (appealing.listed(talk, month) if month else appealing.run_bare(talk))
    if question.topic is Topic.COVERAGE:
        return await counting.run_coverage(talk, month or talk.work.rules.month(talk.work.now))
    if question.topic is Topic.FLAGS:
        return await counting.run_flags(talk, month or await _latest(talk), question.flag, question.sequence)
    if question.topic is Topic.RANKING and not question.is_mine:
        return await counting.run_ranking(talk, question, month)
    return await standing.run_of(talk, month)


async def _of_longer(talk: Talk, question: Asked, subject: Subject | None) -> Effects:
    """Answer about a quarter or a year, for which there are standings and lists alone."""
    if question.topic is Topic.RANKING and question.sequence and subject is None:
        return await counting.run_ranking(talk, question, None)
    if question.topic not in (Topic.STANDING, Topic.RANKING, Topic.FLAGS) or (
        question.topic is Topic.FLAGS and subject is None
    ):
        return talk.say(texts.BY_MONTH)
    meant = subject or leading.own_subject(talk)
    return talk.say(texts.NOBODY_NAMED) if meant is None else await leading.run(talk, meant, question.span)


async def _why(talk: Talk, subject: Subject | None, month: Month | None) -> Effects:
    words = "" if subject is None else subject.key if subject.kind is SubjectKind.SEGMENT else subject.name
    talk.spoken = Spoken("why", (), f"{words} {month or ''}".strip())
    return await why.run(talk)


async def _latest(talk: Talk) -> Month:
    """Return the last month that was published, else last month."""
    published = [
        Month.parse(state.period)
        for state in await talk.work.view.periods()
        if state.facts.get("stage") in (Stage.PUBLISHED, Stage.CORRECTED)
    ]
    return max(published, default=talk.work.rules.month(talk.work.now).previous())


async def chosen(talk: Talk, question: Question, key: str) -> Effects:
    """Answer a question about the one of a shared name who was chosen."""
    kind, name_key, name = question.facts["subjects"][int(key.removeprefix("s"))]
    again = of_words(talk, question.facts["text"], is_bare=True)
    subject = Subject(SubjectKind(kind), name_key, name)
    return await (leading.run(talk, subject, None) if again is None else _answer(talk, again, subject))
