"""Who answers (S1, S29–S33): the segment's chief is responsible, today's duty person handles."""

from dataclasses import dataclass
from datetime import date

from domain.authority import present
from domain.case import Chain
from domain.roster import Roster, Segment


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who answers for a segment today."""

    chain: Chain
    chief: str  # the chief, or who stands in for him; "" when he is away without a stand-in
    handler: str
    has_duty_gap: bool  # nobody on duty today (S30)
    needs_choice: bool  # nobody to handle it: the second-level chief picks


def assign(segment: Segment, roster: Roster, day: date) -> Assigned:
    """Return who answers for `segment` on `day`: today's duty person handles, without one the chief."""
    chain = Chain(
        unit=segment.unit,
        chief=segment.chief,
        second_level=segment.second_level,
        township_head=segment.township_head,
        first_level=segment.first_level,
        has_unit=segment.has_unit,
    )
    chief = present(segment.chief, roster, day)
    duty = [p for p in (present(person, roster, day) for person in roster.duty(segment.id, day)) if p]
    handler = duty[0] if duty else chief
    if handler:
        return Assigned(chain, chief, handler, not duty, needs_choice=False)
    return Assigned(chain, "", segment.second_level, has_duty_gap=True, needs_choice=True)
