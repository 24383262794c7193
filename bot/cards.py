"""Cards as they are now: beside the posts that bring them, in edits, and for whoever has just tapped one."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.asking import Questions
from domain.cards import Standing, edit_of, thread_of
from domain.case import id_of
from domain.casework.work import Work
from domain.messages import Card, Incoming, Kind, Outgoing, Receipt, Target
from domain.ports import Clock
from domain.rules import Rules
from domain.texts import asking, cards
from domain.texts.cards import digest, draw
from handlers.matching import printed_number
from store import Store
from store.group_commit import STORE_ERRORS
from store.outbox import OutboxRow

logger = logging.getLogger(__name__)

WAITING = 1_000  # taps whose card is awaited; more are not remembered


class Cards:
    """Draws cards from the live state of their case."""

    def __init__(self, store: Store, rules: Rules, clock: Clock) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._questions = Questions(store)

    async def beside(self, rows: Sequence[OutboxRow]) -> dict[int, Card]:
        """Return the cards of rows that have one, by row id."""
        found = await self._questions.beside(rows, self._clock.now())
        wanted = [row for row in rows if row.kind in cards.KINDS and row.about and not row.head]
        if not wanted:
            return found
        async with self._store.reading(self._clock.now()) as view:
            await view.preload(case_ids={row.about for row in wanted})
            w = Work(view, self._rules).w
            for row in wanted:
                case = await view.case(row.about)
                # a list into which the group's budget folded several posts is no case's card
                if case is not None and (row.text or "").startswith(f"【{case.number}】"):
                    thread = cards.thread(case.number, row.kind, row.key)
                    found[row.id] = draw(case, thread, w, row.person)
        return found

    async def edited(self, row: OutboxRow) -> tuple[Standing, Card] | None:
        """Return a card that stands and its new face, None when there is nothing to change."""
        standing = await self._store.cards.standing(thread_of(row))
        now = self._clock.now()
        if standing is None or (standing.until is not None and now >= standing.until):
            return None
        face = await self._face(standing)
        return (standing, face) if face is not None and digest(face) != standing.shown else None

    async def sent(self, row: OutboxRow, outgoing: Outgoing, receipt: Receipt) -> None:
        """Note a card that the platform took, or what it shows now."""
        now = self._clock.now()
        if asked := self._questions.standing(row, outgoing, receipt, now):
            await self._store.cards.keep(asked)
            if receipt.card:
                await self._catch_up(asked)
            return
        if outgoing.card is None or (not receipt.card and not outgoing.edits):
            return
        thread, shown = outgoing.card.thread, digest(outgoing.card)
        if not receipt.card:  # changed for the last time
            await self._store.cards.forget(thread)
            return
        before = await self._store.cards.standing(thread) if outgoing.edits else None
        about, person = (before.about, before.person) if before else (row.about, row.person)
        standing = Standing(thread, row.target, about, person, receipt.card, shown, receipt.card_until, now)
        await self._store.cards.keep(standing)
        await self._catch_up(standing)

    async def _catch_up(self, standing: Standing) -> None:
        """Ask for an edit when the case moved on while its card was on its way."""
        face = await self._face(standing)
        if face is not None and digest(face) != standing.shown:
            late = edit_of(standing.thread, standing.target, f"late-{digest(face)[:12]}", self._clock.now())
            await self._store.outbox.add([late], self._clock.now())

    async def tapped(self, incoming: Incoming) -> Card | None:
        """Return what a tapped card shows now, None when the tap stands on no case's card."""
        standing = await self._store.cards.standing(incoming.card)
        if asking.is_asked(incoming.card):
            return await self._questions.face(standing, self._clock.now()) if standing else None
        number = printed_number(incoming.card)
        if number is None:
            return None
        async with self._store.reading(self._clock.now()) as view:
            found = await view.numbered(number[1], number[0], 0)
            if not found:
                return None
            person = standing.person if standing else ""
            return draw(found[0], incoming.card, Work(view, self._rules).w, person)

    async def renewed(self, incoming: Incoming) -> None:
        """Keep the way to change a card that a tap brought, and let the card show what the tap did."""
        handle, now = incoming.card_handle, self._clock.now()
        known = await self._store.cards.standing(incoming.card) or _unknown(incoming, now)
        if handle is None or known is None:
            return
        joined = json.loads(known.handle) | {k: v for k, v in json.loads(handle.data).items() if v}
        until = handle.expires_at if known.until is None else max(known.until, handle.expires_at)
        await self._store.cards.keep(replace(known, handle=json.dumps(joined), until=until))
        edit = edit_of(incoming.card, known.target, f"tap-{incoming.message_id}", now)
        await self._store.outbox.add([edit], now)

    async def note(self, card: Card) -> None:
        """Note what a card shows that was changed in answer to a tap."""
        await self._store.cards.shows(card.thread, digest(card))

    async def _face(self, standing: Standing) -> Card | None:
        if asking.is_asked(standing.thread):
            return await self._questions.face(standing, self._clock.now())
        async with self._store.reading(self._clock.now()) as view:
            case = await view.case(standing.about)
            if case is None:
                return None
            return draw(case, standing.thread, Work(view, self._rules).w, standing.person)


def _unknown(incoming: Incoming, now: datetime) -> Standing | None:
    """Return a case's card of which nothing was kept, as its tap names it."""
    number = printed_number(incoming.card)
    if number is None or number[0] is None:
        return None
    target = Target(incoming.platform, userid=incoming.sender)
    return Standing(incoming.card, target, id_of(number[0], number[1]), "", "{}", "", None, now)


class Taps:
    """Whoever waits for the new face of a card that was just tapped."""

    def __init__(self, cards: Cards, on_edit: Callable[[], None] = lambda: None) -> None:
        self._cards = cards
        self._on_edit = on_edit
        self._waiting: dict[str, asyncio.Future[Card | None]] = {}
        self._drawing: set[asyncio.Task[None]] = set()

    def expect(self, message_id: str) -> None:
        """Say that somebody will ask; before the tap can be decided."""
        if len(self._waiting) < WAITING:
            self._waiting[message_id] = asyncio.get_running_loop().create_future()

    def decided(self, incoming: Incoming) -> None:
        """Note that a message was decided; a tap's card is drawn aside."""
        waiting = self._waiting.get(incoming.message_id)
        if incoming.kind is Kind.CHOICE and (waiting is not None or incoming.card_handle is not None):
            task = asyncio.create_task(self._draw(incoming, waiting), name="tapped-card")
            self._drawing.add(task)
            task.add_done_callback(self._drawing.discard)

    async def face(self, message_id: str, seconds: float) -> Card | None:
        """Return the new face once the tap is decided, None when that takes too long or there is no card."""
        waiting = self._waiting.get(message_id)
        if waiting is None:
            return None
        try:
            async with asyncio.timeout(seconds):
                return await waiting
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(message_id, None)

    async def shown(self, card: Card) -> None:
        """Note that a card was changed in answer to its tap, so that no edit repeats it."""
        await self._cards.note(card)

    async def _draw(self, incoming: Incoming, waiting: "asyncio.Future[Card | None] | None") -> None:
        face = None
        try:
            if incoming.card_handle is not None:
                await self._cards.renewed(incoming)
                self._on_edit()
            face = await self._cards.tapped(incoming)
        except STORE_ERRORS:
            logger.exception("card not drawn", extra={"action": "card_not_drawn"})
        if waiting is not None and not waiting.done():
            waiting.set_result(face)
