"""`luzhang period …`: the life of an assessment period, by the same rules as in chat."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bot.commands import importing
from bot.commands.printed import printed
from bot.commands.scores import read_month
from bot.commands.session import OK, Session, UsageError, acting_person, person_of, say, say_json
from domain.case import id_of
from domain.casework import correcting, papers, publication
from domain.casework import month as months
from domain.casework.correcting import Corrected, Wanted
from domain.casework.kept import Sheaf
from domain.casework.work import Work
from domain.effects import Effects
from domain.errors import NotAllowed, NotFound
from domain.finding import Finding, points_of
from domain.period import ENOUGH_PERSONS, STAGE_NAMES, Period
from domain.roster import Role
from domain.texts import publishing

_FINDING = re.compile(r"(?:(20\d\d)-)?(督)?(\d{1,8})")
HOLD_REASON = "管理员在命令行暂缓"
_STEWARDS = (Role.OFFICE, Role.ADMIN)


async def show(session: Session, period: str, *, as_json: bool) -> int:
    """Print how far a month has come, and what keeps it from being published."""
    month = read_month(period)
    found = await session.read(lambda work: months.period_of(work, month))
    obstacles = await session.read(lambda work: _obstacles(work, found))
    if as_json:
        say_json({"period": str(month), **found.to_facts(), "obstacles": obstacles})
        return OK
    say(await session.read(lambda work: _shown(work, found)))
    if not found.is_published:
        for obstacle in obstacles:
            say(f"⚠ {obstacle}")
    return OK


async def _shown(work: Work, found: Period) -> str:
    return publishing.shown(found, work.w)


async def _obstacles(work: Work, found: Period) -> list[str]:
    names = [work.w.name(person) for person in await publication.approval_of(work)]
    appeals = await months.open_appeals(work, found.month)
    return [] if found.is_published else found.obstacles(work.rules.plan(found.month), appeals, names)


async def hold(session: Session, period: str, given: str | None, reason: str | None) -> int:
    """Hold a month's publication (暂缓通报)."""
    month = read_month(period)

    async def step(work: Work) -> Effects:
        held, effects = await publication.hold(work, month, _steward(work, given), reason or HOLD_REASON)
        say(publishing.held(held))
        return effects

    await session.decide(step)
    return OK


async def release(session: Session, period: str, given: str | None) -> int:
    """Release a month's publication (恢复通报)."""
    month = read_month(period)

    async def step(work: Work) -> Effects:
        free, effects = await publication.release(work, month, _steward(work, given))
        say(publishing.released(free, work.w))
        return effects

    await session.decide(step)
    return OK


async def publish(session: Session, period: str, signed_by: str, *, without_shops: bool = False) -> int:
    """Freeze and publish a month now, on the word of two named persons."""
    month = read_month(period)

    def names(work: Work) -> list[str]:
        return [_signer(work, name) for name in signed_by.replace("，", ",").split(",") if name.strip()]

    async def published(work: Work) -> Period:
        return await publication.published_now(work, month, names(work), without_shops=without_shops)

    async def documents(work: Work) -> Sheaf:
        return await papers.month_sheaf(work, await published(work))

    async def step(work: Work) -> Effects:
        return await publication.publish_now(work, month, names(work), without_shops=without_shops)

    for problem in await printed(session, documents):
        say(f"⚠ {problem}")
    await session.decide(step)
    found = await session.read(lambda work: months.period_of(work, month))
    say(f"{month.title}{STAGE_NAMES[found.stage]}，署名：{'、'.join(found.signed_by)}。通报由服务发到领导群。")
    return OK


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be corrected, as it is typed: numbers, NUMBER=POINTS, a file of findings left out."""

    withdraw: Sequence[str] = ()
    points: Sequence[str] = ()
    findings: Path | None = None


async def correct(
    session: Session, period: str, signed_by: str, reason: str, changes: Changes, *, dry_run: bool
) -> int:
    """Publish a correction of a month that is out, on the word of two named persons; the old version stays."""
    month = read_month(period)
    added = await importing.findings_in(session, changes.findings) if changes.findings else []

    async def worked_out(work: Work) -> Corrected:
        names = [_signer(work, name) for name in signed_by.replace("，", ",").split(",") if name.strip()]
        wanted = Wanted(
            withdrawn=[await finding_of(work, number) for number in changes.withdraw],
            points=dict([await _pointed(work, text) for text in changes.points]),
            added=added,
        )
        return await correcting.worked_out(work, month, names, reason, wanted)

    async def documents(work: Work) -> Sheaf:
        return await papers.correction_sheaf(work, await worked_out(work))

    async def step(work: Work) -> Effects:
        done = await worked_out(work)
        say(publishing.corrected(done.period, done.correction.changes, is_rehearsal=dry_run))
        return Effects() if dry_run else await correcting.corrected(work, done)

    for problem in [] if dry_run else await printed(session, documents):
        say(f"⚠ {problem}")
    await session.decide(step)
    say("以上为预演，未保存。" if dry_run else "更正通报由服务发到领导群，原通报保留备查。")
    return OK


async def _pointed(work: Work, text: str) -> tuple[str, Decimal]:
    number, equals, points = text.partition("=")
    if not equals:
        raise UsageError(f"--points：“{text}”请写成 编号=扣分，如2026-0131=0.2。")
    return (await finding_of(work, number)).key, points_of(points.strip())


async def finding_of(work: Work, number: str) -> Finding:
    """Return the finding of a number: its case's (2026-0131) or its own (2026-督0007). Raises UsageError, NotFound."""
    match = _FINDING.fullmatch(number.strip())
    if match is None:
        raise UsageError(f"“{number}”不是督查问题的编号，请写成2026-0131或2026-督0007。")
    year = int(match[1]) if match[1] else work.rules.local(work.now).year
    wanted = id_of(year, int(match[3]))
    read = work.view.inspected
    found = await (read.finding_numbered(wanted) if match[2] else read.finding_of_case(wanted))
    if found is None:
        raise NotFound(f"没有督查问题{number}，请核对编号。")
    return found


async def approve(session: Session, given: str) -> int:
    """Record one named person's standing approval of automatic publication."""

    async def step(work: Work) -> Effects:
        by = person_of(work.roster, given)
        _require(work, by, (Role.OFFICE,))
        people, effects = await publication.approve(work, by)
        say(publishing.approved([work.w.name(person) for person in people], ENOUGH_PERSONS))
        return effects

    await session.decide(step)
    return OK


def _steward(work: Work, given: str | None) -> str:
    """Return who steers: the person given, who must be of the office or an administrator; "" for the operator alone."""
    if given is None and not work.roster.holders(Role.ADMIN, None, work.day):
        return ""  # before anybody is an administrator, whoever may run this command is
    by = acting_person(work, given)
    _require(work, by, _STEWARDS)
    return by


def _require(work: Work, person: str, roles: tuple[Role, ...]) -> None:
    if not any(post.role in roles for post in work.roster.posts_of(person, work.day)):
        raise NotAllowed("通报由市路长办办理。")


def _signer(work: Work, text: str) -> str:
    """Return a signer's name as it is printed: of a person id the person's name."""
    try:
        return work.roster.person(person_of(work.roster, text.strip())).name
    except NotFound:
        return text.strip()
