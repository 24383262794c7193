"""东关街道这个月怎么样: somebody asks how a township, a unit, a road, a chief or the city stands, and reads live figures."""

from dataclasses import dataclass
from decimal import Decimal

from domain import authority
from domain.assessment import SequenceKind
from domain.casework import leading, outlook, papers, quarter
from domain.casework import month as months
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import NotAllowed
from domain.lines import deductions_on, figure_of, rows_of
from domain.messages import Choice
from domain.month import Month, Quarter
from domain.roster import Role, Segment
from domain.scores import Row, Scores, SequenceScores
from domain.subjects import Subject, SubjectKind
from domain.texts import standing as texts
from handlers.months import Span
from handlers.talk import Talk

Line = tuple[SequenceScores, Row]
_PARTIES = (SequenceKind.TOWNSHIP, SequenceKind.UNIT, SequenceKind.DEPARTMENT)
MOST_CHOICES = 6


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of a subject's month: places in the lists, and the deductions that they come from."""

    places: list[str]
    lost: list[Decimal]
    segments: list[Segment]


def require_readable(talk: Talk, subject: Subject) -> None:
    """Raise NotAllowed where somebody may not read a person's own figures, or not in this group."""
    if subject.kind is not SubjectKind.PERSON or subject.key in authority.acting_for(
        talk.me, talk.work.roster, talk.work.day
    ):
        return
    if talk.purpose != "leadership" and not authority.may_read_figures(
        talk.me, subject.key, talk.work.roster, talk.work.day
    ):
        raise NotAllowed(texts.NOT_YOURS)
    if not talk.is_discreet:
        raise NotAllowed(texts.NOT_HERE)


def ask_which(talk: Talk, subjects: tuple[Subject, ...]) -> Effects:
    """Ask whom a shared name means; the answer is the same question about the one who is chosen."""
    shown = subjects[:MOST_CHOICES]
    options = tuple(Choice(f"s{n}", _label(talk.work, one)) for n, one in enumerate(shown))
    facts = [[one.kind.value, one.key, one.name] for one in shown]
    question = talk.ask_aside("subject", options, text=talk.heard.text, subjects=facts)
    text = texts.which(options)
    return Effects(questions=[question], notices=[talk.reply(text, choices=options)])


def _label(work: Work, subject: Subject) -> str:
    if subject.kind is not SubjectKind.PERSON:
        return subject.name
    unit = work.roster.person(subject.key).unit
    title = work.w.titled(subject.key).removeprefix(subject.name)
    about = "".join([unit, title])
    return f"{subject.name}（{about}）" if about else subject.name


async def run(talk: Talk, subject: Subject, span: Span | None) -> Effects:
    """Answer how a subject stands in a month, this one unless another is named; in a quarter or a year."""
    require_readable(talk, subject)
    if span is None or isinstance(span, Month):
        return await _of_month(talk, subject, span or talk.work.rules.month(talk.work.now))
    return await _of_longer(talk, subject, span)


async def _of_month(talk: Talk, subject: Subject, month: Month) -> Effects:
    work = talk.work
    scores, _ = await papers.printed_scores(work, month)
    before = await outlook.ranks_before(work, month)
    period = await months.period_of(work, month)
    found = _figures(work, scores, subject, month, _Told(before, period.is_published))
    if found is None:
        return talk.say(texts.not_assessed(subject.name, _unit_to_ask(work, subject)))
    seen = await leading.visited(work, month, found.segments)
    title = work.w.titled(subject.key) if subject.kind is SubjectKind.PERSON else subject.name
    standing = await leading.standing_of(work, month, subject)
    answer = texts.Answer(title, found.places, found.lost, len(seen), len(found.segments), standing)
    lines = [texts.asked(answer, period, work.w)]
    lines += [texts.how_to_trace(subject, month, work.w)] if found.lost else []
    return talk.say("\n".join(lines))


@dataclass(frozen=True, slots=True)
class _Told:
    """How a place is told: beside the rank of the month before, with the flag once it is announced."""

    before: dict[tuple[str, str], int]
    is_published: bool

    def place(self, line: Line, *, is_own: bool = True) -> str:
        listed, row = line
        moved = self.before.get((listed.sequence.value, row.subject))
        return texts.place(listed, row, moved, is_own=is_own, is_published=self.is_published)


