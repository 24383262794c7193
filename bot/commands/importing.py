"""`luzhang import roster|people|duty|findings FILE`: a file is taken over whole, or not at all.

Rosters are effective-dated: what no longer holds is closed on the day and kept. Open cases stay with whom they were
given to; the ones that would fall to somebody else under the new lists are named.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from bot.commands import by_mobile, templates
from bot.commands.session import OK, Session, read_day, require_file, say
from bot.tables_in import read_rows
from domain.assign import assign
from domain.case import OPEN_STATES, Case
from domain.casework import month as months
from domain.casework.work import Work
from domain.errors import ImportRefused, RowProblem
from domain.finding import Finding
from domain.imports.duty import parse_duty
from domain.imports.findings import parse_findings
from domain.imports.people import People, parse_people
from domain.imports.roster import RosterDiff, diff_roster, parse_roster
from domain.imports.rows import RawRow
from domain.month import Month
from domain.ports import CaseQuery
from domain.roster import Dated, Roster, Segment
from domain.texts.publishing import how_to_correct

SHOWN = 20  # lines of one kind; the rest is counted
MOST_CASES = 100_000
KINDS = ("roster", "people", "duty", "findings")


async def take(session: Session, kind: str, file: Path, since: str | None, *, dry_run: bool) -> int:
    """Import a file and print what it changes. Raises ImportRefused with every wrong line; then nothing is saved."""
    require_file(file)
    rows = read_rows(file)
    _refuse_other_kind(kind, file, rows)
    day = read_day(since, "--from") if since else session.today
    steps = {"roster": _roster, "people": _people, "duty": _duty}
    lines = await (
        steps[kind](session, file.name, rows, day, dry_run)
        if kind in steps
        else _findings(session, file.name, rows, dry_run=dry_run)
    )
    for line in lines:
        say(line)
    say("试运行，未保存。" if dry_run else "已保存。")
    return OK


def _refuse_other_kind(kind: str, file: Path, rows: Sequence[RawRow]) -> None:
    """Say which kind of file it is, where the header is another kind's. Raises ImportRefused."""
    header = set(rows[0][1]) if rows else set()
    fitting = [other for other, columns in templates.COLUMNS.items() if header.issuperset(columns.required)]
    if fitting and kind not in fitting:
        names = templates.NAMES
        problem = (
            f"这是“{names[fitting[0]]}”的表头，不是“{names[kind]}”；请改用 luzhang import {fitting[0]} {file.name}"
        )
        raise ImportRefused(file.name, [RowProblem(1, "文件", problem)])


async def _roster(session: Session, file: str, rows: Sequence[RawRow], day: date, dry_run: bool) -> list[str]:
    segments = parse_roster(file, rows)
    old = await session.store.rosters.load()
    new = replace(old, segments=tuple(Dated(segment) for segment in segments))
    lines = _changes(diff_roster(old.on(day), segments), day) + await _moved(session, old, new, day)
    if not dry_run:
        await session.store.rosters.import_roster(segments, day, session.now)
    return lines


def _changes(diff: RosterDiff, day: date) -> list[str]:
    if diff.is_empty:
        return [f"花名册与{day}的现有内容相同。"]
    lines = [f"花名册自{day}起：新增{len(diff.added)}段，变更{len(diff.changed)}段，停用{len(diff.removed)}段。"]
    changed = [f"{change.after.id}（{'、'.join(change.fields)}）" for change in diff.changed]
    for title, items in (
        ("新增", [segment.id for segment in diff.added]),
        ("变更", changed),
        ("停用", [segment.id for segment in diff.removed]),
    ):
        if items:
            lines.append(f"  {title}：{_few(items)}")
    return lines


async def _moved(session: Session, old: Roster, new: Roster, day: date) -> list[str]:
    """Return the lines that name open cases which other people would get under the new lists."""

    async def find(work: Work) -> list[Case]:
        return await work.view.cases(CaseQuery(states=OPEN_STATES, limit=MOST_CASES))

    cases = await session.read(find)
    moved = [text for case in cases[::-1] if case.segment and (text := _move(case, old, new, day))]
    if not moved:
        return []
    head = f"{len(moved)}件在办案件按新名单应由他人负责，仍由原承办人办理；需要时请逐件改派："
    return [head, *(f"  {text}" for text in moved[:SHOWN]), *_rest(moved)]


def _move(case: Case, old: Roster, new: Roster, day: date) -> str:
    before, after = old.segment(case.segment, day), new.segment(case.segment, day)
    if after is None:
        return f"{case.number}：路段{case.segment}已停用"
    if before is None:
        return ""
    was, will = _owners(before, old, day), _owners(after, new, day)
    parts = [f"{title} {a or '无'}→{b or '无'}" for title, a, b in zip(_TITLES, was, will, strict=True) if a != b]
    return f"{case.number}：{'，'.join(parts)}" if parts else ""


_TITLES = ("责任单位", "路段长", "承办人", "二级路长", "辖区总路长", "一级路长")


def _owners(segment: Segment, roster: Roster, day: date) -> tuple[str, ...]:
    owner = assign(segment, roster, day)
    names = [segment.chief_name, _name(roster, segment, owner.handler), segment.second_level_name]
    return (segment.unit, *names, segment.township_head_name, segment.first_level_name)


def _name(roster: Roster, segment: Segment, person: str) -> str:
    return segment.chief_name if person == segment.chief else roster.person(person).name


