"""A location message: it places the report just made, or waits for the one that follows."""

from dataclasses import replace

from domain.casework import opening, placing
from domain.effects import Effects
from domain.texts import reporter
from domain.understand.coordinates import Point, wgs84_from_gcj02
from handlers import report, spot
from handlers.talk import Talk


async def run(talk: Talk, point: Point) -> Effects:
    """Take the point (GCJ-02) for the sender's unplaced report, else keep it for ten minutes."""
    waiting = await report.recent(talk)
    if waiting is None or not report.is_waiting_for_place(waiting) or not report.may_place(talk, waiting):
        return spot.keep(talk, point).merge(talk.say_private(reporter.here_kept()))
    near = placing.near(talk.work, wgs84_from_gcj02(*point))
    segment = talk.work.roster.segment(near[0], talk.work.day) if len(near) == 1 else None
    named = replace(waiting, why=(*waiting.why, f"by={placing.Source.LOCATION}"))
    if segment is not None:
        return await report.place(talk, named, segment)
    if near:
        asked = replace(named, candidates=near, version=named.version + 1)
        return Effects(cases=[asked]).merge(report.ask_place(talk, asked))
    effects = Effects(cases=[replace(named, version=named.version + 1)], timers_dropped=[f"locate:{waiting.id}"])
    effects.merge(opening.queue_for_desk(talk.work, named))
    return effects.merge(talk.say(reporter.outside(named, report.desk_of(named)), about=named))
