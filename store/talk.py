"""Who was asked, who has sent photos and not yet words, and what people were told: with the batch's own changes on top."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import Contact, Effects, Gather, Question
from store import reads
from store.changes import Changes

_TICK = timedelta(microseconds=1)


class Talk:
    """The view's part for questions, gathers and contacts."""

    def __init__(self, connection: AsyncConnection, now: datetime, changes: Changes) -> None:
        self._connection = connection
        self._now = now
        self._changes = changes
        self._persons: set[str] = set()  # people whose questions and gathers are all here
        self._chats: set[str] = set()  # chats whose questions and gathers are
        self._questions: dict[str, Question] = {}
        self._owed: dict[str, set[str]] = {}  # ids of every question ever seen to this person
        self._gathers: dict[tuple[str, str, str], Gather] = {}
        self._contacts: dict[str, Contact] = {}
        self.asked_last: datetime | None = None  # when the process last asked anything; the store carries it along

    async def preload(self, persons: Collection[str], chats: Collection[str]) -> None:
        """Read what these people and chats may be asked for."""
        if persons:
            self._contacts |= {person: Contact(person) for person in persons if person not in self._contacts}
            for contact in await reads.contacts(self._connection, persons):
                self._contacts[contact.person] = self._changes.contacts.get(contact.person, contact)
        if persons or chats:
            await self._load(persons, chats)

    async def _load(self, persons: Collection[str], chats: Collection[str]) -> None:
        for question in await reads.questions(self._connection, persons, chats, self._now):
            if question.id not in self._changes.questions:
                self._see(question)
        for gather in await reads.gathers(self._connection, persons, chats):
            key = (gather.platform, gather.chat_id, gather.person)
            if key not in self._changes.gathers:
                self._gathers[key] = gather
        self._persons.update(persons)
        self._chats.update(chats)

    async def _know(self, chat_id: str, person: str) -> None:
        if person not in self._persons and chat_id not in self._chats:
            await self._load([person], [])

    async def question(self, platform: str, chat_id: str, person: str) -> Question | None:
        """Return the latest question this person still owes an answer to in this chat."""
        owed = await self.questions(platform, chat_id, person)
        return owed[-1] if owed else None

    async def questions(self, platform: str, chat_id: str, person: str) -> list[Question]:
        """Return every question this person still owes an answer to in this chat, in the order of asking."""
        await self._know(chat_id, person)
        place = (platform, chat_id, person)
        known = (self._questions.get(name) for name in self._owed.get(person, ()))
        owed = [q for q in known if q and (q.platform, q.chat_id, q.person) == place and q.until > self._now]
        return sorted(owed, key=lambda q: (q.asked_at, q.id))

    async def question_by_id(self, question_id: str) -> Question | None:
        """Return an open question by its id."""
        known = self._questions.get(question_id)
        if known is None and question_id not in self._changes.questions:
            known = await reads.question_by_id(self._connection, question_id, self._now)
        return known if known and known.until > self._now else None

    async def gather(self, platform: str, chat_id: str, person: str) -> Gather | None:
        """Return the photos of this person that wait for words in this chat."""
        await self._know(chat_id, person)
        return self._gathers.get((platform, chat_id, person))

    async def contact(self, person: str) -> Contact:
        """Return what we told this person before; a blank one for a stranger."""
        if person not in self._contacts:
            stored = await reads.contacts(self._connection, [person])
            self._contacts[person] = stored[0] if stored else Contact(person)
        return self._contacts[person]

    def apply(self, effects: Effects) -> None:
        """Take over what a decision asks, closes and tells."""
        changes = self._changes
        for question_id in effects.questions_closed:
            changes.questions[question_id] = None
            self._questions.pop(question_id, None)
        for question in effects.questions:
            changes.questions[question.id] = self._see(self._in_order(question))
        for key in effects.gathers_closed:
            changes.gathers[key] = None
            self._gathers.pop(key, None)
        for gather in effects.gathers:
            key = (gather.platform, gather.chat_id, gather.person)
            changes.gathers[key] = self._gathers[key] = gather
        for contact in effects.contacts:
            changes.contacts[contact.person] = self._contacts[contact.person] = contact

    def _see(self, question: Question) -> Question:
        self._questions[question.id] = question
        self._owed.setdefault(question.person, set()).add(question.id)
        return question

    def _in_order(self, question: Question) -> Question:
        """Return the question, asked later than every other: a batch has one instant, but answers need an order."""
        last = self.asked_last
        if last is not None and question.asked_at <= last:
            question = replace(question, asked_at=last + _TICK)
        self.asked_last = question.asked_at
        return question
