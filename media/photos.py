"""The media folder: each picture and each document that we made once, under the fingerprint of its bytes, safe on disk before anything names it.

Pictures are kept as they came (evidence stays byte for byte); only their outside is read here.
"""

import asyncio
import hashlib
import os
import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from domain.errors import RuleError
from domain.messages import Document, Photo
from media.header import PhotoRefused, read_header

MAX_BYTES = 20 * 1024 * 1024
# A JPEG is shrunk while it is read (draft); a PNG must be unpacked whole, and the WEBP decoder holds four copies of the
# picture at once: with more pixels than this, the decoding process does not get by with its 512 MiB.
PIXEL_CAPS: Mapping[str, int] = {"jpg": 200_000_000, "png": 40_000_000, "webp": 24_000_000, "heic": 40_000_000}
TOO_MANY_PIXELS = "照片像素过大，已留存但无法查看，请再发一张普通照片。"

DOCUMENTS = frozenset({"docx", "xlsx", "pdf"})

_NAME = re.compile(r"[0-9a-f]{64}\.(?:jpg|png|webp|heic)")
_DOCUMENT = re.compile(r"[0-9a-f]{64}\.(?:docx|xlsx|pdf)")
_TEMPORARY = re.compile(r"\.incoming-[0-9a-f]{32}")


def is_over_pixel_cap(photo: Photo) -> bool:
    """Tell whether this picture has too many pixels to be shown: kept all the same, and another one is asked for."""
    return photo.width * photo.height > PIXEL_CAPS[photo.ext]


class PhotoStore:
    """Keeps pictures and documents in one folder, which is made when it is missing. Nothing here blocks the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()  # the children that read it have another working folder
        folder.mkdir(parents=True, exist_ok=True)
        # Between seeing that a picture is here already and renewing its age, the sweep must not take it away.
        self._lock = threading.Lock()
        # One picture at a time: eight on their way to the disk would hold up the commit that an answer waits for.
        self._saving = asyncio.Lock()

    async def save(self, data: bytes) -> Photo:
        """Keep a picture and return it; once this returns, a crash of the machine cannot lose it.

        A picture of more pixels than can be shown is kept too (`is_over_pixel_cap`). The same bytes give the same
        Photo. Raises PhotoRefused when the bytes are no whole picture or more than 20 MiB, OSError when the disk fails.
        """
        async with self._saving:
            return await asyncio.to_thread(self._save, data)

    async def keep(self, data: bytes, title: str) -> Document:
        """Keep a file that we made, under the name that people see; a crash of the machine cannot lose it afterwards.

        Raises RuleError for more than 20 MiB, ValueError for a kind that is none of DOCUMENTS, OSError.
        """
        return await asyncio.to_thread(self._keep, data, title)

    async def read(self, kept: Photo | Document) -> bytes:
        """Return the bytes of a kept picture or file. Raises FileNotFoundError when it is gone."""
        return await asyncio.to_thread(self.path(kept).read_bytes)

    async def sweep(self, known: Set[str], older_than: timedelta) -> tuple[str, ...]:
        """Remove what no row names: files whose name is not in `known`, and leftovers of broken saves.

        Only files older than this by the file system's own clock go, so a picture whose row is about to be committed
        stays. Returns the removed names, sorted.
        """
        return await asyncio.to_thread(self._sweep, known, older_than)

    async def remove(self, names: Iterable[str]) -> None:
        """Remove pictures by their file names; those that are gone don't matter. Raises ValueError for other names."""
        await asyncio.to_thread(self._remove, list(names))

    def path(self, kept: Photo | Document) -> Path:
        """Return where this picture or file lies. Raises ValueError for a name that is none of ours."""
        if not (_NAME if isinstance(kept, Photo) else _DOCUMENT).fullmatch(kept.name):
            raise ValueError("not the name of anything kept")
        return self._folder / kept.name

    def _save(self, data: bytes) -> Photo:
        if len(data) > MAX_BYTES:
            raise PhotoRefused(f"照片超过{MAX_BYTES >> 20}MB，请压缩后重新发送。")
        header = read_header(data)
        photo = Photo(hashlib.sha256(data).hexdigest(), header.ext, len(data), header.width, header.height)
        self._put(self.path(photo), data)
        return photo

    def _keep(self, data: bytes, title: str) -> Document:
        if len(data) > MAX_BYTES:
            raise RuleError(f"文件超过{MAX_BYTES >> 20}MB，群里发不出。")
        ext = title.rpartition(".")[2]
        if ext not in DOCUMENTS:
            raise ValueError("not a kind of document that is kept")
        document = Document(hashlib.sha256(data).hexdigest(), ext, len(data), title)
        self._put(self.path(document), data)
        return document

    def _put(self, path: Path, data: bytes) -> None:
        with self._lock:
            if _has_size(path, len(data)):
                os.utime(path)
                return
        with self._temporary() as (temporary, file):
            _write(file, data)
            temporary.replace(path)
        _sync_folder(self._folder)

    @contextmanager
    def _temporary(self) -> Iterator[tuple[Path, int]]:
        """Open a new file of a name nobody else has; whatever happens, it is closed and not left behind."""
        path = self._folder / f".incoming-{secrets.token_hex(16)}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            yield path, file
        finally:
            os.close(file)
            path.unlink(missing_ok=True)

    def _sweep(self, known: Set[str], older_than: timedelta) -> tuple[str, ...]:
        youngest = time.time() - older_than.total_seconds()
        removed = []
        for path in sorted(self._folder.iterdir()):
            is_ours = _NAME.fullmatch(path.name) or _DOCUMENT.fullmatch(path.name)
            is_orphan = _TEMPORARY.fullmatch(path.name) or (is_ours and path.name not in known)
            if is_orphan and self._removed(path, youngest):
                removed.append(path.name)
        if removed:
            _sync_folder(self._folder)
        return tuple(removed)

    def _remove(self, names: Sequence[str]) -> None:
        if not all(_NAME.fullmatch(name) for name in names):
            raise ValueError("not the name of a kept photo")
        for name in names:
            with self._lock:
                (self._folder / name).unlink(missing_ok=True)
        if names:
            _sync_folder(self._folder)

    def _removed(self, path: Path, youngest: float) -> bool:
        with self._lock:
            try:
                if path.stat().st_mtime >= youngest:
                    return False
                path.unlink()
            except FileNotFoundError:  # another process was quicker
                return False
        return True


def _has_size(path: Path, size: int) -> bool:
    """Tell whether the file is there and whole: a shorter one is what a full disk may leave of an older system."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)


def _sync_folder(folder: Path) -> None:
    """Make the folder's entries durable: a rename is on the disk only after this."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
