"""Sending a picture or a file to the platform over the long connection, piece by piece.

A piece has 512 KB at most; pieces may come in any order and twice, also on a new connection, within 30 minutes of the
beginning. So an upload that was cut goes on where it was. Platform page: AI bot, long connection, media upload;
indexes count from 0, as the platform's own client does.
"""

import base64
import hashlib
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.platforms.http import Answer
from bot.platforms.wecom import frames
from bot.platforms.wecom.errors import refuse
from domain.messages import OutcomeUnknown, PlatformUnreachable, Undeliverable

CHUNK: Final = 512 << 10  # raw bytes
MOST_CHUNKS: Final = 100
LEAST: Final = 6  # bytes: the platform wants more than five
LARGEST: Final[Mapping[str, int]] = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
CUTS: Final = 3  # how often one upload may be cut before it is given up for now

Ask = Callable[[str, Mapping[str, object]], Awaitable[Answer]]


@dataclass(slots=True)
class Upload:
    """A file on its way. kind: image, voice, video or file. Keep it to go on after a cut."""

    kind: str
    filename: str
    data: bytes = field(repr=False)
    upload_id: str = ""
    done: set[int] = field(default_factory=set)

    @property
    def chunks(self) -> int:
        """Return the number of pieces."""
        return math.ceil(len(self.data) / CHUNK)

    def piece(self, index: int) -> bytes:
        """Return the raw bytes of one piece, counted from 0."""
        return self.data[index * CHUNK : (index + 1) * CHUNK]

    def begin_anew(self) -> None:
        """Forget what was sent: the platform no longer knows of it."""
        self.upload_id = ""
        self.done.clear()


async def upload(ask: Ask, job: Upload, *, reconnected: Callable[[], Awaitable[bool]] | None = None) -> str:
    """Send a file and return its media id, good for three days.

    reconnected: waits until the line lives again; without it a cut is raised at once, and the caller may go on later
    with the same job. Raises Undeliverable for a file that the platform never takes, else a PlatformError.
    """
    _check(job)
    for _ in range(CUTS):
        is_resumed = bool(job.upload_id)
        try:
            return await _sent(ask, job)
        except Undeliverable:
            if not is_resumed:
                raise
            job.begin_anew()  # its half hour is over; which code says so is not printed
        except (PlatformUnreachable, OutcomeUnknown):
            if reconnected is None or not await reconnected():
                raise
    raise PlatformUnreachable("文件上传多次中断，稍后重试")


def _check(job: Upload) -> None:
    largest = LARGEST.get(job.kind)
    if largest is None:
        raise Undeliverable(f"企业微信没有“{job.kind}”这种素材")
    if not LEAST <= len(job.data) <= largest or job.chunks > MOST_CHUNKS:
        raise Undeliverable(f"文件大小须在{LEAST}字节到{largest >> 20}MB之间，未上传")


async def _sent(ask: Ask, job: Upload) -> str:
    if not job.upload_id:
        job.upload_id = _text(await ask(frames.UPLOAD_INIT, _head(job)), "upload_id")
    for index in range(job.chunks):
        if index in job.done:
            continue
        piece = {
            "upload_id": job.upload_id,
            "chunk_index": index,
            "base64_data": base64.b64encode(job.piece(index)).decode("ascii"),
        }
        refuse(await ask(frames.UPLOAD_CHUNK, piece))
        job.done.add(index)
    return _text(await ask(frames.UPLOAD_FINISH, {"upload_id": job.upload_id}), "media_id")


def _head(job: Upload) -> Mapping[str, object]:
    return {
        "type": job.kind,
        "filename": job.filename,
        "total_size": len(job.data),
        "total_chunks": job.chunks,
        "md5": hashlib.md5(job.data, usedforsecurity=False).hexdigest(),
    }


def _text(answer: Answer, key: str) -> str:
    refuse(answer)
    if not (found := answer.text(key)):
        raise PlatformUnreachable("企业微信没有给出上传编号")
    return found
