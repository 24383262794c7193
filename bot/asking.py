"""Cards of questions: beside the posts that ask, and turned over once nobody need answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.cards import Standing
from domain.casework.work import PRIVATE
from domain.effects import Question
from domain.messages import Card, Outgoing, Receipt
from domain.roster import Roster
from domain.texts import asking, cards
from store import Store
from store.asked import open_questions
from store.outbox import OutboxRow

KEPT = 1_000  # cards between drawing and sending


@dataclass(frozen=True, slots=True)
class Asked:
    """A card and the question that it asks."""

    card: Card
    question: str


class Questions:
    """Draws the cards of questions that are open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._drawn: dict[str, str] = {}  # thread → question id

    async def beside(self, rows: Sequence[OutboxRow], now: datetime) -> dict[int, Card]:
        """Return the cards of rows that ask something, by row id; a question that was answered meanwhile has none."""
        asking_rows = [row for row in rows if row.choices and row.text and not row.head and row.kind not in cards.KINDS]
        if not asking_rows:
            return {}
        roster = await self._store.rosters.load()
        people = {person for row in asking_rows if (person := _person(row, roster))}
        chats = {row.target.chat_id for row in asking_rows if row.target.is_group}
        open_now = await open_questions(self._store.database, people, chats, now)
        found: dict[int, Card] = {}
        for row in asking_rows:
            question = _question_of(row, _person(row, roster), open_now)
            name = asking.thread(question.id, row.key) if question is not None else ""
            card = asking.draw(row.text or "", row.choices, name) if question is not None else None
            if card is not None and question is not None:
                found[row.id] = card
                self._drawn[name] = question.id
                while len(self._drawn) > KEPT:
                    self._drawn.pop(next(iter(self._drawn)))
        return found

    def standing(self, row: OutboxRow, outgoing: Outgoing, receipt: Receipt, now: datetime) -> Standing | None:
        """Return what to keep of a card that was sent; `shown` names its question."""
        question = self._drawn.pop(outgoing.card.thread, "") if outgoing.card is not None else ""
        if not question or outgoing.card is None or receipt.complaint is not None:
            return None
        about = row.about if receipt.card else 0  # what cannot be changed need not follow its case
        handle = receipt.card or "{}"
        return Standing(outgoing.card.thread, row.target, about, row.person, handle, question, receipt.card_until, now)

    async def face(self, standing: Standing, now: datetime) -> Card | None:
        """Return a card's new face, None while its question is open."""
        async with self._store.reading(now) as view:
            is_open = await view.question_by_id(standing.shown) is not None
        return None if is_open else asking.over(standing.thread)


def _person(row: OutboxRow, roster: Roster) -> str:
    """Return whom a private post asks, "" for a group's."""
    if row.target.is_group:
        return ""
    found = row.person or roster.by_account(row.target.platform, row.target.userid)
    return found or f"{row.target.platform}:{row.target.userid}"


def _question_of(row: OutboxRow, person: str, open_now: Sequence[Question]) -> Question | None:
    """Return the open question that a post asks: the same place, case and answers; the latest of several."""
    place = (row.target.platform, row.target.chat_id) if row.target.is_group else (PRIVATE, PRIVATE)
    answers = [(choice.key, choice.label) for choice in row.choices]
    fitting = [
        q
        for q in open_now
        if (q.platform, q.chat_id) == place
        and (row.target.is_group or q.person == person)
        and q.case in (0, row.about)
        and [(option.key, option.label) for option in q.options] == answers
    ]
    return max(fitting, key=lambda q: q.asked_at, default=None)
