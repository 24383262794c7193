"""为什么扣分 [人民路] [9月], 为什么扣分 0131: every plus and minus, for one's own or for a named road, unit, township or chief."""

from dataclasses import dataclass
from decimal import Decimal

from domain.assessment import SequenceKind
from domain.casework import explaining, papers
from domain.casework import month as months
from domain.effects import Effects
from domain.errors import NotFound
from domain.itemised import Item
from domain.lines import deductions_on, figure_of, rows_of
from domain.month import Month
from domain.period import Period
from domain.roster import Segment
from domain.scores import Row, Scores, SequenceScores
from domain.subjects import Subject, SubjectKind
from domain.texts import appealing, deductions
from handlers import leading, showing
from handlers.months import month_named
from handlers.reference import Reference, finding_meant, named_within
from handlers.talk import Talk

MOST_SUBJECTS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: segments of a road, or lines of the lists."""

    name: str
    segments: tuple[Segment, ...] = ()
    line: tuple[SequenceScores, Row] | None = None


async def run(talk: Talk) -> Effects:
    """Answer with the deductions of whoever or whatever is asked about, or with the one of a number."""
    named = named_within(talk.spoken.rest)
    if named or talk.spoken.numbers:
        year, number = talk.spoken.numbers[0] if talk.spoken.numbers else (None, 0)
        return await run_one(talk, named or Reference("", year, number))
    month, words = month_named(talk.spoken.rest, talk.work, default=talk.work.rules.month(talk.work.now))
    scores, _ = await papers.printed_scores(talk.work, month)
    asked = _named(talk, scores, words, month) if words else _own(talk, scores)
    if not asked:
        raise NotFound("您名下没有被考评的路段或单位。查某条路请回“为什么扣分 人民路”。")
    period = await months.period_of(talk.work, month)
    return talk.say("\n".join(await _answers(talk, scores, asked[:MOST_SUBJECTS], month, period)))


async def run_one(talk: Talk, named: Reference) -> Effects:
    """Answer with one deduction, by its case's number, its own (督0007) or its appeal's: what was taken and why."""
    finding = await finding_meant(talk, named)
    item = await explaining.item_of(talk.work, finding)
    lines = deductions.rows([item], talk.work.w, is_group=talk.is_group)
    period = await months.period_of(talk.work, Month.of(finding.found_at, talk.work.rules.zone))
    if item.points and item.appeal is None and not talk.is_group and (until := appealing.until(period, talk.work.w)):
        lines.append(deductions.how_to_appeal(until))
    case = await talk.work.view.case(finding.case) if finding.case else None
    photos = showing.photos_of(talk, case) if case else ()
    return Effects(notices=[talk.reply("\n".join(lines), about=case, photos=photos)])


async def _answers(talk: Talk, scores: Scores, asked: list[Asked], month: Month, period: Period) -> list[str]:
    """Return an answer for each; who answers for the same deductions in two lists reads them once."""
    found: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}  # headings, and the lines below them
    for one in asked:
        items = await _items(talk, scores, one, month)
        key = tuple(item.finding.key for item in items)
        heading, *lines = await _answer(talk, scores, one, items, month, period)
        found.setdefault(key or (one.name, str(one.line)), ([], lines))[0].append(heading)
    return ["\n".join([*headings, *lines]) for headings, lines in found.values()]


def subjects_of(talk: Talk, person: str) -> set[str]:
    """Return the subjects of the lists that a person answers for: himself, his unit, his townships."""
    roster, day = talk.work.roster, talk.work.day
    posts = roster.posts_of(person, day)
    return {person, roster.person(person).unit, *(p.unit for p in posts), *(p.scope for p in posts)} - {""}


def _own(talk: Talk, scores: Scores) -> list[Asked]:
    rows = sorted(rows_of(scores, subjects_of(talk, talk.me)), key=lambda line: line[1].subject != talk.me)
    return [Asked(row.name, line=(listed, row)) for listed, row in rows]


def _named(talk: Talk, scores: Scores, words: str, month: Month) -> list[Asked]:
    rows = [(listed, row) for listed in scores.sequences for row in listed.rows if words in (row.name, row.subject)]
    for listed, row in rows:
        if listed.sequence is SequenceKind.SECOND_LEVEL:
            leading.require_readable(talk, Subject(SubjectKind.PERSON, row.subject, row.name))
    if rows:
        return [Asked(row.name, line=(listed, row)) for listed, row in rows]
    day = min(talk.work.day, month.last)
    segments = talk.work.roster.on(day)
    if held := _held(talk, scores, words, segments):
        return held
    found = [s for s in segments if words.upper() == s.id.upper() or words == s.title]
    found = found or [s for s in segments if words in (s.road, *s.road_aliases)]
    if not found and (segment := talk.work.roster.segment(talk.heard.understanding.segment or "", day)):
        found = [segment]
    if not found:
        raise NotFound(f"没有找到“{words}”，请写路名、路段编号、单位、辖区或二级路长姓名。")
    by_township: dict[str, list[Segment]] = {}
    for segment in found:
        by_township.setdefault(segment.township, []).append(segment)
    return [Asked(_title(listed), tuple(listed)) for listed in by_township.values()]


def _held(talk: Talk, scores: Scores, words: str, segments: list[Segment]) -> list[Asked]:
    """Return what persons of a name answer for whom no list holds by himself: a township, or the segments of a chief."""
    found = []
    for person in talk.work.roster.by_name(words):
        townships = {s.township for s in segments if person.id in (s.township_head, s.first_level)}
        heads = [line for line in rows_of(scores, townships) if line[0].sequence is SequenceKind.TOWNSHIP]
        mine = tuple(segment for segment in segments if segment.chief == person.id)
        if heads or mine:
            leading.require_readable(talk, Subject(SubjectKind.PERSON, person.id, person.name))
        found += [Asked(row.name, line=(listed, row)) for listed, row in heads]
        found += [Asked(f"{person.name}所负责路段", mine)] if mine else []
    return found


def _title(segments: list[Segment]) -> str:
    first = segments[0]
    return first.title if len(segments) == 1 else f"{first.road}（{first.township}）"


async def _answer(
    talk: Talk, scores: Scores, asked: Asked, items: list[Item], month: Month, period: Period
) -> list[str]:
    status = "已通报" if period.is_published else f"截至{talk.work.w.day(talk.work.now)}，过程数据，以通报为准"
    score, rank = _standing(scores, asked)
    lines = [deductions.heading(asked.name, month, score, rank, status, items)]
    lines += deductions.rows(items, talk.work.w, is_group=talk.is_group)
    if talk.is_group:
        return lines
    if (better := await explaining.if_appeals_win(talk.work, month, items)) is not None:
        numbers = [one.appeal.number for one in items if one.appeal and one.appeal.is_open]
        lines.append(deductions.pending(asked.name, *_standing(better, asked), numbers))
    if any(one.points and one.appeal is None for one in items) and (until := appealing.until(period, talk.work.w)):
        lines.append(deductions.how_to_appeal(until))
    return lines


async def _items(talk: Talk, scores: Scores, asked: Asked, month: Month) -> list[Item]:
    if asked.line is not None:
        listed, row = asked.line
        on = explaining.shows_withdrawn(listed, row)
        return await explaining.items_of(talk.work, month, row.deductions, on)
    ids = [segment.id for segment in asked.segments]
    return await explaining.items_of(talk.work, month, deductions_on(scores, ids), ids)


def _standing(scores: Scores, asked: Asked) -> tuple[Decimal, str]:
    """Return the printed score and, of a line, its rank."""
    if asked.line is None:
        return figure_of(scores, asked.segments), ""
    listed, row = asked.line
    now = [
        (other, one)
        for other in scores.sequences
        for one in other.rows
        if (other.sequence, other.group, one.subject) == (listed.sequence, listed.group, row.subject)
    ]
    other, one = now[0] if now else (listed, row)
    ranked = sum(each.rank is not None for each in other.rows)
    return one.score, f"、第{one.rank}/{ranked}" if one.rank else "、不参与排名"
