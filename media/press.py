"""The press: papers become files, in a child process, from photos that another child has decoded.

Fills `domain.ports.Press`. Small copies go in, those that may leave the work group: a paper is
passed on. A photo that may not, or cannot be shown, leaves a gap.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from domain.messages import Document, Look, Photo
from domain.papers import MOST_PAIRS, Album, Form, Letter, NothingToShow, Paper, PaperFailed, Poster
from media.child import Child, ChildFailed
from media.header import PhotoRefused
from media.photos import PhotoStore
from media.press_worker import Task, pack

PATIENCE = timedelta(seconds=90)  # for a hundred thousand rows on a slow machine
NO_FONT = "没有中文字体，图片做不成。请安装，如 apt install fonts-wqy-microhei。"
FAILED = "文件没有做成，已记录。"
_FORM_SIDE, _ALBUM_SIDE = 900, 720  # pixels that a picture needs at most


@dataclass(frozen=True, slots=True)
class Templates:
    """The office's own templates; None = the built-in ones."""

    letter: Path | None = None
    order: Path | None = None


class Copies(Protocol):
    """Gives the copies of photos that may stand in a paper: whoever gets it may pass it on."""

    async def thumbnail(self, photo: Photo, max_px: int) -> bytes:
        """Return a copy as JPEG. Raises PhotoRefused when there is none, or none yet."""
        ...

    async def close(self) -> None:
        """End what makes them; the next one starts it anew."""
        ...


class Press:
    """Makes documents. Close it at the end; between two sheafs `rest` gives back the memory."""

    def __init__(
        self,
        store: PhotoStore,
        copies: Copies,
        templates: Templates | None = None,
        *,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._store = store
        self._templates = templates or Templates()
        self._copies = copies
        self._child = Child("media.press_worker", patience=patience)

    async def make(self, paper: Paper) -> Photo | Document:
        """Return the paper as a kept picture or document, safe on disk.

        Raises PaperFailed with the reason, also for a picture where no Chinese font is installed.
        """
        if isinstance(paper, Poster | Album) and not await asyncio.to_thread(_has_font):
            raise PaperFailed(NO_FONT)
        data = await self.render(paper)
        if isinstance(paper, Poster | Album):
            return replace(await self._store.save(data), look=Look.MADE)
        return await self._store.keep(data, paper.file)

    async def render(self, paper: Paper) -> bytes:
        """Return the paper as a file's bytes. Raises PaperFailed."""
        pictures = await self._pictures(paper)
        if isinstance(paper, Album) and paper.pairs and not pictures:
            raise NothingToShow
        task = Task(paper, pictures, await asyncio.to_thread(self._template, paper))
        try:
            answer, data = await self._child.ask({"paper": await asyncio.to_thread(pack, task)})
        except ChildFailed as error:
            raise PaperFailed(FAILED) from error
        if not data:
            raise PaperFailed(str(answer.get("problem") or FAILED))
        return data

    async def rest(self) -> None:
        """End the children; the next paper starts them anew."""
        await self._child.close()
        await self._copies.close()

    close = rest

    async def _pictures(self, paper: Paper) -> dict[str, bytes]:
        photos, side = _photos(paper)
        found: dict[str, bytes] = {}
        for photo in photos:
            try:
                found[photo.sha256] = await self._copies.thumbnail(photo, side)
            except (PhotoRefused, FileNotFoundError, ValueError):
                continue  # the frame says that there is none
        return found

    def _template(self, paper: Paper) -> bytes | None:
        path = self._templates.letter if isinstance(paper, Letter) else None
        path = self._templates.order if isinstance(paper, Form) else path
        if path is None:
            return None
        try:
            return path.read_bytes()
        except OSError as error:
            raise PaperFailed(f"公文模板 {path.name} 读不到：{error.strerror}。") from error


def _has_font() -> bool:
    from media.fonts import chinese  # only when a picture is wanted: it brings the library for fonts

    return chinese() is not None


def _photos(paper: Paper) -> tuple[list[Photo], int]:
    """Return the photos that a paper shows, and how large they are needed."""
    if isinstance(paper, Form):
        return list(paper.photos), _FORM_SIDE
    if not isinstance(paper, Album):
        return [], _FORM_SIDE
    shown = [photo for pair in paper.pairs[:MOST_PAIRS] for photo in (pair.before, pair.after) if photo]
    return shown, _ALBUM_SIDE
