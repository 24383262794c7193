"""评分 市农业局 92: a chief rates a unit or a department for the month, sealed; only means are ever shown (S57, S59)."""

import re
import secrets

from domain.assessment import SequenceKind
from domain.casework import month as months
from domain.casework import votes
from domain.effects import Effects
from domain.errors import ImportRefused, Missing, RuleError
from domain.imports.ratings import Rating, parse_ratings
from domain.month import Month
from domain.texts import rating as texts
from handlers.months import month_named
from handlers.talk import Talk

_SAID = re.compile(r"(\S{1,40}?)\s{0,4}(\d{1,3}(?:\.\d{1,2})?)\s*分?")
_SALT_BYTES = 16


async def run(talk: Talk) -> Effects:
    """Seal the sender's rating; a later one of the same month replaces it."""
    if talk.is_group:
        return talk.say(texts.in_private())
    month, words = month_named(talk.spoken.rest, talk.work, default=talk.work.rules.month(talk.work.now))
    said = _SAID.fullmatch(words)
    if said is None:
        raise Missing(texts.how())
    period = await months.period_of(talk.work, month)
    rated = _rating(talk, month, said[1], said[2], is_frozen=period.is_frozen)
    effects = await votes.take_ratings(talk.work, {month: [rated.cast]}, secrets.token_hex(_SALT_BYTES))
    return effects.merge(talk.say(texts.sealed(said[1], month)))


def _rating(talk: Talk, month: Month, subject: str, score: str, *, is_frozen: bool) -> Rating:
    """Return the rating under the very rules of an imported one. Raises RuleError with what is wrong."""
    roster, departments = talk.work.roster, set(talk.work.rules.categories.departments.values())
    units = {row.value.unit for row in roster.segments}
    is_unit = subject in units or subject not in departments
    kind = SequenceKind.UNIT if is_unit else SequenceKind.DEPARTMENT
    row = {"period": str(month), "sequence": kind.value, "subject": subject, "rater": talk.me, "score": score}
    frozen = {month} if is_frozen else set()
    try:
        [rating] = parse_ratings("评分", [(1, row)], roster=roster, departments=departments, frozen=frozen)
    except ImportRefused as refused:
        said = "；".join(problem.problem for problem in refused.problems)
        raise RuleError(f"{said.replace(talk.me, '您', 1)}。") from refused
    return rating
