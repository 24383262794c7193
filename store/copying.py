"""Copies that are whole or not there at all: of the database at one moment, and of files."""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from domain.errors import ConfigError
from store.engine import Database


async def copy_database(database: Database, target: Path) -> None:
    """Write a copy of the database as it is at one moment; writers go on meanwhile. Raises ConfigError."""
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    if database.is_sqlite:
        if not database.file.exists():
            raise ConfigError(f"没有数据库文件 {database.file}：请检查 [store] url。")
        try:
            await asyncio.to_thread(vacuum, database.file, part)
        except sqlite3.Error as error:
            part.unlink(missing_ok=True)
            raise ConfigError(f"数据库 {database.file} 无法复制到 {target}：{error}") from error
    else:
        await run_tool("pg_dump", database.url, "--format=custom", f"--file={part}")
    settle(part, target)


def vacuum(source: Path, target: Path) -> None:
    """Write a SQLite file as it is at one moment, without its gaps, into a new file."""
    with closing(sqlite3.connect(source, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


async def run_tool(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's client tools on a database. Raises ConfigError when it is not there or fails."""
    if shutil.which(program) is None:
        raise ConfigError(f"找不到 {program}：请安装 PostgreSQL 的客户端工具（postgresql-client）。")
    where = {"host": url.host, "port": url.port, "username": url.username, "dbname": url.database}
    options = [f"--{name}={value}" for name, value in where.items() if value]
    # the password goes by the environment: arguments are seen by everybody on the host
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    process = await asyncio.create_subprocess_exec(
        program, *options, *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _out, complaint = await process.communicate()
    if process.returncode:
        raise ConfigError(f"{program} 失败：{complaint.decode(errors='replace').strip()}")


def settle(part: Path, file: Path) -> None:
    """Make a finished file durable under its name, or not at all."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
