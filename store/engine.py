"""The database: one writer, several readers, and who may write when.

SQLite: WAL, synchronous FULL (a commit survives a power cut), BEGIN IMMEDIATE for every write, so that a second
process waits its turn instead of failing half-way. PostgreSQL: a transaction-scoped advisory lock does the same.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from domain.errors import ConfigError
from store import sqlite_driver

BUSY_SECONDS = 5
COMMAND_SECONDS = 10
DECIDING = 7_201  # advisory locks on PostgreSQL: who decides, who sends
SENDING = 7_202
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)

# KiB of pages a connection keeps that reads a little of everything; the system keeps the rest of the file for all of them
SMALL_CACHE = "PRAGMA cache_size = -512"

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class Database:
    """An open database. On SQLite `turn` orders the writers of this process; others wait by the busy timeout."""

    url: URL
    writer: AsyncEngine
    reader: AsyncEngine
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is SQLite; otherwise it is PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path:
        """Return SQLite's file."""
        return Path(self.url.database or "")

    @asynccontextmanager
    async def writing(self, lock: int = DECIDING) -> AsyncIterator[AsyncConnection]:
        """Give the connection of one write transaction: committed at the end, rolled back by any exception."""
        if self.is_sqlite:
            async with self.turn, self.writer.begin() as connection:
                yield connection
            return
        async with self.writer.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that reads one consistent state and cannot write."""
        async with self.reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


def open_database(url: str) -> Database:
    """Return the database at `url`, without touching it yet. Raises ConfigError for a URL that cannot be used."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return Database(parsed, sqlite_engine(parsed, "BEGIN IMMEDIATE"), sqlite_engine(parsed, "BEGIN"))
    engine = create_async_engine(
        parsed,
        pool_pre_ping=True,
        pool_size=10,
        connect_args={"command_timeout": COMMAND_SECONDS},
        json_serializer=_to_json,
    )
    return Database(parsed, engine, engine)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("[store] url 无法识别，例：sqlite+aiosqlite:///data/luzhang.db") from error
    if parsed.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise ConfigError(f"[store] url 只支持 sqlite+aiosqlite 和 postgresql+asyncpg，现为“{parsed.drivername}”")
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ConfigError("[store] url 须写明数据库文件，例：sqlite+aiosqlite:///data/luzhang.db")
    return parsed


def sqlite_engine(url: URL, begin: str, *, foreign_keys: bool = True) -> AsyncEngine:
    """Return an engine whose transactions start with `begin`; one that begins deferred only reads."""
    is_reader = begin == "BEGIN"
    engine = create_async_engine(
        url,
        async_creator=partial(sqlite_driver.connect, url.database or "", BUSY_SECONDS),
        pool_size=4 if is_reader else 1,
        max_overflow=0,
        pool_use_lifo=True,  # the same connection again, with its pages and statements warm; the others stay small
        json_serializer=_to_json,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        if is_reader:
            cursor.execute("PRAGMA query_only = ON")
            cursor.execute(SMALL_CACHE)
        if not foreign_keys:
            cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
