"""Pictures and files that our side sends over HTTP: uploads, and the messages that show them."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bot.fakes.forms import file_in
from bot.fakes.wecom.state import State

WEBHOOK_PICTURE = 2 << 20
LARGEST: Mapping[str, int] = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
SIGNS = (b"\xff\xd8\xff", b"\x89PNG")


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture or file as people see it, or the code with which it is refused."""

    errcode: int = 0
    text: str = ""
    body: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        """Return the fingerprint of the bytes."""
        return hashlib.sha256(self.body).hexdigest()


async def keep_upload(state: State, request: web.Request, store: str, kinds: tuple[str, ...]) -> Mapping[str, object]:
    """Take an upload of one of these kinds into a store; return the platform's answer."""
    kind = request.query.get("type", "")
    if kind not in kinds:
        return _said(40004, "invalid media type")
    name, data = await file_in(request)
    if not name:
        return _said(44001, "empty media data")
    if not 5 < len(data) <= LARGEST[kind]:
        return _said(40006 if len(data) <= 5 else 45001, "invalid media size")
    if kind == "image" and not data.startswith(SIGNS):
        return _said(40009, "invalid image")
    stamp = str(int(state.clock().timestamp()))
    return {**_said(), "type": kind, "media_id": state.keep_upload(store, name, data), "created_at": stamp}


def shown(state: State, store: str, body: Mapping[str, object], *, is_webhook: bool) -> Shown | None:
    """Return what people see of an image or file message, None for other types."""
    kind = body.get("msgtype")
    holder = body.get(kind) if isinstance(kind, str) else None
    if kind not in ("image", "file") or not isinstance(holder, dict):
        return None
    if kind == "image" and is_webhook:
        return _inline(holder)
    found = state.uploaded(store, str(holder.get("media_id", "")))
    if found is None:
        return Shown(40007)
    name, data = found
    return Shown(text="[图片]" if kind == "image" else f"[文件]{name}", body=data)


def _inline(holder: Mapping[str, object]) -> Shown:
    try:
        data = base64.b64decode(str(holder.get("base64", "")), validate=True)
    except binascii.Error:
        return Shown(40058)
    if len(data) > WEBHOOK_PICTURE or not data.startswith(SIGNS):
        return Shown(40009)
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != holder.get("md5"):
        return Shown(301019)
    return Shown(text="[图片]", body=data)


def _said(errcode: int = 0, errmsg: str = "ok") -> dict[str, object]:
    return {"errcode": errcode, "errmsg": errmsg}
