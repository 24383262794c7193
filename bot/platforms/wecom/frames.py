"""The frames of the long connection (长连接): JSON texts `{cmd, headers: {req_id}, body}`.

The gateway's answers carry no `cmd` but `errcode`, and the `req_id` of what they answer. Platform page: AI bot, long
connection.
"""

import json
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple

from bot.platforms.http import Answer
from bot.platforms.wecom.fields import clean, inner

SUBSCRIBE: Final = "aibot_subscribe"
PING: Final = "ping"
MESSAGE: Final = "aibot_msg_callback"
EVENT: Final = "aibot_event_callback"
WELCOME: Final = "aibot_respond_welcome_msg"
RESPOND: Final = "aibot_respond_msg"
UPDATE: Final = "aibot_respond_update_msg"
SEND: Final = "aibot_send_msg"
UPLOAD_INIT: Final = "aibot_upload_media_init"
UPLOAD_CHUNK: Final = "aibot_upload_media_chunk"
UPLOAD_FINISH: Final = "aibot_upload_media_finish"

DISCONNECTED: Final = "disconnected_event"

_read = json.JSONDecoder().raw_decode


class Frame(NamedTuple):
    """One frame from the gateway: a callback when it has a `cmd`, else an answer. `text` is the frame as it came,
    without blanks around it.
    """

    cmd: str
    req_id: str
    body: Mapping[str, object]
    errcode: int
    errmsg: str
    text: str

    @property
    def answer(self) -> Answer:
        """Return an answer's code and body as one object, as the platform's HTTP interfaces give them."""
        return Answer(200, {**self.body, "errcode": self.errcode, "errmsg": self.errmsg})

    @property
    def is_kick(self) -> bool:
        """Tell whether a newer connection of the same bot takes over."""
        return self.cmd == EVENT and inner(self.body, "event").get("eventtype") == DISCONNECTED


def read(text: str) -> Frame | None:
    """Return the frame of a text, None when it is none."""
    text = text.strip()
    try:
        document, end = _read(text)  # a quarter faster than `loads`, and it is what a line in a burst does most
    except (ValueError, RecursionError):
        return None
    if end != len(text) or not isinstance(document, dict):
        return None
    cmd, req_id = clean(document.get("cmd")), clean(inner(document, "headers").get("req_id"))
    if not req_id:
        return None
    if cmd:
        return Frame(cmd, req_id, inner(document, "body"), 0, "", text)
    code = document.get("errcode")
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    return Frame("", req_id, inner(document, "body"), code, clean(document.get("errmsg")), text)


def write(cmd: str, req_id: str, body: Mapping[str, object] | None = None) -> str:
    """Return the text of a frame to the gateway."""
    frame: dict[str, object] = {"cmd": cmd, "headers": {"req_id": req_id}}
    if body is not None:
        frame["body"] = body
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def new_req_id(cmd: str) -> str:
    """Return a req_id of our own, which nobody gave out before."""
    return f"{cmd}_{secrets.token_hex(12)}"
