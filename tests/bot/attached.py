"""Pictures and files for the outbound tests, and a source that hands them out."""

import hashlib
from dataclasses import dataclass, field

from bot.platforms.base import Attachment
from domain.messages import Document, Photo, Target, Undeliverable

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 50
SHEET = b"PK\x03\x04" + b"sheet" * 50
PHOTO = Photo(hashlib.sha256(JPEG).hexdigest(), "jpg", len(JPEG))
FILE = Document(hashlib.sha256(SHEET).hexdigest(), "xlsx", len(SHEET), "5月考评得分表.xlsx")


@dataclass
class Source:
    """Attachments in memory; `asked` counts how often they were read."""

    picture_body: bytes = JPEG
    file_body: bytes = SHEET
    asked: list[str] = field(default_factory=list)

    async def picture(self, photo: Photo, cap: int, target: Target) -> Attachment:
        self.asked.append(photo.name)
        if len(self.picture_body) > cap:
            raise Undeliverable("照片过大")
        return Attachment(f"{photo.sha256[:12]}.jpg", self.picture_body, is_picture=True)

    async def file(self, document: Document, cap: int) -> Attachment:
        self.asked.append(document.name)
        if len(self.file_body) > cap:
            raise Undeliverable("文件过大")
        return Attachment(document.title, self.file_body, is_picture=False)
