"""Which rows of the outbox may be tried now: in order, fair between targets, without reading the whole backlog.

A part of a post (picture, file, further text) waits for the post itself and for its earlier parts, on whatever target;
a picture passes one that must be tried again later, words never do. Nothing else waits for a part, so that a picture
that cannot be carried holds up no words.
"""

from datetime import datetime

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.columns import UtcDateTime

PER_TARGET = 5

# First the targets that have something to send, each found by one step in the index; then the first few rows of each.
_GOALS = """
WITH RECURSIVE goal(target) AS (
  SELECT min(target) FROM outbox WHERE ended_at IS NULL
  UNION ALL
  SELECT (SELECT min(o.target) FROM outbox o WHERE o.ended_at IS NULL AND o.target > goal.target)
  FROM goal WHERE goal.target IS NOT NULL
)
"""
_READY = """
  SELECT c.id FROM outbox c
  WHERE c.target = goal.target AND c.ended_at IS NULL AND c.state = 'waiting' AND c.ready_at <= :now
    AND NOT EXISTS (
      SELECT 1 FROM outbox e
      WHERE e.target = c.target AND e.about = c.about AND c.about <> 0 AND e.ended_at IS NULL AND e.rank <= c.rank
        AND e.head IS NULL AND (e.due_at, e.id) < (c.due_at, c.id))
    AND (c.head IS NULL OR NOT EXISTS (SELECT 1 FROM outbox h WHERE h.key = c.head AND h.ended_at IS NULL)
      AND NOT EXISTS (
        SELECT 1 FROM outbox p
        WHERE p.head = c.head AND p.ended_at IS NULL AND (p.due_at, p.id) < (c.due_at, c.id)
          AND (p.ready_at <= :now OR c.text IS NULL OR c.text <> '')))
    AND NOT EXISTS (SELECT 1 FROM robot r WHERE r.name = c.robot AND r.until > :now)
  ORDER BY c.rank, c.due_at, c.id LIMIT :share
"""
_ORDER = "ORDER BY o.rank, o.due_at, o.id LIMIT :limit"
_NOW = bindparam("now", type_=UtcDateTime)

# SQLite has no LATERAL, PostgreSQL would read the whole table for a correlated IN
SQLITE = text(f"{_GOALS} SELECT o.id FROM goal CROSS JOIN outbox o WHERE o.id IN ({_READY}) {_ORDER}").bindparams(_NOW)
POSTGRES = text(
    f"{_GOALS} SELECT o.id FROM goal CROSS JOIN LATERAL ({_READY}) AS ready JOIN outbox o ON o.id = ready.id {_ORDER}"
).bindparams(_NOW)


async def due_ids(connection: AsyncConnection, now: datetime, limit: int) -> list[int]:
    """Return the ids of up to `limit` rows in the order in which they should be tried."""
    query = POSTGRES if connection.dialect.name == "postgresql" else SQLITE
    found = await connection.execute(query, {"now": now, "limit": limit, "share": min(limit, PER_TARGET)})
    return list(found.scalars())
