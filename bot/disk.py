"""How much room the disk has: told to the operators before it is full, when it is, and when there is room again.

A full disk stores no alarm either, so that one goes to the operators' group at once, past the outbox.
"""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from store.group_commit import STORE_ERRORS

logger = logging.getLogger(__name__)

LITTLE: Final = 1 << 30  # bytes free: told once
ENOUGH: Final = 2 << 30  # … and told once more from here on
FAILURES: Final = 3  # writes in a row that failed, until it is told
Tell = Callable[[str, str], Awaitable[None]]


class DiskWatch:
    """Looks at the disks of some folders. tell: a notice by its key; shout: a post right now, past the database."""

    def __init__(self, folders: Sequence[Path], tell: Tell, shout: Callable[[str], Awaitable[None]]) -> None:
        self._folders = folders
        self._tell = tell
        self._shout = shout
        self._is_low = False
        self._has_shouted = False

    async def look(self, episode: str) -> None:
        """Tell what has changed since the last look. episode: names this alarm apart from earlier ones."""
        place, free = await asyncio.to_thread(self._least)
        if not self._is_low and free < LITTLE:
            await self._low(f"磁盘 {place} 只剩{_size(free)}：写满后消息存不下、收不进来。请尽快清理或扩容。", episode)
        elif self._is_low and free >= ENOUGH:
            self._is_low = self._has_shouted = False
            await self._tell(f"disk:well:{episode}", f"磁盘 {place} 已有{_size(free)}，恢复正常。")

    async def _low(self, text: str, episode: str) -> None:
        try:
            await self._tell(f"disk:low:{episode}", text)
            self._is_low = True
        except STORE_ERRORS:
            if not self._has_shouted:
                self._has_shouted = True
                await self._shout(text)

    def _least(self) -> tuple[Path, int]:
        """Return the folder with the least room, and its free bytes."""
        standing = [next(p for p in (folder, *folder.parents) if p.exists()) for folder in self._folders]
        return min(((folder, shutil.disk_usage(folder).free) for folder in standing), key=lambda pair: pair[1])


def _size(free: int) -> str:
    return f"{free / (1 << 30):.1f}GB" if free >= 100 << 20 else f"{free >> 20}MB"


class WriteWatch:
    """Tells when the database takes nothing any more, whatever the reason, and when it does again."""

    def __init__(self, tell: Tell, shout: Callable[[str], Awaitable[None]]) -> None:
        self._tell = tell
        self._shout = shout
        self._is_told = False

    async def look(self, failures: int, episode: str) -> None:
        """Tell what has changed. failures: writes in a row that failed, up to now."""
        if failures >= FAILURES and not self._is_told:
            self._is_told = True
            await self._shout(
                "数据库写不进去：新消息暂时存不下，平台会重发的自会补来，长连接收到的先在内存里等候。"
                "请查看磁盘空间和文件权限，恢复后自动继续。"
            )
        elif failures == 0 and self._is_told:
            await self._tell(f"store:well:{episode}", "数据库已恢复写入。")
            self._is_told = False
