"""What the endpoints of the fake share: reading a request, and answers as the platform gives them."""

import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.fakes.wecom.render import content_of

LONGEST: Mapping[tuple[str, str], int] = {
    ("webhook", "text"): 2048,
    ("webhook", "markdown"): 4096,
    ("webhook", "markdown_v2"): 4096,
    ("private", "text"): 2048,
    ("private", "markdown"): 2048,
    ("appchat", "text"): 2048,
    ("appchat", "markdown"): 2048,
    ("reply", "markdown"): 20_480,
}  # bytes

Body = Mapping[str, object]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Complaint(Exception):
    """An answer other than success; the platform's status is 200 all the same."""

    def __init__(self, errcode: int, errmsg: str = "refused by the fake") -> None:
        super().__init__(errcode)
        self.body: Body = {"errcode": errcode, "errmsg": errmsg}


def answering(
    endpoint: Callable[[web.Request], Awaitable[Body]],
) -> Handler:
    """Return an endpoint as aiohttp takes it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await endpoint(request))
        except Complaint as complaint:
            return web.json_response(complaint.body)

    return answer


async def json_of(request: web.Request) -> Body:
    """Return the body of a request. Raises Complaint when it is no JSON object."""
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Complaint(40058, "invalid Request Parameter")
    return body


def words(body: Body, channel: str) -> tuple[str, str]:
    """Return type and words of a post that this channel takes."""
    msgtype = str(body.get("msgtype", ""))
    longest = LONGEST.get((channel, msgtype))
    if longest is None:
        raise Complaint(40008, "invalid message type")
    content = content_of(body, msgtype)
    if not content.strip():
        raise Complaint(44004, "empty content")
    if len(content.encode()) > longest:
        raise Complaint(45002, "content size out of limit")
    return msgtype, content


def text_of(body: Body, key: str) -> str:
    """Return a text field, "" when there is none."""
    value = body.get(key)
    return value if isinstance(value, str) else ""
