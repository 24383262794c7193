"""Sums of findings by month and segment: kept at every write, or added up anew from the rows.

The kept sums make a running month's ranks cost the same however many findings it has. Both are whole hundredths, so
they agree to the last digit.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import (
    Insert,
    Integer,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.finding import Finding
from domain.month import Month
from domain.tally import Tally, hundredths, less, summed
from store import bulk
from store.columns import UtcDateTime
from store.engine import Database
from store.reads import setting_value
from store.schema import finding, finding_standing, finding_sum, setting
from store.writing import put

_CHUNK = 512
MARK = "sums"  # setting: the zone whose months the kept sums are of

_POINTS = cast(func.sum(finding.c.points), Integer)
_BETWEEN = (
    finding.c.found_at >= bindparam("start", type_=UtcDateTime),
    finding.c.found_at < bindparam("end", type_=UtcDateTime),
)
# Each is answered by one index alone; what the book gives, mostly little, is a part of all and has one of its own.
ALL = select(finding.c.segment, _POINTS).where(*_BETWEEN).group_by(finding.c.segment).having(_POINTS > 0)
BY_BOOK = (
    select(finding.c.segment, finding.c.category, func.count(), _POINTS)
    .where(*_BETWEEN, finding.c.by_book)
    .group_by(finding.c.segment, finding.c.category)
)
# The few that were taken back, of all months, found from their own side: a join would leave it to the database's guess.
TAKEN_BACK = select(finding_standing.c.key).where(text("finding_standing.withdrawn <> ''"))  # as the index has it
_OF_KEYS = select(finding.c.found_at, finding.c.segment, finding.c.category, finding.c.by_book, finding.c.points).where(
    finding.c.key.in_(bindparam("keys", expanding=True)), finding.c.category != ""
)
_OF_MONTH = finding_sum.c.month == bindparam("month")
_KEPT_GIVEN = select(finding_sum.c.segment, finding_sum.c.points).where(
    _OF_MONTH, finding_sum.c.category == "", finding_sum.c.points > 0
)
_KEPT_BOOKED = select(*(finding_sum.c[n] for n in ("segment", "category", "findings", "points"))).where(
    _OF_MONTH, finding_sum.c.category != "", or_(finding_sum.c.findings > 0, finding_sum.c.points > 0)
)


async def raw(connection: AsyncConnection, start: datetime, end: datetime) -> Tally:
    """Return the sums of what counts in [start, end), added up from the rows."""
    span = {"start": start, "end": end}
    every, by_book, keys = await bulk.read(connection, (ALL, span), (BY_BOOK, span), (TAKEN_BACK, {}))
    given, booked = dict(every), _booked(by_book)
    for (segment, _category), (_findings, points) in booked.items():
        given[segment] = given.get(segment, 0) - points
    found = summed(given, booked) if booked else Tally(given, booked)
    return less(found, await _taken_back(connection, [key for (key,) in keys], start, end)) if keys else found


async def _taken_back(connection: AsyncConnection, keys: Sequence[str], start: datetime, end: datetime) -> Tally:
    given: Counter[str] = Counter()
    booked: dict[tuple[str, str], tuple[int, int]] = {}
    for begin in range(0, len(keys), _CHUNK):
        found = await connection.execute(_OF_KEYS, {"keys": bulk.padded(keys[begin : begin + _CHUNK])})
        for one in (one for one in found if start <= one.found_at < end):
            if one.by_book:
                findings, points = booked.get((one.segment, one.category), (0, 0))
                booked[one.segment, one.category] = findings + 1, points + one.points
            else:
                given[one.segment] += one.points
    return Tally(given, booked)


async def kept(connection: AsyncConnection, month: Month) -> Tally:
    """Return a month's sums as they were kept."""
    month_of = {"month": _number(month)}
    given, booked = await bulk.read(connection, (_KEPT_GIVEN, month_of), (_KEPT_BOOKED, month_of))
    return Tally(dict(given), _booked(booked))


def _booked(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(segment, category): (findings, points) for segment, category, findings, points in rows}


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


async def _sum_up(connection: AsyncConnection, month: Month, sums: Tally) -> None:
    number = _number(month)
    given = [
        {"month": number, "segment": segment, "category": "", "findings": 0, "points": points}
        for segment, points in sums.given.items()
    ]
    booked = [
        {"month": number, "segment": segment, "category": category, "findings": findings, "points": points}
        for (segment, category), (findings, points) in sums.booked.items()
    ]
    await bulk.run(connection, insert(finding_sum), given + booked)
