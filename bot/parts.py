"""The parts of posts on their way out: a part follows its words, and what a channel refuses is said in one line."""

from collections.abc import Iterable
from dataclasses import replace

from domain.messages import PlatformError
from domain.parts import NOTE, note_for, pieces
from domain.parts import continued as continuation
from domain.ports import Clock
from domain.texts.parts import not_attached
from store import Store
from store.outbox import OutboxRow

ROOM = 256  # bytes kept free beside a text for what a channel adds: marks, names
_LONGEST_REASON = 120  # characters


class Parts:
    """Settles the rows that belong to others."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def may_leave(self, row: OutboxRow) -> bool:
        """Tell whether a part may be tried now: its words went out, and to this place.

        Where the words were never sent the part ends; where they went elsewhere it follows them.
        """
        state, target = await self._store.outbox.head_of(row)
        if state != "sent" or target is None:
            await self._store.outbox.drop(row.id, "its words were not sent", self._clock.now())
            return False
        if target != row.target:
            await self._store.outbox.retarget(row, target)
            return False
        return True

    async def refused(self, row: OutboxRow, error: PlatformError | None) -> None:
        """End a picture or file that no channel takes, and see that one line says so behind the others."""
        now = self._clock.now()
        reason = error.text[:_LONGEST_REASON] if error is not None else "该会话只能发文字"
        await self._store.outbox.drop(row.id, reason, now)
        await self._store.outbox.add([replace(note_for(row, row.head), due_at=now)], now)

    async def note(self, row: OutboxRow) -> str | None:
        """Return the line about what could not be sent along, None when nothing was lost."""
        lost = await self._store.outbox.lost_parts(row.head)
        reasons = dict.fromkeys(error for _, error in lost)
        photos = sum(len(post.photos) for post, _ in lost)
        files = [file.title for post, _ in lost for file in post.files]
        return not_attached(photos, files, list(reasons)) if photos or files else None

    async def split(self, row: OutboxRow, longest: int) -> OutboxRow:
        """Return the row with the beginning of its text when that has more bytes than a channel takes."""
        offered = sum(len(choice.label.encode()) + 3 for choice in row.choices)
        found = pieces(row.text or "", longest - ROOM - offered)
        if len(found) < 2:
            return row
        await self._store.outbox.split(row, found[0], continuation(row, found), self._clock.now())
        return replace(row, text=found[0])


def notes(rows: Iterable[OutboxRow]) -> list[OutboxRow]:
    """Return the rows whose text is such a line."""
    return [row for row in rows if row.kind == NOTE]
