"""Where a sender lately said to be, by a location message without a report."""

from datetime import datetime

from domain.effects import Effects
from domain.understand.coordinates import Point
from handlers.talk import Talk


def keep(talk: Talk, point: Point) -> Effects:
    """Return effects that keep a point (GCJ-02) for the sender's next report."""
    return Effects(settings={_name(talk): {"point": list(point), "at": talk.work.now.isoformat()}})


async def kept(talk: Talk) -> Point | None:
    """Return the point that the sender sent within the last ten minutes, or None."""
    found = await talk.work.view.setting(_name(talk))
    if not found or talk.work.now - datetime.fromisoformat(found["at"]) > talk.work.rules.waits.later_photos:
        return None
    return found["point"][0], found["point"][1]


def _name(talk: Talk) -> str:
    return f"here:{talk.me}"
