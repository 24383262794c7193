"""What is left out when a platform's metered calls of the month run low: what nobody waits for, by kind of post.

A way that costs no call (an answer, a group's webhook) stays open to everything.
"""

from collections.abc import Callable, Mapping
from typing import Final

from domain.cards import EDIT
from domain.messages import Way
from store.outbox import OutboxRow

# kind of post → what is missed; reports, work, reminders, escalation and answers are never in this list
OPTIONAL: Final[Mapping[str, str]] = {
    EDIT: "卡片上的状态更新（下一条消息里仍会写明）",
    "supplement": "上报人补充照片的知会",
    "bystander": "旁人发来照片的知会",
}
FREE: Final = frozenset({"reply", "webhook"})  # ways that no platform meters


class Sparing:
    """Closes metered ways to optional posts. has_room: platform → whether calls may still be spent freely."""

    def __init__(self, has_room: Mapping[str, Callable[[], bool]]) -> None:
        self._has_room = has_room

    def open_ways(self, row: OutboxRow, ways: tuple[Way, ...]) -> tuple[Way, ...]:
        """Return the ways that this post may still take; none means that it is left out."""
        has_room = self._has_room.get(row.target.platform)
        if row.kind not in OPTIONAL or has_room is None or has_room():
            return ways
        return tuple(way for way in ways if way.name in FREE)
