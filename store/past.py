"""How cases stood at a past instant: read from the entries that every change has left in the ledger."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case import Event, State, number_of
from domain.ports import PastState
from store.schema import ledger

_CHUNK = 500
_DUE = "due"


async def standing_at(connection: AsyncConnection, ids: Sequence[int], until: datetime) -> dict[int, PastState]:
    """Return the state, since when, and the deadline of cases as their last entries up to `until` (inclusive) say."""
    found: dict[int, PastState] = {}
    streams = {f"case:{number_of(case_id)}": case_id for case_id in ids}
    names = list(streams)
    for begin in range(0, len(names), _CHUNK):
        mine = ledger.c.stream.in_(names[begin : begin + _CHUNK])
        query = (
            select(ledger.c.stream, ledger.c.at, ledger.c.kind, ledger.c.payload)
            .where(mine, ledger.c.at <= until)
            .order_by(ledger.c.stream, ledger.c.seq)
        )
        for row in await connection.execute(query):
            facts = json.loads(row.payload)["facts"]
            if "state" in facts:
                case_id = streams[row.stream]
                found[case_id] = _after(found.get(case_id), row.kind, row.at, facts)
    return found


def _after(before: PastState | None, kind: str, at: datetime, facts: dict[str, Any]) -> PastState:
    state = State(facts["state"])
    since = before.since if before and before.state is state else at
    due = before.due if before else None
    if _DUE in facts and kind != Event.ESCALATE.value:  # there it is the step that was due
        written = facts[_DUE]
        due = datetime.fromisoformat(written) if written else None
    return PastState(state, since, due)
