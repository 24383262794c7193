"""`luzhang import ratings|shops FILE` and `luzhang shops show|verify`: sealed votes, of which only means are read."""

import secrets
from collections import Counter, defaultdict
from pathlib import Path

from bot.commands.scores import read_month
from bot.commands.session import OK, Session, person_of, require_file, say
from bot.tables_in import read_rows
from domain.assessment import SEQUENCE_NAMES
from domain.ballots import Cast
from domain.casework import votes
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import NotAllowed
from domain.imports.ratings import parse_ratings
from domain.imports.shops import parse_shops
from domain.month import Month
from domain.period import Period
from domain.roster import Role
from domain.texts import shops as texts

_SALT_BYTES = 16


async def take_ratings(session: Session, file: Path, *, dry_run: bool) -> int:
    """Import what chiefs rate units and departments. Raises ImportRefused with every wrong line; then nothing is saved."""
    require_file(file)
    roster = await session.store.rosters.load()
    departments = set(session.rules.categories.departments.values())
    frozen = await session.read(_frozen)
    found = parse_ratings(file.name, read_rows(file), roster=roster, departments=departments, frozen=frozen)
    casts: dict[Month, list[Cast]] = defaultdict(list)
    for rating in found:
        casts[rating.month].append(rating.cast)
    for month, given in sorted(casts.items()):
        rated = Counter(sequence for sequence, _ in {(c.vote.sequence, c.vote.subject) for c in given})
        counts = [f"{SEQUENCE_NAMES[sequence]}{count}个" for sequence, count in sorted(rated.items())]
        say(f"{month.title}评分{len(given)}条：{'、'.join(counts)}。评分人与被评单位的对应只存密封值。")
    if not dry_run:
        await session.decide(lambda work: votes.take_ratings(work, casts, secrets.token_hex(_SALT_BYTES)))
    say("试运行，未保存。" if dry_run else "已保存。")
    return OK


async def take_shops(session: Session, file: Path, *, dry_run: bool) -> int:
    """Import a panel's votes for shops, in the same way."""
    require_file(file)
    roster = await session.store.rosters.load()
    frozen, frames = await session.read(_frozen), session.rules.frame
    found = parse_shops(file.name, read_rows(file), roster=roster, frames=frames, frozen=frozen)
    for month in sorted({vote.month for vote in found}):
        mine = [vote for vote in found if vote.month == month]
        say(
            f"{month.title}门店评分{len(mine)}条，门店{len({vote.shop for vote in mine})}家。须由市路长办两人核实后才能公布。"
        )
    if not dry_run:
        await session.decide(lambda work: votes.take_shops(work, found, secrets.token_hex(_SALT_BYTES)))
    say("试运行，未保存。" if dry_run else "已保存。")
    return OK


async def _frozen(work: Work) -> set[Month]:
    periods = [Period.from_facts(Month.parse(state.period), state.facts) for state in await work.view.periods()]
    return {period.month for period in periods if period.is_frozen}


async def verify(session: Session, period: str, given: str) -> int:
    """Record that one person of the office has checked a month's shops."""
    month = read_month(period)

    async def step(work: Work) -> Effects:
        by = person_of(work.roster, given)
        if not any(post.role is Role.OFFICE for post in work.roster.posts_of(by, work.day)):
            raise NotAllowed("门店评比由市路长办核实。")
        contest, effects = await votes.verify_shops(work, month, by)
        say(texts.verified(contest, [work.w.name(person) for person in contest.verified_by], work.w))
        return effects

    await session.decide(step)
    return OK


async def show(session: Session, period: str) -> int:
    """Print a month's contest for the office: places, and how far its check has come."""
    month = read_month(period)
    for line in await session.read(lambda work: _shown(work, month)):
        say(line)
    return OK


async def _shown(work: Work, month: Month) -> list[str]:
    contest = await votes.contest_of(work, month)
    assessment = work.rules.scoring.assessments.on(month.first)
    if not contest.shops:
        return [f"{month.title}没有门店评分。"]
    names = [work.w.name(person) for person in contest.verified_by]
    head = texts.verified(contest, names, work.w) if names else f"{month.title}门店评比：尚未核实，不公布。"
    rows = [f"  第{row.rank}名 {texts.place(row)}" for row in contest.rows()]
    return [head, *rows, *texts.picks(contest.rows(), assessment.best_shops, assessment.worst_shops)]