async def _people(session: Session, file: str, rows: Sequence[RawRow], day: date, dry_run: bool) -> list[str]:
    found = parse_people(file, rows)
    old = await session.store.rosters.load()
    found, looked = await by_mobile.fill(session.config, found, old, dry_run=dry_run)
    accounts = _new_accounts(found, old)
    bound = f"，平台账号新增{accounts}个" if accounts else ""
    lines = [f"人员{len(found.persons)}人（新增{_new(found, old)}人），任职{len(found.posts)}项{bound}，自{day}起。"]
    lines += looked + _taken_accounts(found, old)
    if not dry_run:
        await session.store.rosters.import_people(found.persons, found.posts, day, session.now)
    return lines


def _new(found: People, old: Roster) -> int:
    return sum(person.id not in old.people for person in found.persons)


def _new_accounts(found: People, old: Roster) -> int:
    return sum(
        old.by_account(platform, userid) is None for person in found.persons for platform, userid in person.accounts
    )


def _taken_accounts(found: People, old: Roster) -> list[str]:
    """Return the lines that tell which accounts change hands."""
    owners = [
        (userid, platform, person.id, old.by_account(platform, userid))
        for person in found.persons
        for platform, userid in person.accounts
    ]
    moved = [f"  账号{u}（{p}）：{owner}→{person}" for u, p, person, owner in owners if owner not in (None, person)]
    return [f"{len(moved)}个账号改属他人：", *moved[:SHOWN], *_rest(moved)] if moved else []


async def _duty(session: Session, file: str, rows: Sequence[RawRow], day: date, dry_run: bool) -> list[str]:
    old = await session.store.rosters.load()
    segments = {segment.id for segment in old.on(day)}
    duties = parse_duty(file, rows, segments=segments, people=old.people.keys())
    new = replace(old, duties=tuple(duties))
    covered = {duty.value.segment for duty in duties}
    gaps = [segment for segment in sorted(segments) if segment not in covered]
    lines = [f"轮值{len(duties)}项，涉及{len(covered)}个路段，自{day}起。"]
    if gaps:
        lines.append(f"没有轮值的路段{len(gaps)}个（由路段长承办）：{_few(gaps)}")
    lines += await _moved(session, old, new, day)
    if not dry_run:
        await session.store.rosters.import_duty(duties, day, session.now)
    return lines


async def _findings(session: Session, file: str, rows: Sequence[RawRow], *, dry_run: bool) -> list[str]:
    found = await _parsed(session, file, rows)
    known = await _known(session, found)
    await _refuse_frozen(session, file, rows, known)
    fresh = [finding for finding in found if finding.key not in known]
    if not dry_run:
        await session.store.findings.add(fresh, session.now)
    clean = sum(not finding.category for finding in fresh)
    points = sum(finding.points for finding in fresh)
    return [
        f"督查记录{len(rows)}行：新增{len(fresh)}条（其中巡查无问题{clean}条），"
        f"重复{len(rows) - len(fresh)}条已略过，新增扣分合计{points}。",
        *_ahead(session, fresh),
    ]


def _ahead(session: Session, fresh: Sequence[Finding]) -> list[str]:
    """Return the line about inspections that are yet to come: most likely a slip in the date."""
    later = [finding.found_at for finding in fresh if finding.found_at > session.now]
    if not later:
        return []
    return [
        f"⚠ 其中{len(later)}条的检查时间还没有到，最晚{session.rules.local(max(later)):%Y-%m-%d %H:%M}，请核对日期。"
    ]


async def findings_in(session: Session, path: Path) -> list[Finding]:
    """Return the findings of a file that are not stored yet, whatever has become of their months."""
    require_file(path)
    found = await _parsed(session, path.name, read_rows(path))
    known = await _known(session, found)
    return [finding for finding in found if finding.key not in known]


async def _parsed(session: Session, file: str, rows: Sequence[RawRow]) -> list[Finding]:
    roster = await session.store.rosters.load()
    categories = {row.code: row.name for row in session.rules.categories.rows}
    rules, zone = session.rules.scoring.rules, session.rules.zone
    return parse_findings(file, rows, roster=roster, categories=categories, rules=rules, zone=zone)


async def _known(session: Session, found: Sequence[Finding]) -> set[str]:
    zone = session.rules.zone
    known: set[str] = set()
    for month in {Month.of(finding.found_at, zone) for finding in found}:
        stored = await session.store.findings.of_month(month.start(zone), month.end(zone))
        known |= {finding.key for finding in stored}
    return known


async def _refuse_frozen(session: Session, file: str, rows: Sequence[RawRow], known: set[str]) -> None:
    """Raise ImportRefused for new findings in a month whose figures are fixed (S46)."""
    frozen: dict[Month, bool] = {}
    problems = []
    for line, cells in rows:
        month = Month.of(datetime.fromisoformat(cells["found_at"]), session.rules.zone)
        if month not in frozen:
            frozen[month] = await session.read(partial(_is_frozen, month))
        if frozen[month] and (await _parsed(session, file, [(line, cells)]))[0].key not in known:
            problems.append(
                RowProblem(
                    line,
                    "found_at",
                    f"{month.title}已定稿，不再计入新的督查问题；漏录的须发更正通报：{how_to_correct(month, ' --findings 文件')}",
                )
            )
    if problems:
        raise ImportRefused(file, problems)


async def _is_frozen(month: Month, work: Work) -> bool:
    return (await months.period_of(work, month)).is_frozen


def _few(items: Sequence[str]) -> str:
    return "、".join(items[:SHOWN]) + (f"等{len(items)}个" if len(items) > SHOWN else "")


def _rest(items: Sequence[str]) -> list[str]:
    return [f"  ……共{len(items)}项"] if len(items) > SHOWN else []
