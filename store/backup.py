"""Backup and restore: one folder with the database and the photos, made while the service runs.

The database is copied first and the photos after it, so that every picture the copy names is there.
"""

import asyncio
import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from domain.errors import ConfigError
from store.copying import copy_database, run_tool, settle, vacuum
from store.engine import open_database
from store.migrate import standing

DATABASE, MEDIA, MANIFEST = "database", "media", "backup.json"
PHOTO = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,5}")
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a folder of a backup says of itself."""

    made_at: str  # ISO 8601 with offset
    backend: str  # "sqlite" | "postgresql"
    revision: str  # of the schema
    sha256: str  # of the database file
    photos: int


async def back_up(url: str, media: Path, folder: Path, now: datetime) -> Backup:
    """Copy database and photos into `folder`, refreshing an earlier backup there.

    Photos that the folder holds already are not copied again, and none is taken away. Raises ConfigError for a folder
    that holds something else, and for a database that cannot be copied.
    """
    await asyncio.to_thread(_prepare, folder)
    database = open_database(url)
    try:
        revision = await standing(database)
        if revision is None:
            raise ConfigError(f"没有数据可备份：{database.url.render_as_string()} 还是空的。")
        await copy_database(database, folder / DATABASE)
    finally:
        await database.close()
    photos = await asyncio.to_thread(_copy_photos, media, folder / MEDIA)
    digest = await asyncio.to_thread(_sha256, folder / DATABASE)
    made = Backup(now.isoformat(), database.url.get_backend_name(), revision, digest, photos)
    _write(folder / MANIFEST, json.dumps(asdict(made), ensure_ascii=False).encode())
    return made


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise ConfigError(f"{folder} 不是空文件夹，也不是以前的备份：请换一个文件夹。")
    folder.mkdir(parents=True, exist_ok=True)


def read_manifest(folder: Path) -> Backup:
    """Return what a backup says of itself. Raises ConfigError when there is none or its database was changed."""
    try:
        made = Backup(**json.loads((folder / MANIFEST).read_text("utf-8")))
        digest = _sha256(folder / DATABASE)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{folder} 不是完整的备份：缺少 {MANIFEST} 或 {DATABASE}，或无法读取。") from error
    if digest != made.sha256:
        raise ConfigError(f"{folder} 中的数据库与备份时不同，可能已损坏：请用另一份备份。")
    return made


async def put_back(url: str, media: Path, folder: Path, now: datetime) -> Path | None:
    """Replace the database by the backup's, and add its photos; return where the old SQLite file went.

    The caller has made sure that the backup fits and that nothing runs on the database.
    """
    database = open_database(url)
    await database.close()
    await asyncio.to_thread(_copy_photos, folder / MEDIA, media)
    if database.is_sqlite:
        return await asyncio.to_thread(_replace, database.file, folder / DATABASE, now)
    options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    await run_tool("pg_restore", database.url, *options, str(folder / DATABASE))
    return None


def _replace(file: Path, source: Path, now: datetime) -> Path | None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    shutil.copyfile(source, part)
    aside = file.with_name(f"{file.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    existed = file.exists()
    if existed:
        _vacuum_or_copy(file, aside)
    for rest in ("-wal", "-shm"):  # they belong to the old file and would be taken for the new one's
        file.with_name(file.name + rest).unlink(missing_ok=True)
    settle(part, file)
    return aside if existed else None


def _vacuum_or_copy(file: Path, aside: Path) -> None:
    try:
        vacuum(file, aside)
    except sqlite3.DatabaseError:  # damaged, which is why it is replaced: keep it as it is
        aside.unlink(missing_ok=True)
        shutil.copyfile(file, aside)
        if (log := file.with_name(f"{file.name}-wal")).exists():
            shutil.copyfile(log, aside.with_name(f"{aside.name}-wal"))


def _copy_photos(source: Path, target: Path) -> int:
    """Copy the photos that `target` lacks; return how many it then has of `source`."""
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for name in _photos(source):
        there = target / name
        if not there.exists() or there.stat().st_size != (source / name).stat().st_size:
            part = target / f".{name}.part"
            shutil.copyfile(source / name, part)
            settle(part, there)
        count += 1
    return count


def _photos(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir() if PHOTO.fullmatch(path.name))


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write(file: Path, content: bytes) -> None:
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    settle(part, file)
