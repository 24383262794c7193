"""`luzhang backup`, `restore` and `migrate`: a folder with database and photos, and back again.

Exit codes: 0 done, 1 the backup is not sound; a wrong call or configuration is a ConfigError (2).
"""

import asyncio
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.clock import SystemClock
from bot.commands.session import OK, PROBLEM, say
from store import ownership, single_instance
from store.backup import back_up, put_back, read_manifest
from store.engine import open_database
from store.migrate import bring_up_to_date, standing
from store.restore import unsound


def run_backup(url: str, media: Path, folder: Path) -> int:
    """Write a backup into `folder` while the service may be running. Raises ConfigError."""
    made = asyncio.run(back_up(url, media, folder, SystemClock().now()))
    say(f"已备份到 {folder}：数据库1份，照片{made.photos}张。请把这个文件夹存放到另一台机器上。")
    return OK


def run_restore(url: str, media: Path, folder: Path, zone: tzinfo = UTC) -> int:
    """Put a backup back in the place of the database; the old file stays beside it. zone: of the times that are said.

    Raises ConfigError while a service runs on the database, for a schema newer than this program, and for a folder
    that is no backup.
    """
    made = read_manifest(folder)
    if problem := asyncio.run(unsound(folder, url)):
        say(problem)
        return PROBLEM
    with ownership.kept(*_folders(url, media)), single_instance(url):
        aside = asyncio.run(put_back(url, media, folder, SystemClock().now()))
        asyncio.run(_migrate(url))
    made_at = datetime.fromisoformat(made.made_at).astimezone(zone)
    say(f"已恢复{made_at:%Y-%m-%d %H:%M}的备份：数据库和{made.photos}张照片。")
    if aside is not None:
        say(f"原来的数据库留在 {aside}。")
    say("备份之后的台账不在其中：如其后公布过日校验值，audit verify 会指出缺失，请留存本次恢复的记录。")
    return OK


def _folders(url: str, media: Path) -> list[Path]:
    """Return where a restore writes."""
    place = make_url(url)
    is_file = place.get_backend_name() == "sqlite" and place.database
    return [media, *([Path(place.database).absolute().parent] if is_file and place.database else [])]


def run_migrate(url: str) -> int:
    """Bring the schema up to date, with a copy of the database beside it first. Raises ConfigError."""
    before, after = asyncio.run(_migrate(url))
    say(f"数据库结构已是最新（{after}）。" if before == after else f"数据库结构已从{before or '空'}升级到{after}。")
    return OK


async def _migrate(url: str) -> tuple[str | None, str | None]:
    database = open_database(url)
    try:
        before = await standing(database)
        await bring_up_to_date(database)
        return before, await standing(database)
    finally:
        await database.close()
