"""东关街道这个月怎么样: a leader asks how a township, a unit or the city stands, and reads live figures."""

from domain.assessment import SequenceKind
from domain.casework import leading, outlook, papers
from domain.casework import month as months
from domain.effects import Effects
from domain.errors import RuleError
from domain.lines import rows_of
from domain.roster import Role
from domain.scores import Row, Scores, SequenceScores
from domain.texts import standing as texts
from handlers.months import month_named
from handlers.talk import Talk

_ASKING = ("怎么样", "怎样", "如何", "咋样", "什么情况", "情况")
_LEADERS = (Role.LEADER, Role.GENERAL, Role.FIRST_LEVEL, Role.TOWNSHIP_HEAD, Role.OFFICE)
_MOST_LETTERS = 24  # a question; longer words report or order something
CITY = "全市"


def subject_of(talk: Talk) -> str | None:
    """Return which township or unit a leader asks about, 全市 for the city, None when nothing is asked."""
    text = talk.heard.text
    if len(text) > _MOST_LETTERS or not any(word in text for word in _ASKING):
        return None
    if talk.purpose != "leadership" and not talk.has_role(*_LEADERS):
        return None
    segments = talk.work.roster.on(talk.work.day)
    names = {s.township: s.township for s in segments} | {s.unit: s.unit for s in segments}
    for township in talk.work.roster.townships(talk.work.day):
        names.setdefault(township.removesuffix("办事处").removesuffix("街道").removesuffix("镇"), township)
    found = {subject for name, subject in names.items() if len(name) > 1 and name in text}
    if len(found) == 1:
        return found.pop()
    return CITY if CITY in text and not found else None


async def run(talk: Talk, subject: str) -> Effects:
    """Answer with score, rank, cases, share in time, and what there is most of."""
    this = talk.work.rules.month(talk.work.now)
    try:
        month, _ = month_named(talk.heard.text, talk.work, default=this)
    except RuleError:
        month = this
    scores, _ = await papers.printed_scores(talk.work, month)
    period = await months.period_of(talk.work, month)
    standing = await leading.standing_of(talk.work, month, "" if subject == CITY else subject)
    line = _line(scores, subject)
    before = await outlook.ranks_before(talk.work, month)
    moved = before.get((line[0].sequence.value, subject)) if line else None
    text = texts.asked(subject, month, line, moved, standing, talk.work.w, is_published=period.is_published)
    return talk.say(text)


def _line(scores: Scores, subject: str) -> tuple[SequenceScores, Row] | None:
    wanted = (SequenceKind.TOWNSHIP, SequenceKind.UNIT)
    found = [(listed, row) for listed, row in rows_of(scores, [subject]) if listed.sequence in wanted]
    return found[0] if found else None
