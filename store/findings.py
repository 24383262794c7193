"""Findings (督查问题) of a file as rows: each once and in the ledger, those that name a problem with a number of their own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case import id_of
from domain.finding import Finding
from domain.month import SHANGHAI, Month
from store import records, sums
from store.engine import Database
from store.inspected import FINDINGS, finding_row, findings_between, standing_row
from store.ledger import append
from store.reads import counters
from store.schema import counter, finding, finding_standing
from store.writing import put


class Findings:
    """Takes in findings and gives them back; points are decimals all the way."""

    def __init__(self, database: Database, zone: tzinfo = SHANGHAI) -> None:
        self._database = database
        self._zone = zone  # of the city, whose months findings are summed by

    async def add(self, findings: Sequence[Finding], now: datetime) -> int:
        """Store those whose key is new and return how many that were; a file imported twice adds nothing.

        A new one that names a problem gets the next number of the year it was found in. What scores it goes into the
        ledger; inspector and note are vouched for there by the key alone.
        """
        by_key = {one.key: one for one in findings}
        async with self._database.writing() as connection:
            query = select(finding.c.key).where(finding.c.key.in_(list(by_key)))
            known = set((await connection.execute(query)).scalars())
            fresh = await _numbered(connection, [one for key, one in by_key.items() if key not in known], self._zone)
            await append(connection, await records.begun(connection, records.imported(fresh)), now)
            await sums.record(connection, (), fresh, self._zone)
            await put(connection, finding, [finding_row(one) for one in fresh])
            await put(connection, finding_standing, [standing_row(one) for one in fresh])
        return len(fresh)

    async def of_month(self, start: datetime, end: datetime) -> list[Finding]:
        """Return the findings made from `start` (inclusive) to `end` (exclusive), oldest first, withdrawn ones too."""
        async with self._database.reading() as connection:
            return await findings_between(connection, start, end)


async def _numbered(connection: AsyncConnection, fresh: Sequence[Finding], zone: tzinfo) -> list[Finding]:
    last = await counters(connection)
    given: dict[str, int] = {}
    numbered = []
    for one in fresh:
        if one.category and not one.case:
            year = Month.of(one.found_at, zone).year
            name = f"{FINDINGS}:{year}"
            given[name] = given.get(name, last.get(name, 0)) + 1
            one = replace(one, number=id_of(year, given[name]))
        numbered.append(one)
    await put(connection, counter, [{"name": name, "value": value} for name, value in given.items()])
    return numbered
