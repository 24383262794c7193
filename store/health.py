"""Whether the database file is sound: pages can be damaged by disks, copies and power cuts."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from store.engine import Database
from store.errors import Damaged

SMALL = 16 << 20  # bytes that are checked in a moment


async def check_small(database: Database) -> None:
    """Check a file that is quickly read; raises Damaged. A large one is checked beside the work: `damage_of`."""
    if is_small(database) and (problem := await damage_of(database)):
        raise Damaged(told(database, problem))


def is_small(database: Database) -> bool:
    """Tell whether the file may be checked before anything else is done; PostgreSQL looks after itself."""
    return not database.is_sqlite or not database.file.exists() or database.file.stat().st_size <= SMALL


async def damage_of(database: Database) -> str:
    """Return what is wrong with the file, "" when it is sound."""
    if not database.is_sqlite or not await asyncio.to_thread(database.file.exists):
        return ""
    return await asyncio.to_thread(quick_check, database.file)


def told(database: Database, problem: str) -> str:
    """Return what the operator should know and do."""
    return (
        f"数据库文件 {database.file} 已损坏（{problem}）。请停止服务，用 luzhang restore 恢复最近的备份；"
        "损坏的文件会留在原处旁边，请勿删除。"
    )


def quick_check(file: Path) -> str:
    """Return the first damage in a SQLite file, "" when there is none."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if result == "ok" else str(result)
