"""The view's part for patrols and meetings: a query each, with the batch's own changes on top; and their erasing.

Fills `domain.ports.Patrolled`; what the flush writes of them stands here too.
"""

from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import Effects
from domain.month import Month
from domain.patrols import Patrol, PatrolKind, Reason
from store.changes import Changes
from store.codec import Row
from store.schema import patrol, patrol_reason
from store.writing import drop, put


def patrol_row(one: Patrol) -> Row:
    """Return the row of a record."""
    return {"person": one.person, "kind": one.kind.value, "day": one.day, "place": one.place, "note": one.note}


def reason_row(one: Reason) -> Row:
    """Return the row of what a person says of a shortfall."""
    return {"month": str(one.month), "person": one.person, "text": one.text}


class SqlPatrolled:
    """Patrols and meetings of one transaction."""

    def __init__(self, connection: AsyncConnection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    async def records(self, first: date, last: date, person: str = "") -> list[Patrol]:
        """Return the records of days from `first` to `last`, both included, of one person or ("") of all; by day."""
        query = select(patrol).where(patrol.c.day.between(first, last))
        if person:
            query = query.where(patrol.c.person == person)
        stored = (
            Patrol(row.person, PatrolKind(row.kind), row.day, row.place, row.note)
            for row in await self._connection.execute(query)
        )
        changed = self._changes.patrols
        found = [one for one in stored if one.key not in changed]
        found += [one for one in changed.values() if one and first <= one.day <= last and person in ("", one.person)]
        return sorted(found, key=lambda one: (one.day, *one.key))

    async def reasons(self, month: Month) -> dict[str, str]:
        """Return what persons say of a month's shortfall, by person."""
        query = select(patrol_reason).where(patrol_reason.c.month == str(month))
        stored = {row.person: row.text for row in await self._connection.execute(query)}
        mine = self._changes.patrol_reasons.values()
        return stored | {one.person: one.text for one in mine if one.month == month}

    def apply(self, effects: Effects) -> None:
        """Take over what a decision changed."""
        self._changes.patrols |= dict.fromkeys(one.key for one in effects.patrols_withdrawn)
        self._changes.patrols |= {one.key: one for one in effects.patrols}
        self._changes.patrol_reasons |= {(str(one.month), one.person): one for one in effects.patrol_reasons}


async def write(connection: AsyncConnection, changes: Changes) -> None:
    """Write what a batch has changed."""
    gone = [key for key, kept in changes.patrols.items() if kept is None]
    await drop(connection, patrol, [dict(zip(("person", "kind", "day", "place"), key, strict=True)) for key in gone])
    await put(connection, patrol, [patrol_row(one) for one in changes.patrols.values() if one])
    await put(connection, patrol_reason, [reason_row(one) for one in changes.patrol_reasons.values()])


async def forget_words(connection: AsyncConnection, person: str) -> None:
    """Leave of a person's records only that there was one on a day, so that counts stay; reasons go."""
    mine = patrol.c.person == person
    query = select(patrol.c.person, patrol.c.kind, patrol.c.day).where(mine).distinct()
    kept = [{**row, "place": "", "note": ""} for row in (await connection.execute(query)).mappings()]
    await connection.execute(delete(patrol).where(mine))
    await put(connection, patrol, kept)
    await connection.execute(delete(patrol_reason).where(patrol_reason.c.person == person))
