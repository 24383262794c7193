"""Who owes an answer to what, read outside a decision: for the cards that ask."""

from collections.abc import Collection
from datetime import datetime

from domain.effects import Question
from store.engine import Database
from store.reads import questions


async def open_questions(
    database: Database, persons: Collection[str], chats: Collection[str], now: datetime
) -> list[Question]:
    """Return the questions still open that these people owe an answer to, or that stand in these chats."""
    async with database.reading() as connection:
        return await questions(connection, persons, chats, now)
