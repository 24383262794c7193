"""The opaque handles of this platform: a picture to fetch and a session webhook to answer by.

Only this folder reads them; everywhere else they are text.
"""

import json
from dataclasses import dataclass

from bot.platforms.dingtalk.payload import load_object, text_at
from domain.messages import PhotoRef, ReplyHandle


@dataclass(frozen=True, slots=True)
class PictureCode:
    """What the download call needs; `robot_code` is "" when the message did not say it."""

    download_code: str
    robot_code: str

    def reference(self) -> PhotoRef:
        """Return the handle for this picture."""
        return PhotoRef(json.dumps({"download_code": self.download_code, "robot_code": self.robot_code}))


def picture_code(ref: PhotoRef) -> PictureCode:
    """Read a handle made by `PictureCode.reference`. Raises ValueError on anything else."""
    value = load_object(ref.handle)
    code = text_at(value, "download_code")
    if not code:
        raise ValueError("no download code")
    return PictureCode(code, text_at(value, "robot_code"))


@dataclass(frozen=True, slots=True)
class Session:
    """A session webhook and the one conversation that it reaches: a group, or the private chat with `sender`."""

    webhook: str
    chat_id: str  # of the group, "" in a private chat
    sender: str

    def data(self) -> str:
        """Return the text that a ReplyHandle carries."""
        return json.dumps({"webhook": self.webhook, "chat_id": self.chat_id, "sender": self.sender})


def session_of(handle: ReplyHandle) -> Session:
    """Read a handle made from `Session.data`. Raises ValueError on anything else."""
    value = load_object(handle.data)
    return Session(text_at(value, "webhook"), text_at(value, "chat_id"), text_at(value, "sender"))
