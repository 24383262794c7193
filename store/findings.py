"""Findings (督查问题) as rows, with a sum for each month and segment kept as they come in."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.finding import Finding
from domain.month import Month
from store import reads
from store.codec import Row
from store.engine import Database
from store.flush import put
from store.schema import finding, finding_month


@dataclass(frozen=True, slots=True)
class SegmentMonth:
    """What the findings of one segment in one month (Asia/Shanghai) come to."""

    segment: str
    findings: int
    points: Decimal


class Findings:
    """Takes in findings and gives them back; points are decimals all the way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, findings: Sequence[Finding]) -> int:
        """Store those whose key is new and return how many that were; a file imported twice adds nothing."""
        by_key = {one.key: one for one in findings}
        async with self._database.writing() as connection:
            query = select(finding.c.key).where(finding.c.key.in_(list(by_key)))
            known = set((await connection.execute(query)).scalars())
            fresh = [one for key, one in by_key.items() if key not in known]
            await put(connection, finding, [_row(one) for one in fresh])
            sums = await _sums(connection, {(str(Month.of(one.found_at)), one.segment) for one in fresh})
            for one in fresh:
                key = (str(Month.of(one.found_at)), one.segment)
                count, points = sums.get(key, (0, Decimal(0)))
                sums[key] = count + 1, points + one.points
            rows = [
                {"month": month, "segment": segment, "findings": count, "points": str(points)}
                for (month, segment), (count, points) in sums.items()
            ]
            await put(connection, finding_month, rows)
        return len(fresh)

    async def of_month(self, start: datetime, end: datetime) -> list[Finding]:
        """Return the findings made from `start` (inclusive) to `end` (exclusive), oldest first."""
        async with self._database.reading() as connection:
            return await reads.findings(connection, start, end)

    async def month_sums(self, month: Month) -> list[SegmentMonth]:
        """Return the sums of a month by segment; segments without a finding are left out."""
        query = select(finding_month).where(finding_month.c.month == str(month)).order_by(finding_month.c.segment)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
            return [SegmentMonth(row.segment, row.findings, Decimal(row.points)) for row in rows]


async def _sums(connection: AsyncConnection, keys: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, Decimal]]:
    if not keys:
        return {}
    table = finding_month.c
    rows = await connection.execute(select(finding_month).where(tuple_(table.month, table.segment).in_(list(keys))))
    return {(row.month, row.segment): (row.findings, Decimal(row.points)) for row in rows}


def _row(one: Finding) -> Row:
    return {field.name: getattr(one, field.name) for field in fields(Finding)} | {"points": str(one.points)}
