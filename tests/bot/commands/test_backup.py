"""backup, restore, migrate: what they print, what they refuse, and that the data comes back."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.commands.backup import run_backup, run_migrate, run_restore
from domain.errors import ConfigError
from domain.messages import ChatRoom
from store import Store, single_instance
from store.backup import back_up
from tests.bot.commands.test_audit import NOW

ROOM = ChatRoom("东关群", "wecom", "wr1", "work")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/data/luzhang.db"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / f"{hashlib.sha256(b'one').hexdigest()}.jpg").write_bytes(b"one")
    return folder


async def _rooms(url: str, new: ChatRoom | None = None) -> tuple[ChatRoom, ...]:
    store = await Store.open(url, planner=lambda notice, view: [])
    if new:
        await store.rosters.bind_room(new, NOW)
    rooms = await store.rosters.rooms()
    await store.close()
    return rooms


def test_there_and_back(url: str, media: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "backup"
    asyncio.run(_rooms(url, ROOM))
    with single_instance(url):  # the service may run
        assert run_backup(url, media, folder) == 0
    assert "照片1张" in capsys.readouterr().out
    asyncio.run(_rooms(url, ChatRoom("后来的群", "wecom", "wr2", "work")))
    assert run_restore(url, tmp_path / "new-media", folder) == 0
    assert "原来的数据库留在" in capsys.readouterr().out
    assert asyncio.run(_rooms(url)) == (ROOM,)
    assert len(list((tmp_path / "new-media").iterdir())) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_what_root_restores_belongs_to_the_folders_owner(url: str, media: Path, tmp_path: Path) -> None:
    asyncio.run(_rooms(url, ROOM))
    run_backup(url, media, tmp_path / "backup")
    os.chown(tmp_path / "data", 1234, 1235)
    new = tmp_path / "service"
    new.mkdir()
    os.chown(new, 1234, 1235)
    assert run_restore(url, new / "photos" / "media", tmp_path / "backup") == 0
    made = [*(tmp_path / "data").iterdir(), new / "photos", new / "photos" / "media", *(new / "photos").rglob("*.jpg")]
    assert len(made) > 4
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(1234, 1235)}


def test_restore_says_when_in_the_citys_time(
    url: str, media: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_rooms(url, ROOM))
    asyncio.run(back_up(url, media, tmp_path / "backup", datetime(2026, 10, 5, 18, 30, tzinfo=UTC)))
    assert run_restore(url, media, tmp_path / "backup", ZoneInfo("Asia/Shanghai")) == 0
    assert "已恢复2026-10-06 02:30的备份" in capsys.readouterr().out


def test_nothing_is_restored_under_a_running_service(url: str, media: Path, tmp_path: Path) -> None:
    asyncio.run(_rooms(url, ROOM))
    run_backup(url, media, tmp_path / "backup")
    with single_instance(url), pytest.raises(ConfigError, match="先停掉"):
        run_restore(url, media, tmp_path / "backup")


def test_what_is_no_backup_is_refused(url: str, media: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="不是完整的备份"):
        run_restore(url, media, tmp_path)


def test_migrate_says_where_the_schema_stands(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_migrate(url) == 0
    assert capsys.readouterr().out.startswith("数据库结构已从空升级到0")
    assert run_migrate(url) == 0
    assert capsys.readouterr().out.startswith("数据库结构已是最新")
