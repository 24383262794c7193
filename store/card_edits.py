"""The edits that a change of a case asks for: one for each of its cards that stand in chats."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import edit_of
from domain.case import Case
from domain.ports import Post
from store.codec import target_of
from store.schema import card

_OF_CASES = select(card.c.key, card.c.target, card.c.about).where(card.c.about.in_(bindparam("cases", expanding=True)))


async def edits_of(connection: AsyncConnection, cases: Collection[Case], now: datetime) -> list[Post]:
    """Return the edits of all cards of changed cases."""
    versions = {case.id: case.version for case in cases if case.version}  # a new case has no card yet
    if not versions:
        return []
    rows = await connection.execute(_OF_CASES, {"cases": list(versions)})
    return [edit_of(row.key, target_of(row.target), versions[row.about], now) for row in rows]
