"""Ratings of units and departments, and the shops' contest: taken, checked by two persons, read as means (S57–S66)."""

import hashlib
from collections.abc import Mapping, Sequence

from domain.ballots import Ballot, Cast, ratings_key
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent, Notice, ToPerson, ToPurpose
from domain.errors import NotFound, WrongState
from domain.imports.shops import ShopVote
from domain.ledger import canonical
from domain.month import Month
from domain.period import Period
from domain.shops import Contest, ShopRow, shops_key
from domain.texts import shops as texts


async def ballot_of(work: Work, month: Month, salt: str = "") -> Ballot:
    """Return a month's ratings; `salt` seals the first ones."""
    return Ballot.from_facts(await work.view.setting(ratings_key(month)), salt)


async def contest_of(work: Work, month: Month, salt: str = "") -> Contest:
    """Return a month's contest of shops."""
    return Contest.from_facts(month, await work.view.setting(shops_key(month)), salt)


async def readable_shops(work: Work, month: Month) -> list[ShopRow]:
    """Return the shops' places once the office has checked them and their objection time is over (S62, S65).

    Of a frozen month those that could be read when it was frozen: what comes later is not under the signature.
    """
    contest = await contest_of(work, month)
    frozen_at = (await _period(work, month)).frozen_at
    return contest.rows() if contest.is_open(frozen_at or work.now) else []


async def require_shops_settled(work: Work, month: Month, how: str) -> None:
    """Raise WrongState while checked shops are in their objection time: they could not be under the signature.

    how: what to do to leave them out.
    """
    contest = await contest_of(work, month)
    if contest.is_verified and not contest.is_open(work.now):
        raise WrongState(texts.unsettled(contest, work.w, how))


async def _period(work: Work, month: Month) -> Period:
    stored = await work.view.period(str(month))
    return Period.from_facts(month, stored.facts if stored else {})


async def take_ratings(work: Work, casts: Mapping[Month, Sequence[Cast]], salt: str) -> Effects:
    """Return the ratings of each month sealed with those before; nothing where a month's change nothing."""
    effects = Effects()
    for month, found in sorted(casts.items()):
        before = await ballot_of(work, month, salt)
        after = before.with_cast(found)
        if after.votes != before.votes:
            facts = after.to_facts()
            effects.settings[ratings_key(month)] = facts
            effects.events.append(_taken(month, "ratings_taken", facts))
    return effects


async def take_shops(work: Work, votes: Sequence[ShopVote], salt: str) -> Effects:
    """Return the votes for shops of each month sealed with those before; a change calls for a new check."""
    effects = Effects()
    for month in sorted({vote.month for vote in votes}):
        mine = [vote for vote in votes if vote.month == month]
        before = await contest_of(work, month, salt)
        ballot = before.ballot.with_cast(vote.cast for vote in mine)
        if ballot.votes != before.ballot.votes:
            facts = before.with_votes(ballot, [vote.shop for vote in mine]).to_facts()
            effects.settings[shops_key(month)] = facts
            effects.events.append(_taken(month, "shop_votes_taken", facts))
    return effects


def _taken(month: Month, kind: str, facts: Mapping[str, object]) -> LedgerEvent:
    digest = hashlib.sha256(canonical(facts).encode()).hexdigest()
    votes = facts["votes"]
    count = len(votes) if isinstance(votes, dict) else 0
    return LedgerEvent(f"period:{month}", kind, {"votes": count, "digest": digest})


async def shops_awaited(work: Work, month: Month) -> list[Notice]:
    """Return what the office hears at a month's draft while its shops are not checked: else they would be left out."""
    contest = await contest_of(work, month)
    if not contest.shops or contest.is_verified:
        return []
    text = texts.awaited(contest)
    return [Notice(f"shops_awaited:{month}", ToPurpose("office"), text, "shops")]


async def verify_shops(work: Work, month: Month, by: str) -> tuple[Contest, Effects]:
    """Return the contest checked by one more person of the office; the second starts the objection time (S65).

    Raises NotFound without votes, WrongState once two have checked it or the month is frozen.
    """
    contest = await contest_of(work, month)
    if not contest.shops:
        raise NotFound(f"{month.title}没有门店评分，请先导入（luzhang import shops）。")
    if (await _period(work, month)).is_frozen:
        raise WrongState(f"{month.title}考评已定稿，门店评比不再计入。")
    if contest.is_verified:
        raise WrongState(f"{month.title}门店评比已由两人核实，无需再核实。")
    people = tuple(dict.fromkeys([*contest.verified_by, by]))
    checked = Contest(month, contest.ballot, contest.shops, people)
    if checked.is_verified:
        end = work.rules.plan(month).objections_end(work.day)
        checked = Contest(month, contest.ballot, contest.shops, people, end)
    effects = Effects(settings={shops_key(month): checked.to_facts()})
    effects.events.append(LedgerEvent(f"period:{month}", "shops_verified", {"persons": len(people)}, {"by": by}))
    if checked.is_verified:
        assessment = work.rules.scoring.assessments.on(month.first)
        text = texts.to_be_told(checked, assessment.best_shops, assessment.worst_shops, work.w)
        effects.notices += [
            Notice(f"shops:{month}:{person}:{work.now.isoformat()}", ToPerson(person), text, "shops")
            for person in people
        ]
    return checked, effects
