"""One `serve` at a time on one SQLite file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import ConfigError
from store.engine import open_database


@contextmanager
def single_instance(url: str) -> Iterator[None]:
    """Hold the lock of the database for the life of the block; the system lets it go when the process dies.

    PostgreSQL takes several processes and needs none. Raises ConfigError when another process holds it.
    """
    database = open_database(url)
    if not database.is_sqlite:
        yield
        return
    database.file.parent.mkdir(parents=True, exist_ok=True)
    path = Path(f"{database.file}.lock")
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ConfigError(
                f"数据库 {database.file} 正被另一个 luzhang serve 使用（进程 {file.read().strip() or '未知'}）。"
                "同一个 SQLite 文件只能运行一份服务：请先停掉那一份，或改用 PostgreSQL。"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
