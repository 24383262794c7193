"""占道经营多少处, 黑旗是谁, 辖区排名, 督查覆盖: an announcement's figures asked back to what they are made of."""

from collections.abc import Sequence

from domain import authority
from domain.assessment import INSPECTED, SEQUENCE_NAMES, SequenceKind
from domain.casework import counting, papers, quarter
from domain.casework import month as months
from domain.effects import Effects
from domain.errors import NotAllowed, NotFound
from domain.flags import Flag
from domain.month import Month, Quarter
from domain.scores import SequenceScores
from domain.subjects import CITY, Subject, SubjectKind
from domain.texts import counting as texts
from domain.texts import standing
from handlers import leading
from handlers.asked import Asked
from handlers.standing import run_of
from handlers.talk import Talk


async def run_count(talk: Talk, subject: Subject, question: Asked, month: Month | None) -> Effects:
    """占道经营多少处, 建设街5月有哪些问题: how many, where or what, and their numbers."""
    leading.require_readable(talk, subject)
    month = month or talk.work.rules.month(talk.work.now)
    categories = question.categories
    found = await counting.findings_of(talk.work, month, subject, categories)
    names = "、".join(talk.work.rules.categories.by_code(code).name for code in categories) or "问题"
    what = f"{question.said}（{names}）" if question.said else names
    period = await months.period_of(talk.work, month)
    is_place = subject.kind in (SubjectKind.ROAD, SubjectKind.SEGMENT)
    by_road = bool(len(categories) == 1 and not is_place)
    name = "" if subject == CITY else subject.name
    return talk.say(texts.counted(name, what, found, period, talk.work.w, by_road=by_road, is_group=talk.is_group))


async def run_flags(talk: Talk, month: Month, flag: Flag | None, sequence: SequenceKind | None) -> Effects:
    """5月黑旗是谁: as announced, never before."""
    period = await months.period_of(talk.work, month)
    if not period.is_published:
        return talk.say(texts.not_yet(period, talk.work.w))
    scores, _ = await papers.printed_scores(talk.work, month)
    wanted = (sequence,) if sequence else INSPECTED
    lists = [listed for listed in scores.sequences if listed.sequence in wanted]
    _require_readable(talk, lists, is_published=True)
    return talk.say(texts.flags(scores, lists, flag, period, talk.work.w))


async def run_ranking(talk: Talk, question: Asked, month: Month | None) -> Effects:
    """辖区排名, 二级路长谁第一: a whole list; without one that is named one's own lines, else the townships'."""
    if question.unranked:
        raise NotFound(texts.NOT_RANKED.format(question.unranked))
    if question.sequence is None:
        return await run_of(talk, month)
    if isinstance(question.span, Quarter | int):
        return await _longer_ranking(talk, question.sequence, question.span)
    month = month or talk.work.rules.month(talk.work.now)
    period = await months.period_of(talk.work, month)
    scores, _ = await papers.printed_scores(talk.work, month)
    lists = scores.of(question.sequence)
    _require_readable(talk, lists, is_published=period.is_published)
    if not lists:
        return talk.say(texts.nothing_ranked(period, SEQUENCE_NAMES[question.sequence], talk.work.w))
    return talk.say(texts.ranking(lists, period, talk.work.w, is_group=talk.is_group))


async def _longer_ranking(talk: Talk, sequence: SequenceKind, span: Quarter | int) -> Effects:
    if sequence is SequenceKind.SECOND_LEVEL and not talk.is_discreet:
        raise NotAllowed(standing.NOT_HERE)
    if isinstance(span, int):
        return talk.say(texts.year_ranking(await quarter.year_of(talk.work, span), sequence, is_group=talk.is_group))
    scores = await quarter.quarter_of(talk.work, span)
    return talk.say(texts.quarter_ranking(scores, sequence, talk.work.w, is_group=talk.is_group))


def _require_readable(talk: Talk, lists: Sequence[SequenceScores], *, is_published: bool) -> None:
    """Raise NotAllowed where a list names persons and who asks may not read everybody's, or not in this group."""
    if not any(listed.sequence is SequenceKind.SECOND_LEVEL for listed in lists):
        return
    if not talk.is_discreet:
        raise NotAllowed(standing.NOT_HERE)
    oversees = talk.purpose == "leadership" or authority.oversees(talk.me, talk.work.roster, talk.work.day)
    if not is_published and not oversees:
        raise NotAllowed(standing.NOT_YOURS)


async def run_coverage(talk: Talk, month: Month) -> Effects:
    """5月督查覆盖: how much was inspected; what was not yet, those assessed don't read while the month runs."""
    work = talk.work
    period = await months.period_of(work, month)
    scores, _ = await papers.printed_scores(work, month)
    is_over = work.now >= month.end(work.rules.zone)
    may_know = (
        is_over
        or authority.oversees(talk.me, work.roster, work.day)
        or authority.is_inspector(talk.me, work.roster, work.day)
    )
    left = await counting.unseen(work, month) if may_know else None
    return talk.say(texts.coverage(scores.coverage, left, period, work.w, is_group=talk.is_group))
