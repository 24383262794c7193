"""The file in an uploaded form (multipart/form-data): read from the whole body, which the log has read already."""

import re

from aiohttp import web

_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?')
_FIELD = re.compile(rb'name="media"')
_NAME = re.compile(rb'filename="([^"]*)"')


async def file_in(request: web.Request) -> tuple[str, bytes]:
    """Return name and bytes of the field `media`; "" and nothing when there is none."""
    found = _BOUNDARY.search(request.headers.get("Content-Type", ""))
    if not request.content_type.startswith("multipart/form-data") or found is None:
        return "", b""
    for part in (await request.read()).split(b"--" + found.group(1).encode())[1:-1]:
        head, _, body = part.partition(b"\r\n\r\n")
        if _FIELD.search(head) and (name := _NAME.search(head)):
            return name.group(1).decode(), body.removesuffix(b"\r\n")
    return "", b""
