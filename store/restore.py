"""Whether a backup may take the place of a database."""

import asyncio
from pathlib import Path

from domain.errors import ConfigError
from store.backup import DATABASE, read_manifest
from store.engine import open_database
from store.health import quick_check
from store.migrate import check_known, revisions


async def unsound(folder: Path, url: str) -> str:
    """Return in Chinese what is wrong with a backup's database, "" when it may be restored.

    Raises ConfigError for another kind of database and for a schema newer than this program.
    """
    made, database = read_manifest(folder), open_database(url)
    await database.close()
    backend = database.url.get_backend_name()
    if made.backend != backend:
        raise ConfigError(f"这份备份来自 {made.backend}，[store] url 是 {backend}：请改用同一种数据库。")
    check_known(made.revision, revisions())
    if not database.is_sqlite:
        return ""
    problem = await asyncio.to_thread(quick_check, folder / DATABASE)
    return f"备份中的数据库已损坏（{problem}），没有恢复：请用另一份备份。" if problem else ""
