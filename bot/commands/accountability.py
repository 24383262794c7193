"""`luzhang accountability list|show|approve`: proposals of penalties and rewards, by the same rules as in chat."""

import re
from pathlib import Path

from bot.commands.session import OK, Session, person_of, require_file, say, say_json
from bot.tables_in import read_rows
from domain.assessment import SequenceKind
from domain.casework import accountability
from domain.casework.quarter import frozen_months, year_of
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import NotFound
from domain.imports.awards import parse_awards
from domain.month import Month, Quarter, is_quarter
from domain.texts import accountability as texts
from domain.texts.quarterly import yuan


async def list_proposals(session: Session, period: str | None, *, as_json: bool) -> int:
    """Print the proposals, of one month or quarter or all; those that no running service has worked out are first."""
    await session.decide(_settle_all)
    wanted = _period(period) if period else ""
    found = [p for p in await session.read(accountability.all_proposals) if wanted in ("", p.period)]
    if as_json:
        say_json([proposal.to_facts() for proposal in found])
        return OK
    for proposal in found:
        say(texts.line(proposal))
    if not found:
        say(texts.nothing(wanted))
    return OK


def _period(text: str) -> str:
    """Return a month, a quarter or a year as it is stored. Raises RuleError."""
    if re.fullmatch("[0-9]{4}", text):
        return text
    return str(Quarter.parse(text) if is_quarter(text) else Month.parse(text))


async def _settle_all(work: Work) -> Effects:
    history = await frozen_months(work, work.rules.month(work.now).next())
    return await accountability.settle(work, history[0].month) if history else Effects()


async def take_awards(session: Session, file: Path, year: int, *, dry_run: bool) -> int:
    """Import the yearly special rewards as proposals; the list takes the place of the one before (S99)."""
    require_file(file)
    scores = await session.read(lambda work: year_of(work, year))
    parties = {(row.sequence, row.subject): row.name for row in scores.rows}
    found = parse_awards(file.name, read_rows(file), parties=parties)
    total = sum(award.amount for award in found)
    say(f"{year}年专项奖励{len(found)}项，合计{yuan(total)}。批准前不执行、不公布：luzhang accountability list")
    if not dry_run:
        await session.decide(lambda work: accountability.take_awards(work, year, found))
    say("试运行，未保存。" if dry_run else "已保存。")
    return OK


async def propose(session: Session, year: int, sequence: SequenceKind, subject: str, reason: str) -> int:
    """Put forward a unit found in serious dereliction by the year's results; two named persons must approve (S87)."""
    await session.decide(lambda work: accountability.propose_for_year(work, year, sequence, subject, reason))
    for proposal in await session.read(lambda work: accountability.of_period(work, str(year))):
        if (proposal.sequence, proposal.subject, proposal.is_withdrawn) == (sequence, subject, False):
            say(texts.shown(proposal))
    return OK


async def show(session: Session, id_: str) -> int:
    """Print a proposal with what it rests on."""
    say(texts.shown(await session.read(lambda work: accountability.find(work, id_))))
    return OK


async def approve(session: Session, ids: list[str], signed_by: str) -> int:
    """Record who approves proposals, all of them or none; two named persons make one valid."""
    lines: list[str] = []

    async def step(work: Work) -> Effects:
        names = [_name(work, name.strip()) for name in signed_by.replace("，", ",").split(",") if name.strip()]
        approved, effects = await accountability.approve(work, ids, names)
        lines[:] = map(texts.shown, approved)
        return effects

    await session.decide(step)
    for line in lines:
        say(line)
    return OK


def _name(work: Work, text: str) -> str:
    """Return a name as it is kept: of a person id the person's name."""
    try:
        return work.roster.person(person_of(work.roster, text)).name
    except NotFound:
        return text
