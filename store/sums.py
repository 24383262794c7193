"""Sums of findings by month and segment: kept at every write, or added up anew from the rows.

The kept sums make a running month's ranks cost the same however many findings it has. Both are whole hundredths, so
they agree to the last digit.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from functools import cache

from sqlalchemy import Insert, Integer, bindparam, case, cast, delete, func, insert, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.finding import Finding
from domain.month import Month
from domain.tally import Tally, hundredths, less
from store import bulk
from store.columns import UtcDateTime
from store.engine import Database
from store.reads import setting_value
from store.schema import finding, finding_standing, finding_sum, setting
from store.writing import put

MARK = "sums"  # setting: the zone whose months the kept sums are of

_CATEGORY = case((finding.c.by_book, finding.c.category), else_=literal_column("''")).label("book")
_BETWEEN = (
    finding.c.found_at >= bindparam("start", type_=UtcDateTime),
    finding.c.found_at < bindparam("end", type_=UtcDateTime),
)
_COUNTED = finding.c.category != ""
# Each is answered by one index alone; what the book gives, mostly little, has one of its own and is set apart.
ALL = select(finding.c.segment, cast(func.sum(finding.c.points), Integer)).where(*_BETWEEN).group_by(finding.c.segment)
BY_BOOK = (
    select(finding.c.segment, finding.c.category, func.count(), cast(func.sum(finding.c.points), Integer))
    .where(*_BETWEEN, finding.c.by_book)
    .group_by(finding.c.segment, finding.c.category)
)
# the few that were taken back, found from their own side
_WITHDRAWN = (
    select(
        finding.c.segment,
        _CATEGORY,
        func.sum(case((finding.c.by_book, 1), else_=0)),
        cast(func.sum(finding.c.points), Integer),
    )
    .select_from(finding_standing.join(finding, finding.c.key == finding_standing.c.key))
    .where(finding_standing.c.withdrawn != "", *_BETWEEN, _COUNTED)
    .group_by(finding.c.segment, _CATEGORY)
)
_KEPT = select(finding_sum.c.segment, finding_sum.c.category, finding_sum.c.findings, finding_sum.c.points).where(
    finding_sum.c.month == bindparam("month"), or_(finding_sum.c.findings > 0, finding_sum.c.points > 0)
)


async def raw(connection: AsyncConnection, start: datetime, end: datetime) -> list[Tally]:
    """Return the sums of what counts in [start, end), added up from the rows."""
    span = {"start": start, "end": end}
    lost: dict[str, int] = {row[0]: row[1] for row in await connection.execute(ALL, span)}
    found = [Tally(*row) for row in await connection.execute(BY_BOOK, span)]
    for one in found:
        lost[one.segment] -= one.points
    found += [Tally(segment, "", 0, points) for segment, points in lost.items() if points]
    taken = [Tally(*row) for row in await connection.execute(_WITHDRAWN, span)]
    return less(found, taken) if taken else found


async def kept(connection: AsyncConnection, month: Month) -> list[Tally]:
    """Return a month's sums as they were kept."""
    return [Tally(*row) for row in await connection.execute(_KEPT, {"month": _number(month)})]


def _number(month: Month) -> int:
    return month.year * 100 + month.number


async def record(
    connection: AsyncConnection, before: Iterable[Finding], after: Iterable[Finding], zone: tzinfo
) -> None:
    """Move the kept sums from findings as they stood to what they are now."""
    counts: Counter[tuple[int, str, str]] = Counter()
    points: Counter[tuple[int, str, str]] = Counter()
    for sign, listed in ((-1, before), (1, after)):
        for one in listed:
            if one.is_counted:
                place = _number(Month.of(one.found_at, zone)), one.segment, one.category if one.by_book else ""
                counts[place] += sign * one.by_book
                points[place] += sign * hundredths(one.points)
    rows = [
        {"month": m, "segment": s, "category": c, "findings": counts[m, s, c], "points": points[m, s, c]}
        for m, s, c in counts
        if counts[m, s, c] or points[m, s, c]
    ]
    await bulk.run(connection, _add(connection.dialect.name), rows)


@cache
def _add(dialect: str) -> Insert:
    new: sqlite.Insert | postgresql.Insert
    new = postgresql.insert(finding_sum) if dialect == "postgresql" else sqlite.insert(finding_sum)
    added = {name: finding_sum.c[name] + new.excluded[name] for name in ("findings", "points")}
    return new.on_conflict_do_update(index_elements=["month", "segment", "category"], set_=added)


async def make_ready(database: Database, zone: tzinfo) -> None:
    """Add all months up anew unless the kept sums are of this zone's months already."""
    async with database.reading() as connection:
        if await setting_value(connection, MARK) == str(zone):
            return
    async with database.writing() as connection:
        await _anew(connection, zone)


async def _anew(connection: AsyncConnection, zone: tzinfo) -> None:
    await connection.execute(delete(finding_sum))
    span = select(func.min(finding.c.found_at), func.max(finding.c.found_at))
    first, last = (await connection.execute(span)).one()
    if first is not None:
        month = Month.of(first, zone)
        while month <= Month.of(last, zone):
            await _sum_up(connection, month, await raw(connection, month.start(zone), month.end(zone)))
            month = month.next()
    await put(connection, setting, [{"name": MARK, "value": str(zone)}])


async def _sum_up(connection: AsyncConnection, month: Month, sums: Sequence[Tally]) -> None:
    number = _number(month)
    rows = [
        {"month": number, "segment": t.segment, "category": t.category, "findings": t.findings, "points": t.points}
        for t in sums
    ]
    await bulk.run(connection, insert(finding_sum), rows)
