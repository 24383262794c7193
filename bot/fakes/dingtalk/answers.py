"""What the endpoints of the fake share: reading a request, and answers as the platform gives them."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

BODY_BYTES = 20_000
OK: Mapping[str, object] = {"errcode": 0, "errmsg": "ok"}

Body = Mapping[str, object]


class Complaint(Exception):
    """An answer other than success."""

    def __init__(self, status: int, body: Body) -> None:
        super().__init__(status)
        self.status = status
        self.body = body

    def response(self) -> web.Response:
        """Return the answer."""
        return web.json_response(self.body, status=self.status)


def api_complaint(status: int, code: str, message: str = "scripted by the fake") -> Complaint:
    """Return an answer of the newer API."""
    return Complaint(status, {"code": code, "message": message, "requestid": secrets.token_hex(8)})


def errcode(number: int, message: str) -> Complaint:
    """Return an answer of a webhook: always HTTP 200."""
    return Complaint(200, {"errcode": number, "errmsg": message})


def answering(
    endpoint: Callable[[web.Request], Awaitable[Body]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return an endpoint as aiohttp takes it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await endpoint(request))
        except Complaint as complaint:
            return complaint.response()

    return answer


async def json_of(request: web.Request) -> Body:
    """Return the body of a request. Raises Complaint when it is no JSON object."""
    raw = await request.read()
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict) or len(raw) > BODY_BYTES * 2:
        raise errcode(40035, "invalid parameter")
    return body


def text_of(body: Body, key: str) -> str:
    """Return a text field, "" when there is none."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def object_of(body: Body, key: str) -> Body:
    """Return an object field, an empty one when there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}
