"""Pictures and files on their way to DingTalk: uploaded once, then shown by their id in any conversation.

Webhooks carry neither pictures nor files. Platform
pages: uploading media, robot message types.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.platforms.base import Attachment, Attachments, attachment_of
from bot.platforms.dingtalk.api import LegacyApi
from bot.platforms.http import Upload
from domain.messages import Outgoing, PlatformUnreachable, Undeliverable

PICTURE: Final = 10 << 20  # the older pages still print lower limits for pictures than the newer ones
FILE: Final = 20 << 20
FILE_TYPES: Final = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})
ID_LIFE: Final = timedelta(days=7)
IDS_KEPT: Final = 512


class MediaStore:
    """Uploads for one app and remembers the ids. Raises PlatformError."""

    def __init__(self, api: LegacyApi, source: Attachments | None, clock: Callable[[], datetime]) -> None:
        self._api = api
        self._source = source
        self._clock = clock
        self._ids: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    async def message(self, outgoing: Outgoing) -> tuple[str, dict[str, str]]:
        """Return the kind and the parameters of the robot message that shows a picture or file."""
        if outgoing.photos:
            return "sampleImageMsg", {"photoURL": await self._id(outgoing, outgoing.photos[0].name)}
        file = outgoing.files[0]
        if file.ext not in FILE_TYPES:
            raise Undeliverable(f"钉钉机器人不能发送{file.ext}文件")
        media_id = await self._id(outgoing, file.name)
        return "sampleFile", {"mediaId": media_id, "fileName": file.title, "fileType": file.ext}

    async def _id(self, outgoing: Outgoing, content: str) -> str:
        known, until = self._ids.get(content, ("", self._clock()))
        if known and self._clock() < until:
            return known
        media_id = await self._upload(await attachment_of(outgoing, self._source, PICTURE, FILE))
        self._ids[content] = (media_id, self._clock() + ID_LIFE)
        if len(self._ids) > IDS_KEPT:
            self._ids.popitem(last=False)
        return media_id

    async def _upload(self, attachment: Attachment) -> str:
        kind = "image" if attachment.is_picture else "file"
        answer = await self._api.upload(Upload(attachment.name, attachment.body), kind)
        if not (media_id := answer.text("media_id")):
            raise PlatformUnreachable("钉钉没有返回素材标识")
        return media_id
