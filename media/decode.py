"""Small pictures of kept photos, decoded in a child process that may die without harm.

One child serves one picture after another and is replaced after a failure or many pictures, so that neither a bomb nor
a leak in a decoder reaches the bot. Starting a child costs about a tenth of a second.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.messages import Photo
from media.header import PhotoRefused
from media.photos import PIXEL_CAPS, TOO_MANY_PIXELS, PhotoStore, is_over_pixel_cap

WORKER = Path(__file__).with_name("decode_worker.py")
MAX_SIDE = 4_096
MAX_ANSWER_BYTES = 32 * 1024 * 1024
PICTURES_PER_WORKER = 500
PATIENCE = timedelta(seconds=10)
UNREADABLE = "照片无法打开，请重新拍照发送。"


class Decoder:
    """Makes small pictures of what a PhotoStore keeps. Use it as an async context manager, or `close` it at the end."""

    def __init__(self, store: PhotoStore, *, patience: timedelta = PATIENCE) -> None:
        self._store = store
        self._patience = patience
        self._lock = asyncio.Lock()  # the child takes one picture at a time
        self._worker: Process | None = None
        self._served = 0
        self._dying: list[Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the child and wait for it."""
        async with self._lock:
            self._discard()
            await self._bury()

    async def thumbnail(self, photo: Photo, max_px: int) -> bytes:
        """Return the photo as JPEG, upright, at most `max_px` (16 to 4096) on its longer side, without any metadata.

        Raises PhotoRefused when it cannot be shown: HEIC, too many pixels, damaged, or more than ten seconds' work.
        """
        if not 16 <= max_px <= MAX_SIDE:
            raise ValueError("max_px")
        if photo.ext == "heic":
            raise PhotoRefused("HEIC照片已留存，暂不能预览，请改用JPG格式发送。")
        if is_over_pixel_cap(photo):
            raise PhotoRefused(TOO_MANY_PIXELS)
        request = {
            "path": str(self._store.path(photo).absolute()),
            "max_px": max_px,
            "max_pixels": PIXEL_CAPS[photo.ext],
        }
        async with self._lock:
            return await self._decoded(json.dumps(request).encode() + b"\n")

    async def _decoded(self, request: bytes) -> bytes:
        """Ask the child; one that failed, or that is left in the middle of an answer, is never asked again."""
        is_sound = False
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                worker = await self._ready()
                found = await _ask(worker, request)
            is_sound = True
        except (TimeoutError, OSError, EOFError, ValueError):
            raise PhotoRefused(UNREADABLE) from None
        finally:
            self._served += 1
            if not is_sound or self._served >= PICTURES_PER_WORKER:
                self._discard()
        if found is None:
            raise PhotoRefused(UNREADABLE)
        return found

    async def _ready(self) -> Process:
        await self._bury()
        if self._worker is None or self._worker.returncode is not None:
            self._discard()
            # Isolated, and with an empty environment: the child has no secrets to give away.
            command = (sys.executable, "-I", "-B", str(WORKER))
            self._worker = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd="/", env={}
            )
        return self._worker

    def _discard(self) -> None:
        if self._worker is None:
            return
        with suppress(ProcessLookupError):
            self._worker.kill()
        self._dying.append(self._worker)
        self._worker = None
        self._served = 0

    async def _bury(self) -> None:
        while self._dying:
            await self._dying[-1].communicate()
            self._dying.pop()


async def _ask(worker: Process, request: bytes) -> bytes | None:
    """Return the picture that the child made, None when it says that it can make none.

    Raises EOFError when the child dies, OSError or ValueError when its answer is none.
    """
    if worker.stdin is None or worker.stdout is None:
        raise ValueError("a child without pipes")
    worker.stdin.write(request)
    await worker.stdin.drain()
    answer = json.loads(await worker.stdout.readline() or b"{}")
    size = answer.get("size")
    if "problem" in answer:
        return None
    if not isinstance(size, int) or not 0 < size <= MAX_ANSWER_BYTES:
        raise ValueError("no picture in the answer")
    return await worker.stdout.readexactly(size)
