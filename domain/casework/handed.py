"""A case that a superior hands down (上级指派, S37): opened, placed or queued, and announced like any other."""

from domain.case import Case, Origin
from domain.casework import opening
from domain.casework.opening import Draft
from domain.casework.work import Work
from domain.effects import Effects
from domain.exchange import PLATFORM, Assigned


async def down(work: Work, one: Assigned, by: str) -> tuple[Case, Effects]:
    """Return the case of one row, entered by a person; its number over there is its message's id."""
    category = work.rules.categories.by_code(one.category)
    draft = Draft(
        category=one.category,
        severity=one.severity or category.severity,
        is_hazard=work.rules.categories.is_hazard(one.category, [w for w in category.hazards if w in one.text]),
        reporter=by,
        text=one.text,
        place=one.place,
        origin=Origin.SUPERIOR,
        platform=PLATFORM,
        message_id=one.foreign,
    )
    segment = work.roster.segment(one.segment, work.day) if one.segment else None
    case, effects = await opening.open_case(work, draft, segment)
    told = opening.announce(work, case) if segment else opening.queue_for_desk(work, case)
    return case, effects.merge(told)
