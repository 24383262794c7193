import asyncio
import hashlib
import json
import os
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from domain.errors import ConfigError
from store import Store
from store.backup import MANIFEST, back_up, put_back, read_manifest
from store.engine import open_database
from store.migrate import revisions
from store.restore import unsound
from tests.store.samples import MINUTE, NOW, case, effects_of, plan, save

DAY = date(2026, 10, 5)


def photo(media: Path, content: bytes) -> str:
    media.mkdir(parents=True, exist_ok=True)
    name = f"{hashlib.sha256(content).hexdigest()}.jpg"
    (media / name).write_bytes(content)
    return name


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    photo(folder, b"one")
    (folder / ".half.part").write_bytes(b"not yet a photo")
    return folder


async def test_a_backup_made_while_writing_is_one_moment_and_comes_back(
    store: Store, media: Path, tmp_path: Path
) -> None:
    url, folder = str(store.database.url.render_as_string(hide_password=False)), tmp_path / "backup"
    await save(store, effects_of(case(1)))
    head = await store.ledger.close_day(DAY, NOW)

    async def write_on() -> None:
        for number in range(2, 12):
            await save(store, effects_of(case(number)))

    made, _none = await asyncio.gather(back_up(url, media, folder, NOW), write_on())
    assert (made.photos, made.revision) == (1, revisions()[-1])
    assert sorted(os.listdir(folder)) == ["backup.json", "database", "media"]
    assert await unsound(folder, url) == ""
    await save(store, effects_of(case(50)))
    if store.database.is_sqlite:
        await store.close()
    await put_back(url, tmp_path / "elsewhere", folder, NOW)
    again = await Store.open(url, planner=plan, heads=tmp_path / "outside" / "heads.txt")
    async with again.reading(NOW) as view:
        assert await view.case(case(1).id) == case(1)
        assert await view.case(case(50).id) is None
    assert await again.ledger.latest_head() == head
    assert await again.ledger.verify() is None
    await save(again, effects_of(case(51)))
    assert len(os.listdir(tmp_path / "elsewhere")) == 1
    await again.close()


async def test_a_second_backup_refreshes_the_first(on_sqlite: Store, media: Path, tmp_path: Path) -> None:
    url, folder = str(on_sqlite.database.url), tmp_path / "backup"
    first = await back_up(url, media, folder, NOW)
    await save(on_sqlite, effects_of(case()))
    photo(media, b"two")
    second = await back_up(url, media, folder, NOW + MINUTE)
    assert (first.photos, second.photos) == (1, 2)
    assert first.sha256 != second.sha256
    assert read_manifest(folder) == second


async def test_what_was_there_stays_beside_the_restored_file(on_sqlite: Store, media: Path, tmp_path: Path) -> None:
    url, folder = str(on_sqlite.database.url), tmp_path / "backup"
    await back_up(url, media, folder, NOW)
    await save(on_sqlite, effects_of(case()))
    await on_sqlite.close()
    file = on_sqlite.database.file
    file.with_name("luzhang.db-wal").write_bytes(b"left over")
    aside = await put_back(url, media, folder, NOW)
    assert aside is not None
    with closing(sqlite3.connect(file)) as new:
        assert new.execute("SELECT count(*) FROM cases").fetchone() == (0,)
    assert not file.with_name("luzhang.db-wal").exists()


async def test_a_damaged_database_is_kept_as_it_is_when_replaced(on_sqlite: Store, media: Path, tmp_path: Path) -> None:
    url, folder = str(on_sqlite.database.url), tmp_path / "backup"
    await back_up(url, media, folder, NOW)
    await on_sqlite.close()
    file = on_sqlite.database.file
    file.write_bytes(b"x" * 4096)
    aside = await put_back(url, media, folder, NOW)
    assert aside is not None
    assert aside.read_bytes() == b"x" * 4096
    await (await Store.open(url, planner=plan)).close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda folder: (folder / MANIFEST).unlink(), "不是完整的备份", id="no manifest"),
        pytest.param(lambda folder: (folder / MANIFEST).write_text("{}"), "不是完整的备份", id="empty manifest"),
        pytest.param(lambda folder: (folder / "database").unlink(), "不是完整的备份", id="no database"),
        pytest.param(lambda folder: (folder / "database").write_bytes(b""), "与备份时不同", id="changed database"),
    ],
)
async def test_an_incomplete_backup_is_refused(
    on_sqlite: Store, media: Path, tmp_path: Path, spoil: "os.PathLike[str]", said: str
) -> None:
    folder = tmp_path / "backup"
    await back_up(str(on_sqlite.database.url), media, folder, NOW)
    spoil(folder)  # type: ignore[operator]
    with pytest.raises(ConfigError, match=said):
        read_manifest(folder)


async def test_a_backup_that_does_not_fit_is_refused(on_sqlite: Store, media: Path, tmp_path: Path) -> None:
    url, folder = str(on_sqlite.database.url), tmp_path / "backup"
    await back_up(url, media, folder, NOW)
    with pytest.raises(ConfigError, match="sqlite"):
        await unsound(folder, "postgresql+asyncpg://postgres@127.0.0.1/x")
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | {"revision": "9999"}), "utf-8")
    with pytest.raises(ConfigError, match="9999"):
        await unsound(folder, url)


async def test_a_backup_of_damaged_pages_is_not_restored(on_sqlite: Store, media: Path, tmp_path: Path) -> None:
    url, folder = str(on_sqlite.database.url), tmp_path / "backup"
    await back_up(url, media, folder, NOW)
    content = bytearray((folder / "database").read_bytes())
    content[4096 : 3 * 4096] = bytes(2 * 4096)
    (folder / "database").write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    assert "已损坏" in await unsound(folder, url)


async def test_strangers_are_not_overwritten(on_sqlite: Store, media: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("…")
    with pytest.raises(ConfigError, match="不是空文件夹"):
        await back_up(str(on_sqlite.database.url), media, tmp_path / "letters", NOW)


async def test_nothing_is_no_backup(media: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="没有数据"):
        await back_up(f"sqlite+aiosqlite:///{tmp_path}/none.db", media, tmp_path / "backup", NOW)
    assert not (tmp_path / "none.db").exists()
    assert open_database(f"sqlite+aiosqlite:///{tmp_path}/none.db").is_sqlite
