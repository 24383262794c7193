"""Whose evidence must stay: cases behind findings of a month not yet frozen, or under appeal (S46, S92)."""

from collections.abc import Collection
from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.appeal import AppealState
from domain.month import SHANGHAI, Month
from domain.period import Period
from store.reads import period_states
from store.schema import appeal, finding, finding_standing

_CHUNK = 500
_UNDECIDED = [AppealState.OPEN.value, AppealState.REFERRED.value]


async def protected_cases(connection: AsyncConnection, ids: Collection[int], zone: tzinfo = SHANGHAI) -> set[int]:
    """Return those of the cases whose pictures and words may still decide a score."""
    frozen = {
        state.period
        for state in await period_states(connection)
        if "Q" not in state.period and Period.from_facts(Month.parse(state.period), state.facts).is_frozen
    }
    disputed = select(appeal.c.finding).where(appeal.c.state.in_(_UNDECIDED))
    under_appeal = set((await connection.execute(disputed)).scalars())
    found: set[int] = set()
    listed = sorted(ids)
    for begin in range(0, len(listed), _CHUNK):
        standing = finding_standing.c
        query = (
            select(standing.case_id, finding.c.key, finding.c.found_at)
            .join(finding, finding.c.key == standing.key)
            .where(standing.case_id.in_(listed[begin : begin + _CHUNK]), standing.case_id != 0)
        )
        for row in await connection.execute(query):
            if row.key in under_appeal or str(Month.of(row.found_at, zone)) not in frozen:
                found.add(row.case_id)
    return found
