"""`luzhang understand --corrections`: what people corrected, as labelled lines from which the understanding can learn."""

import json
from functools import partial
from typing import Any

from bot.commands.session import OK, Session, say
from domain.case import Case, Event, id_of
from domain.casework.work import Work
from store.ledger import Recorded

KINDS = (Event.RECLASSIFY, Event.LOCATE, Event.REASSIGN)


async def run(session: Session) -> int:
    """Print one JSON line for each case that a person corrected, oldest first; without any person in it."""
    for stream in await session.store.ledger.streams_with([kind.value for kind in KINDS]):
        year, _, sequence = stream.removeprefix("case:").partition("-")
        case = await session.read(partial(_case, id_of(int(year), int(sequence))))
        line = labelled(case, await session.store.ledger.events(stream)) if case is not None else None
        if line is not None:
            say(json.dumps(line, ensure_ascii=False))
    return OK


async def _case(case_id: int, work: Work) -> Case | None:
    return await work.view.case(case_id)


def labelled(case: Case, events: list[Recorded]) -> dict[str, Any] | None:
    """Return a case's words with the labels that stand after correction; None when only its reporter said more."""
    first = next((entry.event.facts for entry in events if entry.event.kind == Event.REPORT), None)
    made = [entry for entry in events if entry.event.kind in KINDS and entry.event.persons.get("by") != case.reporter]
    if first is None or not made or not case.text:
        return None
    corrected = {"category": Event.RECLASSIFY, "segment": Event.LOCATE, "handler": Event.REASSIGN}
    kinds = {entry.event.kind for entry in made}
    return {
        "text": case.text,
        "intent": "report",
        "category": case.category,
        "segment": case.segment or None,
        "corrected": [name for name, kind in corrected.items() if kind in kinds],
        "was": {"category": first.get("category"), "segment": first.get("segment") or None},
        "number": case.number,
        "at": made[-1].at.isoformat(),
    }
