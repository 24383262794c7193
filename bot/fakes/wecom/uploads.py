"""Media that is uploaded over the long connection, piece by piece: any order, twice or on a new connection."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.fakes.rules import Clock, Limit, SlidingLimit
from bot.platforms.wecom import frames

SESSION_LIFE = timedelta(minutes=30)
LIMIT = Limit(30, timedelta(minutes=1))
CHUNK = 512 << 10
LARGEST: Mapping[str, int] = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}

Body = Mapping[str, object]


@dataclass(slots=True)
class Session:
    """A file on its way."""

    kind: str
    md5: str
    size: int
    chunks: int
    until: datetime
    pieces: dict[int, bytes] = field(default_factory=dict, repr=False)


class Uploads:
    """Takes the three upload commands."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limit = SlidingLimit(LIMIT, clock)
        self._sessions: dict[str, Session] = {}
        self.files: dict[str, bytes] = {}

    def answer(self, cmd: str, body: Body) -> Body | None:
        """Return the answer to an upload command, None for another one."""
        if cmd == frames.UPLOAD_INIT:
            return self._begin(body)
        if cmd not in (frames.UPLOAD_CHUNK, frames.UPLOAD_FINISH):
            return None
        session = self._sessions.get(str(body.get("upload_id")))
        if session is None or self._clock() >= session.until:
            return {"errcode": 40058, "errmsg": "invalid upload_id"}
        return self._piece(session, body) if cmd == frames.UPLOAD_CHUNK else self._finish(session, body)

    def _begin(self, body: Body) -> Body:
        kind, size, chunks = str(body.get("type")), body.get("total_size"), body.get("total_chunks")
        if not isinstance(size, int) or not isinstance(chunks, int) or not 1 <= chunks <= 100:
            return {"errcode": 40058, "errmsg": "invalid parameter"}
        if not 5 < size <= LARGEST.get(kind, 0):
            return {"errcode": 40006, "errmsg": "invalid file size"}
        if not self._limit.take("bot"):
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        upload_id = secrets.token_urlsafe(16)
        self._sessions[upload_id] = Session(kind, str(body.get("md5")), size, chunks, self._clock() + SESSION_LIFE)
        return {"errcode": 0, "errmsg": "ok", "body": {"upload_id": upload_id}}

    def _piece(self, session: Session, body: Body) -> Body:
        index = body.get("chunk_index")
        try:
            data = base64.b64decode(str(body.get("base64_data")), validate=True)
        except binascii.Error:
            data = b""
        if not isinstance(index, int) or not 0 <= index < session.chunks or not 0 < len(data) <= CHUNK:
            return {"errcode": 40058, "errmsg": "invalid chunk"}
        session.pieces.setdefault(index, data)
        return {"errcode": 0, "errmsg": "ok"}

    def _finish(self, session: Session, body: Body) -> Body:
        data = b"".join(session.pieces[index] for index in sorted(session.pieces))
        if len(session.pieces) != session.chunks or len(data) != session.size:
            return {"errcode": 40058, "errmsg": "chunks are missing"}
        if session.md5 and hashlib.md5(data, usedforsecurity=False).hexdigest() != session.md5:
            return {"errcode": 301019, "errmsg": "md5 mismatch"}
        media_id = secrets.token_urlsafe(24)
        self.files[media_id] = data
        self._sessions.pop(str(body.get("upload_id")), None)
        stamp = str(int(self._clock().timestamp()))
        return {"errcode": 0, "errmsg": "ok", "body": {"type": session.kind, "media_id": media_id, "created_at": stamp}}
