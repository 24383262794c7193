"""The outbox worker: posts what is due within each robot's limit, records every attempt, gives up loudly."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.backlog import Backlog
from bot.cards import Cards
from bot.group_budget import GroupBudget
from bot.parts import Parts, notes
from bot.platforms.base import Client
from domain.cards import EDIT
from domain.casework import delivery
from domain.casework.work import Work
from domain.escalation import RING
from domain.messages import (
    Card,
    HandleSpent,
    Misconfigured,
    OutcomeUnknown,
    Outgoing,
    PlatformError,
    RateLimited,
    Receipt,
    Target,
    Undeliverable,
    Way,
)
from domain.notify import handle_of
from domain.ports import Clock
from domain.roster import Roster
from domain.rules import Rules
from schedules.digests import Writer
from store import Store
from store.outbox import OutboxRow

logger = logging.getLogger(__name__)

AT_ONCE = 64
EXTRAS = frozenset({EDIT, RING})  # beside a post that people get anyway: never sent elsewhere instead
PART_PAUSE = timedelta(minutes=5)
PART_PATIENCE = timedelta(hours=2)  # a picture that comes later than that is told about instead
PATIENCE = timedelta(days=4)  # a post that may be tried again is given up then: a platform may be gone over a weekend
LONGEST_PAUSE = timedelta(minutes=5)
LONG_LIMIT = timedelta(minutes=5)  # a silence that the operators hear of at once
COOL_MISCONFIGURED = timedelta(minutes=5)
OPEN_AFTER = 5  # failures in a row after which a robot rests
PROBE = timedelta(seconds=60)  # a platform that heals carries the next post within a minute and a half
REST = timedelta(seconds=45)


class OutboxWorker:
    """Sends for one process; rows of different targets go out side by side, those of one target in order."""

    def __init__(
        self,
        store: Store,
        rules: Rules,
        clients: Mapping[str, Client],
        clock: Clock,
        *,
        backlog: Backlog | None = None,
        on_trouble: Callable[[str, PlatformError], Awaitable[None]] | None = None,
        on_sent: Callable[[str, str], None] = lambda platform, way: None,
        open_ways: Callable[[OutboxRow, tuple[Way, ...]], tuple[Way, ...]] = lambda row, ways: ways,
    ) -> None:
        self._open_ways = open_ways
        self._store = store
        self._rules = rules
        self._clients = clients
        self._clock = clock
        self._backlog = backlog or Backlog()
        self._on_trouble = on_trouble
        self._on_sent = on_sent
        self._who = uuid.uuid4().hex
        self._wake = asyncio.Event()
        self._makes_way = False  # for who waits for an answer
        self._failures: dict[str, int] = {}
        self._one_at_a_time = asyncio.Lock()
        self._budget = GroupBudget(store, rules, self._written)
        self._parts = Parts(store, clock)
        self.cards = Cards(store, rules, clock)
        self._idle = asyncio.Event()
        self._idle.set()

    def wake(self) -> None:
        """Say that something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Send for ever; cancel to stop, then `stop` to wait for what is under way."""
        await self._store.outbox.recover(self._clock.now())
        self._makes_way = True
        while True:
            self._wake.clear()
            await self._store.intake.burst_over()  # who waits for an answer goes first
            await self._backlog.over()
            if await self.send_once():
                continue
            next_due = await self._store.outbox.next_due()
            pause = 30.0 if next_due is None else (next_due - self._clock.now()).total_seconds()
            # not wait_for: before Python 3.12 it swallows a cancellation that comes together with the event
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(30.0, max(0.2, pause))):
                    await self._wake.wait()

    async def stop(self) -> None:
        """Wait for the posts under way, eight seconds at most; the store takes back what was not finished."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(8):
                await self._idle.wait()

    async def send_once(self) -> int:
        """Try everything that is due now once; return how many rows moved on."""
        due = await self._store.outbox.due(self._clock.now(), AT_ONCE)
        groups = [row for row in due if row.target.is_group]  # written once their budget lets them go
        rows = [*groups, *await self._written([row for row in due if not row.target.is_group])]
        if not rows:
            return len(due)
        # only groups call people by name
        has_names = any(row.target.is_group or row.mentions for row in rows)
        roster = await self._store.rosters.load() if has_names else Roster()
        by_target: dict[Target, list[OutboxRow]] = {}
        for row in rows:
            by_target.setdefault(row.target, []).append(row)
        self._idle.clear()
        try:
            results = await asyncio.gather(*(self._send_to(target, by_target[target], roster) for target in by_target))
        finally:
            self._idle.set()
        return sum(results) + len(due) - len(rows)

    async def _written(self, due: list[OutboxRow]) -> list[OutboxRow]:
        """Return due rows with the texts of those that had none yet; what has nothing left to say is dropped."""
        blank = [row for row in due if row.text is None]
        if not blank:
            return due
        now = self._clock.now()
        texts: dict[int, str | None] = {row.id: await self._parts.note(row) for row in notes(blank)}
        async with self._store.reading(now) as view:
            await view.preload(persons={row.person for row in blank if row.person})
            writer = Writer(Work(view, self._rules))
            for row in blank:
                if row.id in texts:
                    continue
                try:
                    texts[row.id] = await writer.write(row)
                except Exception:
                    logger.exception("post not written", extra={"action": "post_not_written", "outbox": row.id})
        stands = await self._store.outbox.freeze_all(texts, now)
        await self._store.outbox.hold([row.id for row in blank if row.id not in texts], now + LONGEST_PAUSE)
        found = [replace(row, text=stands[row.id]) if row.id in stands else row for row in due]
        return [row for row in found if row.text is not None]

    async def _send_to(self, target: Target, rows: list[OutboxRow], roster: Roster) -> int:
        if not target.is_group:
            return await self._send_in_order(rows, roster)
        admitted = await self._budget.admit(target, rows, self._clock.now())
        written = await self._written(admitted.rows)
        dropped = len(admitted.rows) - len(written)
        return admitted.settled + dropped + await self._send_in_order(written, roster)

    async def _send_in_order(self, rows: list[OutboxRow], roster: Roster) -> int:
        moved = 0
        faces = await self.cards.beside(rows) if self._has_buttons(rows) else {}
        for row in rows:
            if not await self._send(row, roster, faces.get(row.id)):
                break
            moved += 1
        return moved

    def _has_buttons(self, rows: list[OutboxRow]) -> bool:
        client = self._clients.get(rows[0].target.platform) if rows else None
        return client is not None and client.capabilities.buttons

    async def _send(self, row: OutboxRow, roster: Roster, face: Card | None = None) -> bool:
        """Try one row; False when it must wait, and with it what follows to the same target."""
        if row.kind == EDIT:
            return await self._edit(row)
        if row.head and not await self._parts.may_leave(row):
            return True
        client = self._clients.get(row.target.platform)
        if row.kind == RING and (client is None or not client.capabilities.rings or row.target.is_group):
            await self._store.outbox.drop(row.id, "no way", self._clock.now())  # the message itself is another row
            return True
        if client is not None and not row.tries:
            row = await self._parts.split(row, client.capabilities.text_bytes)
        outgoing = replace(self._outgoing(row, row.text or "", roster), card=face, rings=row.kind == RING)
        ways = client.ways(outgoing, self._clock.now()) if client is not None else ()
        if client is None or not ways:
            return await self._elsewhere(row, "no way")
        return await self._try(row, outgoing, client, ways)

    async def _edit(self, row: OutboxRow) -> bool:
        """Change a card that stands, or end the edit: what cannot be changed is never posted anew."""
        found = await self.cards.edited(row)
        client = self._clients.get(row.target.platform)
        if found is None or client is None:
            await self._store.outbox.remove(row, "nothing to change", self._clock.now())
            return True
        standing, face = found
        outgoing = Outgoing(row.key, row.target, "", card=face, edits=standing.handle)
        ways = client.ways(outgoing, self._clock.now())
        if not ways:
            await self._store.outbox.remove(row, "no way", self._clock.now())
            return True
        return await self._try(row, outgoing, client, ways)

    def _outgoing(self, row: OutboxRow, text: str, roster: Roster) -> Outgoing:
        people = [roster.person(person) for person in row.mentions]
        return Outgoing(
            key=row.key,
            target=row.target,
            text=text,
            choices=row.choices,
            mentions=tuple(p.account(row.target.platform) for p in people),
            mention_names=tuple(p.name for p in people),
            photos=row.photos,
            files=row.files,
            reply=handle_of(row.reply),
            is_resend=row.in_doubt,
        )

    async def _try(self, row: OutboxRow, outgoing: Outgoing, client: Client, ways: tuple[Way, ...]) -> bool:
        """Try the ways in order until one takes the post, one must be waited for, or none is left."""
        if ways and not (ways := self._open_ways(row, ways)):
            logger.info("post left out", extra={"action": "post_spared", "outbox": row.id, "kind": row.kind})
            await self._store.outbox.drop(row.id, "spared", self._clock.now())
            return True
        last: PlatformError | None = None
        for way in ways:
            # a kill between the platform's yes and our commit repeats what is under way: never more than one post,
            # where the platform would not notice the repeat
            async with contextlib.nullcontext() if way.deduplicates else self._one_at_a_time:
                if self._makes_way:  # a round of many posts lasts, and a burst may have begun since
                    await self._store.intake.burst_over()
                outcome = await self._attempt(row, outgoing, client, way)
            if isinstance(outcome, bool):
                return outcome
            last = outcome
        return await self._elsewhere(row, type(last).__name__ if last else "no way", last)

    async def _attempt(self, row: OutboxRow, outgoing: Outgoing, client: Client, way: Way) -> bool | PlatformError:
        """Return True when the platform took the post, False when it must wait, or why this way is closed to it."""
        if not await self._store.outbox.claim(self._clock.now(), way, row.id, self._who):
            return False
        try:
            receipt = await client.send(outgoing, way)
        except PlatformError as error:
            if not _is_final(row, error):
                await self._trouble(row, way, error)
                return False
            if isinstance(error, Misconfigured) and self._on_trouble is not None:
                await self._on_trouble(f"plainer:{way.robot}", error)
            await self._store.outbox.failed(row, type(error).__name__, self._clock.now(), self._clock.now())
            return error
        self._failures.pop(way.robot, None)
        await self._sent(row, receipt)
        await self.cards.sent(row, outgoing, receipt)
        if receipt.complaint is not None and self._on_trouble is not None:
            await self._on_trouble(f"plainer:{way.robot}", receipt.complaint)
        self._on_sent(row.target.platform, way.name)
        return True

    async def _sent(self, row: OutboxRow, receipt: Receipt) -> None:
        """Record a post that the platform took; limits count from the delivery of the working message."""
        now = self._clock.now()
        await self._store.outbox.sent(row, receipt, now)
        if row.kind == delivery.KIND and now - row.due_at > delivery.GRACE:
            async with self._store.deciding(now) as view:
                case = await view.case(row.about)
                if case is not None:
                    work = Work(view, self._rules)
                    _, effects = await delivery.settle(work, case, await delivery.of(work, case))
                    view.apply(effects)

    async def _trouble(self, row: OutboxRow, way: Way, error: PlatformError) -> None:
        """Record a failure that may pass, and keep the robot silent as long as it asks, or as repeated failure asks."""
        now = self._clock.now()
        fact = {"action": "send_failed", "outbox": row.id, "robot": way.robot, "error": type(error).__name__}
        logger.warning("send failed", extra=fact)
        count = self._failures[way.robot] = self._failures.get(way.robot, 0) + 1
        # what a platform asks for is the least: one that goes on refusing is asked less and less often
        pause = max(error.retry_after or timedelta(), min(timedelta(seconds=2 ** min(count, 9)), PROBE))
        if isinstance(error, Misconfigured):
            pause = COOL_MISCONFIGURED
        if isinstance(error, RateLimited | Misconfigured):
            await self._store.outbox.cool(way.robot, now + pause)
        elif count >= OPEN_AFTER:
            pause = max(pause, REST)
            await self._store.outbox.cool(way.robot, now + pause)
        if _is_attachment(row):
            pause = max(pause, PART_PAUSE)
        if isinstance(error, OutcomeUnknown):
            await self._store.outbox.unknown(row, now, now + pause)
        else:
            retry = None if now - row.due_at > PATIENCE else now + pause
            if _is_attachment(row) and now - row.due_at > PART_PATIENCE:
                await self._store.outbox.failed(row, type(error).__name__, now, now)
                await self._parts.refused(row, error)
                return
            await self._store.outbox.failed(row, type(error).__name__, now, retry)
        is_silenced = isinstance(error, RateLimited) and (error.retry_after or timedelta()) >= LONG_LIMIT
        if self._on_trouble is not None and (isinstance(error, Misconfigured) or is_silenced or count == OPEN_AFTER):
            await self._on_trouble(way.robot, error)

    async def _elsewhere(self, row: OutboxRow, why: str, error: PlatformError | None = None) -> bool:
        """Send a post that cannot reach its person to the group that stands in, or give it up loudly."""
        if row.kind in EXTRAS:
            fact = {"action": "extra_given_up", "outbox": row.id, "kind": row.kind, "error": why}
            logger.warning("card not changed, or nobody called", extra=fact)
            await self._store.outbox.drop(row.id, why, self._clock.now())
            return True
        if _is_attachment(row):
            logger.warning("part refused", extra={"action": "part_refused", "outbox": row.id, "error": why})
            await self._parts.refused(row, error)
            return True
        if row.fallback is not None and row.fallback != row.target:
            await self._store.outbox.retarget(row, row.fallback)
            return True
        logger.error("post given up", extra={"action": "post_given_up", "outbox": row.id, "error": why})
        # the attempt has ended already: the row waits
        await self._store.outbox.drop(row.id, why, self._clock.now())
        if self._on_trouble is not None and error is not None:
            await self._on_trouble(f"outbox:{row.id}", error)
        return True


def _is_final(row: OutboxRow, error: PlatformError) -> bool:
    """Tell whether a way is closed to a post for good; a permission that only pictures lack closes it to these alone."""
    is_extra = row.kind in EXTRAS or _is_attachment(row)
    return isinstance(error, HandleSpent | Undeliverable) or (is_extra and isinstance(error, Misconfigured))


def _is_attachment(row: OutboxRow) -> bool:
    return bool(row.head) and bool(row.photos or row.files)