def _figures(work: Work, scores: Scores, subject: Subject, month: Month, told: _Told) -> Figures | None:
    """Return a subject's figures, None of somebody whom no list holds and who answers for no segment."""
    segments = leading.segments_of(work, subject, month)
    if subject.kind is SubjectKind.CITY:
        return Figures([], [], [])
    if subject.kind is SubjectKind.PARTY:
        lines = [line for line in rows_of(scores, [subject.key]) if line[0].sequence in _PARTIES]
        lost = [one.points for one in lines[0][1].deductions] if lines else []
        places = [told.place(line) for line in lines]
        return Figures(places or ([] if segments else [texts.NO_RATING]), lost, segments)
    if subject.kind is SubjectKind.PERSON:
        return _persons(scores, subject, segments, told)
    lost = [one.points for one in deductions_on(scores, [s.id for s in segments])]
    return Figures(_by_township(scores, segments), lost, segments)


def _by_township(scores: Scores, segments: list[Segment]) -> list[str]:
    """Return a road's figure in each of its townships (S51a)."""
    townships = dict.fromkeys(segment.township for segment in segments)
    parts = {township: [s for s in segments if s.township == township] for township in townships}
    is_split = len(parts) > 1
    return [
        texts.on_places(figure_of(scores, part), part, f"{township}段" if is_split else "")
        for township, part in parts.items()
    ]


def _persons(scores: Scores, subject: Subject, segments: list[Segment], told: _Told) -> Figures | None:
    """Return a chief's own place, and what he heads: a township, or segments with their unit."""
    lines = [line for line in rows_of(scores, [subject.key]) if line[0].sequence is SequenceKind.SECOND_LEVEL]
    places = [told.place(line) for line in lines]
    townships = {s.township for s in segments if subject.key in (s.township_head, s.first_level)}
    heads = [line for line in rows_of(scores, townships) if line[0].sequence is SequenceKind.TOWNSHIP]
    units = {s.unit for s in segments if s.chief == subject.key and s.has_unit} if not lines and not heads else set()
    own = [s for s in segments if s.chief == subject.key]
    places += [texts.on_places(figure_of(scores, own), own, "所负责路段")] if units else []
    heads += [line for line in rows_of(scores, units) if line[0].sequence is SequenceKind.UNIT]
    places += [told.place(line, is_own=False) for line in heads]
    if not places:
        return None
    mine = own if units else segments
    lost = [one.points for one in (lines[0][1].deductions if lines else deductions_on(scores, [s.id for s in mine]))]
    return Figures(places, lost, mine)


def _unit_to_ask(work: Work, subject: Subject) -> str:
    """Return the unit of somebody whom no list holds, "" where no list holds it either."""
    unit = work.roster.person(subject.key).unit
    segments = work.roster.on(work.day)
    return unit if any(unit in (segment.unit, segment.township) for segment in segments) else ""


async def _of_longer(talk: Talk, subject: Subject, span: Quarter | int) -> Effects:
    work = talk.work
    this = work.rules.month(work.now)
    if subject.kind in (SubjectKind.ROAD, SubjectKind.SEGMENT, SubjectKind.CITY):
        return talk.say(texts.by_month_only(subject.name, this.previous(), work.w))
    kinds = (SequenceKind.SECOND_LEVEL,) if subject.kind is SubjectKind.PERSON else _PARTIES
    if isinstance(span, int):
        return talk.say(texts.of_year(subject, kinds, await quarter.year_of(work, span)))
    printed = await leading.printed_months(work, span)
    return talk.say(texts.of_quarter(subject, kinds, printed, await quarter.quarter_of(work, span), work.w))


def own_subject(talk: Talk) -> Subject | None:
    """Return what somebody means by himself: his own line, his township's, his unit's; None where no list holds one."""
    work, me = talk.work, talk.me
    segments = work.roster.on(work.day)
    if any(segment.second_level == me for segment in segments):
        return Subject(SubjectKind.PERSON, me, work.w.name(me))
    own = next((s.township for s in segments if s.township_head == me), "")
    name = own or _unit_to_ask(work, Subject(SubjectKind.PERSON, me, ""))
    return Subject(SubjectKind.PARTY, name, name) if name else None


def may_ask(talk: Talk) -> bool:
    """Tell whether somebody may ask for figures: whoever holds a post, and those of a leadership group."""
    return talk.purpose == "leadership" or bool(authority.roles_of(talk.me, talk.work.roster, talk.work.day))


def is_leader(talk: Talk) -> bool:
    """Tell whether somebody asks as a leader: in a leadership group, or by his post outside work groups."""
    leads = talk.has_role(Role.LEADER, Role.GENERAL, Role.FIRST_LEVEL, Role.TOWNSHIP_HEAD, Role.OFFICE)
    return talk.purpose == "leadership" or (leads and talk.is_discreet)
