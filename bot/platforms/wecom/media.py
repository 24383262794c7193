"""Pictures and files on their way to WeCom: each channel has its own store for them and its own limits.

The group webhook takes a picture inside the message (base64 and md5, 2 MB) and a file by an id of its own upload; the
app and the AI bot take both by an id, good for three days. A file that goes to many chats is uploaded once for each
robot. Platform pages: group webhook, temporary media, AI bot long connection.
"""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from bot.platforms.base import Attachment, Attachments, attachment_of
from bot.platforms.http import Answer, Upload, Web
from bot.platforms.wecom.errors import refuse
from domain.messages import Outgoing, PlatformUnreachable, Undeliverable

LEAST: Final = 6  # bytes: the platform wants more than five
WEBHOOK_PICTURE: Final = 2 << 20
PICTURE: Final = 10 << 20
FILE: Final = 20 << 20
ID_LIFE: Final = timedelta(days=2)  # a day less than the platform's
IDS_KEPT: Final = 512

Content = dict[str, object]
Uploading = Callable[[Attachment], Awaitable[str]]
Sending = Callable[[Content], Awaitable[Answer]]


class MediaIds:
    """Ids of what was uploaded lately, by robot and content."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._ids: OrderedDict[tuple[str, str], tuple[str, datetime]] = OrderedDict()

    def knows(self, robot: str, content: str) -> bool:
        """Tell whether an id is at hand."""
        known, until = self._ids.get((robot, content), ("", self._clock()))
        return bool(known) and self._clock() < until

    async def get(self, robot: str, content: str, upload: Callable[[], Awaitable[str]]) -> str:
        """Return the id of a content at a robot, uploading it when none is known."""
        if self.knows(robot, content):
            return self._ids[robot, content][0]
        media_id = await upload()
        self._ids[robot, content] = (media_id, self._clock() + ID_LIFE)
        if len(self._ids) > IDS_KEPT:
            self._ids.popitem(last=False)
        return media_id

    def forget(self, robot: str, content: str) -> None:
        """Drop an id that the platform no longer knows."""
        self._ids.pop((robot, content), None)


def content_key(outgoing: Outgoing) -> str:
    """Return what tells one picture or file from another, its shown name included."""
    return outgoing.photos[0].name if outgoing.photos else f"{outgoing.files[0].name}:{outgoing.files[0].title}"


class Carrier:
    """Carries one picture or file by any of the platform's channels. Raises PlatformError."""

    def __init__(self, web: Web, api: str, source: Attachments | None, clock: Callable[[], datetime]) -> None:
        self._web = web
        self._api = api
        self._source = source
        self._ids = MediaIds(clock)

    async def by_webhook(self, outgoing: Outgoing, key: str) -> Answer:
        """Post through a group's webhook."""
        url, query = f"{self._api}/cgi-bin/webhook/send", {"key": key}
        if outgoing.photos:
            body = (await self._attachment(outgoing, WEBHOOK_PICTURE)).body
            md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
            image = {"base64": base64.b64encode(body).decode("ascii"), "md5": md5}
            answer = await self._web.call("POST", url, query=query, payload={"msgtype": "image", "image": image})
            refuse(answer)
            return answer

        async def upload(attachment: Attachment) -> str:
            store = f"{self._api}/cgi-bin/webhook/upload_media"
            return await self._uploaded(store, {**query, "type": "file"}, attachment)

        async def send(content: Content) -> Answer:
            answer = await self._web.call("POST", url, query=query, payload=content)
            refuse(answer)
            return answer

        return await self.by_id(f"webhook:{outgoing.target.chat_id}", outgoing, upload, send)

    async def upload_for_app(self, token: str, attachment: Attachment) -> str:
        """Upload for the self-built app and return the id."""
        query = {"access_token": token, "type": "image" if attachment.is_picture else "file"}
        return await self._uploaded(f"{self._api}/cgi-bin/media/upload", query, attachment)

    async def by_id(self, robot: str, outgoing: Outgoing, upload: Uploading, send: Sending) -> Answer:
        """Send by the id of an upload; an id of earlier that is refused is replaced once."""
        content = content_key(outgoing)

        async def body() -> Content:
            async def uploaded() -> str:
                return await upload(await self._attachment(outgoing, PICTURE))

            kind = "image" if outgoing.photos else "file"
            return {"msgtype": kind, kind: {"media_id": await self._ids.get(robot, content, uploaded)}}

        is_known = self._ids.knows(robot, content)
        try:
            return await send(await body())
        except Undeliverable:
            if not is_known:
                raise
            self._ids.forget(robot, content)
        return await send(await body())

    async def _attachment(self, outgoing: Outgoing, picture_cap: int) -> Attachment:
        found = await attachment_of(outgoing, self._source, picture_cap, FILE)
        if len(found.body) < LEAST:
            raise Undeliverable("文件过小，企业微信不接收")
        return found

    async def _uploaded(self, url: str, query: dict[str, str], attachment: Attachment) -> str:
        kind = "image/jpeg" if attachment.name.endswith(".jpg") else "application/octet-stream"
        answer = await self._web.upload(url, Upload(attachment.name, attachment.body, kind), query=query)
        refuse(answer)
        if not (media_id := answer.text("media_id")):
            raise PlatformUnreachable("企业微信没有给出素材编号")
        return media_id
