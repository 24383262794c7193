"""Which robots have something to post, and which the platform hears."""

from datetime import datetime

from store import Store


async def waiting_robots(store: Store) -> set[str]:
    """Return the robots that have words to post again; a picture may wait longer."""
    query = "SELECT DISTINCT robot FROM outbox WHERE ended_at IS NULL AND robot <> '' AND head IS NULL"
    async with store.database.reading() as connection:
        return set((await connection.exec_driver_sql(query)).scalars())


async def heard_robots(store: Store, since: datetime) -> set[str]:
    """Return the robots that the platform has taken a post from since then."""
    query = "SELECT DISTINCT robot FROM attempt WHERE outcome = 'sent' AND finished_at >= ?"
    async with store.database.reading() as connection:
        return set((await connection.exec_driver_sql(query, (int(since.timestamp() * 1_000_000),))).scalars())
