"""`luzhang exchange export|import`: cases to and from the city's digital management platform."""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

from bot.commands.exports import cell
from bot.commands.importing import SHOWN
from bot.commands.session import OK, Session, UsageError, acting_person, read_day, require_file, say
from bot.tables_in import read_rows
from domain.case import ORIGIN_NAMES, Case, Origin
from domain.casework import handed
from domain.casework.work import Work
from domain.exchange import PLATFORM, Assigned, Codes, parse_assigned, rows_out
from domain.ports import CaseQuery

MOST = 1_000_000


def codes_of(text: str) -> Codes:
    """Return the code set of that name. Raises UsageError."""
    try:
        return Codes(text)
    except ValueError:
        raise UsageError(f"--codes 只能是 {'、'.join(Codes)}（national 国标代码，city 本市类别）。") from None


async def export(session: Session, first: str, last: str, codes: str, out: Path, *, foreign: bool) -> int:
    """Write the cases reported from a day to another, both included; with `foreign` only those handed down to us."""
    since, until = read_day(first, "--from"), read_day(last, "--to")
    if until < since:
        raise UsageError(f"--to {until} 早于 --from {since}。")
    wanted = codes_of(codes)
    query = CaseQuery(
        reported_since=_midnight(session, since),
        reported_until=_midnight(session, until + timedelta(days=1)),
        limit=MOST,
    )

    async def gather(work: Work) -> list[list[str]]:
        found = [case for case in (await work.view.cases(query))[::-1] if not foreign or case.platform == PLATFORM]
        local = {case.id: _times(session, case) for case in found}
        return rows_out(found, wanted, session.rules.categories, work.roster, local)

    rows = await session.read(gather)
    with out.open("w", encoding="utf-8-sig", newline="") as file:  # with the mark, table programs read it as UTF-8
        csv.writer(file).writerows([[cell(text) for text in row] for row in rows])
    say(f"已导出{len(rows) - 1}件到 {out}。")
    return OK


def _midnight(session: Session, day: date) -> datetime:
    return datetime.combine(day, time(), session.rules.zone)


def _times(session: Session, case: Case) -> tuple[str, str, str]:
    def local(instant: datetime | None) -> str:
        return session.rules.local(instant).isoformat(timespec="seconds") if instant else ""

    return local(case.reported_at), local(case.due), local(case.closed_at)


async def take(session: Session, file: Path, codes: str, given: str | None, *, dry_run: bool) -> int:
    """Take over the cases that a superior hands down, each foreign number once.

    Raises ImportRefused with every wrong line; then nothing is saved.
    """
    wanted = codes_of(codes)
    require_file(file)
    roster = await session.store.rosters.load()
    here = session.rules.local(session.now)
    rows = parse_assigned(
        file.name, read_rows(file), codes=wanted, categories=session.rules.categories, roster=roster, today=here
    )
    opened: list[Case] = []
    known = 0
    for one in rows:
        case = await _open(session, one, given, is_dry=dry_run)
        known += case is None
        opened += [case] if case else []
    for case in opened[:SHOWN]:
        say(f"  {case.message_id} → {'将立案' if dry_run else case.number}：{_where(session, case)}")
    if len(opened) > SHOWN:
        say(f"  ……等{len(opened)}件")
    waiting = sum(not case.segment for case in opened)
    say(
        f"{ORIGIN_NAMES[Origin.SUPERIOR]}：新增{len(opened)}件，已有{known}件"
        + (f"，其中{waiting}件待定位" if waiting else "")
        + "。"
    )
    say("试运行，未保存。" if dry_run else "已保存。")
    return OK


def _where(session: Session, case: Case) -> str:
    name = session.rules.categories.by_code(case.category).name
    return f"{name}，{case.segment or '待定位'}"


async def _open(session: Session, one: Assigned, given: str | None, *, is_dry: bool) -> Case | None:
    """Open one case in a commit of its own, so that the service is not held up; None when it was here already."""
    at = session.store.reading if is_dry else session.store.deciding
    async with at(session.now) as view:
        work = Work(view, session.rules)
        if await work.view.by_message(PLATFORM, one.foreign):
            return None
        case, effects = await handed.down(work, one, acting_person(work, given))
        if not is_dry:
            view.apply(effects)
    return case
