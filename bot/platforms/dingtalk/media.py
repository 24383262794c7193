"""Pictures and files on their way to DingTalk: uploaded once, then shown by their id in any conversation.

The upload belongs to the older interface and takes its own token. Webhooks carry neither pictures nor files. Platform
pages: uploading media, robot message types.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.platforms.base import Attachment, Attachments, attachment_of
from bot.platforms.dingtalk.errors import webhook_error
from bot.platforms.dingtalk.token import AccessToken
from bot.platforms.http import Answer, Upload, Web
from domain.messages import Misconfigured, Outgoing, PlatformUnreachable, TokenDead, Undeliverable

PICTURE: Final = 10 << 20  # the older pages still print lower limits for pictures than the newer ones
FILE: Final = 20 << 20
FILE_TYPES: Final = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})
ID_LIFE: Final = timedelta(days=7)
IDS_KEPT: Final = 512


class MediaStore:
    """Uploads for one app and remembers the ids. Raises PlatformError."""

    def __init__(
        self,
        web: Web,
        oapi_base: str,
        credentials: tuple[str, str],
        source: Attachments | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._web = web
        self._base = oapi_base
        self._credentials = credentials
        self._source = source
        self._clock = clock
        self._token = AccessToken(self._fetch_token, clock)
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
        token = await self._token.get()
        try:
            return await self._upload_with(token, attachment)
        except TokenDead:
            self._token.forget(token)
        return await self._upload_with(await self._token.get(), attachment)

    async def _upload_with(self, token: str, attachment: Attachment) -> str:
        query = {"access_token": token, "type": "image" if attachment.is_picture else "file"}
        answer = await self._web.upload(
            f"{self._base}/media/upload", Upload(attachment.name, attachment.body), query=query
        )
        if (error := webhook_error(_without(answer, token))) is not None:
            raise error
        if not (media_id := answer.text("media_id")):
            raise PlatformUnreachable("钉钉没有返回素材标识")
        return media_id

    async def _fetch_token(self) -> tuple[str, timedelta]:
        query = dict(zip(("appkey", "appsecret"), self._credentials, strict=True))
        answer = await self._web.call("GET", f"{self._base}/gettoken", query=query)
        if (error := webhook_error(_without(answer, self._credentials[1]))) is not None:
            raise error
        if not (token := answer.text("access_token")):
            raise Misconfigured("钉钉没有返回访问凭证，请核对 dingtalk.oapi_base")
        return token, timedelta(seconds=max(answer.number("expires_in"), 0))


def _without(answer: Answer, secret: str) -> Mapping[str, object]:
    """Return an answer whose texts don't repeat a secret, for some errors quote what they were asked."""
    return {
        key: value.replace(secret, "***") if isinstance(value, str) else value for key, value in answer.body.items()
    }
